use chrono::{Days, Utc};
use messaging::Act;
use registry_contract::{Customer, Lifecycle, LifecycleHistory, v1};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::{Answer, Client, both};

use crate::support::{at, create, faults, named, redact, send_file, start};

async fn order(client: &Client, customer: &Customer, id: &str, day: &str) -> Answer {
    let path = format!("{}/order-facts/erp/{id}", at(customer));
    client.put(&path, &json!({ "ordered_on": day })).await
}

async fn stage(client: &Client, customer: &Customer) -> Lifecycle {
    client.get(&at(customer)).await.read::<Customer>(200).lifecycle
}

async fn move_to(client: &Client, customer: &Customer, to: &str) -> Answer {
    client.post(&format!("{}/lifecycle", at(customer)), &json!({ "to": to, "reason": "we know better" })).await
}

fn days_ago(days: u64) -> String {
    (Utc::now().date_naive() - Days::new(days)).to_string()
}

both! {
    async fn orders_move_a_customer_and_say_so(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let first: LifecycleHistory = order(&client, &customer, "1", "2024-01-10").await.read(200);
        assert_eq!(first.stage, Lifecycle::Lapsed, "bought once, years ago");
        let again = order(&client, &customer, "1", "2024-01-10").await.expect(200);
        assert_eq!(again["moves"].as_array().map(Vec::len), Some(2), "told twice, moved once");
        order(&client, &customer, "2", &days_ago(2)).await.expect(200);
        let moved = order(&client, &customer, "3", &days_ago(1)).await.expect(200);
        insta::assert_json_snapshot!(redact_days(moved), @r#"
        {
          "allowed": [
            "advocate",
            "lapsed"
          ],
          "customer_id": "[id]",
          "moves": [
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "from": "prospect",
              "id": "[id]",
              "order": {
                "id": "1",
                "ordered_on": "2024-01-10",
                "system": "erp"
              },
              "policy": 0,
              "reason": null,
              "rule": "first_order",
              "to": "first_purchase"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "from": "first_purchase",
              "id": "[id]",
              "order": {
                "id": "1",
                "ordered_on": "2024-01-10",
                "system": "erp"
              },
              "policy": 0,
              "reason": null,
              "rule": "no_order",
              "to": "lapsed"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "from": "lapsed",
              "id": "[id]",
              "order": {
                "id": "2",
                "ordered_on": "2 days ago",
                "system": "erp"
              },
              "policy": 0,
              "reason": null,
              "rule": "order_after_lapse",
              "to": "regained"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "from": "regained",
              "id": "[id]",
              "order": {
                "id": "3",
                "ordered_on": "1 days ago",
                "system": "erp"
              },
              "policy": 0,
              "reason": null,
              "rule": "second_order",
              "to": "repeat"
            }
          ],
          "stage": "repeat"
        }
        "#);
        assert_eq!(stage(&client, &customer).await, Lifecycle::Repeat);
        assert_eq!(client.get(&format!("{}/lifecycle", at(&customer))).await.expect(200)["stage"], "repeat");
    }

    async fn a_person_moves_a_customer_along_the_table_for_a_reason(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let refused = move_to(&client, &customer, "advocate").await.expect(422);
        assert_eq!(faults(&refused), [("/to", "lifecycle-conflict")]);
        assert_eq!(refused["errors"][0]["message"], "from prospect a customer moves to suspect or first_purchase only");
        let path = format!("{}/lifecycle", at(&customer));
        let wrong = client.post(&path, &json!({ "to": "lapsed", "reason": " " })).await.expect(422);
        assert_eq!(faults(&wrong), [("/to", "lifecycle-conflict"), ("/reason", "blank")]);
        let moved = move_to(&client, &customer, "first_purchase").await;
        insta::assert_json_snapshot!(redact(moved.expect(200)), @r#"
        {
          "allowed": [
            "repeat",
            "advocate",
            "lapsed"
          ],
          "customer_id": "[id]",
          "moves": [
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "from": "prospect",
              "id": "[id]",
              "order": null,
              "policy": null,
              "reason": "we know better",
              "rule": null,
              "to": "first_purchase"
            }
          ],
          "stage": "first_purchase"
        }
        "#);
        let there: LifecycleHistory = move_to(&client, &customer, "first_purchase").await.read(200);
        assert_eq!(there.moves.len(), 1, "is there already");

        let request = || {
            let body = json!({ "to": "advocate", "reason": "speaks of us" });
            client.request(Method::POST, &path).header("Idempotency-Key", "m").json(&body)
        };
        let once = client.send(request()).await.expect(200);
        assert_eq!(client.send(request()).await.expect(200), once);
        assert_eq!(stage(&client, &customer).await, Lifecycle::Advocate);
    }

    async fn a_change_of_the_customer_is_kept_as_a_move(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = create(&client, json!({ "name": "Acme", "lifecycle": "repeat" })).await;
        let tap = app.bus.tap(&[v1::CUSTOMER_UPDATED]).await;
        let refused = client.patch(&at(&customer), "*", &json!({ "lifecycle": "prospect", "name": "" })).await.expect(422);
        assert_eq!(faults(&refused), [("/name", "too-short")]);
        let refused = client.patch(&at(&customer), "*", &json!({ "lifecycle": "prospect", "name": " " })).await.expect(422);
        assert_eq!(faults(&refused), [("/name", "blank"), ("/lifecycle", "lifecycle-conflict")]);
        let history: LifecycleHistory = client.get(&format!("{}/lifecycle", at(&customer))).await.read(200);
        assert_eq!((history.stage, history.moves.len()), (Lifecycle::Repeat, 0), "nothing half done");

        client.patch(&at(&customer), "*", &json!({ "lifecycle": "lapsed" })).await.expect(200);
        client.patch(&at(&customer), "*", &json!({ "city": "Shenzhen" })).await.expect(200);
        let history: LifecycleHistory = client.get(&format!("{}/lifecycle", at(&customer))).await.read(200);
        let moves: Vec<_> = history.moves.iter().map(|one| (one.from, one.to, one.rule, one.by.starts_with("user:"))).collect();
        assert_eq!(moves, [(Lifecycle::Repeat, Lifecycle::Lapsed, None, true)]);
        move_to(&client, &customer, "regained").await.expect(200);
        app.drain_outbox().await;
        let told: Vec<_> = tap.events::<v1::CustomerUpdated>().await.into_iter().map(|v1::CustomerUpdated(fact)| (fact.sequence, fact.lifecycle)).collect();
        assert_eq!(told, [(2, Lifecycle::Lapsed), (3, Lifecycle::Lapsed), (4, Lifecycle::Regained)]);
    }

    async fn a_row_of_a_file_moves_along_the_table_too(db: TestDb) {
        let (_app, client) = start(db).await;
        let key = json!([{ "system": "erp", "id": "1" }]);
        let customer = create(&client, json!({ "name": "Acme", "external_ids": key, "lifecycle": "repeat" })).await;
        let path = "/api/v1/customers/external/erp/1";
        let refused = client.put(path, &json!({ "lifecycle": "suspect" })).await.expect(422);
        assert_eq!(faults(&refused), [("/lifecycle", "lifecycle-conflict")]);
        client.put(path, &json!({ "lifecycle": "advocate" })).await.expect(200);
        let history: LifecycleHistory = client.get(&format!("{}/lifecycle", at(&customer))).await.read(200);
        assert_eq!((history.stage, history.moves.len()), (Lifecycle::Advocate, 1));
        let file = "external_id.erp,name,lifecycle\n1,Acme,prospect\n";
        let import = send_file(&client, "&map=external_id.erp:external_id.erp", file).await.expect(201);
        assert_eq!(import["failed"], 1);
    }

    async fn a_record_that_says_how_new_it_is_may_jump(db: TestDb) {
        let (app, client) = start(db).await;
        let path = "/api/v1/customers/external/erp/1";
        let record = |day: u32, stage: &str| {
            json!({ "name": format!("Acme {day}"), "lifecycle": stage, "source_updated_at": format!("2026-03-0{day}T00:00:00Z") })
        };
        let customer: Customer = client.put(path, &record(1, "prospect")).await.read(201);
        let tap = app.bus.tap(&[v1::CUSTOMER_UPDATED]).await;
        client.put(path, &record(3, "lapsed")).await.expect(200);
        let late: Customer = client.put(path, &record(2, "repeat")).await.read(200);
        assert_eq!((late.name.as_str(), late.lifecycle, late.version), ("Acme 3", Lifecycle::Lapsed, 3));
        let history: LifecycleHistory = client.get(&format!("{}/lifecycle", at(&customer))).await.read(200);
        let moves: Vec<_> = history.moves.iter().map(|one| (one.from, one.to, one.rule, one.reason.as_deref())).collect();
        assert_eq!(moves, [(Lifecycle::Prospect, Lifecycle::Lapsed, None, Some("told by a record of erp"))]);
        app.drain_outbox().await;
        let told: Vec<_> = tap.events::<v1::CustomerUpdated>().await.into_iter().map(|v1::CustomerUpdated(fact)| (fact.sequence, fact.lifecycle)).collect();
        assert_eq!(told, [(2, Lifecycle::Prospect), (3, Lifecycle::Lapsed)]);
    }

    async fn whoever_orders_no_more_lapses_with_the_days(db: TestDb) {
        let (app, client) = start(db).await;
        let (silent, steady, unknown) = (named(&client, "Silent").await, named(&client, "Steady").await, named(&client, "Unknown").await);
        order(&client, &silent, "1", &days_ago(100)).await.expect(200);
        order(&client, &steady, "2", &days_ago(100)).await.expect(200);
        order(&client, &steady, "3", &days_ago(1)).await.expect(200);
        move_to(&client, &unknown, "first_purchase").await.expect(200);
        let db = app.context().db.clone();
        let later = |days: u64| Act::system(Utc::now() + Days::new(days));
        assert_eq!(registry::lapse_silent_customers(&db, &later(264)).await.expect("a database"), 0);
        assert_eq!(registry::lapse_silent_customers(&db, &later(266)).await.expect("a database"), 1);
        assert_eq!(registry::lapse_silent_customers(&db, &later(266)).await.expect("a database"), 0, "once");
        let stages = [stage(&client, &silent).await, stage(&client, &steady).await, stage(&client, &unknown).await];
        assert_eq!(stages, [Lifecycle::Lapsed, Lifecycle::Repeat, Lifecycle::FirstPurchase]);
        let history: LifecycleHistory = client.get(&format!("{}/lifecycle", at(&silent))).await.read(200);
        let last = history.moves.last().expect("a move");
        assert_eq!((last.by.as_str(), last.order.as_ref().map(|order| order.id.as_str())), ("system", Some("1")));
    }

    async fn an_order_is_one_customers_and_its_newest_record_counts(db: TestDb) {
        let (_app, client) = start(db).await;
        let (own, other) = (named(&client, "Own").await, named(&client, "Other").await);
        let path = format!("{}/order-facts/erp/7", at(&own));
        let fact = |day: String, at: &str, cancelled: bool| {
            json!({ "ordered_on": day, "cancelled": cancelled, "source_updated_at": format!("2026-01-0{at}T00:00:00Z") })
        };
        client.put(&path, &fact(days_ago(9), "2", true)).await.expect(200);
        assert_eq!(stage(&client, &own).await, Lifecycle::Prospect, "cancelled");
        client.put(&path, &fact(days_ago(9), "1", false)).await.expect(200);
        assert_eq!(stage(&client, &own).await, Lifecycle::Prospect, "older than what is known");
        client.put(&path, &fact(days_ago(9), "3", false)).await.expect(200);
        assert_eq!(stage(&client, &own).await, Lifecycle::FirstPurchase);
        let taken = order(&client, &other, "7", &days_ago(1)).await;
        assert_eq!(taken.problem(), (409, "external-id-taken"));
        let future = (Utc::now().date_naive() + Days::new(2)).to_string();
        assert_eq!(faults(&order(&client, &own, "8", &future).await.expect(422)), [("/ordered_on", "in-future")]);
        let wrong = client.put(&format!("{}/order-facts/ERP/8", at(&own)), &json!({ "ordered_on": days_ago(1) })).await;
        assert_eq!(faults(&wrong.expect(422)), [("/system", "bad-format")]);
    }

    async fn the_days_are_policy(db: TestDb) {
        let (_app, client) = start(db).await;
        let path = "/api/v1/lifecycle-policy";
        let first = client.get(path).await;
        assert_eq!(first.etag(), "\"0\"");
        insta::assert_json_snapshot!(first.expect(200), @r#"
        {
          "lapse_after_days": 365,
          "repeat_within_days": 365,
          "set_at": null,
          "set_by": null,
          "version": 0
        }
        "#);
        let days = |repeat: i32, lapse: i32| json!({ "repeat_within_days": repeat, "lapse_after_days": lapse });
        let set = |etag: &'static str, body: Value| client.send(client.request(Method::PUT, path).header(IF_MATCH, etag).json(&body));
        let refused = set("*", days(0, 3651)).await.expect(422);
        assert_eq!(faults(&refused), [("/lapse_after_days", "out-of-range"), ("/repeat_within_days", "out-of-range")]);
        set("\"0\"", days(30, 60)).await.expect(200);
        assert_eq!(set("\"0\"", days(30, 60)).await.problem(), (412, "version-stale"));
        let customer = named(&client, "Acme").await;
        order(&client, &customer, "1", &days_ago(100)).await.expect(200);
        let history: LifecycleHistory = order(&client, &customer, "2", &days_ago(40)).await.read(200);
        assert_eq!(history.stage, Lifecycle::Regained, "60 days apart, the first of them too long ago");
        assert!(history.moves.iter().all(|one| one.policy == Some(1)));
    }
}

/// Days that follow from today as well.
fn redact_days(answer: Value) -> Value {
    let today = Utc::now().date_naive();
    let mut answer = redact(answer);
    for one in answer["moves"].as_array_mut().into_iter().flatten() {
        let day = one["order"]["ordered_on"].as_str().and_then(|day| day.parse::<chrono::NaiveDate>().ok());
        if let Some(days) = day.map(|day| (today - day).num_days()).filter(|days| *days < 10) {
            one["order"]["ordered_on"] = format!("{days} days ago").into();
        }
    }
    answer
}
