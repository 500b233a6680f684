use registry_contract::{BulkResult, CustomField, Customer};
use serde_json::{Value, json};
use testkit::{Client, both};
use uuid::Uuid;

use crate::support::{CUSTOMERS, at, create, faults, named, redact, start};

const FIELDS: &str = "/api/v1/custom-fields";

async fn define(client: &Client, key: &str, kind: &str, more: Value) -> CustomField {
    let mut field = json!({ "key": key, "label_en": key, "label_zh": "字段", "type": kind });
    for (name, value) in more.as_object().expect("an object") {
        field[name] = value.clone();
    }
    client.post(FIELDS, &field).await.read(201)
}

fn colours() -> Value {
    let choice = |value: &str| json!({ "value": value, "label_en": value, "label_zh": "颜色" });
    json!({ "rules": { "choices": [choice("red"), choice("green"), choice("blue")] } })
}

/// One field of every type, and three customers.
async fn fill(client: &Client) -> Customer {
    define(client, "motto", "text", json!({ "rules": { "max_length": 20 } })).await;
    define(client, "staff", "number", json!({ "rules": { "min": 0 } })).await;
    define(client, "since", "date", json!({})).await;
    define(client, "vip", "boolean", json!({})).await;
    define(client, "colour", "choice", colours()).await;
    define(client, "colours", "multi_choice", colours()).await;
    define(client, "budget", "money", json!({})).await;
    let values =
        |motto: &str, staff: f64, since: &str, vip: bool, colour: &str, colours: Value, budget: (&str, &str)| {
            json!({ "motto": motto, "staff": staff, "since": since, "vip": vip, "colour": colour, "colours": colours,
            "budget": { "amount": budget.0, "currency": budget.1 } })
        };
    let one = values(" Onward ", 7.5, "2024-02-29", true, "red", json!(["blue", "red"]), ("90071992547409.93", "CNY"));
    let two = values("it's \"fine\"", 12.0, "2025-01-01", false, "blue", json!(["blue"]), ("5.00", "EUR"));
    let one = create(client, json!({ "name": "One", "custom_fields": one })).await;
    create(client, json!({ "name": "Two", "custom_fields": two })).await;
    named(client, "Three").await;
    one
}

async fn found(client: &Client, query: &str) -> String {
    let page = client.get(&format!("{CUSTOMERS}?sort=code&{query}")).await.expect(200);
    let items = page["items"].as_array().expect("items");
    items.iter().filter_map(|item| item["name"].as_str()).collect::<Vec<_>>().join(" ")
}

both! {
    async fn a_field_is_defined_changed_and_retired(db: TestDb) {
        let (_app, client) = start(db).await;
        let field = json!({ "key": "budget_year", "label_en": " Budget year ", "label_zh": "预算年度", "type": "number",
            "required": true, "rules": { "min": 2000, "max": 2100 } });
        let created = client.post(FIELDS, &field).await;
        let location = created.header("location").expect("a location").to_owned();
        assert_eq!(created.etag(), "\"1\"");
        insta::assert_json_snapshot!(redact(created.expect(201)), @r#"
        {
          "created_at": "[time]",
          "id": "[id]",
          "key": "budget_year",
          "label_en": "Budget year",
          "label_zh": "预算年度",
          "required": true,
          "retired": false,
          "rules": {
            "max": 2100.0,
            "min": 2000.0
          },
          "type": "number",
          "updated_at": "[time]",
          "version": 1
        }
        "#);
        let again = client.post(FIELDS, &field).await;
        assert_eq!(again.problem(), (409, "custom-field-taken"));
        assert_eq!(faults(&again.body), [("/key", "custom-field-taken")]);

        let patch = json!({ "label_en": "Year", "type": "date", "rules": {}, "required": false });
        assert_eq!(client.patch(&location, "\"2\"", &patch).await.problem(), (412, "version-stale"));
        let changed: CustomField = client.patch(&location, "\"1\"", &patch).await.read(200);
        assert_eq!((changed.version, changed.required), (2, false));
        assert_eq!(client.get(&location).await.read::<CustomField>(200), changed);
        assert_eq!(client.patch(&location, "*", &json!({ "label_en": "Year" })).await.etag(), "\"2\"");

        let year = create(&client, json!({ "name": "A", "custom_fields": { "budget_year": "2026-01-01" } })).await;
        let refused = client.patch(&location, "*", &json!({ "type": "text" })).await.expect(422);
        assert_eq!(faults(&refused), [("/type", "field-in-use")]);
        let retired: CustomField = client.patch(&location, "*", &json!({ "retired": true })).await.read(200);
        assert!(retired.retired);
        let other = json!({ "custom_fields": { "budget_year": "2027-01-01" } });
        assert_eq!(faults(&client.patch(&at(&year), "*", &other).await.expect(422)), [("/custom_fields/budget_year", "retired-field")]);
        let kept: Customer = client.patch(&at(&year), "*", &json!({ "name": "B" })).await.read(200);
        assert_eq!(kept.custom_fields["budget_year"], "2026-01-01");
        let gone: Customer = client.patch(&at(&year), "*", &json!({ "custom_fields": { "budget_year": null } })).await.read(200);
        assert_eq!(gone.custom_fields.len(), 0);
        assert_eq!(client.patch(&location, "*", &json!({ "type": "text" })).await.status, 200, "nobody has it any more");

        define(&client, "a_first", "text", json!({})).await;
        let listed = client.get(&format!("{FIELDS}?count=exact&limit=1")).await.expect(200);
        assert_eq!((&listed["items"][0]["key"], &listed["count"]), (&json!("a_first"), &json!(2)));
        let unknown = client.get(&format!("{FIELDS}/{}", Uuid::now_v7())).await;
        assert_eq!(unknown.problem(), (404, "custom-field-not-found"));
    }

    async fn a_field_that_makes_no_sense_is_refused_whole(db: TestDb) {
        let (_app, client) = start(db).await;
        let wrong = json!({ "key": "Budget", "label_en": "", "label_zh": "预算", "type": "sum", "rules": { "least": 1 } });
        let refused = client.post(FIELDS, &wrong).await.expect(422);
        assert_eq!(
            faults(&refused),
            [("/key", "bad-format"), ("/label_en", "too-short"), ("/rules/least", "unknown-field"), ("/type", "not-allowed")]
        );
        let wrong = json!({ "key": "k", "label_en": " ", "label_zh": "预算", "type": "choice", "rules": { "min": 2, "max": 1 } });
        let refused = client.post(FIELDS, &wrong).await.expect(422);
        assert_eq!(
            faults(&refused),
            [("/label_en", "blank"), ("/rules/min", "not-allowed"), ("/rules/max", "not-allowed"), ("/rules/max", "out-of-range"),
                ("/rules/choices", "missing-field")]
        );
        assert_eq!(client.count(FIELDS).await, 0);
    }

    async fn values_are_typed_merged_and_kept(db: TestDb) {
        let (_app, client) = start(db).await;
        let one = fill(&client).await;
        insta::assert_json_snapshot!(one.custom_fields, @r#"
        {
          "budget": {
            "amount": "90071992547409.93",
            "currency": "CNY"
          },
          "colour": "red",
          "colours": [
            "red",
            "blue"
          ],
          "motto": "Onward",
          "since": "2024-02-29",
          "staff": 7.5,
          "vip": true
        }
        "#);
        assert_eq!(client.get(&at(&one)).await.read::<Customer>(200), one);
        let patch = json!({ "custom_fields": { "motto": null, "staff": 8, "colours": ["green"] } });
        let changed: Customer = client.patch(&at(&one), "*", &patch).await.read(200);
        assert_eq!(changed.custom_fields.len(), 6);
        assert_eq!((&changed.custom_fields["staff"], &changed.custom_fields["vip"]), (&json!(8), &json!(true)));
        assert_eq!(client.patch(&at(&one), "*", &patch).await.etag(), "\"2\"", "nothing new is no change");

        let wrong = json!({ "name": "", "custom_fields": {} });
        assert_eq!(faults(&client.patch(&at(&one), "*", &wrong).await.expect(422)), [("/name", "too-short")]);
        let wrong = json!({ "name": " ", "custom_fields": { "motto": "far too long for a motto", "staff": -1, "since": "soon",
            "vip": "yes", "colour": "pink", "colours": "red", "budget": 7, "shoe/size": 43 } });
        let refused = client.patch(&at(&one), "*", &wrong).await.expect(422);
        assert_eq!(
            faults(&refused),
            [("/name", "blank"), ("/custom_fields/budget", "wrong-type"), ("/custom_fields/colour", "not-allowed"),
                ("/custom_fields/colours", "wrong-type"), ("/custom_fields/motto", "too-long"),
                ("/custom_fields/shoe~1size", "unknown-field"), ("/custom_fields/since", "wrong-type"),
                ("/custom_fields/staff", "out-of-range"), ("/custom_fields/vip", "wrong-type")]
        );
        let cleared: Customer = client.patch(&at(&one), "*", &json!({ "custom_fields": null })).await.read(200);
        assert_eq!(cleared.custom_fields.len(), 0);
    }

    async fn lists_are_asked_by_them(db: TestDb) {
        let (_app, client) = start(db).await;
        fill(&client).await;
        for (query, expected) in [
            ("custom.motto=Onward", "One"),
            ("custom.motto=Onward,none", "One"),
            ("custom.motto=onward", ""),
            ("custom.motto=it's%20%22fine%22", "Two"),
            ("custom.staff=7.5", "One"),
            ("custom.staff=12", "Two"),
            ("custom.staff.gt=7.5", "Two"),
            ("custom.staff.gte=7.5&custom.staff.lt=12", "One"),
            ("custom.staff.lte=12", "One Two"),
            ("custom.since=2024-02-29", "One"),
            ("custom.since.gte=2024-03-01", "Two"),
            ("custom.since.lt=2025-01-02", "One Two"),
            ("custom.vip=true", "One"),
            ("custom.vip=true,false", "One Two"),
            ("custom.colour=red,green", "One"),
            ("custom.colours=blue", "One Two"),
            ("custom.colours=red,green", "One"),
            ("custom.colours=green", ""),
            ("custom.budget=5%20EUR", "Two"),
            ("custom.budget.gte=0%20CNY", "One"),
            ("custom.budget.gt=90071992547409.92%20CNY", "One"),
            ("custom.budget.gt=90071992547409.93%20CNY", ""),
            ("custom.vip=true&custom.colour=blue", ""),
            ("custom.vip=false&tier=C&role=enterprise", "Two"),
        ] {
            assert_eq!(found(&client, query).await, expected, "{query}");
        }
        let counted = client.get(&format!("{CUSTOMERS}?custom.colours=blue&limit=1&count=exact")).await.expect(200);
        assert_eq!((&counted["count"], counted["next_cursor"].is_string()), (&json!(2), true));

        let wrong = "custom.staff=many&custom.motto.gt=a&custom.colour=pink&custom.nothing=1&custom.budget=5";
        let refused = client.get(&format!("{CUSTOMERS}?{wrong}")).await;
        assert_eq!(refused.problem(), (400, "query-invalid"));
        assert_eq!(
            faults(&refused.body),
            [("?custom.budget", "wrong-type"), ("?custom.colour", "not-allowed"), ("?custom.motto.gt", "not-allowed"),
                ("?custom.nothing", "unknown-parameter"), ("?custom.staff", "wrong-type")]
        );
        let refused = client.get(&format!("{CUSTOMERS}?custom.staff.about=7&custom.=1&custom=1")).await.expect(400);
        assert_eq!(
            faults(&refused),
            [("?custom", "unknown-parameter"), ("?custom.", "not-allowed"), ("?custom.staff.about", "not-allowed")]
        );
    }

    async fn lists_follow_what_changes(db: TestDb) {
        let (_app, client) = start(db).await;
        let one = fill(&client).await;
        let change = json!({ "custom_fields": { "colour": "green", "colours": ["green"], "staff": 8, "vip": null } });
        client.patch(&at(&one), "*", &change).await.expect(200);
        for (query, expected) in [
            ("custom.colour=red", ""),
            ("custom.colour=green", "One"),
            ("custom.colours=red", ""),
            ("custom.colours=green,blue", "One Two"),
            ("custom.staff=7.5", ""),
            ("custom.staff.gt=7.5", "One Two"),
            ("custom.vip=true", ""),
            ("custom.motto=Onward", "One"),
        ] {
            assert_eq!(found(&client, query).await, expected, "{query}");
        }
        client.patch(&at(&one), "*", &json!({ "custom_fields": null })).await.expect(200);
        assert_eq!(found(&client, "custom.motto=Onward").await, "");
    }

    /// More than are looked up one by one.
    async fn what_many_have_is_listed_too(db: TestDb) {
        let (_app, client) = start(db).await;
        define(&client, "vip", "boolean", json!({})).await;
        for hundred in 0..22 {
            let customer = |n: usize| json!({ "name": format!("C{:04}", hundred * 100 + n), "custom_fields": { "vip": true } });
            let customers: Vec<_> = (0..100).map(customer).collect();
            client.post(&format!("{CUSTOMERS}/bulk"), &json!({ "customers": customers })).await.expect(200);
        }
        create(&client, json!({ "name": "Other" })).await;
        let last = client.get(&format!("{CUSTOMERS}?custom.vip=true&sort=-name&limit=1&count=exact")).await.expect(200);
        assert_eq!((&last["items"][0]["name"], &last["count"]), (&json!("C2199"), &json!(2200)));
    }

    async fn what_is_required_is_asked_of_people_only(db: TestDb) {
        let (_app, client) = start(db).await;
        let before = named(&client, "Before").await;
        define(&client, "segment", "text", json!({ "required": true })).await;
        let refused = client.post(CUSTOMERS, &json!({ "name": "After" })).await.expect(422);
        assert_eq!(faults(&refused), [("/custom_fields/segment", "missing-field")]);
        let bulk = json!({ "customers": [{ "name": "A" }, { "name": "B", "custom_fields": { "segment": "x" } }] });
        let result: BulkResult = client.post(&format!("{CUSTOMERS}/bulk?mode=per_row"), &bulk).await.read(200);
        assert_eq!((result.succeeded, result.failed), (1, 1));

        client.patch(&at(&before), "*", &json!({ "city": "Shenzhen" })).await.expect(200);
        client.put(&format!("{CUSTOMERS}/external/sap/7"), &json!({ "name": "Of SAP" })).await.expect(201);
        let has: Customer = client.patch(&at(&before), "*", &json!({ "custom_fields": { "segment": "x" } })).await.read(200);
        let without = client.patch(&at(&has), "*", &json!({ "custom_fields": { "segment": null } })).await.expect(422);
        assert_eq!(faults(&without), [("/custom_fields/segment", "missing-field")]);
    }
}
