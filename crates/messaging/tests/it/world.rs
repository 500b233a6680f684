//! A service that keeps notes, as the bus sees one.

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::Utc;
use database::{Db, Tx, on};
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use futures::future::BoxFuture;
use messaging::{Act, Bus, Endpoint, Envelope, MIGRATIONS, Message, Metrics, Rejected, Subscription, outbox};
use serde::{Deserialize, Serialize};
use testkit::{TestBus, TestDb};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub const SERVICE: &str = "notes";

/// How often a handler has begun to hang.
pub static HANGS: AtomicUsize = AtomicUsize::new(0);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Noted {
    pub note_id: Uuid,
    pub sequence: i64,
    pub text: String,
}

impl Noted {
    pub fn new(text: impl Into<String>) -> Self {
        Self { note_id: Uuid::now_v7(), sequence: 1, text: text.into() }
    }
}

impl wire::Event for Noted {
    const TYPE: &'static str = "notes.note.noted.v1";

    fn subject(&self) -> Uuid {
        self.note_id
    }

    fn sequence(&self) -> i64 {
        self.sequence
    }
}

static SUBSCRIPTIONS: &[Subscription] = &[Subscription::together(<Noted as wire::Event>::TYPE, keep_all)];

/// Each note in a transaction of its own.
pub static ALONE: &[Subscription] = &[Subscription::alone(<Noted as wire::Event>::TYPE, keep)];

fn keep_all<'a>(tx: &'a mut Tx, envelopes: &'a [&'a Envelope]) -> BoxFuture<'a, Result<(), Rejected>> {
    Box::pin(async move {
        for envelope in envelopes {
            keep(tx, envelope).await?;
        }
        Ok(())
    })
}

/// Keeps the note, or fails as its text says. A note handled twice would be kept twice.
fn keep<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    Box::pin(async move {
        let noted: Noted = envelope.decode()?;
        on!(tx, pg: |c| diesel::sql_query("INSERT INTO notes (text) VALUES ($1)").bind::<Text, _>(&noted.text).execute(c).await,
            lite: |c| diesel::sql_query("INSERT INTO notes (text) VALUES (?)").bind::<Text, _>(&noted.text).execute(c).await)?;
        match noted.text.as_str() {
            "poison" => Err(Rejected::Poison("this note is poisoned".into())),
            "fail" => Err(Rejected::Retry("this note always fails".into())),
            "panic" => panic!("this note panics"),
            "hang" => {
                HANGS.fetch_add(1, Ordering::SeqCst);
                std::future::pending().await
            }
            "mendable" if count(tx, "SELECT count(*) AS n FROM mended").await? == 0 => {
                Err(Rejected::Retry("not mended yet".into()))
            }
            _ => Ok(()),
        }
    })
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

async fn count(conn: &mut database::Conn, sql: &str) -> database::Result<i64> {
    let count: Count = on!(conn, |c| diesel::sql_query(sql).get_result(c).await)?;
    Ok(count.n)
}

pub struct World {
    pub end: Endpoint,
    pub db: TestDb,
    pub bus: TestBus,
    stop: CancellationToken,
    running: Vec<JoinHandle<()>>,
}

impl World {
    /// The tables and queues, with nothing running.
    pub async fn new(db: TestDb, bus: TestBus) -> Self {
        bus.declare(SERVICE, SUBSCRIPTIONS).await.unwrap();
        Self::unannounced(db, bus).await
    }

    /// The bus does not know of the service yet.
    pub async fn unannounced(db: TestDb, bus: TestBus) -> Self {
        db.migrate(vec![MIGRATIONS]).await.unwrap();
        for sql in ["CREATE TABLE notes (text TEXT NOT NULL)", "CREATE TABLE mended (x INTEGER)"] {
            execute(&db, sql).await;
        }
        bus.serves(SERVICE);
        let end = endpoint(&db, bus.bus());
        Self { end, db, bus, stop: CancellationToken::new(), running: Vec::new() }
    }

    pub fn relay(&mut self) {
        let relay = messaging::run_relay(self.end.clone(), self.stop.clone());
        self.running.push(tokio::spawn(relay));
    }

    pub fn consume(&mut self) {
        let consumer = messaging::run_consumer(self.end.clone(), self.stop.clone());
        self.running.push(tokio::spawn(consumer));
    }

    /// Ends what runs in the middle of what it does.
    pub async fn abort(&mut self) {
        for task in self.running.drain(..) {
            task.abort();
            assert!(task.await.is_err_and(|error| error.is_cancelled()));
        }
    }

    /// Stops what runs, gracefully.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        for task in self.running.drain(..) {
            task.await.unwrap();
        }
        self.stop = CancellationToken::new();
    }

    /// Commits a transaction with these notes.
    pub async fn note(&self, texts: &[&str]) {
        let mut tx = self.db.begin().await.unwrap();
        for text in texts {
            enqueue(&mut tx, text).await;
        }
        tx.commit().await.unwrap();
    }

    /// Commits a transaction with so many notes of one act, and answers them.
    pub async fn note_in_bulk(&self, count: usize) -> Vec<String> {
        let texts: Vec<String> = (0..count).map(|n| format!("note {n:04}")).collect();
        let events: Vec<Noted> = texts.iter().map(Noted::new).collect();
        let mut tx = self.db.begin().await.unwrap();
        outbox::enqueue_many(&mut tx, &Act::system(Utc::now()).in_bulk(), &events).await.unwrap();
        tx.commit().await.unwrap();
        texts
    }

    /// Puts bytes on the bus as an event of the service's.
    pub async fn publish(&self, id: Uuid, body: impl Into<Vec<u8>>) {
        let message = Message {
            id,
            event_type: <Noted as wire::Event>::TYPE.into(),
            traceparent: None,
            body: body.into(),
            at: Utc::now(),
        };
        let published = self.bus.publish(&[message]).await;
        assert_eq!(published.confirmed, [0], "{:?}", published.failure);
    }

    pub async fn drain(&self) {
        messaging::drain(&self.end).await.unwrap();
    }

    pub async fn notes(&self) -> Vec<String> {
        notes(&self.db).await
    }

    pub async fn mend(&self) {
        execute(&self.db, "INSERT INTO mended (x) VALUES (1)").await;
    }

    pub async fn dead(&self) -> Vec<messaging::DeadLetter> {
        messaging::dead_letters(&self.bus, SERVICE).await.unwrap()
    }
}

pub fn endpoint(db: &Db, bus: Bus) -> Endpoint {
    Endpoint {
        service: SERVICE,
        subscriptions: SUBSCRIPTIONS,
        db: db.clone(),
        bus,
        metrics: Metrics::new(SERVICE, &prometheus::Registry::new()).unwrap(),
    }
}

pub async fn enqueue(tx: &mut Tx, text: &str) {
    let act = Act::system(Utc::now());
    outbox::enqueue(tx, &act, &Noted::new(text)).await.unwrap();
}

/// Sorted: events come in any order.
pub async fn notes(db: &Db) -> Vec<String> {
    let mut notes = kept(db).await;
    notes.sort_unstable();
    notes
}

/// On SQLite in the order in which they were handled.
pub async fn kept(db: &Db) -> Vec<String> {
    #[derive(diesel::QueryableByName)]
    struct Note {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let mut conn = db.read().await.unwrap();
    let notes: Vec<Note> = on!(conn, |c| diesel::sql_query("SELECT text FROM notes").load(c).await).unwrap();
    notes.into_iter().map(|note| note.text).collect()
}

async fn execute(db: &Db, sql: &str) {
    let mut tx = db.begin().await.unwrap();
    on!(tx, |c| diesel::sql_query(sql).execute(c).await).unwrap();
    tx.commit().await.unwrap();
}
