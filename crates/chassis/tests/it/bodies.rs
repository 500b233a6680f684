use insta::assert_json_snapshot;
use serde_json::json;

use crate::app::{App, send};

#[tokio::test]
async fn every_wrong_field_is_named_at_once() {
    let app = App::start().await;
    let body = json!({
        "titel": "typo",
        "stars": 9,
        "colour": "green",
        "labels": [{"name": "ok"}, {"name": "NOT OK"}, {}],
        "due": "tomorrow",
    });
    let answer = send(app.post("/api/v1/notes").json(&body)).await;
    assert_json_snapshot!(answer.problem(), @r#"
    {
      "code": "fields-invalid",
      "detail": "7 values in the body are wrong",
      "errors": [
        {
          "code": "not-allowed",
          "message": "must be one of red, blue",
          "pointer": "/colour"
        },
        {
          "code": "bad-format",
          "message": "must be a date",
          "pointer": "/due"
        },
        {
          "code": "bad-format",
          "message": "must match ^[a-z]+$",
          "pointer": "/labels/1/name"
        },
        {
          "code": "missing-field",
          "message": "is required",
          "pointer": "/labels/2/name"
        },
        {
          "code": "out-of-range",
          "message": "must be at most 5",
          "pointer": "/stars"
        },
        {
          "code": "unknown-field",
          "message": "there is no such field",
          "pointer": "/titel"
        },
        {
          "code": "missing-field",
          "message": "is required",
          "pointer": "/title"
        }
      ],
      "instance": "/api/v1/notes",
      "status": 422,
      "title": "Fields invalid",
      "trace_id": "<trace>",
      "type": "/problems/fields-invalid"
    }
    "#);
    assert!(!answer.text.contains("green") && !answer.text.contains("tomorrow"));
    assert_eq!(send(app.get("/api/v1/notes")).await.json()["items"], json!([]));
}

#[tokio::test]
async fn wrong_types_and_lengths_are_named() {
    let app = App::start().await;
    let answer = send(
        app.post("/api/v1/notes").json(&json!({"title": "long enough to be too long", "stars": "5", "labels": 1})),
    )
    .await;
    assert_json_snapshot!(answer.problem()["errors"], @r#"
    [
      {
        "code": "wrong-type",
        "message": "must be an array",
        "pointer": "/labels"
      },
      {
        "code": "wrong-type",
        "message": "must be an integer or null",
        "pointer": "/stars"
      },
      {
        "code": "too-long",
        "message": "must be at most 10 characters",
        "pointer": "/title"
      }
    ]
    "#);
    let answer = send(app.post("/api/v1/notes").json(&json!([]))).await;
    assert_json_snapshot!(answer.problem()["errors"], @r#"
    [
      {
        "code": "wrong-type",
        "message": "must be an object",
        "pointer": ""
      }
    ]
    "#);
    let answer =
        send(app.post("/api/v1/notes").json(&json!({"title": "x", "colour": null, "due": null, "stars": null}))).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn what_is_not_json_is_told_where() {
    let app = App::start().await;
    let json = |body: &'static str| app.post("/api/v1/notes").header("content-type", "application/json").body(body);
    assert_json_snapshot!(send(json("{\"title\": \n oops}")).await.problem(), @r#"
    {
      "code": "json-malformed",
      "detail": "the body is not JSON: line 2, column 2",
      "instance": "/api/v1/notes",
      "status": 400,
      "title": "JSON malformed",
      "trace_id": "<trace>",
      "type": "/problems/json-malformed"
    }
    "#);
    assert_eq!(send(json("")).await.code(), (400, "json-malformed".to_owned()));
    let text = app.post("/api/v1/notes").header("content-type", "text/plain").body("{}");
    assert_eq!(send(text).await.code(), (415, "media-type-unsupported".to_owned()));
    assert_eq!(send(app.post("/api/v1/notes")).await.code(), (415, "media-type-unsupported".to_owned()));
}

#[tokio::test]
async fn a_body_has_at_most_a_mebibyte() {
    let app = App::start().await;
    let large = json!({"title": "x".repeat(1024 * 1024)}).to_string();
    let post = || app.post("/api/v1/notes").header("content-type", "application/json");
    assert_json_snapshot!(send(post().body(large.clone())).await.problem(), @r#"
    {
      "code": "body-too-large",
      "detail": "a body here holds at most 1048576 bytes",
      "instance": "/api/v1/notes",
      "status": 413,
      "title": "Body too large",
      "trace_id": "<trace>",
      "type": "/problems/body-too-large"
    }
    "#);
    assert_eq!(
        send(post().header("idempotency-key", "k").body(large)).await.code(),
        (413, "body-too-large".to_owned())
    );
}

#[tokio::test]
async fn nul_is_refused_wherever_it_comes() {
    let app = App::start().await;
    let answer = send(app.post("/api/v1/notes").json(&json!({"title": "a\0b"}))).await;
    assert_eq!(answer.code(), (422, "fields-invalid".to_owned()));
    assert_json_snapshot!(answer.problem()["errors"], @r#"
    [
      {
        "code": "control-character",
        "message": "must not contain the character U+0000",
        "pointer": "/title"
      }
    ]
    "#);
    let query = send(app.get("/api/v1/notes?title=a%00b")).await;
    assert_eq!(query.code(), (400, "query-invalid".to_owned()));
    assert_eq!(query.problem()["errors"][0]["pointer"], "?title");
    let path = send(app.get("/api/v1/notes/a%00b")).await;
    assert_eq!(path.code(), (400, "path-invalid".to_owned()));
    assert_eq!(path.problem()["errors"][0]["code"], "control-character");
}
