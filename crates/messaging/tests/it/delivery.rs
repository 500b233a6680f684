use chrono::Utc;
use messaging::{Act, Bus, Depth, Envelope, Subscription};
use testkit::{TestBus, TestDb, eventually, everywhere};
use tokio_util::sync::CancellationToken;

use crate::world::{ALONE, Noted, SERVICE, World, endpoint, enqueue, kept, notes};

everywhere! {
    async fn a_commit_arrives_once_and_a_rollback_never(db: TestDb, bus: TestBus) {
        let world = World::new(db, bus).await;
        let mut tx = world.db.begin().await.unwrap();
        enqueue(&mut tx, "rolled back").await;
        drop(tx);
        world.note(&["kept"]).await;
        world.drain().await;
        assert_eq!(world.notes().await, ["kept"]);
        assert_eq!(world.bus.depth(SERVICE).await.unwrap(), Depth::default());
    }

    async fn an_event_delivered_again_changes_nothing(db: TestDb, bus: TestBus) {
        let world = World::new(db, bus).await;
        let envelope = Envelope::new(&Act::system(Utc::now()), &Noted::new("once")).unwrap();
        let body = serde_json::to_vec(&envelope).unwrap();
        for _ in 0..3 {
            world.publish(envelope.id, body.clone()).await;
        }
        world.drain().await;
        assert_eq!(world.notes().await, ["once"]);
        assert!(messaging::inbox::contains(&world.db, envelope.id).await.unwrap());
    }

    /// Woken by the commit alone: the fallback polls only each second, so 20 round trips would take too long by it.
    async fn running_loops_carry_each_commit(db: TestDb, bus: TestBus) {
        let mut world = World::new(db, bus).await;
        world.relay();
        world.consume();
        for count in 1..=20 {
            world.note(&["walked"]).await;
            eventually(|| async {
                let kept = world.notes().await.len();
                if kept == count { Ok(()) } else { Err(kept) }
            })
            .await;
        }
        world.stop().await;
    }

    async fn two_relays_and_two_consumers_do_everything_once(db: TestDb, bus: TestBus) {
        let mut world = World::new(db, bus).await;
        let texts: Vec<String> = (0..500).map(|n| format!("note {n:04}")).collect();
        for _ in 0..2 {
            world.relay();
            world.consume();
        }
        for chunk in texts.chunks(50) {
            let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
            world.note(&chunk).await;
        }
        eventually(|| async {
            let kept = world.notes().await.len();
            if kept >= texts.len() { Ok(()) } else { Err(kept) }
        })
        .await;
        world.stop().await;
        world.drain().await;
        assert_eq!(world.notes().await, texts);
    }

    /// What waits is handled many at a time, past one that fails and one that was there before.
    async fn many_events_share_a_transaction(db: TestDb, bus: TestBus) {
        let world = World::new(db, bus).await;
        let texts = world.note_in_bulk(500).await;
        world.note(&["poison"]).await;
        let before = *world.db.commits().borrow();
        world.drain().await;
        assert_eq!(world.notes().await, texts);
        assert_eq!(world.dead().await.len(), 1);
        let commits = *world.db.commits().borrow() - before;
        assert!(commits < 250, "{commits} transactions for 500 events");
    }

    async fn acts_in_bulk_wait_for_the_work_that_goes_ahead(db: TestDb, bus: TestBus) {
        let mut world = World::new(db, bus).await;
        let ahead = world.db.begin_bulk();
        let mut expected = world.note_in_bulk(300).await;
        world.note(&["single"]).await;
        world.relay();
        world.consume();
        eventually(|| async {
            let notes = world.notes().await;
            if notes.is_empty() { Err("none") } else { Ok(()) }
        })
        .await;
        assert_eq!(world.notes().await, ["single"]);
        assert_eq!(messaging::outbox::backlog(&world.db).await.unwrap().events, 300);
        drop(ahead);
        expected.push("single".into());
        eventually(|| async {
            let kept = world.notes().await.len();
            if kept == expected.len() { Ok(()) } else { Err(kept) }
        })
        .await;
        assert_eq!(world.notes().await, expected);
        world.stop().await;
    }

    async fn a_stopping_relay_publishes_what_is_left(db: TestDb, bus: TestBus) {
        let mut world = World::new(db, bus).await;
        world.note(&["a", "b"]).await;
        world.relay();
        world.stop().await;
        assert_eq!(messaging::outbox::backlog(&world.db).await.unwrap().events, 0);
        world.drain().await;
        assert_eq!(world.notes().await, ["a", "b"]);
    }
}

#[tokio::test]
async fn an_event_alone_holds_up_no_other() {
    for bus in [TestBus::local().await, TestBus::rabbit().await] {
        let mut world = World::new(TestDb::postgres().await, bus).await;
        world.end.subscriptions = ALONE;
        world.note(&["hang", "good", "better"]).await;
        messaging::drain_outbox(&world.db, &world.bus).await.unwrap();
        world.consume();
        eventually(|| async {
            let kept = world.notes().await;
            if kept == ["better", "good"] { Ok(()) } else { Err(kept) }
        })
        .await;
        world.abort().await;
    }
}

#[tokio::test]
async fn single_acts_overtake_acts_in_bulk() {
    let world = World::new(TestDb::sqlite(), TestBus::local().await).await;
    world.note_in_bulk(300).await;
    world.note(&["single"]).await;
    world.drain().await;
    let kept = kept(&world.db).await;
    let place = kept.iter().position(|note| note == "single");
    assert!(place.is_some_and(|place| place < 32), "{place:?} of {}", kept.len());
}

#[tokio::test]
async fn the_local_bus_keeps_what_was_not_consumed() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("local:{}", folder.path().join("bus.db").display());
    let world = World::new(TestDb::sqlite(), TestBus::local().await).await;
    let mut end = world.end.clone();
    end.bus = Bus::connect(&url).await.unwrap();
    end.bus.declare(SERVICE, end.subscriptions).await.unwrap();
    world.note(&["kept", "over", "restarts"]).await;
    messaging::drain_outbox(&end.db, &end.bus).await.unwrap();
    drop(end);

    // Published without a new declaration: the bindings are kept as well.
    let bus = Bus::connect(&url).await.unwrap();
    assert_eq!(bus.depth(SERVICE).await.unwrap().ready, 3);
    world.note(&["later"]).await;
    messaging::drain_outbox(&world.db, &bus).await.unwrap();
    let end = endpoint(&world.db, bus);
    messaging::drain_queue(&end).await.unwrap();
    assert_eq!(notes(&world.db).await, ["kept", "later", "over", "restarts"]);
}

/// Its messages are held by a consumer that is dropped in the middle, as by a task that is aborted.
#[tokio::test]
async fn a_dropped_local_consumer_lets_go() {
    let world = World::new(TestDb::sqlite(), TestBus::local().await).await;
    world.note(&["held"]).await;
    messaging::drain_outbox(&world.db, &world.bus).await.unwrap();
    let writer = world.db.begin().await.unwrap();
    let consumer = tokio::spawn(messaging::run_consumer(world.end.clone(), CancellationToken::new()));
    tokio::task::yield_now().await;
    consumer.abort();
    assert!(consumer.await.unwrap_err().is_cancelled());
    drop(writer);
    world.drain().await;
    assert_eq!(world.notes().await, ["held"]);
}

#[tokio::test]
async fn what_was_published_before_the_first_subscriber_reaches_it_once() {
    let mut world = World::unannounced(TestDb::sqlite(), TestBus::rabbit().await).await;
    world.note(&["early", "earlier"]).await;
    messaging::drain_outbox(&world.db, &world.bus).await.unwrap();
    // Someone who wants other events leaves these where they are.
    world.bus.serves("others");
    world.bus.declare("others", &[]).await.unwrap();
    world.consume();
    eventually(|| async {
        let kept = world.notes().await;
        if kept == ["earlier", "early"] { Ok(()) } else { Err(kept) }
    })
    .await;
    world.stop().await;
    world.note(&["late"]).await;
    world.drain().await;
    assert_eq!(world.notes().await, ["earlier", "early", "late"]);
    assert_eq!(world.bus.depth(SERVICE).await.unwrap(), Depth::default());
}

/// A start costs nothing for what waits for nobody, be it a hundred thousand scores.
#[tokio::test]
async fn what_nobody_wants_is_published_again_for_new_subscriptions_only() {
    let world = World::unannounced(TestDb::sqlite(), TestBus::rabbit().await).await;
    world.bus.serves("others");
    let others = [Subscription::alone("others.thing.happened.v1", |_, _| Box::pin(async { Ok(()) }))];
    world.note(&["early", "earlier"]).await;
    messaging::drain_outbox(&world.db, &world.bus).await.unwrap();
    for again in [2, 0, 0] {
        assert_eq!(world.bus.declare("others", &others).await.unwrap(), again);
    }
    assert_eq!(world.bus.declare(SERVICE, world.end.subscriptions).await.unwrap(), 2);
    world.drain().await;
    assert_eq!(world.notes().await, ["earlier", "early"]);
}
