use insta::assert_json_snapshot;
use reqwest::Method;
use serde_json::json;

use crate::app::{App, send};

#[tokio::test]
async fn a_change_names_the_version_it_changes() {
    let app = App::start().await;
    let created = send(app.post("/api/v1/notes").json(&json!({"title": "one"}))).await;
    let path = created.header("location").to_owned();
    assert_eq!(
        (created.header("etag"), path.as_str()),
        ("\"1\"", format!("/api/v1/notes/{}", created.json()["id"].as_str().unwrap()).as_str())
    );
    let patch = |if_match: Option<&str>, title: &str| {
        let request = app.request(Method::PATCH, &path).json(&json!({"title": title}));
        send(match if_match {
            Some(tag) => request.header("if-match", tag),
            None => request,
        })
    };
    assert_eq!(patch(None, "x").await.code(), (428, "if-match-missing".to_owned()));
    assert_eq!(patch(Some("1"), "x").await.code(), (400, "if-match-invalid".to_owned()));
    let changed = patch(Some("\"1\""), "two").await;
    assert_eq!((changed.header("etag"), &changed.json()["title"]), ("\"2\"", &json!("two")));
    let stale = patch(Some("\"1\""), "three").await;
    let mut problem = stale.problem();
    problem["instance"] = "<path>".into();
    assert_json_snapshot!(problem, @r#"
    {
      "code": "version-stale",
      "detail": "this is version 2 now: read it again, then repeat your change with its ETag",
      "instance": "<path>",
      "status": 412,
      "title": "Version stale",
      "trace_id": "<trace>",
      "type": "/problems/version-stale"
    }
    "#);
    assert_eq!(patch(Some("*"), "four").await.header("etag"), "\"3\"");
}

#[tokio::test]
async fn a_reader_who_has_the_version_gets_no_body() {
    let app = App::start().await;
    let id = app.create("one").await["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/notes/{id}");
    let fresh = send(app.get(&path)).await;
    assert_eq!((fresh.status.as_u16(), fresh.header("etag")), (200, "\"1\""));
    let known = send(app.get(&path).header("if-none-match", "\"1\"")).await;
    assert_eq!((known.status.as_u16(), known.header("etag"), known.text.as_str()), (304, "\"1\"", ""));
    assert_eq!(send(app.get(&path).header("if-none-match", "\"2\"")).await.status, 200);
}
