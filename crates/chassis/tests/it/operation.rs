use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::{
    app::{App, send},
    service::gate,
};

#[tokio::test]
async fn machines_learn_whether_the_service_is_well() {
    let app = App::start().await;
    let get = |path| send(app.anonymous(Method::GET, path));
    assert_eq!(get("/livez").await.json(), json!({"alive": true}));
    assert_eq!(
        get("/readyz").await.json(),
        json!({"ready": true, "database": true, "migrations": true, "broker": true})
    );
    let document = get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(send(app.get("/livez").header("x-request-id", "req-8")).await.header("x-request-id"), "req-8");
    assert_eq!(document["paths"]["/api/v1/notes"]["post"]["security"], json!([{"caller": ["notes:write"]}]));
}

#[tokio::test]
async fn figures_are_kept_by_route_and_never_by_path() {
    let app = App::start().await;
    let id = app.create("one").await["id"].as_str().unwrap().to_owned();
    send(app.get(&format!("/api/v1/notes/{id}"))).await;
    send(app.get("/somewhere/else")).await;
    let figures = send(app.anonymous(Method::GET, "/metrics")).await.text;
    for line in [
        r#"guanxi_http_requests_total{method="GET",route="/api/v1/notes/{id}",service="notes",status="200"} 1"#,
        r#"guanxi_http_requests_total{method="GET",route="unmatched",service="notes",status="404"} 1"#,
        r#"guanxi_http_request_duration_seconds_count{method="POST",route="/api/v1/notes",service="notes"} 1"#,
        r#"guanxi_outbox_events{service="notes"}"#,
    ] {
        assert!(figures.contains(line), "{line} in\n{figures}");
    }
    assert!(!figures.contains(&id));
}

#[tokio::test]
async fn a_stopping_service_finishes_what_it_has_begun() {
    let app = App::start().await;
    let address = app.running.addr;
    let (gate, token) = (gate("user:stopping"), app.token("user:stopping", &[]));
    let first = tokio::spawn(send(app.anonymous(Method::POST, "/api/v1/hold").bearer_auth(token)));
    gate.begun.acquire().await.unwrap().forget();
    let started = Instant::now();
    let stopping = tokio::spawn(app.running.stop());
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        assert!(started.elapsed() < Duration::from_secs(5), "still accepting");
        tokio::task::yield_now().await;
    }
    gate.open.add_permits(1);
    assert_eq!(first.await.unwrap().text, "\"held\"");
    stopping.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
