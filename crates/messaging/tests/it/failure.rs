use std::sync::atomic::Ordering;

use chrono::Utc;
use messaging::{Act, Envelope, redrive};
use testkit::{eventually, everywhere};
use uuid::Uuid;

use crate::world::{HANGS, Noted, SERVICE, World};

everywhere! {
    async fn what_always_fails_is_retried_then_dead_and_holds_up_nothing(db: TestDb, bus: TestBus) {
        let world = World::new(db, bus).await;
        world.note(&["fail", "panic", "good", "better"]).await;
        world.drain().await;
        assert_eq!(world.notes().await, ["better", "good"]);
        let mut dead = world.dead().await;
        dead.sort_by(|a, b| a.reason.cmp(&b.reason));
        let reasons: Vec<_> = dead.iter().map(|letter| (letter.reason.as_str(), letter.attempts)).collect();
        // The first try and three retries.
        assert_eq!(reasons, [("the handler panicked", 4), ("this note always fails", 4)]);
        assert!(dead.iter().all(|letter| letter.event_type == "notes.note.noted.v1" && letter.published_at.is_some()));
        assert_eq!(world.bus.depth(SERVICE).await.unwrap().dead, 2);
    }

    async fn what_cannot_be_decoded_is_dead_at_once(db: TestDb, bus: TestBus) {
        let world = World::new(db, bus).await;
        world.publish(Uuid::now_v7(), "not JSON").await;
        world.publish(Uuid::now_v7(), [0xff, 0x00]).await;
        world.publish(Uuid::now_v7(), r#"{"json":"but no event"}"#).await;
        let mut envelope = Envelope::new(&Act::system(Utc::now()), &Noted::new("x")).unwrap();
        envelope.data = serde_json::json!({"text": 7});
        world.publish(envelope.id, serde_json::to_vec(&envelope).unwrap()).await;
        envelope.specversion = "0.3".into();
        world.publish(envelope.id, serde_json::to_vec(&envelope).unwrap()).await;
        world.note(&["poison", "good"]).await;
        world.drain().await;
        assert_eq!(world.notes().await, ["good"]);
        let mut dead = world.dead().await;
        assert!(dead.iter().all(|letter| letter.attempts == 1), "{dead:?}");
        dead.sort_by(|a, b| a.reason.cmp(&b.reason));
        let reasons: Vec<_> = dead.iter().map(|letter| letter.reason.as_str()).collect();
        assert_eq!(reasons.len(), 6, "{reasons:?}");
        assert!(reasons[0].starts_with("CloudEvents version \"0.3\""), "{reasons:?}");
        assert!(reasons[1].starts_with("data of notes.note.noted.v1: "), "{reasons:?}");
        assert!(reasons[2..5].iter().all(|reason| reason.starts_with("not an event: ")), "{reasons:?}");
        assert_eq!(reasons[5], "this note is poisoned");
        assert!(dead.iter().any(|letter| letter.body == [0xff, 0x00]));
    }

    async fn a_redriven_event_is_handled_with_all_tries_before_it(db: TestDb, bus: TestBus) {
        let world = World::new(db, bus).await;
        world.note(&["mendable", "fail"]).await;
        world.drain().await;
        assert_eq!(world.dead().await.len(), 2);
        // Looking does not take them away.
        assert_eq!(world.dead().await.len(), 2);
        world.mend().await;
        assert_eq!(redrive(&world.bus, SERVICE).await.unwrap(), 2);
        world.drain().await;
        assert_eq!(world.notes().await, ["mendable"]);
        let dead = world.dead().await;
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].attempts, 4);
        assert_eq!(redrive(&world.bus, "notes").await.unwrap(), 1);
    }

    /// As a message does that crashes whoever handles it.
    async fn what_is_delivered_again_and_again_without_an_answer_is_dead(db: TestDb, bus: TestBus) {
        let mut world = World::new(db, bus).await;
        world.note(&["hang"]).await;
        messaging::drain_outbox(&world.db, &world.bus).await.unwrap();
        while world.dead().await.is_empty() {
            let hangs = HANGS.load(Ordering::SeqCst);
            world.consume();
            eventually(|| async {
                let is_dead = world.bus.depth(SERVICE).await.unwrap().dead > 0;
                if is_dead || HANGS.load(Ordering::SeqCst) > hangs { Ok(()) } else { Err(hangs) }
            })
            .await;
            world.abort().await;
        }
        let dead = world.dead().await;
        assert_eq!(dead.len(), 1);
        assert!(dead[0].reason.contains("deliver"), "{dead:?}");
        assert!(world.notes().await.is_empty());
    }

    async fn a_type_without_a_handler_is_kept(db: TestDb, bus: TestBus) {
        let world = World::new(db, bus).await;
        let mut envelope = Envelope::new(&Act::system(Utc::now()), &Noted::new("x")).unwrap();
        envelope.r#type = "notes.note.noted.v2".into();
        world.publish(envelope.id, serde_json::to_vec(&envelope).unwrap()).await;
        world.drain().await;
        let dead = world.dead().await;
        assert_eq!(dead.len(), 1);
        assert!(dead[0].reason.contains("no handler for notes.note.noted.v2"), "{dead:?}");
    }
}
