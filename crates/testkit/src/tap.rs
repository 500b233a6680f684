use database::{Tx, on};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use futures::future::BoxFuture;
use messaging::{Endpoint, Envelope, MIGRATIONS, Metrics, Rejected, Subscription};
use uuid::Uuid;

use crate::{TestBus, TestDb};

/// A subscriber of the test's own: keeps what is published of some types.
pub struct Tap {
    end: Endpoint,
    #[allow(dead_code, reason = "deletes the file when dropped")]
    db: TestDb,
}

impl TestBus {
    /// From here on, keeps every event of these types.
    ///
    /// # Panics
    /// When the bus cannot be reached.
    pub async fn tap(&self, types: &[&'static str]) -> Tap {
        let db = TestDb::sqlite();
        db.migrate(vec![MIGRATIONS]).await.expect("the inbox");
        let mut tx = db.begin().await.expect("a transaction");
        on!(tx, |c| diesel::sql_query("CREATE TABLE tapped (body TEXT NOT NULL)").execute(c).await).expect("a table");
        tx.commit().await.expect("a commit");
        // Leaked, a few bytes a test: services know their subscriptions when they are compiled.
        let service: &'static str = format!("tap-{}", Uuid::now_v7().simple()).leak();
        let subscriptions: Vec<_> = types.iter().map(|&event_type| Subscription::together(event_type, keep)).collect();
        let end = Endpoint {
            service,
            subscriptions: subscriptions.leak(),
            db: db.clone(),
            bus: self.bus(),
            metrics: Metrics::new(service, &prometheus::Registry::new()).expect("fresh metrics"),
        };
        self.serves(service);
        self.declare(service, end.subscriptions).await.expect("a queue");
        Tap { end, db }
    }
}

fn keep<'a>(tx: &'a mut Tx, envelopes: &'a [&'a Envelope]) -> BoxFuture<'a, Result<(), Rejected>> {
    Box::pin(async move {
        for envelope in envelopes {
            let body = serde_json::to_string(envelope).map_err(|error| Rejected::Poison(error.to_string()))?;
            on!(tx,
                pg: |c| diesel::sql_query("INSERT INTO tapped (body) VALUES ($1)").bind::<Text, _>(&body).execute(c).await,
                lite: |c| diesel::sql_query("INSERT INTO tapped (body) VALUES (?)").bind::<Text, _>(&body).execute(c).await)?;
        }
        Ok(())
    })
}

#[derive(diesel::QueryableByName)]
struct Tapped {
    #[diesel(sql_type = Text)]
    body: String,
}

impl Tap {
    /// All events so far that have left their outbox, by subject and sequence.
    ///
    /// # Panics
    /// When the bus cannot be reached.
    pub async fn envelopes(&self) -> Vec<Envelope> {
        messaging::drain_queue(&self.end).await.expect("the bus");
        let mut conn = self.end.db.read().await.expect("a connection");
        let rows: Vec<Tapped> =
            on!(conn, |c| diesel::sql_query("SELECT body FROM tapped").load(c).await).expect("what was tapped");
        let mut envelopes: Vec<Envelope> =
            rows.iter().map(|row| serde_json::from_str(&row.body).expect("an envelope")).collect();
        envelopes.sort_by(|a, b| (&a.subject, a.sequence).cmp(&(&b.subject, b.sequence)));
        envelopes
    }

    /// The events of one type, decoded.
    ///
    /// # Panics
    /// When the bus cannot be reached, or one has another shape.
    pub async fn events<E: wire::Event>(&self) -> Vec<E> {
        let envelopes = self.envelopes().await;
        let of_type = envelopes.iter().filter(|envelope| envelope.r#type == E::TYPE);
        of_type.map(|envelope| envelope.decode().expect("data of the type")).collect()
    }
}
