use chrono::{DateTime, Days, TimeDelta, Utc};
use complaints_contract::v1::{
    ComplaintAmended, ComplaintClosed, ComplaintFact, ComplaintOpened, ComplaintRejected, ComplaintWaitStarted, InTime,
};
use complaints_contract::{Channel, State};
use interactions_contract::v1::{ActionPlanChanged, ActionPlanFact, PromiseChanged, PromiseFact};
use interactions_contract::{ActionPlanState, PromiseState};
use registry_contract::{AccountTeam, Customer, NewCustomer, Transfer, TransferState, TransfersStarted, v1};
use serde_json::{Value, json};
use testkit::{App, Client, both};
use uuid::Uuid;
use wire::Event;

use crate::support::{at, caller, colleague, create, faults, redact, start};

const TRANSFERS: &str = "/api/v1/transfers";

async fn employ(client: &Client, code: &str) {
    let new = json!({ "code": code, "name": code, "active_from": "2020-01-01" });
    client.post("/api/v1/employees", &new).await.expect(201);
}

fn complaint(customer: &Customer, sequence: i64, state: State) -> ComplaintFact {
    ComplaintFact {
        complaint_id: Uuid::from_u128(0xc1).into(),
        number: "CP-2026-000123".to_owned(),
        customer_id: Some(customer.id),
        sequence,
        state,
        severity: 2,
        safety: false,
        channel: Channel::Phone,
        received_at: DateTime::UNIX_EPOCH,
        acknowledged_at: None,
        first_responded_at: None,
        resolved_at: None,
        closed_at: None,
        reopened_count: 0,
        contained_at: None,
        accepted_at: None,
        restricted: false,
        in_time: InTime::default(),
    }
}

fn promise(customer: &Customer, sequence: i64, state: PromiseState) -> PromiseFact {
    PromiseFact {
        promise_id: Uuid::from_u128(0xb1).into(),
        customer_id: customer.id,
        sequence,
        owner: Some("li.wei".into()),
        due_at: "2026-03-20T09:00:00Z".parse().ok(),
        state,
    }
}

fn plan(customer: &Customer, state: ActionPlanState) -> ActionPlanFact {
    let (owner, due_at) = (Some("li.wei".into()), None);
    ActionPlanFact {
        action_plan_id: Uuid::from_u128(0xa1).into(),
        customer_id: customer.id,
        sequence: 1,
        owner,
        due_at,
        state,
    }
}

/// A customer of li.wei's who is owed something, and wang who is to take him.
async fn owed(app: &App, client: &Client) -> Customer {
    employ(client, "wang").await;
    let customer = create(client, json!({ "name": "Acme", "owner": "li.wei" })).await;
    app.deliver(&ComplaintOpened(complaint(&customer, 1, State::Received))).await;
    app.deliver(&PromiseChanged(promise(&customer, 1, PromiseState::Open))).await;
    customer
}

async fn transfer(client: &Client, customer: &Customer) -> Transfer {
    let new = json!({ "to": "wang", "reason": "rotation" });
    client.post(&format!("{}/transfers", at(customer)), &new).await.read(201)
}

fn tick(kind: &str, id: u128, outcome: &str) -> Value {
    json!({ "ticks": [{ "kind": kind, "item_id": Uuid::from_u128(id), "outcome": outcome, "note": "told the customer" }] })
}

fn golden<E: Event>() -> Value {
    let file = format!("{}/../registry-contract/golden/{}.json", env!("CARGO_MANIFEST_DIR"), E::TYPE);
    serde_json::from_str(&std::fs::read_to_string(file).expect("a golden file")).expect("JSON")
}

both! {
    async fn the_new_owner_ticks_all_that_is_owed_and_then_has_the_customer(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = owed(&app, &client).await;
        app.deliver(&ActionPlanChanged(plan(&customer, ActionPlanState::Completed))).await;
        let tap = app.bus.tap(&[v1::CUSTOMER_TRANSFERRED]).await;
        let new = json!({ "to": "wang", "reason": "rotation" });
        let started = client.post(&format!("{}/transfers", at(&customer)), &new).await;
        let id = started.body["id"].as_str().expect("an id").to_owned();
        let mut shown = started.expect(201);
        shown["effective_on"] = json!("[day]");
        insta::assert_json_snapshot!(redact(shown), @r#"
        {
          "checklist": [
            {
              "due_at": null,
              "item_id": "[id]",
              "kind": "complaint",
              "label": "CP-2026-000123",
              "note": null,
              "outcome": null,
              "owner": null,
              "ticked_at": null,
              "ticked_by": null
            },
            {
              "due_at": "[time]",
              "item_id": "[id]",
              "kind": "promise",
              "label": null,
              "note": null,
              "outcome": null,
              "owner": "li.wei",
              "ticked_at": null,
              "ticked_by": null
            }
          ],
          "created_at": "[time]",
          "customer_id": "[id]",
          "effective_on": "[day]",
          "ended_at": null,
          "ended_by": null,
          "from_owner": "li.wei",
          "id": "[id]",
          "reason": "rotation",
          "started_by": "user:0198a000-0000-7000-8000-000000000001",
          "state": "open",
          "to_owner": "wang",
          "updated_at": "[time]",
          "version": 1
        }
        "#);

        let (path, wang) = (format!("{TRANSFERS}/{id}"), colleague(&app, "wang"));
        let refused = client.post(&format!("{path}/ticks"), &tick("promise", 0xb1, "handed_over")).await;
        assert_eq!(refused.problem(), (403, "not-the-new-owner"));
        let strange = wang.post(&format!("{path}/ticks"), &tick("complaint", 0xb1, "settled")).await.expect(422);
        assert_eq!(faults(&strange), [("/ticks/0/item_id", "unknown-item")]);
        wang.post(&format!("{path}/ticks"), &tick("promise", 0xb1, "handed_over")).await.expect(200);
        let unticked = wang.post(&format!("{path}/completion"), &json!({})).await;
        assert_eq!(unticked.problem(), (409, "transfer-unticked"));
        wang.post(&format!("{path}/ticks"), &tick("complaint", 0xc1, "stays")).await.expect(200);
        let done: Transfer = wang.post(&format!("{path}/completion"), &json!({})).await.read(200);
        assert_eq!((done.state, done.ended_by.as_deref()), (TransferState::Completed, Some("user:wang")));
        assert!(done.checklist.iter().all(|item| item.ticked_by.as_deref() == Some("user:wang")), "{done:?}");

        assert_eq!(client.get(&at(&customer)).await.read::<Customer>(200).owner.as_deref(), Some("wang"));
        let team: AccountTeam = client.get(&format!("{}/team", at(&customer))).await.read(200);
        let owners: Vec<_> = team.owners.iter().map(|p| (p.owner.as_deref(), p.transfer_id)).collect();
        assert_eq!(owners, [(Some("wang"), None), (Some("li.wei"), Some(done.id))]);
        assert_eq!(wang.post(&format!("{path}/completion"), &json!({})).await.problem(), (409, "transfer-done"));
        app.drain_outbox().await;
        let told = tap.events::<v1::CustomerTransferred>().await;
        assert_eq!(told.len(), 1);
        let (mut told, golden) = (serde_json::to_value(&told[0]).expect("JSON"), golden::<v1::CustomerTransferred>());
        assert_eq!((&told["from"], &told["to"], &told["sequence"]), (&json!("li.wei"), &json!("wang"), &json!(2)));
        for name in golden.as_object().expect("an object").keys() {
            assert!(!told[name].is_null(), "{name}");
            told[name] = golden[name].clone();
        }
        assert_eq!(told, golden, "the same fields, and no others");
        let republish = registry::SERVICE.republish.expect("the registry republishes");
        republish(app.context().clone()).await.expect("a database");
        app.drain_outbox().await;
        assert_eq!(tap.events::<v1::CustomerTransferred>().await.len(), 2, "told again");
    }

    async fn what_was_settled_meanwhile_needs_no_tick(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = owed(&app, &client).await;
        let started = transfer(&client, &customer).await;
        app.deliver(&ComplaintClosed(complaint(&customer, 5, State::Closed))).await;
        app.deliver(&PromiseChanged(promise(&customer, 2, PromiseState::Kept))).await;
        // Late news of what is over.
        app.deliver(&ComplaintOpened(complaint(&customer, 1, State::Received))).await;
        let path = format!("{TRANSFERS}/{}/completion", started.id);
        let done: Transfer = colleague(&app, "wang").post(&path, &json!({})).await.read(200);
        assert_eq!((done.state, done.checklist.len()), (TransferState::Completed, 2));
    }

    async fn a_transfer_waits_for_its_day_and_may_be_cancelled(db: TestDb) {
        let (app, client) = start(db).await;
        employ(&client, "wang").await;
        let customer = create(&client, json!({ "name": "Acme", "owner": "li.wei" })).await;
        let path = format!("{}/transfers", at(&customer));
        let day = Utc::now().date_naive() + Days::new(10);
        let later: Transfer = client.post(&path, &json!({ "to": "wang", "reason": "x", "effective_on": day })).await.read(201);
        assert_eq!(client.post(&path, &json!({ "to": "wang", "reason": "x" })).await.problem(), (409, "transfer-under-way"));
        let wang = colleague(&app, "wang");
        let early = wang.post(&format!("{TRANSFERS}/{}/completion", later.id), &json!({})).await;
        assert_eq!(early.problem(), (409, "transfer-early"));
        let stranger = colleague(&app, "chen").post(&format!("{TRANSFERS}/{}/cancellation", later.id), &json!({})).await;
        assert_eq!(stranger.problem(), (403, "not-the-new-owner"));
        let cancelled: Transfer = client.post(&format!("{TRANSFERS}/{}/cancellation", later.id), &json!({})).await.read(200);
        assert_eq!(cancelled.state, TransferState::Cancelled);

        let again = transfer(&client, &customer).await;
        client.patch(&at(&customer), "*", &json!({ "owner": "chen" })).await.expect(200);
        let outdated = wang.post(&format!("{TRANSFERS}/{}/completion", again.id), &json!({})).await;
        assert_eq!(outdated.problem(), (409, "transfer-outdated"));
        client.patch(&at(&customer), "*", &json!({ "owner": "wang" })).await.expect(200);
        let done: Transfer = wang.post(&format!("{TRANSFERS}/{}/completion", again.id), &json!({})).await.read(200);
        assert_eq!(done.state, TransferState::Completed, "he has it already");
    }

    async fn a_key_that_is_called_like_the_new_owner_is_not_he(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = owed(&app, &client).await;
        let started = transfer(&client, &customer).await;
        let mut key = caller("wang", &["customers:write"]);
        key.id = format!("key:{}", Uuid::now_v7());
        let refused = app.client_as(key).post(&format!("{TRANSFERS}/{}/ticks", started.id), &tick("promise", 0xb1, "settled")).await;
        assert_eq!(refused.problem(), (403, "not-the-new-owner"));
        let manager = app.client_as(caller("head", &["customers:write", "transfers:manage"]));
        manager.post(&format!("{TRANSFERS}/{}/ticks", started.id), &tick("promise", 0xb1, "settled")).await.expect(200);
    }

    async fn only_an_active_employee_takes_over(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = owed(&app, &client).await;
        let left = json!({ "code": "left", "name": "Left", "active_from": "2020-01-01", "active_until": "2025-01-01" });
        client.post("/api/v1/employees", &left).await.expect(201);
        let path = format!("{}/transfers", at(&customer));
        for (new, expected) in [
            (json!({ "to": "nobody", "reason": " " }), vec![("/reason", "blank"), ("/to", "unknown-employee")]),
            (json!({ "to": "left", "reason": "x" }), vec![("/to", "employee-inactive")]),
            (
                json!({ "to": "wang", "reason": "x", "effective_on": "2021-01-01" }),
                vec![("/effective_on", "out-of-range")],
            ),
        ] {
            assert_eq!(faults(&client.post(&path, &new).await.expect(422)), expected);
        }
        let own = create(&client, json!({ "name": "Own", "owner": "wang" })).await;
        let same = client.post(&format!("{}/transfers", at(&own)), &json!({ "to": "wang", "reason": "x" })).await.expect(422);
        assert_eq!(faults(&same), [("/to", "owner-already")]);
        assert_eq!(client.get(&format!("{TRANSFERS}/{}", Uuid::now_v7())).await.problem(), (404, "transfer-not-found"));
    }

    async fn all_customers_of_one_who_leaves(db: TestDb) {
        let (app, client) = start(db).await;
        employ(&client, "li.wei").await;
        let first = owed(&app, &client).await;
        for name in ["Second", "Third"] {
            create(&client, json!({ "name": name, "owner": "li.wei" })).await;
        }
        create(&client, json!({ "name": "Another's", "owner": "zhao" })).await;
        transfer(&client, &first).await;
        let head = app.client_as(caller("head", &["transfers:manage", "customers:read"]));
        let path = "/api/v1/employees/li.wei/transfers";
        let started: TransfersStarted = head.post(path, &json!({ "to": "wang", "reason": "leaves" })).await.read(200);
        assert_eq!(started, TransfersStarted { started: 2, under_way: 1, refused: 0, left: 0 });
        let again: TransfersStarted = head.post(path, &json!({ "to": "wang", "reason": "leaves" })).await.read(200);
        assert_eq!(again, TransfersStarted { started: 0, under_way: 3, refused: 0, left: 0 });
        for (query, count) in [("state=open", 3), ("to_owner=wang", 3), ("from_owner=zhao", 0), (&format!("customer_id={}", first.id), 1)] {
            let listed = head.get(&format!("{TRANSFERS}?count=exact&{query}")).await.expect(200);
            assert_eq!(listed["count"], count, "{query}");
        }
        assert_eq!(head.post("/api/v1/employees/nobody/transfers", &json!({ "to": "wang", "reason": "x" })).await.problem(), (404, "employee-not-found"));
    }

    async fn who_cannot_be_handed_over_keeps_no_other_from_it(db: TestDb) {
        let (app, client) = start(db).await;
        employ(&client, "li.wei").await;
        employ(&client, "wang").await;
        // The day has always begun there when it still lasts on the other island.
        create(&client, json!({ "name": "Ahead", "owner": "li.wei", "time_zone": "Pacific/Kiritimati" })).await;
        let behind = create(&client, json!({ "name": "Behind", "owner": "li.wei", "time_zone": "Pacific/Pago_Pago" })).await;
        let day = (Utc::now() - TimeDelta::hours(11) + TimeDelta::minutes(1)).date_naive();
        let head = app.client_as(caller("head", &["transfers:manage", "customers:read"]));
        let path = "/api/v1/employees/li.wei/transfers";
        let new = json!({ "to": "wang", "reason": "leaves", "effective_on": day });
        let started: TransfersStarted = head.post(path, &new).await.read(200);
        assert_eq!(started, TransfersStarted { started: 1, under_way: 0, refused: 1, left: 0 });
        let listed = head.get(&format!("{TRANSFERS}?to_owner=wang")).await.expect(200);
        assert_eq!(listed["items"][0]["customer_id"], json!(behind.id));
        // Where none can be handed over, it is the request's own fault.
        employ(&client, "zhao").await;
        create(&client, json!({ "name": "Another's", "owner": "zhao" })).await;
        let late = json!({ "to": "wang", "reason": "leaves", "effective_on": "2020-01-01" });
        let late = head.post("/api/v1/employees/zhao/transfers", &late).await.expect(422);
        assert_eq!(faults(&late), [("/effective_on", "out-of-range")]);
    }

    async fn a_complaint_is_handed_over_as_long_as_work_is_owed_and_it_is_nobodys_secret(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = owed(&app, &client).await;
        let handed_over = async || {
            let started = transfer(&client, &customer).await;
            client.post(&format!("{TRANSFERS}/{}/cancellation", started.id), &json!({})).await.expect(200);
            started.checklist.iter().any(|item| item.kind.as_str() == "complaint")
        };
        app.deliver(&ComplaintWaitStarted(complaint(&customer, 2, State::Waiting))).await;
        assert!(handed_over().await);
        let secret = ComplaintFact { restricted: true, ..complaint(&customer, 3, State::Waiting) };
        app.deliver(&ComplaintAmended(secret)).await;
        assert!(!handed_over().await);
        app.deliver(&ComplaintAmended(complaint(&customer, 4, State::Waiting))).await;
        assert!(handed_over().await);
        app.deliver(&ComplaintRejected(complaint(&customer, 5, State::Rejected))).await;
        assert!(!handed_over().await);
    }

    async fn golden_events_may_come_twice_and_in_any_order(db: TestDb) {
        let (app, client) = start(db).await;
        employ(&client, "wang").await;
        let id: Uuid = "019a0000-0000-7000-8000-000000000001".parse().expect("an id");
        let act = messaging::Act::system(Utc::now()).reserving(id);
        let customer = registry::create_customer(&app.context().db, &act, NewCustomer::named("Acme")).await.expect("created");
        assert_eq!(app.deliver_golden("interactions").await.len(), 2);
        assert!(app.deliver_golden("complaints").await.len() >= 10);
        let started = transfer(&client, &customer).await;
        let owed: Vec<_> = started.checklist.iter().map(|item| (item.kind.as_str(), item.owner.as_deref())).collect();
        // The complaint was withdrawn in the end.
        assert_eq!(owed, [("action_plan", Some("li.wei")), ("promise", Some("li.wei"))]);
        let subscribed = registry::SERVICE.subscriptions.iter().map(|heard| heard.event_type);
        for event_type in subscribed {
            let broken = testkit::envelope(event_type, json!({ "sequence": "one" }));
            assert!(matches!(app.deliver_envelope(&broken).await, Err(messaging::Rejected::Poison(_))), "{event_type}");
        }
    }
}
