use registry_contract::{Customer, Position, v1};
use serde_json::{Value, json};
use testkit::{App, Client, both, eventually};
use wire::Event;

use crate::support::{CONTACTS, CUSTOMERS, IMPORTS, at, create, import, named, person, start};

const ALL: &[&str] = &[
    v1::CUSTOMER_CREATED,
    v1::CUSTOMER_UPDATED,
    v1::CONTACT_CREATED,
    v1::CONTACT_UPDATED,
    v1::POSITION_CREATED,
    v1::HOLDING_CREATED,
];

/// One of everything: what the golden files tell of.
async fn live_through(client: &Client) {
    let customer: Customer = create(client, json!({
        "name": "深圳示例科技有限公司", "owner": "li.wei", "external_ids": [{ "system": "sap", "id": "0000104711" }],
    }))
    .await;
    client.patch(&at(&customer), "*", &json!({ "tier": "A" })).await.expect(200);
    let contact = person(client, &customer, "李伟").await;
    client.patch(&format!("{CONTACTS}/{}", contact.id), "*", &json!({ "title": "CTO" })).await.expect(200);
    let seat = json!({ "title": "CTO", "decision_role": "decider", "vote_weight": 40 });
    let seat: Position = client.post(&format!("{}/positions", at(&customer)), &seat).await.read(201);
    let holding = json!({ "position_id": seat.id, "from": "2026-01-01" });
    client.post(&format!("{CONTACTS}/{}/holdings", contact.id), &holding).await.expect(201);
}

/// The event with the ids of its golden file.
fn with_golden_ids(event: &impl Event) -> Value {
    let mut event = serde_json::to_value(event).expect("events are JSON");
    let ids = ["customer_id", "contact_id", "position_id", "holding_id"];
    for (number, name) in ids.into_iter().enumerate() {
        if event.get(name).is_some() {
            event[name] = json!(format!("0190f3a0-0000-7000-8000-00000000000{}", number + 1));
        }
    }
    event
}

async fn told<E: Event>(tap: &testkit::Tap) -> Value {
    let events = tap.events::<E>().await;
    assert_eq!(events.len(), 1, "{}", E::TYPE);
    with_golden_ids(&events[0])
}

fn golden<E: Event>() -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../registry-contract/golden");
    let text = std::fs::read_to_string(format!("{folder}/{}.json", E::TYPE)).expect("a golden file");
    serde_json::from_str(&text).expect("JSON")
}

async fn republish(app: &App) -> u64 {
    let republish = registry::SERVICE.republish.expect("the registry republishes");
    let count = republish(app.context().clone()).await.expect("a database");
    app.drain_outbox().await;
    count
}

both! {
    async fn every_event_is_told_as_its_golden_file_says(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(ALL).await;
        live_through(&client).await;
        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), ALL.len());
        assert_eq!(told::<v1::CustomerCreated>(&tap).await, golden::<v1::CustomerCreated>());
        assert_eq!(told::<v1::CustomerUpdated>(&tap).await, golden::<v1::CustomerUpdated>());
        assert_eq!(told::<v1::ContactCreated>(&tap).await, golden::<v1::ContactCreated>());
        assert_eq!(told::<v1::ContactUpdated>(&tap).await, golden::<v1::ContactUpdated>());
        assert_eq!(told::<v1::PositionCreated>(&tap).await, golden::<v1::PositionCreated>());
        assert_eq!(told::<v1::HoldingCreated>(&tap).await, golden::<v1::HoldingCreated>());
        for envelope in tap.envelopes().await {
            assert_eq!((envelope.source.as_str(), envelope.sequence >= 1), ("/registry", true));
        }
    }

    async fn a_customer_that_is_taken_back_is_told_of(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[v1::CUSTOMER_WITHDRAWN]).await;
        let file = "name,owner,tier,external_id\n深圳示例科技有限公司,li.wei,A,0000104711\n";
        let import = import(&client, "&system=sap", file).await;
        client.post(&format!("{IMPORTS}/{}/revert", import.id), &json!({})).await.expect(202);
        eventually(|| async {
            let left = client.count(CUSTOMERS).await;
            if left == 0 { Ok(()) } else { Err(left) }
        })
        .await;
        app.drain_outbox().await;
        assert_eq!(told::<v1::CustomerWithdrawn>(&tap).await, golden::<v1::CustomerWithdrawn>());
    }

    async fn no_event_tells_of_a_person(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(ALL).await;
        create(&client, json!({ "name": "王芳", "kind": "consumer", "phone": "139 0000 0000" })).await;
        let customer = named(&client, "Acme").await;
        let contact = json!({ "customer_id": customer.id, "name": "李伟", "email": "li.wei@example.com", "note": "likes tea" });
        client.post(CONTACTS, &contact).await.expect(201);
        app.drain_outbox().await;
        let text = serde_json::to_string(&tap.envelopes().await).expect("JSON");
        for personal in ["王芳", "139 0000", "李伟", "li.wei@", "tea"] {
            assert!(!text.contains(personal), "{personal}");
        }
    }

    async fn nothing_is_told_of_what_was_refused_or_is_as_before(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(ALL).await;
        let customer = named(&client, "Acme").await;
        client.patch(&at(&customer), "*", &json!({ "tier": "C" })).await.expect(200);
        client.post(CUSTOMERS, &json!({ "name": " " })).await.expect(422);
        client.post("/api/v1/customers/bulk", &json!({ "customers": [{ "name": "A" }, { "name": "" }] })).await.expect(422);
        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), 1);
    }

    async fn republishing_tells_the_state_of_everything_again(db: TestDb) {
        let (app, client) = start(db).await;
        live_through(&client).await;
        named(&client, "Never changed").await;
        app.drain_outbox().await;
        let tap = app.bus.tap(ALL).await;
        assert_eq!(republish(&app).await, 5);
        let types: Vec<_> = tap.envelopes().await.into_iter().map(|envelope| (envelope.r#type, envelope.sequence)).collect();
        let expected =
            [(v1::CUSTOMER_UPDATED, 2), (v1::CONTACT_UPDATED, 2), (v1::POSITION_CREATED, 1), (v1::HOLDING_CREATED, 1), (v1::CUSTOMER_CREATED, 1)];
        assert_eq!(types, expected.map(|(kind, sequence)| (kind.to_owned(), sequence)));
        assert_eq!(told::<v1::CustomerUpdated>(&tap).await, golden::<v1::CustomerUpdated>());
    }
}
