use registry_contract::Customer;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, create, faults, redact, start};

const KEY: &str = "/api/v1/customers/external/sap/0000104711";

fn record(day: u32, tier: &str, city: Option<&str>) -> Value {
    json!({ "name": format!("Acme {day}"), "tier": tier, "city": city, "source_updated_at": format!("2026-03-{day:02}T00:00:00Z") })
}

async fn send(client: &Client, order: &[usize]) -> Value {
    let records = [record(1, "C", Some("Berlin")), record(2, "B", None), record(3, "A", Some("Bonn"))];
    for (index, &next) in order.iter().enumerate() {
        let status = if index == 0 { 201 } else { 200 };
        client.put(KEY, &records[next]).await.expect(status);
    }
    let customer: Customer = client.put(KEY, &records[order[0]]).await.read(200);
    let proposals = client.get("/api/v1/tier-proposals?state=open").await.expect(200);
    json!([customer.name, customer.tier, customer.city, proposals["items"][0]["tier"]])
}

both! {
    async fn another_systems_key_creates_once_and_then_changes(db: TestDb) {
        let (_app, client) = start(db).await;
        let created = client.put(KEY, &json!({ "name": "Acme", "owner": "li.wei" })).await;
        assert!(created.header("location").is_some_and(|location| location.starts_with("/api/v1/customers/")));
        insta::assert_json_snapshot!(redact(created.expect(201)), @r#"
        {
          "address": null,
          "annual_revenue": null,
          "city": null,
          "code": "C-000001",
          "country": null,
          "created_at": "[time]",
          "currency": "CNY",
          "custom_fields": {},
          "employees": null,
          "external_ids": [
            {
              "id": "0000104711",
              "system": "sap"
            }
          ],
          "founded_year": null,
          "id": "[id]",
          "identifiers": [],
          "industry": null,
          "industry_code": null,
          "kind": "enterprise",
          "language": "zh-CN",
          "lifecycle": "prospect",
          "name": "Acme",
          "owner": "li.wei",
          "parent_id": null,
          "phone": null,
          "region": null,
          "region_code": null,
          "roles": [],
          "short_name": null,
          "tax_id": null,
          "tier": "C",
          "time_zone": "Asia/Shanghai",
          "updated_at": "[time]",
          "version": 1,
          "website": null
        }
        "#);

        let changed: Customer = client.put(KEY, &json!({ "name": "Acme AG", "country": "DE" })).await.read(200);
        assert_eq!((changed.name.as_str(), changed.owner.as_deref(), changed.version), ("Acme AG", Some("li.wei"), 2));
        let same = client.put(KEY, &json!({ "name": "Acme AG" })).await;
        assert_eq!(same.etag(), "\"2\"", "nothing new is no change");
        let kept: Customer = client.put(KEY, &json!({ "external_ids": [{ "system": "crm", "id": "7" }] })).await.read(200);
        assert_eq!(kept.external_ids.len(), 2, "its own key stays");
        assert_eq!(client.count(CUSTOMERS).await, 1);
    }

    async fn a_new_customer_needs_a_name_and_its_fields_right(db: TestDb) {
        let (_app, client) = start(db).await;
        let refused = client.put(KEY, &json!({ "country": "ZZ" })).await.expect(422);
        assert_eq!(faults(&refused), [("/name", "blank"), ("/country", "unknown-country")]);
        let refused = client.put("/api/v1/customers/external/SAP/1", &json!({ "name": "Acme" })).await.expect(422);
        assert_eq!(faults(&refused), [("/external_ids/0/system", "bad-format")]);
        create(&client, json!({ "name": "Owner", "external_ids": [{ "system": "crm", "id": "7" }] })).await;
        let taken = client.put(KEY, &json!({ "name": "Acme", "external_ids": [{ "system": "crm", "id": "7" }] })).await;
        assert_eq!(taken.problem(), (409, "external-id-taken"));
        assert_eq!(client.count(CUSTOMERS).await, 1);
    }

    async fn records_come_in_any_order_and_the_newest_stays(db: TestDb) {
        let (app, client) = start(db).await;
        // The first record gives the tier; the newest is what is proposed.
        let expected = json!(["Acme 3", "C", "Bonn", "A"]);
        assert_eq!(send(&client, &[0, 1, 2]).await, expected);
        drop(app);
    }

    async fn late_records_change_nothing(db: TestDb) {
        let (_app, client) = start(db).await;
        assert_eq!(send(&client, &[2, 0, 1]).await, json!(["Acme 3", "A", "Bonn", null]));
        let customer: Customer = client.put(KEY, &record(1, "C", None)).await.read(200);
        assert_eq!(customer.version, 1, "not even the version");
    }

    async fn records_that_meet_make_one_customer(db: TestDb) {
        let (_app, client) = start(db).await;
        let records: Vec<_> = (1..=6).map(|day| record(day, "B", None)).collect();
        let answers = futures::future::join_all(records.iter().map(|record| client.put(KEY, record))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 201], "{answers:?}");
        assert_eq!(client.count(CUSTOMERS).await, 1);
        let customer: Customer = client.put(KEY, &record(6, "B", None)).await.read(200);
        assert_eq!(customer.name, "Acme 6");
    }

    async fn partial_records_of_every_field_converge_in_any_order(db: TestDb) {
        let (_app, client) = start(db).await;
        let field = json!({ "key": "segment", "label_en": "Segment", "label_zh": "细分", "type": "text" });
        client.post("/api/v1/custom-fields", &field).await.expect(201);
        let group = create(&client, json!({ "name": "Group" })).await;
        let at = |day: u32, mut record: Value| {
            record["source_updated_at"] = json!(format!("2026-03-{day:02}T00:00:00Z"));
            record
        };
        let records = [
            at(1, json!({ "name": "Acme", "country": "CN", "region_code": "CN-GD", "roles": ["buyer"], "tier": "B",
                "custom_fields": { "segment": "old" }, "identifiers": [{ "type": "eu_vat", "value": "DE136695976" }] })),
            at(2, json!({ "name": "Acme", "country": "DE", "industry_code": "isic:J", "parent_id": group.id })),
            at(3, json!({ "name": "Acme AG", "custom_fields": { "segment": "new" }, "roles": ["channel_partner"] })),
            at(4, json!({ "name": "Acme AG", "country": "CN", "identifiers": [] })),
        ];
        let mut seen = Vec::new();
        let orders = (0..24).map(|number: usize| {
            let mut rest: Vec<usize> = vec![0, 1, 2, 3];
            let next = |size: usize| {
                let left = rest.len();
                rest.remove(number / size % left)
            };
            [6, 2, 1, 1].map(next)
        });
        for (number, order) in orders.enumerate() {
            let key = format!("{CUSTOMERS}/external/sap/{number}");
            for (index, next) in order.iter().enumerate() {
                client.put(&key, &records[*next]).await.expect(if index == 0 { 201 } else { 200 });
            }
            let before = client.put(&key, &records[3]).await.expect(200)["version"].clone();
            let after = client.put(&key, &records[0]).await.expect(200);
            assert_eq!(after["version"], before, "replays change nothing");
            let told = ["name", "country", "region_code", "roles", "custom_fields", "identifiers", "industry_code", "parent_id"];
            seen.push(told.map(|name| after[name].clone()));
        }
        insta::assert_json_snapshot!(redact(json!(seen[0])), @r#"
        [
          "Acme AG",
          "CN",
          "CN-GD",
          [
            "channel_partner"
          ],
          {
            "segment": "new"
          },
          [],
          "isic:J",
          "[id]"
        ]
        "#);
        seen.dedup();
        assert_eq!(seen.len(), 1);
    }
}
