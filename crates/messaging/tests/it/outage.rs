use std::env;

use database::{Db, Options};
use messaging::Bus;
use testkit::{Proxy, TestBus, TestDb, both, eventually};

use crate::world::World;

/// A bus whose way to the broker leads through the proxy.
async fn proxied() -> (Proxy, TestBus) {
    let broker = env::var("GUANXI_TEST_BROKER_URL").unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672/%2f".into());
    let (before, after) = broker.rsplit_once('@').expect("a user in the broker's URL");
    let (server, vhost) = after.split_once('/').unwrap_or((after, "%2f"));
    let proxy = Proxy::to(server).await.unwrap();
    let bus = TestBus::rabbit_at(&format!("{before}@{}/{vhost}", proxy.addr())).await;
    (proxy, bus)
}

both! {
    async fn cut_connections_lose_and_repeat_nothing(db: TestDb) {
        let (proxy, bus) = proxied().await;
        let mut world = World::new(db, bus).await;
        world.relay();
        world.consume();
        let texts: Vec<String> = (0..300).map(|n| format!("note {n:04}")).collect();
        for chunk in texts.chunks(50) {
            for text in chunk {
                world.note(&[text]).await;
            }
            proxy.cut();
        }
        eventually(|| async {
            let kept = world.notes().await.len();
            if kept >= texts.len() { Ok(()) } else { Err(kept) }
        })
        .await;
        world.stop().await;
        assert_eq!(world.notes().await, texts);
    }

    async fn writes_go_on_while_the_broker_is_away(db: TestDb) {
        let (proxy, bus) = proxied().await;
        let mut world = World::new(db, bus).await;
        world.relay();
        world.consume();
        proxy.interrupt();
        world.note(&["a", "b"]).await;
        world.note(&["c"]).await;
        eventually(|| async { world.bus.ping().await.map_or(Ok(()), Err) }).await;
        assert_eq!(messaging::outbox::backlog(&world.db).await.unwrap().events, 3);
        proxy.restore();
        eventually(|| async {
            let kept = world.notes().await;
            if kept.len() == 3 { Ok(()) } else { Err(kept) }
        })
        .await;
        world.stop().await;
        assert_eq!(world.notes().await, ["a", "b", "c"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_outlives_an_outage_of_the_database_without_an_attempt() {
    let mut world = World::new(TestDb::postgres().await, TestBus::local().await).await;
    let (scheme, rest) = world.db.url().split_once("://").unwrap();
    let (authority, path) = rest.split_once('/').unwrap();
    let (user, server) = authority.split_once('@').unwrap();
    let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
    let proxy = Proxy::to(&server).await.unwrap();
    let url = format!("{scheme}://{user}@{}/{path}", proxy.addr());
    world.note(&["patient"]).await;
    messaging::drain_outbox(&world.db, &world.bus).await.unwrap();

    world.end.db = Db::open(&url, Options::default()).unwrap();
    world.end.db.ping().await.unwrap();
    proxy.interrupt();
    world.consume();
    // More often than a failing event would be tried.
    eventually(|| async { if proxy.refused() > 4 { Ok(()) } else { Err(proxy.refused()) } }).await;
    assert!(world.dead().await.is_empty());
    proxy.restore();
    eventually(|| async {
        let notes = world.notes().await;
        if notes == ["patient"] { Ok(()) } else { Err((notes, world.dead().await)) }
    })
    .await;
    assert!(world.dead().await.is_empty());
    world.stop().await;
}

#[tokio::test]
async fn a_broker_that_is_down_does_not_keep_a_service_from_starting() {
    let bus = Bus::connect("amqp://guest:guest@127.0.0.1:1/%2f").await.unwrap();
    assert!(bus.ping().await.is_err());
}
