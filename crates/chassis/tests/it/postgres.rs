//! What chassis itself keeps in the database, on PostgreSQL.

use serde_json::json;

use crate::app::{App, send};

#[tokio::test]
async fn idempotency_paging_and_audit_work_on_postgresql() {
    let app = App::start_on_postgres().await;
    let post =
        |title: &str| send(app.post("/api/v1/notes").header("idempotency-key", "k1").json(&json!({"title": title})));
    let first = post("one").await;
    let again = post("one").await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!((again.header("idempotent-replayed"), &again.text), ("true", &first.text));
    assert_eq!(post("two").await.code(), (422, "idempotency-key-reused".to_owned()));

    app.create("two").await;
    let page = send(app.get("/api/v1/notes?limit=1&count=exact")).await.json();
    assert_eq!(page["count"], 2);
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = send(app.get(&format!("/api/v1/notes?cursor={cursor}"))).await.json();
    assert_eq!(next["items"][0]["title"], "two");
    app.stop().await;
}

#[tokio::test]
async fn of_many_equal_requests_at_once_one_is_done() {
    let app = App::start_on_postgres().await;
    let post = || send(app.post("/api/v1/notes").header("idempotency-key", "k1").json(&json!({"title": "one"})));
    let answers = futures::future::join_all((0..20).map(|_| post())).await;
    let created: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert!(created.iter().all(|answer| answer.text == created[0].text));
    assert!(answers.iter().all(|answer| answer.status == 201 || answer.code() == (409, "idempotency-key-busy".into())));
    assert_eq!(created.iter().filter(|answer| answer.header("idempotent-replayed").is_empty()).count(), 1);
    let notes = send(app.get("/api/v1/notes")).await.json();
    assert_eq!(notes["items"].as_array().unwrap().len(), 1);
    app.stop().await;
}
