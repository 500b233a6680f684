use insta::assert_json_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::{
    app::{App, send},
    service::gate,
};

fn post(app: &App, key: &str, title: &str) -> reqwest::RequestBuilder {
    app.post("/api/v1/notes").header("idempotency-key", key).json(&json!({"title": title}))
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer_again() {
    let app = App::start().await;
    let first = send(post(&app, "k1", "one")).await;
    let again = send(post(&app, "k1", "one")).await;
    assert_eq!((first.status.as_u16(), first.header("idempotent-replayed")), (201, ""));
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(first.text, again.text);
    for name in ["location", "etag", "content-type"] {
        assert_eq!(first.header(name), again.header(name), "{name}");
    }
    let listed = send(app.get("/api/v1/notes")).await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    // Another caller's key is another key.
    let other = app.token("user:2", &["notes:write"]);
    let theirs = app.anonymous(Method::POST, "/api/v1/notes").bearer_auth(other).header("idempotency-key", "k1");
    assert_eq!(send(theirs.json(&json!({"title": "two"}))).await.status, 201);
}

#[tokio::test]
async fn a_key_serves_one_request_only() {
    let app = App::start().await;
    send(post(&app, "k1", "one")).await;
    assert_json_snapshot!(send(post(&app, "k1", "two")).await.problem(), @r#"
    {
      "code": "idempotency-key-reused",
      "detail": "this `Idempotency-Key` came with another request before; use a new one for each request",
      "instance": "/api/v1/notes",
      "status": 422,
      "title": "Idempotency-Key reused",
      "trace_id": "<trace>",
      "type": "/problems/idempotency-key-reused"
    }
    "#);
    let elsewhere = app.post("/api/v1/give-up").header("idempotency-key", "k1");
    assert_eq!(send(elsewhere).await.code(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!(send(post(&app, "not a key", "x")).await.code(), (400, "idempotency-key-invalid".to_owned()));
}

#[tokio::test]
async fn what_was_not_done_leaves_the_key_free() {
    let app = App::start().await;
    for title in ["", "far too long"] {
        let refused = send(post(&app, "k1", title)).await;
        assert_eq!(refused.code(), (422, "fields-invalid".to_owned()));
        assert_eq!(refused.header("idempotent-replayed"), "");
    }
    assert_eq!(send(post(&app, "k1", "corrected")).await.status, 201);
    assert_eq!(send(post(&app, "k1", "corrected")).await.header("idempotent-replayed"), "true");
    assert_eq!(send(post(&app, "k1", "")).await.code(), (422, "idempotency-key-reused".to_owned()));
    for path in ["/api/v1/give-up", "/api/v1/break-down"] {
        for _ in 0..2 {
            let failed = send(app.post(path).header("idempotency-key", path.replace('/', "-"))).await;
            assert_eq!((failed.status.as_u16(), failed.header("idempotent-replayed")), (500, ""));
        }
    }
}

#[tokio::test]
async fn while_the_first_request_runs_the_second_is_told_so() {
    let app = App::start().await;
    let (gate, token) = (gate("user:busy"), app.token("user:busy", &[]));
    let hold = || app.anonymous(Method::POST, "/api/v1/hold").bearer_auth(&token).header("idempotency-key", "k1");
    let first = tokio::spawn(send(hold()));
    gate.begun.acquire().await.unwrap().forget();
    let second = send(hold()).await;
    assert_eq!(second.code(), (409, "idempotency-key-busy".to_owned()));
    assert_eq!(second.header("retry-after"), "1");
    gate.open.add_permits(1);
    assert_eq!(first.await.unwrap().text, "\"held\"");
    assert_eq!(send(hold()).await.header("idempotent-replayed"), "true");
}
