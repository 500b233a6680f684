use std::time::Duration;

use bytes::Bytes;
use futures::{StreamExt, stream};
use reqwest::{Body, Method};
use serde_json::json;
use testkit::{App, TestDb, eventually};

use crate::{
    house::{House, problem},
    standins,
};

#[tokio::test]
async fn a_request_reaches_its_service_without_the_callers_credentials() {
    let house = House::with_registry(TestDb::sqlite()).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = house
        .admin()
        .request(Method::POST, "/api/v1/customers")
        .header("x-api-key", crate::house::ADMIN)
        .header("x-request-id", "req-7")
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .header("cookie", "a=b")
        .header("x-hop", "1")
        .header("connection", "x-hop")
        .json(&json!({ "name": "华为" }));
    let answer = house.admin().send(request).await;
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.header("location"), Some("/api/v1/customers/7"));
    assert_eq!(answer.header("x-request-id"), Some("req-7"));
    assert!(answer.header("ratelimit-remaining").is_some());
    let mut seen = answer.expect(201);
    let traceparent = seen["traceparent"].take();
    assert!(traceparent.as_str().unwrap().starts_with(&format!("00-{trace}-")));
    assert!(seen["caller"].take().as_str().unwrap().starts_with("key:"));
    insta::assert_json_snapshot!(seen, @r#"
    {
      "authorization": 3,
      "caller": null,
      "headers": [
        "accept",
        "authorization",
        "content-length",
        "content-type",
        "host",
        "traceparent",
        "x-request-id"
      ],
      "name": "华为",
      "query": "",
      "request_id": "req-7",
      "roles": [
        "admin"
      ],
      "traceparent": null
    }
    "#);
}

#[tokio::test]
async fn an_import_streams_and_may_be_large() {
    let house = House::with_registry(TestDb::sqlite()).await;
    let chunks = stream::iter(0..200).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 64 * 1024])));
    let request =
        house.admin().request(Method::POST, "/api/v1/imports").header("content-type", "text/csv; charset=utf-8");
    let answer = house.admin().send(request.body(Body::wrap_stream(chunks))).await.expect(200);
    assert_eq!(answer, json!({ "bytes": 200 * 64 * 1024, "streamed": true }));
}

#[tokio::test]
async fn an_export_streams() {
    let house = House::with_registry(TestDb::sqlite()).await;
    let answer = house.admin().get("/api/v1/exports/all").await;
    assert_eq!(answer.header("content-type"), Some("text/csv"));
    assert_eq!(answer.expect(200).as_str().unwrap().len(), 1000 * 1024);
}

#[tokio::test]
async fn a_service_that_is_down_is_unavailable_until_it_is_back() {
    let mut house = House::with_registry(TestDb::sqlite()).await;
    house.viewer().get("/api/v1/customers/C-000001").await.expect(200);
    let registry = house.services.remove(0);
    let listen = registry.url().trim_start_matches("http://").parse().unwrap();
    let (db, bus) = registry.stop().await;
    let answer = house.viewer().get("/api/v1/customers/C-000001").await;
    assert_eq!(answer.header("retry-after"), Some("2"));
    insta::assert_json_snapshot!(problem(answer), @r#"
    {
      "code": "service-unavailable",
      "detail": "the registry service can not be reached",
      "instance": "/api/v1/customers/C-000001",
      "status": 503,
      "title": "Service unavailable",
      "trace_id": "<trace>",
      "type": "/problems/service-unavailable"
    }
    "#);

    let back = App::start_with(&standins::REGISTRY, db, bus, |settings| settings.listen = listen).await;
    house.viewer().get("/api/v1/customers/C-000001").await.expect(200);
    drop(back);
}

#[tokio::test]
async fn a_service_that_comes_later_is_found() {
    let house = House::alone(TestDb::sqlite()).await;
    assert_eq!(house.viewer().get("/api/v1/exports/all").await.problem(), (404, "path-unknown"));
    let url = house.gateway.context().settings.extra["interactions_url"].clone();
    let listen = url.trim_start_matches("http://").parse().unwrap();
    let bus = testkit::TestBus::local().await;
    let late = App::start_with(&standins::REGISTRY, TestDb::sqlite(), bus, |settings| settings.listen = listen).await;
    eventually(|| async {
        let status = house.viewer().get("/api/v1/exports/all").await.status;
        // All services share that address here, and only one has the name its tokens are for.
        if status == 200 { Ok(()) } else { Err(status) }
    })
    .await;
    drop(late);
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_given_up() {
    let house = House::new(TestDb::sqlite(), &[&standins::REGISTRY], &[("answer_seconds", "1")]).await;
    insta::assert_json_snapshot!(problem(house.viewer().get("/api/v1/waiting").await), @r#"
    {
      "code": "service-timeout",
      "detail": "the registry service did not answer in time",
      "instance": "/api/v1/waiting",
      "status": 504,
      "title": "Service did not answer in time",
      "trace_id": "<trace>",
      "type": "/problems/service-timeout"
    }
    "#);
}

#[tokio::test]
async fn only_documented_paths_lead_anywhere() {
    let house = House::with_registry(TestDb::sqlite()).await;
    for path in [
        "/metrics/../api",
        "/api/v1/customers/%2e%2e/%2e%2e/%2e%2e/metrics",
        "/api/v1/customers//C-000001",
        "/api/v1/customers/C-000001/",
        "/api/v1/customers/C-000001%00",
        "/api/v1/customers/..%5c..",
        "/api/v2/customers/C-000001",
    ] {
        let status = raw(&house, path).await;
        assert!(status == 404 || status == 400, "{path}: {status}");
    }
    let slash = house.viewer().get("/api/v1/customers/external/erp/A%2FB").await.expect(200);
    assert_eq!(slash["path"], "/api/v1/customers/external/erp/A%2FB");
    let spelled = raw(&house, "/api/v1/%63ustomers/C-000001").await;
    assert_eq!(spelled, 200);
}

/// Sends a path as it is: a client library would tidy it up.
async fn raw(house: &House, path: &str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let addr = house.gateway.url().trim_start_matches("http://").to_owned();
    let mut connection = tokio::net::TcpStream::connect(&addr).await.unwrap();
    let key = crate::house::VIEWER;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), connection.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
