use interactions_contract::Interaction;
use interactions_contract::v1::{INTERACTION_AMENDED, InteractionAmended};
use messaging::{Delivered, Rejected};
use registry_contract::v1::{CUSTOMER_CREATED, CUSTOMER_UPDATED, CustomerCreated, CustomerFact, CustomerUpdated};
use serde_json::json;
use testkit::{both, envelope};

use crate::support::{PATH, customer, introduce, start, visit, with};

both! {
    async fn every_golden_event_may_come_twice_and_in_any_order(db: TestDb) {
        let (app, client) = start(db).await;
        let events = app.deliver_golden("registry").await;
        for event in events.into_iter().filter(|event| [CUSTOMER_CREATED, CUSTOMER_UPDATED].contains(&event.r#type.as_str())) {
            let fact: CustomerFact = serde_json::from_value(event.data).expect("a customer");
            let logged: Interaction = client.post(PATH, &visit(&fact.code)).await.read(201);
            assert_eq!(logged.customer_id, fact.customer_id);
        }
    }

    async fn an_older_event_does_not_undo_a_newer_one(db: TestDb) {
        let (app, client) = start(db).await;
        let older = customer("C-000001");
        let newer = CustomerFact { sequence: 2, code: "C-000002".to_owned(), ..older.clone() };
        app.deliver(&CustomerUpdated(newer)).await;
        app.deliver(&CustomerCreated(older)).await;
        client.post(PATH, &visit("C-000002")).await.expect(201);
        assert_eq!(client.post(PATH, &visit("C-000001")).await.problem(), (422, "customer-unknown"));
    }

    async fn an_event_of_another_shape_is_poison(db: TestDb) {
        let (app, _client) = start(db).await;
        let broken = envelope(CUSTOMER_CREATED, json!({"customer_id": 7}));
        assert!(matches!(app.deliver_envelope(&broken).await, Err(Rejected::Poison(_))));
        let good = envelope(CUSTOMER_CREATED, json!(customer("C-000001")));
        assert!(matches!(app.deliver_envelope(&good).await, Ok(Delivered::Handled)));
    }

    async fn a_republication_tells_everything_with_the_sequence_it_has(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let mut expected = vec![];
        for outcome in 0..3 {
            let body = with(visit("C-000001"), json!({"outcome": outcome}));
            let logged = client.post(PATH, &body).await;
            let path = logged.header("location").expect("a location").to_owned();
            let amended: Interaction = client.patch(&path, "*", &json!({"outcome": 4})).await.read(200);
            expected.push((amended.updated_at, InteractionAmended((&amended).into())));
        }
        app.drain_outbox().await;

        let tap = app.bus.tap(&[INTERACTION_AMENDED]).await;
        let republish = interactions::SERVICE.republish.expect("a republication");
        assert_eq!(republish(app.context().clone()).await.expect("told"), 3);
        app.drain_outbox().await;
        let told = tap.envelopes().await.into_iter().map(|e| (e.time, e.decode().expect("an event")));
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}
