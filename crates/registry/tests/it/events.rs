use std::collections::BTreeSet;

use registry_contract::{ConsentEntry, Contact, Customer, Holding, Position, TierProposal, v1};
use serde_json::{Value, json};
use testkit::{App, Client, both, eventually};
use uuid::Uuid;
use wire::Event;

use crate::support::{CONTACTS, CUSTOMERS, IMPORTS, at, colleague, create, import, named, person, start};

const ALL: &[&str] = &[
    v1::CUSTOMER_CREATED,
    v1::CUSTOMER_UPDATED,
    v1::CONTACT_CREATED,
    v1::CONTACT_UPDATED,
    v1::POSITION_CREATED,
    v1::POSITION_UPDATED,
    v1::HOLDING_CREATED,
    v1::HOLDING_UPDATED,
    v1::CUSTOMER_TIERED,
];

/// One of everything: what the golden files tell of.
async fn live_through(app: &App, client: &Client) -> (Customer, Contact, Position) {
    let customer: Customer = create(client, json!({
        "name": "深圳示例科技有限公司", "owner": "li.wei", "roles": ["channel_partner"], "country": "CN",
        "region_code": "CN-GD", "industry_code": "gbt4754:I65", "external_ids": [{ "system": "sap", "id": "0000104711" }],
    }))
    .await;
    let proposal = json!({ "customer_id": customer.id, "tier": "A", "reason": "grows" });
    let proposal: TierProposal = client.post("/api/v1/tier-proposals", &proposal).await.read(201);
    for name in ["wang", "chen"] {
        let decisions = format!("/api/v1/tier-proposals/{}/decisions", proposal.id);
        colleague(app, name).post(&decisions, &json!({ "verdict": "approve" })).await.expect(200);
    }
    let contact = person(client, &customer, "李伟").await;
    client.patch(&format!("{CONTACTS}/{}", contact.id), "*", &json!({ "title": "CTO" })).await.expect(200);
    let seat = json!({ "title": "CTO", "decision_role": "decider", "vote_weight": 40 });
    let seat: Position = client.post(&format!("{}/positions", at(&customer)), &seat).await.read(201);
    let holding = json!({ "position_id": seat.id, "from": "2026-01-01" });
    let holding: Holding = client.post(&format!("{CONTACTS}/{}/holdings", contact.id), &holding).await.read(201);
    client.patch(&format!("/api/v1/holdings/{}", holding.id), "*", &json!({ "until": "2026-07-01" })).await.expect(200);
    let closed = json!({ "vote_weight": 50, "level": 2, "closed_on": "2027-01-01" });
    client.patch(&format!("/api/v1/positions/{}", seat.id), "*", &closed).await.expect(200);
    (customer, contact, seat)
}

/// What was said about being approached, and what was set of an opportunity's chain. Answers what the golden files call
/// 3, 5, 6 and 7.
async fn decide(client: &Client, customer: &Customer, contact: &Contact, seat: &Position) -> [Uuid; 4] {
    let consent = json!({
        "purpose": "marketing", "channel": "any", "decision": "granted", "decided_at": "2026-03-01T08:00:00Z",
        "source": "Form", "text_version": "1", "evidence": "https://example.com/1",
    });
    let consent: ConsentEntry = client.post(&format!("{CONTACTS}/{}/consents", contact.id), &consent).await.read(201);
    let above = json!({ "title": "CEO" });
    let above: Position = client.post(&format!("{}/positions", at(customer)), &above).await.read(201);
    let (chain, opportunity) = (format!("{}/decision-chain", at(customer)), Uuid::now_v7());
    let set = json!({ "decision_role": "approver", "matching_employee": "li.wei" });
    client.put(&format!("{chain}/seats/{}?opportunity={opportunity}", seat.id), &set).await.expect(200);
    let influence = format!("{chain}/influences/{}/{}?opportunity={opportunity}", above.id, seat.id);
    client.put(&influence, &json!({ "strength": -1 })).await.expect(200);
    client.put(&influence, &json!({ "strength": -2 })).await.expect(200);
    let stance = json!({
        "contact_id": contact.id, "stance": "neutral", "read_on": "2026-02-01", "read_by": "li.wei", "opportunity_id": opportunity,
    });
    client.post(&format!("/api/v1/positions/{}/stances", seat.id), &stance).await.expect(201);
    [seat.id.into(), opportunity, above.id.into(), consent.id.into()]
}

/// The event with the ids of its golden file, at any depth.
fn renamed(event: &impl Event, customer: &Customer, contact: &Contact, others: [Uuid; 4]) -> Value {
    let [seat, opportunity, above, consent] = others.map(|id| id.to_string());
    let ids = [customer.id.to_string(), contact.id.to_string(), seat, String::new(), opportunity, above, consent];
    let mut text = serde_json::to_string(event).expect("events are JSON");
    for (number, id) in (1..).zip(ids).filter(|(_, id)| !id.is_empty()) {
        text = text.replace(&id, &format!("0190f3a0-0000-7000-8000-00000000000{number}"));
    }
    serde_json::from_str(&text).expect("JSON")
}

/// The event with the ids of its golden file.
fn with_golden_ids(event: &impl Event) -> Value {
    let mut event = serde_json::to_value(event).expect("events are JSON");
    let ids = ["customer_id", "contact_id", "position_id", "holding_id", "proposal_id"];
    for (number, name) in ids.into_iter().enumerate() {
        if event.get(name).is_some() {
            event[name] = json!(format!("0190f3a0-0000-7000-8000-00000000000{}", number + 1));
        }
    }
    if event.get("effective_at").is_some() {
        event["effective_at"] = json!("2026-03-04T01:30:00Z");
    }
    event
}

async fn told<E: Event>(tap: &testkit::Tap) -> Value {
    let events = tap.events::<E>().await;
    assert_eq!(events.len(), 1, "{}", E::TYPE);
    with_golden_ids(&events[0])
}

pub fn golden<E: Event>() -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../registry-contract/golden");
    let text = std::fs::read_to_string(format!("{folder}/{}.json", E::TYPE)).expect("a golden file");
    serde_json::from_str(&text).expect("JSON")
}

pub async fn republish(app: &App) -> u64 {
    let republish = registry::SERVICE.republish.expect("the registry republishes");
    let count = republish(app.context().clone()).await.expect("a database");
    app.drain_outbox().await;
    count
}

both! {
    async fn every_event_is_told_as_its_golden_file_says(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(ALL).await;
        live_through(&app, &client).await;
        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), ALL.len());
        assert_eq!(told::<v1::CustomerCreated>(&tap).await, golden::<v1::CustomerCreated>());
        assert_eq!(told::<v1::CustomerUpdated>(&tap).await, golden::<v1::CustomerUpdated>());
        assert_eq!(told::<v1::ContactCreated>(&tap).await, golden::<v1::ContactCreated>());
        assert_eq!(told::<v1::ContactUpdated>(&tap).await, golden::<v1::ContactUpdated>());
        assert_eq!(told::<v1::PositionCreated>(&tap).await, golden::<v1::PositionCreated>());
        assert_eq!(told::<v1::PositionUpdated>(&tap).await, golden::<v1::PositionUpdated>());
        assert_eq!(told::<v1::HoldingCreated>(&tap).await, golden::<v1::HoldingCreated>());
        assert_eq!(told::<v1::HoldingUpdated>(&tap).await, golden::<v1::HoldingUpdated>());
        assert_eq!(told::<v1::CustomerTiered>(&tap).await, golden::<v1::CustomerTiered>());
        for envelope in tap.envelopes().await {
            assert_eq!((envelope.source.as_str(), envelope.sequence >= 1), ("/registry", true));
        }
    }

    async fn decisions_are_told_and_told_again_as_their_golden_files_say(db: TestDb) {
        let (app, client) = start(db).await;
        let (customer, contact, seat) = live_through(&app, &client).await;
        let others = decide(&client, &customer, &contact, &seat).await;
        app.drain_outbox().await;
        let tap = app.bus.tap(&[v1::CONSENT_RECORDED, v1::DECISION_CHAIN_UPDATED]).await;
        republish(&app).await;
        let consents = tap.events::<v1::ConsentRecorded>().await;
        let consents: Vec<_> = consents.iter().map(|event| renamed(event, &customer, &contact, others)).collect();
        assert_eq!(consents, [golden::<v1::ConsentRecorded>()]);
        let chains = tap.events::<v1::DecisionChainUpdated>().await;
        let chains: Vec<_> = chains.iter().map(|event| renamed(event, &customer, &contact, others)).collect();
        assert_eq!(chains, [golden::<v1::DecisionChainUpdated>()]);
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
        let mut told = told::<v1::CustomerWithdrawn>(&tap).await;
        // The golden files tell of two customers: this one ends.
        let golden = golden::<v1::CustomerWithdrawn>();
        told["customer_id"] = golden["customer_id"].clone();
        assert_eq!(told, golden);
    }

    async fn no_event_tells_of_a_person(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(ALL).await;
        create(&client, json!({ "name": "王芳", "kind": "consumer", "phone": "139 0000 0000", "country": "IS" })).await;
        let customer = named(&client, "Acme").await;
        let contact = json!({ "customer_id": customer.id, "name": "李伟", "email": "li.wei@example.com", "mobile": "138 1111 1111",
            "topics": ["golf"], "contact_points": [{ "kind": "email", "label": "home", "value": "li@home.example" }], "note": "likes tea" });
        client.post(CONTACTS, &contact).await.expect(201);
        app.drain_outbox().await;
        let text = serde_json::to_string(&tap.envelopes().await).expect("JSON");
        for personal in ["王芳", "139 0000", "\"IS\"", "李伟", "li.wei@", "138 1111", "golf", "li@home", "tea"] {
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
        live_through(&app, &client).await;
        named(&client, "Never changed").await;
        app.drain_outbox().await;
        let tap = app.bus.tap(ALL).await;
        assert_eq!(republish(&app).await, 6);
        let types: BTreeSet<_> = tap.envelopes().await.into_iter().map(|envelope| (envelope.r#type, envelope.sequence)).collect();
        let expected =
            [(v1::CUSTOMER_UPDATED, 2), (v1::CUSTOMER_TIERED, 2), (v1::CONTACT_UPDATED, 2), (v1::POSITION_UPDATED, 2), (v1::HOLDING_UPDATED, 2), (v1::CUSTOMER_CREATED, 1)];
        assert_eq!(types, BTreeSet::from(expected.map(|(kind, sequence)| (kind.to_owned(), sequence))));
        assert_eq!(told::<v1::CustomerUpdated>(&tap).await, golden::<v1::CustomerUpdated>());
    }
}
