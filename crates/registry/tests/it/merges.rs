use std::collections::BTreeMap;

use database::{Db, on};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use registry_contract::{Contact, Customer, CustomerMoved, Merge, v1};
use reqwest::Method;
use reqwest::header::IF_MATCH;
use serde_json::{Value, json};
use testkit::{Answer, App, Client, TestDb, both};

use crate::support::{CONTACTS, CUSTOMERS, at, create, emptied, faults, named, person, redact};

async fn start(db: TestDb) -> (App, Client) {
    let app = App::start(&registry::SERVICE, db).await;
    let client =
        app.client(&["customers:read", "customers:write", "customers:merge", "contacts:read", "contacts:write"]);
    (app, client)
}

async fn merge(client: &Client, survivor: &Customer, etag: &str, body: Value) -> Answer {
    let path = format!("{}/merge", at(survivor));
    client.send(client.request(Method::POST, &path).header(IF_MATCH, etag).json(&body)).await
}

async fn unmerge(client: &Client, merged: &Customer) -> Answer {
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

async fn lines(db: &Db, pg: String, lite: String) -> Vec<String> {
    let mut conn = db.read().await.expect("a connection");
    let rows: Vec<Line> = on!(conn,
        pg: |c| diesel::sql_query(pg).load(c).await,
        lite: |c| diesel::sql_query(lite).load(c).await,
    )
    .expect("rows");
    rows.into_iter().map(|row| row.line).collect()
}

/// Every row of every table but for what only grows (events, audit, the merges themselves), without versions and the times
/// of changes.
async fn dump(app: &App) -> BTreeMap<String, Vec<String>> {
    // What is written in the background is written by then.
    for queue in ["search_queue", "duplicate_queue"] {
        emptied(app, queue).await;
    }
    let db = &app.db;
    let grows = "'outbox','inbox','audit_entries','idempotency_keys','service_secrets','merges','merge_moves','counters',\
                 '__diesel_schema_migrations','search_queue'";
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
        let before = dump(&app).await;
        let stranger = json!({ "merged_id": "C-404404" });
        assert_eq!(faults(&merge(&client, &group, "*", stranger).await.expect(422)), [("/merged_id", "unknown-customer")]);
        let itself = json!({ "merged_id": group.id });
        assert_eq!(faults(&merge(&client, &group, "*", itself).await.expect(422)), [("/merged_id", "same-customer")]);
        let above = json!({ "merged_id": group.id, "fields": { "tier": "merged" } });
        assert_eq!(
            faults(&merge(&client, &branch, "*", above).await.expect(422)),
            [("/merged_id", "ancestor"), ("/fields/tier", "unknown-field")]
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
