use chrono::Utc;
use complaints_contract::Complaint;
use complaints_contract::v1::{COMPLAINT_AMENDED, ComplaintAmended};
use database::Backend;
use messaging::{Act, Delivered, Envelope, Rejected};
use registry_contract::Tier;
use registry_contract::v1::{
    CUSTOMER_CREATED, CUSTOMER_UPDATED, CUSTOMER_WITHDRAWN, CustomerCreated, CustomerFact, CustomerUpdated,
    CustomerWithdrawn,
};
use serde_json::{Value, json};
use testkit::{App, Client, both, envelope};
use wire::ExternalId;

use crate::support::{EVENTS, PATH, customer, grievance, key, open, redact, served_as, start, step, with};

fn acme() -> CustomerFact {
    CustomerFact { external_ids: vec![key("crm", "17"), key("desk", "Acme")], ..customer("C-000009") }
}

fn of_acme() -> Value {
    with(grievance(), json!({"customer_external": {"system": "desk", "id": "Acme"}, "severity": 1}))
}

async fn read(client: &Client, complaint: &Complaint) -> Complaint {
    client.get(&format!("{PATH}/{}", complaint.id)).await.read(200)
}

async fn told(app: &App, tap: &testkit::Tap) -> Vec<(String, i64)> {
    app.drain_outbox().await;
    tap.envelopes().await.into_iter().map(|event| (event.r#type, event.sequence)).collect()
}

both! {
    async fn a_complaint_that_came_first_is_linked_when_its_customer_comes(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(EVENTS).await;
        let waiting = open(&client, &of_acme()).await;
        assert_eq!((waiting.customer_id, served_as(&client, &waiting).await.as_str()), (None, "-/1"));
        let elsewhere = open(&client, &with(grievance(), json!({"customer_external": {"system": "desk", "id": "Acme 2"}}))).await;

        app.deliver(&CustomerCreated(acme())).await;

        let linked = read(&client, &waiting).await;
        assert!(linked.customer_id.is_some() && linked.customer_known);
        assert_eq!((served_as(&client, &linked).await.as_str(), linked.version), ("S/1", 2));
        assert_eq!(read(&client, &elsewhere).await, elsewhere);
        let history = client.get(&format!("{PATH}/{}/history?sort=-seq&limit=1", waiting.id)).await.expect(200);
        insta::assert_json_snapshot!(redact(history["items"].clone()), @r#"
        [
          {
            "at": "[time]",
            "by": "system",
            "fields": [
              "customer_id"
            ],
            "from": "received",
            "from_customer": null,
            "id": "[id]",
            "note_to_customer": null,
            "reason": null,
            "recorded_at": "[time]",
            "resolution": null,
            "seq": 2,
            "to": "received",
            "what": "linked"
          }
        ]
        "#);
        let told = told(&app, &tap).await;
        assert!(told.contains(&("complaints.complaint.linked.v1".to_owned(), 2)), "{told:?}");
    }

    async fn a_complaint_that_comes_after_its_customer_is_linked_at_once(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = acme();
        app.deliver(&CustomerCreated(fact.clone())).await;
        let linked = open(&client, &of_acme()).await;
        assert_eq!((linked.customer_id, linked.customer_known), (Some(fact.customer_id), true));
        assert_eq!((linked.customer_external, linked.version), (Some(key("desk", "Acme")), 1));
    }

    async fn intake_and_linking_at_once_leave_nothing_waiting(db: TestDb) {
        let (app, client) = start(db).await;
        for number in 0..10 {
            let name = format!("Acme {number}");
            let fact = CustomerFact { external_ids: vec![key("desk", &name)], ..customer(&format!("C-1{number}")) };
            let body = with(grievance(), json!({"customer_external": {"system": "desk", "id": name}}));
            let event = CustomerCreated(fact.clone());
            let (complaint, ()) = futures::join!(open(&client, &body), app.deliver(&event));
            assert_eq!(read(&client, &complaint).await.customer_id, Some(fact.customer_id));
        }
    }

    async fn a_complaint_in_the_making_holds_up_no_other_customer(db: TestDb) {
        let (app, client) = start(db).await;
        let (held, other) = (key("desk", "Acme"), key("desk", "Other"));
        let parts = |key: &ExternalId| database::parts("known_external_ids", [&key.id]);
        assert!(parts(&held).is_disjoint(&parts(&other)));
        // As who opens a complaint that waits for it.
        let mut tx = app.context().db.begin().await.expect("a transaction");
        for part in parts(&held) {
            database::lock_shared(&mut tx, &part).await.expect("the lock");
        }
        let elsewhere = CustomerCreated(CustomerFact { external_ids: vec![other.clone()], ..customer("C-000010") });
        // SQLite has one writer.
        let tx = (app.context().db.backend() == Backend::Postgres).then_some(tx);
        app.deliver(&elsewhere).await;
        drop(tx);
        let body = with(grievance(), json!({"customer_external": other}));
        assert!(open(&client, &body).await.customer_known);
    }

    async fn customers_told_of_together_are_as_told_of_one_by_one(db: TestDb) {
        let (app, client) = start(db).await;
        let (first, by_id) = (acme(), customer("C-000011"));
        let other = CustomerFact { external_ids: vec![key("desk", "Other")], ..customer("C-000010") };
        let of_other = json!({"customer_external": {"system": "desk", "id": "Other"}});
        let waiting = [
            open(&client, &of_acme()).await,
            open(&client, &with(grievance(), of_other)).await,
            open(&client, &with(grievance(), json!({"customer_id": by_id.customer_id}))).await,
        ];
        let second = CustomerFact { sequence: 2, tier: Tier::B, ..first.clone() };
        let created = |fact| Envelope::new(&Act::system(Utc::now()), &CustomerCreated(fact)).expect("JSON");
        let told = [second, first, other, by_id].map(created);
        app.deliver_together(&told).await;

        let mut served = Vec::new();
        for complaint in &waiting {
            let known = read(&client, complaint).await;
            assert_eq!((known.customer_known, known.version), (true, 2));
            served.push(served_as(&client, &known).await);
        }
        assert_eq!(served, ["B/1", "S/3", "S/3"]);
    }

    async fn a_key_of_two_is_the_others_when_one_is_withdrawn(db: TestDb) {
        let (app, client) = start(db).await;
        let (gone, other) = (acme(), CustomerFact { external_ids: vec![key("desk", "Acme")], ..customer("C-000010") });
        app.deliver(&CustomerCreated(gone.clone())).await;
        app.deliver(&CustomerCreated(other.clone())).await;
        let waiting = open(&client, &of_acme()).await;
        assert_eq!(waiting.customer_id, None);
        app.deliver(&CustomerWithdrawn(CustomerFact { sequence: 2, ..gone })).await;
        assert_eq!(read(&client, &waiting).await.customer_id, Some(other.customer_id));
    }

    async fn a_customer_named_by_id_becomes_known_and_its_tier_counts(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000009");
        let body = with(grievance(), json!({"customer_id": fact.customer_id}));
        let (open_one, closed) = (open(&client, &body).await, open(&client, &with(body, json!({"progress": {"state": "closed"}}))).await);
        assert!(!open_one.customer_known);

        app.deliver(&CustomerUpdated(CustomerFact { sequence: 2, tier: Tier::A, ..fact.clone() })).await;
        let known = read(&client, &open_one).await;
        assert_eq!((known.customer_known, served_as(&client, &known).await.as_str(), known.version), (true, "A/3", 2));
        let settled = read(&client, &closed).await;
        assert_eq!((settled.customer_known, served_as(&client, &settled).await.as_str()), (true, "-/3"));
        assert_eq!(settled.version, closed.version);

        app.deliver(&CustomerCreated(fact.clone())).await;
        assert_eq!(read(&client, &open_one).await, known, "an older event changes nothing");
        app.deliver(&CustomerUpdated(CustomerFact { sequence: 3, tier: Tier::A, ..fact })).await;
        assert_eq!(read(&client, &open_one).await, known, "the same tier changes nothing");
    }

    async fn a_key_that_moved_belongs_to_its_new_customer(db: TestDb) {
        let (app, client) = start(db).await;
        let before = acme();
        app.deliver(&CustomerCreated(before.clone())).await;
        let linked = open(&client, &of_acme()).await;
        let after = CustomerFact { external_ids: vec![key("desk", "Acme")], ..customer("C-000010") };
        app.deliver(&CustomerCreated(after.clone())).await;
        app.deliver(&CustomerUpdated(CustomerFact { sequence: 2, external_ids: vec![], ..before.clone() })).await;

        assert_eq!(open(&client, &of_acme()).await.customer_id, Some(after.customer_id));
        assert_eq!(read(&client, &linked).await.customer_id, Some(before.customer_id));
    }

    async fn a_key_that_moves_is_its_new_customers_in_whatever_order_that_is_told(db: TestDb) {
        let (app, client) = start(db).await;
        let (from, to) = (acme(), CustomerFact { external_ids: vec![key("desk", "Acme")], ..customer("C-000010") });
        app.deliver(&CustomerCreated(to.clone())).await;
        app.deliver(&CustomerCreated(from.clone())).await;
        let waiting = open(&client, &of_acme()).await;
        assert_eq!(waiting.customer_id, None, "two customers have the key");
        app.deliver(&CustomerUpdated(CustomerFact { sequence: 2, external_ids: vec![], ..from })).await;

        assert_eq!(read(&client, &waiting).await.customer_id, Some(to.customer_id));
        assert_eq!(open(&client, &of_acme()).await.customer_id, Some(to.customer_id));
    }

    async fn every_golden_event_may_come_twice_and_in_any_order(db: TestDb) {
        let (app, client) = start(db).await;
        let events = app.deliver_golden("registry").await;
        let tells_of_one = |kind: &str| [CUSTOMER_CREATED, CUSTOMER_UPDATED].contains(&kind);
        let gone = events.iter().filter(|event| event.r#type == CUSTOMER_WITHDRAWN);
        let withdrawn: Vec<_> = gone.map(|event| event.decode::<CustomerWithdrawn>().expect("a customer").0.customer_id).collect();
        for event in events.into_iter().filter(|event| tells_of_one(&event.r#type)) {
            let fact: CustomerFact = serde_json::from_value(event.data).expect("a customer");
            let complaint = open(&client, &with(grievance(), json!({"customer_id": fact.customer_id}))).await;
            assert_eq!(complaint.customer_known, !withdrawn.contains(&fact.customer_id));
        }
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
        let mut expected = vec![];
        for _ in 0..3 {
            let complaint = open(&client, &grievance()).await;
            let moved: Complaint = step(&client, &complaint, "responses").await.read(200);
            expected.push((moved.id.to_string(), 2, moved.updated_at));
        }
        app.drain_outbox().await;

        let tap = app.bus.tap(&[COMPLAINT_AMENDED]).await;
        let republish = complaints::SERVICE.republish.expect("a republication");
        assert_eq!(republish(app.context().clone()).await.expect("told"), 3);
        app.drain_outbox().await;
        let told = tap.envelopes().await;
        let heads: Vec<_> = told.iter().map(|e| (e.subject.clone(), e.sequence, e.time)).collect();
        assert_eq!(heads, expected);
        let ComplaintAmended(fact) = told[0].decode().expect("an event");
        assert_eq!(fact.in_time.respond, Some(true));
    }
}
