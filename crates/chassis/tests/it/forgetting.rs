//! Answers that are kept, or are still to come, when somebody is forgotten.

use std::{sync::Arc, time::Duration};

use chassis::idempotency::forget_answers;
use database::{Db, Tx, on};
use diesel_async::RunQueryDsl;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::{task::JoinHandle, time::timeout};

use crate::{
    app::{Answer, App, send},
    service::{Gate, gate},
};

const PATIENCE: Duration = Duration::from_secs(20);

/// Requests that run until they are told to end.
struct Held<'a> {
    app: &'a App,
    gate: Arc<Gate>,
    token: String,
}

impl<'a> Held<'a> {
    fn by(app: &'a App, caller: &str) -> Self {
        Self { app, gate: gate(caller), token: app.token(caller, &[]) }
    }

    fn request(&self, key: &str) -> RequestBuilder {
        let request = self.app.anonymous(Method::POST, "/api/v1/hold").bearer_auth(&self.token);
        request.header("idempotency-key", key)
    }

    async fn begin(&self, key: &str) -> JoinHandle<Answer> {
        let running = tokio::spawn(send(self.request(key)));
        self.gate.begun.acquire().await.unwrap().forget();
        running
    }

    async fn end(&self, running: JoinHandle<Answer>) {
        self.gate.open.add_permits(1);
        assert_eq!(running.await.unwrap().text, "\"held\"");
    }

    /// The body that is kept.
    async fn kept(&self, key: &str) -> String {
        let again = send(self.request(key)).await;
        assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (200, "true"));
        again.text
    }
}

/// Begins to forget answers that have the text.
async fn forget(app: &App, text: &str) -> Tx {
    let mut tx = app.running.context.db.begin().await.unwrap();
    forget_answers(&mut tx, &[text.to_owned()]).await.unwrap();
    tx
}

async fn note(app: &App, key: &str, title: &str) -> Answer {
    send(app.post("/api/v1/notes").header("idempotency-key", key).json(&json!({"title": title}))).await
}

async fn of_what_runs_and_of_what_names_him_nothing_is_kept(app: &App, caller: &str) {
    let held = Held::by(app, caller);
    let (his, other) = (note(app, "k1", "his").await, note(app, "k2", "other").await);
    let running = held.begin("k1").await;
    forget(app, his.json()["id"].as_str().unwrap()).await.commit().await.unwrap();
    held.end(running).await;
    assert_eq!(held.kept("k1").await, "");

    let again = note(app, "k1", "his").await;
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed"), again.text.as_str()), (201, "true", ""));
    for name in ["location", "etag"] {
        assert_eq!(again.header(name), his.header(name), "{name}");
    }
    assert_eq!(note(app, "k2", "other").await.text, other.text);

    let later = held.begin("k2").await;
    held.end(later).await;
    assert_eq!(held.kept("k2").await, "\"held\"");
}

#[tokio::test]
async fn of_what_runs_and_of_what_names_him_nothing_is_kept_on_sqlite() {
    of_what_runs_and_of_what_names_him_nothing_is_kept(&App::start().await, "user:forgets-on-sqlite").await;
}

#[tokio::test]
async fn of_what_runs_and_of_what_names_him_nothing_is_kept_on_postgresql() {
    let app = App::start_on_postgres().await;
    of_what_runs_and_of_what_names_him_nothing_is_kept(&app, "user:forgets-on-postgresql").await;
    app.stop().await;
}

/// SQLite has one writer.
#[tokio::test]
async fn of_what_begins_before_he_is_forgotten_for_good_nothing_is_kept_on_postgresql() {
    let app = App::start_on_postgres().await;
    let held = Held::by(&app, "user:begins-meanwhile");
    let tx = forget(&app, "him").await;
    let over = held.begin("k1").await;
    held.end(over).await;
    let running = held.begin("k2").await;
    tx.commit().await.unwrap();
    held.end(running).await;
    assert_eq!((held.kept("k1").await, held.kept("k2").await), (String::new(), String::new()));

    let later = held.begin("k3").await;
    held.end(later).await;
    assert_eq!(held.kept("k3").await, "\"held\"");
    app.stop().await;
}

#[tokio::test]
async fn an_answer_waits_for_who_forgets_it_on_postgresql() {
    let app = App::start_on_postgres().await;
    let held = Held::by(&app, "user:waits");
    let running = held.begin("k1").await;
    let tx = forget(&app, "him").await;
    held.gate.open.add_permits(1);
    let waits = timeout(PATIENCE, somebody_waits(&app.running.context.db)).await;
    waits.expect("somebody waits for the row");
    tx.commit().await.unwrap();
    assert_eq!(running.await.unwrap().text, "\"held\"");
    assert_eq!(held.kept("k1").await, "");
    app.stop().await;
}

#[derive(diesel::QueryableByName)]
struct Waiting {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

async fn somebody_waits(db: &Db) {
    const WAITING: &str = "SELECT count(*) AS count FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut conn = db.read().await.unwrap();
    loop {
        let waiting: Waiting = on!(conn, |c| diesel::sql_query(WAITING).get_result(c).await).unwrap();
        if waiting.count > 0 {
            return;
        }
    }
}
