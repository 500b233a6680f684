use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::system::System;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let data = tempfile::tempdir().expect("a folder");
    let System { house, caller } = System::start(data.path()).await;
    let customer = caller.post("/customers", json!({"name": "Harwick Freight Ltd."})).await;
    let path = format!("/customers/{}", customer["id"].as_str().expect("an id"));
    let answer = caller.send(Method::GET, &path, None, &[]).await;
    let etag = answer.etag.expect("an ETag");
    let changed =
        caller.send(Method::PATCH, &path, Some(&json!({"industry": "freight"})), &[("if-match", &etag)]).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    house.close().await;

    let System { house, caller } = System::start(data.path()).await;
    assert_eq!(caller.get(&path).await, changed.body);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_is_made_once() {
    let data = tempfile::tempdir().expect("a folder");
    let System { house, .. } = System::start(data.path()).await;
    let first = house.administrator().cloned().expect("made at the first start");
    house.close().await;

    let System { house, caller } = System::start(data.path()).await;
    assert!(house.administrator().is_none());
    let session = caller.post("/sessions", json!({"login": first.login, "password": first.password})).await;
    assert!(session["token"].as_str().is_some_and(|token| !token.is_empty()));
    house.close().await;
}
