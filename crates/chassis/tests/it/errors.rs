use insta::assert_json_snapshot;
use reqwest::Method;

use crate::app::{App, send};

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let app = App::start().await;
    let answer = send(app.get("/api/v1/nothing")).await;
    assert_json_snapshot!(answer.problem(), @r#"
    {
      "code": "path-unknown",
      "detail": "nothing is served at this path",
      "instance": "/api/v1/nothing",
      "status": 404,
      "title": "Path unknown",
      "trace_id": "<trace>",
      "type": "/problems/path-unknown"
    }
    "#);
    assert_eq!(send(app.anonymous(Method::GET, "/elsewhere")).await.code(), (404, "path-unknown".to_owned()));
}

#[tokio::test]
async fn another_method_is_told_which_there_are() {
    let app = App::start().await;
    let answer = send(app.request(Method::DELETE, "/api/v1/notes")).await;
    assert_json_snapshot!(answer.problem(), @r#"
    {
      "code": "method-not-allowed",
      "detail": "this path serves GET, POST only",
      "instance": "/api/v1/notes",
      "status": 405,
      "title": "Method not allowed",
      "trace_id": "<trace>",
      "type": "/problems/method-not-allowed"
    }
    "#);
    assert_eq!(answer.header("allow"), "GET, POST");
    assert_eq!(send(app.anonymous(Method::POST, "/livez")).await.code(), (405, "method-not-allowed".to_owned()));
}

#[tokio::test]
async fn titles_are_chinese_for_who_asks() {
    let app = App::start().await;
    let answer = send(app.get("/api/v1/nothing").header("accept-language", "zh-CN, en;q=0.5")).await;
    assert_eq!(answer.problem()["title"], "路径不存在");
    assert_eq!(answer.header("content-language"), "zh-CN");
}

#[tokio::test]
async fn a_fault_of_ours_is_told_without_its_cause() {
    let app = App::start().await;
    for path in ["/api/v1/give-up", "/api/v1/break-down"] {
        let answer = send(app.post(path)).await;
        assert_eq!(answer.code(), (500, "internal-error".to_owned()));
        assert!(!answer.text.contains("hunter2") && !answer.text.contains("on purpose"), "{}", answer.text);
    }
    assert_json_snapshot!(send(app.post("/api/v1/give-up")).await.problem(), @r#"
    {
      "code": "internal-error",
      "instance": "/api/v1/give-up",
      "status": 500,
      "title": "Internal error",
      "trace_id": "<trace>",
      "type": "/problems/internal-error"
    }
    "#);
    // The worker that panicked serves on.
    assert!(send(app.get("/api/v1/notes")).await.status.is_success());
}

#[tokio::test]
async fn the_trace_of_the_caller_goes_on() {
    let app = App::start().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let request = app.get("/api/v1/nothing").header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let answer = send(request.header("x-request-id", "req-7")).await;
    assert_eq!(answer.json()["trace_id"], trace);
    assert_eq!(answer.header("x-request-id"), "req-7");
}

#[tokio::test]
async fn a_path_parameter_of_the_wrong_form_is_named() {
    let app = App::start().await;
    assert_json_snapshot!(send(app.get("/api/v1/notes/seven")).await.problem(), @r#"
    {
      "code": "path-invalid",
      "detail": "a part of the path does not have the right form",
      "errors": [
        {
          "code": "bad-format",
          "message": "does not have the right form",
          "pointer": "{id}"
        }
      ],
      "instance": "/api/v1/notes/seven",
      "status": 400,
      "title": "Path invalid",
      "trace_id": "<trace>",
      "type": "/problems/path-invalid"
    }
    "#);
}
