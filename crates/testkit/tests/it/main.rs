//! A service under test, as the services' own tests see it.
#![cfg(feature = "app")]

mod echo;

use chrono::Utc;
use messaging::{Act, Delivered, Envelope, Rejected, outbox};
use serde_json::json;
use testkit::{App, both, everywhere, golden};
use uuid::Uuid;

use crate::echo::{Echoed, Said};

both! {
    async fn callers_are_who_the_test_says(db: TestDb) {
        let app = App::start(&echo::SERVICE, db).await;
        let reader = app.client(&["echo:read"]);
        assert_eq!(reader.get("/api/v1/caller").await.expect(200), json!({"permissions": ["echo:read"]}));
        assert_eq!(app.client(&[]).get("/api/v1/caller").await.problem().0, 403);
        assert_eq!(reader.get_anonymously("/api/v1/caller").await.problem().0, 401);
        assert_eq!(reader.get("/api/v1/nothing").await.problem().0, 404);
        app.stop().await;
    }

    async fn events_come_in_and_go_out(db: TestDb) {
        let app = App::start(&echo::SERVICE, db).await;
        let tap = app.bus.tap(&["echo.sound.echoed.v1"]).await;
        let said = Said { id: Uuid::now_v7() };
        app.deliver(&said).await;
        app.drain_outbox().await;
        let echoes: Vec<Echoed> = tap.events().await;
        assert_eq!(echoes.iter().map(|echo| echo.id).collect::<Vec<_>>(), [said.id]);
        app.stop().await;
    }

    async fn an_event_delivered_twice_is_handled_once(db: TestDb) {
        let app = App::start(&echo::SERVICE, db).await;
        let said = Said { id: Uuid::now_v7() };
        let mut envelope = Envelope::new(&Act::system(Utc::now()), &said).unwrap();
        assert_eq!(app.deliver_envelope(&envelope).await.unwrap(), Delivered::Handled);
        assert_eq!(app.deliver_envelope(&envelope).await.unwrap(), Delivered::Repeated);
        envelope.id = Uuid::now_v7();
        envelope.data = json!({"id": "none"});
        assert!(matches!(app.deliver_envelope(&envelope).await, Err(Rejected::Poison(_))));
        app.stop().await;
    }
}

everywhere! {
    async fn a_service_started_again_finds_what_came_meanwhile(db: TestDb, bus: TestBus) {
        let app = App::start_with(&echo::SERVICE, db, bus, |settings| settings.pool_size = 4).await;
        let (db, bus) = app.stop().await;
        let tap = bus.tap(&["echo.sound.echoed.v1"]).await;
        let said = Said { id: Uuid::now_v7() };
        let mut tx = db.begin().await.unwrap();
        outbox::enqueue(&mut tx, &Act::system(Utc::now()), &said).await.unwrap();
        tx.commit().await.unwrap();

        let app = App::start_with(&echo::SERVICE, db, bus, |_| {}).await;
        let echoes = testkit::eventually(|| async {
            let echoes: Vec<Echoed> = tap.events().await;
            if echoes.is_empty() { Err("no echo") } else { Ok(echoes) }
        })
        .await;
        assert_eq!(echoes[0].id, said.id);
        app.stop().await;
    }
}

#[test]
fn a_golden_file_is_compared() {
    golden!("tests/it/said.json", &Said { id: Uuid::nil() });
}
