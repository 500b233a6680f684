use std::collections::{BTreeMap, BTreeSet};

use database::{Db, on};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use registry_contract::{Contact, Customer, CustomerMoved, DecisionChain, Merge, v1};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, TestDb, both};
use uuid::Uuid;

use crate::support::{CONTACTS, CUSTOMERS, at, create, emptied, faults, named, person, redact};

async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&registry::SERVICE, db).await;
    let client =
        app.client(&["customers:read", "customers:write", "customers:merge", "contacts:read", "contacts:write"]);
    (app, client)
}

pub async fn merge(client: &Client, survivor: &Customer, etag: &str, body: Value) -> Answer {
    let path = format!("{}/merge", at(survivor));
    client.send(client.request(Method::POST, &path).header(IF_MATCH, etag).json(&body)).await
}

pub async fn unmerge(client: &Client, merged: &Customer) -> Answer {
    client.post(&format!("{}/unmerge", at(merged)), &json!({})).await
}

async fn seated(client: &Client, customer: &Customer, name: &str) -> Contact {
    let contact = person(client, customer, name).await;
    let seat = client.post(&format!("{}/positions", at(customer)), &json!({ "title": "CTO" })).await.expect(201);
    let holding = json!({ "position_id": seat["id"], "from": "2026-01-01" });
    client.post(&format!("{CONTACTS}/{}/holdings", contact.id), &holding).await.expect(201);
    contact
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

pub async fn lines(db: &Db, pg: String, lite: String) -> Vec<String> {
    let mut conn = db.read().await.expect("a connection");
    let rows: Vec<Line> = on!(conn,
        pg: |c| diesel::sql_query(pg).load(c).await,
        lite: |c| diesel::sql_query(lite).load(c).await,
    )
    .expect("rows");
    rows.into_iter().map(|row| row.line).collect()
}

/// Every row of every table but for what only grows (events, audit, reads, the merges themselves), without versions and the
/// times of changes.
pub async fn dump(app: &App) -> BTreeMap<String, Vec<String>> {
    // What is written in the background is written by then.
    for queue in ["search_queue", "duplicate_queue"] {
        emptied(app, queue).await;
    }
    let db = &app.db;
    let grows = "'outbox','inbox','audit_entries','idempotency_keys','service_secrets','merges','merge_moves','counters',\
                 '__diesel_schema_migrations','search_queue','decision_chains','contact_reads'";
    let tables = lines(
        db,
        format!(
            "SELECT table_name::text AS line FROM information_schema.tables
             WHERE table_schema = current_schema() AND table_name NOT IN ({grows}) ORDER BY 1"
        ),
        format!("SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ({grows})"),
    )
    .await;
    let mut dump = BTreeMap::new();
    for table in tables {
        let columns = lines(
            db,
            "SELECT 'none' AS line".to_owned(),
            format!("SELECT 'quote(\"' || name || '\")' AS line FROM pragma_table_info('{table}') WHERE name NOT IN ('version', 'updated_at')"),
        )
        .await
        .join(" || ' ' || ");
        let rows = lines(
            db,
            format!("SELECT (to_jsonb(t) - 'version' - 'updated_at')::text AS line FROM \"{table}\" t ORDER BY 1"),
            format!("SELECT {columns} AS line FROM \"{table}\" ORDER BY 1"),
        )
        .await;
        dump.insert(table, rows);
    }
    dump
}

both! {
    async fn two_records_become_one_and_two_again(db: TestDb) {
        let (app, client) = start(db).await;
        let keeps = create(&client, json!({
            "name": "深圳示例科技有限公司", "external_ids": [{ "system": "sap", "id": "0001" }],
        }))
        .await;
        let goes = create(&client, json!({
            "name": "示例科技", "phone": "0755-1234567", "external_ids": [{ "system": "crm", "id": "17" }],
        }))
        .await;
        let branch = create(&client, json!({ "name": "示例科技广州", "parent_id": goes.id })).await;
        let contact = seated(&client, &goes, "李伟").await;
        seated(&client, &keeps, "王芳").await;
        app.drain_outbox().await;
        let before = dump(&app).await;
        let tap = app.bus.tap(&[v1::CUSTOMER_MERGED, v1::CUSTOMER_UNMERGED, v1::CONTACT_UPDATED]).await;

        let body = json!({ "merged_id": goes.code, "fields": { "phone": "merged" }, "reason": "Entered twice" });
        let answer = merge(&client, &keeps, "\"1\"", body).await;
        insta::assert_json_snapshot!(testkit::redact(redact(answer.expect(201)), |name, _| {
            (name.ends_with("_at") || name == "undo_until").then(|| "[time]".to_owned())
        }), @r#"
        {
          "cut": [],
          "fields": [
            "phone"
          ],
          "id": "[id]",
          "merged_at": "[time]",
          "merged_by": "user:0198a000-0000-7000-8000-000000000001",
          "merged_code": "C-000002",
          "merged_id": "[id]",
          "moved": [
            {
              "count": 1,
              "what": "contacts"
            },
            {
              "count": 1,
              "what": "positions"
            },
            {
              "count": 1,
              "what": "holdings"
            },
            {
              "count": 1,
              "what": "external_ids"
            },
            {
              "count": 1,
              "what": "subsidiaries"
            },
            {
              "count": 1,
              "what": "links"
            }
          ],
          "reason": "Entered twice",
          "survivor_id": "[id]",
          "undo_until": "[time]",
          "undone_at": null,
          "undone_by": null
        }
        "#);

        let old = client.get(&at(&goes)).await;
        assert_eq!((old.status, old.header("location")), (301, Some(at(&keeps).as_str())));
        assert_eq!(old.read::<CustomerMoved>(301).merged_into, keeps.id);
        assert_eq!(client.get(&format!("{CUSTOMERS}/{}", goes.code)).await.status, 301);
        let now: Customer = client.get(&at(&keeps)).await.read(200);
        assert_eq!(now.phone.as_deref(), Some("0755-1234567"));
        assert_eq!(now.external_ids.len(), 2);
        assert_eq!(client.count(CUSTOMERS).await, 2);
        assert_eq!(client.count("/api/v1/duplicates").await, 0, "the pair waits for the undoing");
        assert_eq!(client.get(&format!("{CONTACTS}/{}", contact.id)).await.read::<Contact>(200).customer_id, keeps.id);
        assert_eq!(client.get(&at(&branch)).await.read::<Customer>(200).parent_id, Some(keeps.id));
        assert_eq!(client.count(&format!("{}/positions", at(&goes))).await, 2);
        // Its old key is the survivor's now.
        let upsert = client.put(&format!("{CUSTOMERS}/external/crm/17"), &json!({ "name": "示例科技", "city": "深圳" })).await;
        assert_eq!(upsert.read::<Customer>(200).id, keeps.id);
        client.patch(&at(&keeps), "*", &json!({ "city": null, "name": "深圳示例科技有限公司" })).await.expect(200);

        let undone: Merge = unmerge(&client, &goes).await.read(200);
        assert!(undone.undone_at.is_some());
        assert_eq!(dump(&app).await, before);
        assert_eq!(client.get(&at(&goes)).await.read::<Customer>(200).external_ids, goes.external_ids);

        app.drain_outbox().await;
        let mut types: Vec<_> = tap.envelopes().await.into_iter().map(|event| event.r#type).collect();
        types.sort();
        assert_eq!(types, [v1::CONTACT_UPDATED, v1::CONTACT_UPDATED, v1::CUSTOMER_MERGED, v1::CUSTOMER_UNMERGED]);
        assert_eq!(client.count(&format!("{}/merges", at(&keeps))).await, 1);
    }

    async fn all_that_is_known_goes_along_and_comes_back(db: TestDb) {
        let app = App::start(&registry::SERVICE, db).await;
        let client = app.client(&[
            "customers:read", "customers:write", "customers:merge", "contacts:read", "contacts:write",
            "decision-chains:read", "decision-chains:write", "employees:manage", "imports:write",
        ]);
        let zhao = json!({ "code": "zhao.min", "name": "Zhao Min", "active_from": "2020-01-01" });
        client.post("/api/v1/employees", &zhao).await.expect(201);
        let shared = json!({ "type": "eu_vat", "value": "DE136695976" });
        let keeps = create(&client, json!({ "name": "Acme", "identifiers": [shared] })).await;
        let uscc = json!({ "type": "uscc", "value": "91440300708461136T" });
        let goes = create(&client, json!({ "name": "Acme Inc.", "identifiers": [shared, uscc] })).await;
        let opportunity = Uuid::now_v7();
        let mut its_seat = String::new();
        for customer in [&keeps, &goes] {
            let contact = seated(&client, customer, "李伟").await;
            let seat = client.get(&format!("{}/positions", at(customer))).await.expect(200)["items"][0]["id"].clone();
            let seat = seat.as_str().expect("an id");
            let chain = format!("{}/decision-chain", at(customer));
            client.put(&format!("{chain}/seats/{seat}"), &json!({ "matching_employee": "zhao.min" })).await.expect(200);
            let stance = json!({ "contact_id": contact.id, "stance": "supporter", "read_on": "2026-02-01", "read_by": "li.wei" });
            client.post(&format!("/api/v1/positions/{seat}/stances"), &stance).await.expect(201);
            if customer.id == goes.id {
                seat.clone_into(&mut its_seat);
                let of_opportunity = format!("{chain}/seats/{seat}?opportunity={opportunity}");
                client.put(&of_opportunity, &json!({ "vote_weight": 60 })).await.expect(200);
            }
            for section in ["swot_summary", if customer.id == goes.id { "competition" } else { "financial_analysis" }] {
                let path = format!("{}/profile/{section}", at(customer));
                let draft = client.request(Method::PUT, &path).header(IF_MATCH, "*").json(&json!({ "content": {} }));
                client.send(draft).await.expect(200);
            }
            let vendor = json!({ "kind": "competitor", "name": "Rival" });
            let vendor = client.post(&format!("{}/vendors", at(customer)), &vendor).await.expect(201)["id"].clone();
            for period in ["2025", if customer.id == goes.id { "2024" } else { "2023" }] {
                let wallet = json!({ "amount": "1000.00", "currency": "CNY" });
                let share = json!({ "vendor_id": vendor, "share_bp": 4000 });
                let lines = json!({ "lines": [{ "product_line": "Routers", "wallet": wallet, "shares": [share] }] });
                let path = format!("{}/vendor-shares/{period}", at(customer));
                client.send(client.request(Method::PUT, &path).header(IF_MATCH, "*").json(&lines)).await.expect(200);
            }
        }
        app.drain_outbox().await;
        let before = dump(&app).await;
        let told = app.bus.tap(&[v1::DECISION_CHAIN_UPDATED]).await;
        merge(&client, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        let now: Customer = client.get(&at(&keeps)).await.read(200);
        let numbers: Vec<_> = now.identifiers.iter().map(|one| one.value.as_str()).collect();
        assert_eq!(numbers, ["DE136695976", "91440300708461136T"]);
        let found = client.get(&format!("{CUSTOMERS}?q=91440300708461136T")).await.expect(200);
        assert_eq!(found["items"][0]["id"], json!(keeps.id));
        let chain: DecisionChain = client.get(&format!("{}/decision-chain", at(&keeps))).await.read(200);
        assert_eq!((chain.nodes.len(), chain.coverage.matched, chain.coverage.with_stance), (2, 2, 2));
        // The opportunity is the survivor's, and its chain can be changed.
        let path = format!("{}/decision-chain/seats/{its_seat}?opportunity={opportunity}", at(&keeps));
        assert_eq!(client.put(&path, &json!({ "vote_weight": 60 })).await.status, 200);
        let profile = client.get(&format!("{}/profile", at(&keeps))).await.expect(200);
        let written = profile["sections"].as_array().expect("sections").iter().filter(|one| !one["state"].is_null());
        assert_eq!(written.count(), 3, "{profile}");
        assert_eq!(client.count(&format!("{}/vendors", at(&keeps))).await, 2);

        unmerge(&client, &goes).await.expect(200);
        assert_eq!(dump(&app).await, before);
        app.drain_outbox().await;
        let told: BTreeSet<_> =
            told.events::<v1::DecisionChainUpdated>().await.into_iter().map(|event| (event.0.customer_id, event.0.opportunity_id.is_some())).collect();
        let expected = [(keeps.id, false), (keeps.id, true), (goes.id, false), (goes.id, true)];
        assert_eq!(told, BTreeSet::from(expected));
    }

    /// The terms of what is queued wait for it.
    async fn what_comes_along_is_found_at_once_while_an_import_goes_ahead(db: TestDb) {
        let app = App::start(&registry::SERVICE, db).await;
        let client = app.client(&["customers:read", "customers:write", "customers:merge"]);
        let ahead = app.context().db.begin_bulk();
        let keeps = named(&client, "Acme").await;
        let uscc = json!({ "type": "uscc", "value": "91440300708461136T" });
        let goes = create(&client, json!({ "name": "Rival", "identifiers": [uscc] })).await;
        let found = async || {
            let found = client.get(&format!("{CUSTOMERS}?q=91440300708461136T")).await.expect(200);
            found["items"].as_array().expect("items").iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
        };
        merge(&client, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        assert_eq!(found().await, [json!(keeps.id)]);
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(found().await, [json!(goes.id)]);
        drop(ahead);
    }

    async fn orders_that_come_along_move_the_survivor(db: TestDb) {
        let app = App::start(&registry::SERVICE, db).await;
        let client = app.client(&["customers:read", "customers:write", "customers:merge", "imports:write"]);
        let (keeps, goes) = (named(&client, "Acme").await, named(&client, "Acme Inc.").await);
        let order = json!({ "ordered_on": "2026-01-05" });
        client.put(&format!("{}/order-facts/sap/4711", at(&goes)), &order).await.expect(200);
        let stage = async || client.get(&at(&keeps)).await.read::<Customer>(200).lifecycle;
        let before = dump(&app).await;
        merge(&client, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        assert_eq!(stage().await.as_str(), "first_purchase");
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(dump(&app).await, before);

        // Of two merges, whichever is undone first.
        let third = named(&client, "Acme Ltd").await;
        let order = json!({ "ordered_on": "2026-01-15" });
        client.put(&format!("{}/order-facts/sap/4713", at(&third)), &order).await.expect(200);
        let before = dump(&app).await;
        for first in [&goes, &third] {
            merge(&client, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
            merge(&client, &keeps, "*", json!({ "merged_id": third.id })).await.expect(201);
            assert_eq!(stage().await.as_str(), "repeat");
            unmerge(&client, first).await.expect(200);
            unmerge(&client, if first.id == goes.id { &third } else { &goes }).await.expect(200);
            assert_eq!(dump(&app).await, before);
        }

        // What happened to the survivor itself since stays.
        merge(&client, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        let order = json!({ "ordered_on": "2026-02-05" });
        client.put(&format!("{}/order-facts/sap/4712", at(&keeps)), &order).await.expect(200);
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(stage().await.as_str(), "repeat");
    }

    async fn a_merge_can_be_undone_for_thirty_days(db: TestDb) {
        let (app, client) = start(db).await;
        let (keeps, goes) = (named(&client, "Acme").await, named(&client, "Acme Inc.").await);
        let ago = async |seconds: i64| {
            let mut tx = app.db.begin().await.expect("a transaction");
            on!(tx,
                pg: |c| {
                    let sql = format!("UPDATE merges SET merged_at = now() - interval '{seconds} seconds'");
                    diesel::sql_query(sql).execute(c).await
                },
                lite: |c| {
                    let at = chrono::Utc::now() - chrono::TimeDelta::seconds(seconds);
                    diesel::sql_query(format!("UPDATE merges SET merged_at = {}", at.timestamp_micros())).execute(c).await
                },
            )
            .expect("changed");
            tx.commit().await.expect("a commit");
        };
        const DAYS: i64 = 30 * 24 * 60 * 60;
        merge(&client, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        ago(DAYS + 60).await;
        assert_eq!(unmerge(&client, &goes).await.problem(), (409, "undo-too-late"));
        ago(DAYS - 60).await;
        unmerge(&client, &goes).await.expect(200);
    }

    async fn what_came_in_between_stays_with_the_survivor(db: TestDb) {
        let (_app, client) = start(db).await;
        let (keeps, goes) = (named(&client, "Acme").await, named(&client, "Acme Inc.").await);
        merge(&client, &keeps, "*", json!({ "merged_id": goes.id })).await.expect(201);
        // By the old id, too.
        let late = person(&client, &goes, "陈静").await;
        let below = json!({ "name": "Acme Shanghai", "parent_id": goes.id });
        let refused = client.post(CUSTOMERS, &below).await.expect(422);
        assert_eq!(faults(&refused), [("/parent_id", "customer-merged")]);
        client.patch(&at(&keeps), "*", &json!({ "city": "Shanghai" })).await.expect(200);
        unmerge(&client, &goes).await.expect(200);
        assert_eq!(client.get(&format!("{CONTACTS}/{}", late.id)).await.read::<Contact>(200).customer_id, keeps.id);
        assert_eq!(client.get(&at(&keeps)).await.read::<Customer>(200).city.as_deref(), Some("Shanghai"));
    }

    async fn merges_of_merges_are_undone_in_their_order(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two, three) = (named(&client, "A").await, named(&client, "B").await, named(&client, "C").await);
        seated(&client, &one, "李伟").await;
        let before = dump(&app).await;
        merge(&client, &two, "*", json!({ "merged_id": one.id })).await.expect(201);
        merge(&client, &three, "*", json!({ "merged_id": two.id })).await.expect(201);
        assert_eq!(client.get(&at(&one)).await.read::<CustomerMoved>(301).merged_into, three.id);
        assert_eq!(merge(&client, &two, "*", json!({ "merged_id": three.id })).await.problem(), (409, "already-merged"));
        assert_eq!(unmerge(&client, &one).await.problem(), (409, "survivor-merged"));
        unmerge(&client, &two).await.expect(200);
        unmerge(&client, &one).await.expect(200);
        assert_eq!(unmerge(&client, &one).await.problem(), (409, "not-merged"));
        assert_eq!(dump(&app).await, before);
    }

    async fn what_cannot_be_merged_is_refused_and_changes_nothing(db: TestDb) {
        let (app, client) = start(db).await;
        let group = named(&client, "Group").await;
        let branch = create(&client, json!({ "name": "Branch", "parent_id": group.id })).await;
        let someone = create(&client, json!({ "name": "王芳", "kind": "consumer" })).await;
        let keys = |system: &str, count: usize| (0..count).map(|n| json!({ "system": system, "id": n.to_string() })).collect::<Vec<_>>();
        let many = create(&client, json!({ "name": "Many", "external_ids": keys("erp", 15) })).await;
        let more = create(&client, json!({ "name": "More", "external_ids": keys("desk", 6) })).await;
        let before = dump(&app).await;
        // Nobody could change a customer of 21 keys any more.
        let full = json!({ "merged_id": more.id });
        assert_eq!(faults(&merge(&client, &many, "*", full).await.expect(422)), [("/merged_id", "too-many")]);
        let stranger = json!({ "merged_id": "C-404404" });
        assert_eq!(faults(&merge(&client, &group, "*", stranger).await.expect(422)), [("/merged_id", "unknown-customer")]);
        let itself = json!({ "merged_id": group.id });
        assert_eq!(faults(&merge(&client, &group, "*", itself).await.expect(422)), [("/merged_id", "same-customer")]);
        let above = json!({ "merged_id": group.id, "fields": { "tier": "merged" } });
        assert_eq!(
            faults(&merge(&client, &branch, "*", above).await.expect(422)),
            [("/merged_id", "ancestor"), ("/fields/tier", "tier-by-proposal")]
        );
        let human = json!({ "merged_id": someone.id });
        assert_eq!(faults(&merge(&client, &group, "*", human).await.expect(422)), [("/merged_id", "kinds-differ")]);
        merge(&client, &group, "\"7\"", json!({ "merged_id": branch.id })).await.expect(412);
        assert_eq!(dump(&app).await, before);
        // Downwards it works.
        merge(&client, &group, "\"1\"", json!({ "merged_id": branch.id })).await.expect(201);
        unmerge(&client, &branch).await.expect(200);
        assert_eq!(dump(&app).await, before);
    }
}
