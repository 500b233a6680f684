use registry_contract::Customer;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{CUSTOMERS, at, create, faults, named, redact, start};

const TENCENT: &str = "9144030071526726XG";

async fn found(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("{CUSTOMERS}?{query}")).await.expect(200);
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["name"].as_str().unwrap_or_default().to_owned()).collect()
}

both! {
    async fn identifiers_are_kept_in_their_standards_form_and_found(db: TestDb) {
        let (_app, client) = start(db).await;
        let created = client
            .post(CUSTOMERS, &json!({ "name": "腾讯", "identifiers": [
                { "type": "uscc", "value": " 9144 0300 7152 6726 xg" },
                { "type": "other", "scheme": "us_ein", "value": "12-3456789" },
                { "type": "duns", "value": "54-407-7246" },
                { "type": "lei", "value": "HWUPKR0MPOU8FGXBT394" },
                { "type": "eu_vat", "value": "DE 136.695.976" },
            ] }))
            .await
            .expect(201);
        insta::assert_json_snapshot!(created["identifiers"], @r#"
        [
          {
            "type": "duns",
            "value": "544077246"
          },
          {
            "type": "eu_vat",
            "value": "DE136695976"
          },
          {
            "type": "lei",
            "value": "HWUPKR0MPOU8FGXBT394"
          },
          {
            "scheme": "us_ein",
            "type": "other",
            "value": "12-3456789"
          },
          {
            "type": "uscc",
            "value": "9144030071526726XG"
          }
        ]
        "#);
        let customer: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!(json!(customer.identifiers), created["identifiers"]);
        named(&client, "Other").await;
        for (query, expected) in [
            (format!("identifier={TENCENT}"), true),
            ("identifier=9144-0300-71526726xg".to_owned(), true),
            (format!("identifier=uscc:{TENCENT}"), true),
            (format!("identifier=lei:{TENCENT}"), false),
            ("identifier=other:12-3456789".to_owned(), true),
            ("identifier=none,de136695976".to_owned(), true),
            ("identifier=".to_owned(), false),
            ("identifier=none".to_owned(), false),
        ] {
            assert_eq!(found(&client, &query).await.len(), usize::from(expected), "{query}");
        }
        let same = json!({ "identifiers": created["identifiers"] });
        assert_eq!(client.patch(&at(&customer), "*", &same).await.etag(), "\"1\"", "nothing new is no change");
        let fewer = json!({ "identifiers": [{ "type": "uscc", "value": TENCENT }] });
        let changed: Customer = client.patch(&at(&customer), "*", &fewer).await.read(200);
        assert_eq!((changed.identifiers.len(), changed.version), (1, 2));
        assert_eq!(found(&client, "identifier=544077246").await, Vec::<String>::new());
    }

    async fn every_fault_of_identifiers_is_named(db: TestDb) {
        let (_app, client) = start(db).await;
        let refused = client
            .post(CUSTOMERS, &json!({ "name": "Acme", "identifiers": [
                { "type": "uscc", "value": "9144030071526726XH" },
                { "type": "lei", "value": "HWUPKR0MPOU8FGXBT39" },
                { "type": "duns", "value": "54407724O" },
                { "type": "eu_vat", "value": "US12345672" },
                { "type": "other", "value": "7" },
            ] }))
            .await;
        insta::assert_json_snapshot!(redact(refused.expect(422))["errors"], @r#"
        [
          {
            "code": "bad-check-digit",
            "message": "is mistyped: the check digit must be G, not H",
            "pointer": "/identifiers/0/value"
          },
          {
            "code": "wrong-length",
            "message": "must have 20 characters, has 19",
            "pointer": "/identifiers/1/value"
          },
          {
            "code": "bad-alphabet",
            "message": "must be digits only, character 9 is not",
            "pointer": "/identifiers/2/value"
          },
          {
            "code": "unknown-country",
            "message": "must begin with a member state's prefix, such as DE, EL or XI",
            "pointer": "/identifiers/3/value"
          },
          {
            "code": "missing-field",
            "message": "is required with the type other",
            "pointer": "/identifiers/4/scheme"
          }
        ]
        "#);
        assert_eq!(client.count(CUSTOMERS).await, 0);
    }

    async fn what_names_one_organisation_belongs_to_one_customer(db: TestDb) {
        let (_app, client) = start(db).await;
        let with = |name: &str, kind: &str, value: &str| {
            json!({ "name": name, "identifiers": [{ "type": kind, "value": value }] })
        };
        create(&client, with("First", "uscc", TENCENT)).await;
        let second = create(&client, with("Second", "eu_vat", "DE136695976")).await;
        let refused = client.post(CUSTOMERS, &with("Third", "uscc", TENCENT)).await;
        insta::assert_json_snapshot!(redact(refused.expect(409)), @r#"
        {
          "code": "identifier-taken",
          "detail": "an identifier belongs to another customer; change that customer, or leave the identifier out",
          "errors": [
            {
              "code": "identifier-taken",
              "message": "belongs to the customer C-000001",
              "pointer": "/identifiers/0"
            }
          ],
          "instance": "/api/v1/customers",
          "status": 409,
          "title": "Identifier taken",
          "trace_id": "[trace]",
          "type": "/problems/identifier-taken"
        }
        "#);
        let taken = json!({ "identifiers": [{ "type": "uscc", "value": TENCENT }] });
        assert_eq!(client.patch(&at(&second), "*", &taken).await.problem(), (409, "identifier-taken"));
        let external = client.put(&format!("{CUSTOMERS}/external/sap/7"), &with("Fourth", "uscc", TENCENT)).await;
        assert_eq!(external.problem(), (409, "identifier-taken"));
        create(&client, with("Of the same VAT group", "eu_vat", "DE136695976")).await;
        let bulk = json!({ "customers": [{ "name": "Right" }, with("Wrong", "uscc", TENCENT)] });
        let bulk_at = |mode: &str| format!("{CUSTOMERS}/bulk?mode={mode}");
        let refused = client.post(&bulk_at("atomic"), &bulk).await;
        assert_eq!(refused.problem(), (409, "identifier-taken"));
        assert_eq!(faults(&refused.body), [("/customers/1/identifiers/0", "identifier-taken")]);
        let result = client.post(&bulk_at("per_row"), &bulk).await.expect(200);
        assert_eq!((&result["succeeded"], &result["results"][1]["status"]), (&json!(1), &json!(409)));
    }

    async fn two_at_once_never_share_an_identifier(db: TestDb) {
        let (_app, client) = start(db).await;
        let one = |number: usize| {
            json!({ "name": format!("Acme {number}"), "identifiers": [{ "type": "uscc", "value": TENCENT }] })
        };
        let bodies: Vec<Value> = (0..6).map(one).collect();
        let answers = futures::future::join_all(bodies.iter().map(|body| client.post(CUSTOMERS, body))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409], "{answers:?}");
        assert_eq!(client.count(CUSTOMERS).await, 1);
    }

    async fn a_customer_may_be_several_things_to_us(db: TestDb) {
        let (_app, client) = start(db).await;
        let roles = json!(["channel_partner", "buyer", "enterprise", "buyer"]);
        let acme = create(&client, json!({ "name": "Acme", "roles": roles })).await;
        assert_eq!(json!(acme.roles), json!(["buyer", "enterprise", "channel_partner"]));
        create(&client, json!({ "name": "Partner", "kind": "channel_partner" })).await;
        create(&client, json!({ "name": "Other" })).await;
        for (query, expected) in [
            ("role=channel_partner", vec!["Acme", "Partner"]),
            ("role=buyer", vec!["Acme"]),
            ("role=buyer,intermediary", vec!["Acme"]),
            ("role=consumer", vec![]),
            ("kind=channel_partner", vec!["Partner"]),
        ] {
            assert_eq!(found(&client, query).await, expected, "{query}");
        }
        let changed: Customer = client.patch(&at(&acme), "*", &json!({ "kind": "buyer" })).await.read(200);
        assert_eq!(changed.roles, acme.roles, "the kind comes and goes by itself");
        let cleared: Customer = client.patch(&at(&acme), "*", &json!({ "roles": [] })).await.read(200);
        assert_eq!((cleared.roles.len(), cleared.version), (0, 3));
    }
}
