use registry_contract::BulkResult;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::both;

use crate::support::{CUSTOMERS, create, faults, redact, start};

const BULK: &str = "/api/v1/customers/bulk";

fn mixed() -> Value {
    json!({ "customers": [
        { "name": "Right" },
        { "name": "", "tier": "D" },
        { "name": "Taken", "external_ids": [{ "system": "sap", "id": "1" }] },
        { "name": "Unknown country", "country": "ZZ" },
        { "name": "Twin", "external_ids": [{ "system": "sap", "id": "2" }] },
        { "name": "Second twin", "external_ids": [{ "system": "sap", "id": "2" }] },
        7,
    ] })
}

both! {
    async fn good_rows_are_created_and_each_bad_row_says_why(db: TestDb) {
        let (_app, client) = start(db).await;
        create(&client, json!({ "name": "Owner", "external_ids": [{ "system": "sap", "id": "1" }] })).await;
        let answer = client.post(&format!("{BULK}?mode=per_row"), &mixed()).await.expect(200);
        insta::assert_json_snapshot!(redact(answer), @r#"
        {
          "failed": 5,
          "mode": "per_row",
          "results": [
            {
              "customer": {
                "address": null,
                "annual_revenue": null,
                "city": null,
                "code": "C-000002",
                "country": null,
                "created_at": "[time]",
                "currency": "CNY",
                "custom_fields": {},
                "employees": null,
                "external_ids": [],
                "founded_year": null,
                "id": "[id]",
                "identifiers": [],
                "industry": null,
                "industry_code": null,
                "kind": "enterprise",
                "language": "zh-CN",
                "lifecycle": "prospect",
                "name": "Right",
                "owner": null,
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
              },
              "row": 0,
              "status": 201
            },
            {
              "problem": {
                "code": "fields-invalid",
                "detail": "2 of the values sent cannot be taken",
                "errors": [
                  {
                    "code": "too-short",
                    "message": "must not be empty",
                    "pointer": "/name"
                  },
                  {
                    "code": "not-allowed",
                    "message": "must be one of S, A, B, C",
                    "pointer": "/tier"
                  }
                ],
                "status": 422,
                "title": "Fields invalid",
                "type": "/problems/fields-invalid"
              },
              "row": 1,
              "status": 422
            },
            {
              "problem": {
                "code": "external-id-taken",
                "detail": "an external id belongs to another customer; change that customer, or leave the id out",
                "errors": [
                  {
                    "code": "external-id-taken",
                    "message": "belongs to another customer",
                    "pointer": "/external_ids/0"
                  }
                ],
                "status": 409,
                "title": "External id taken",
                "type": "/problems/external-id-taken"
              },
              "row": 2,
              "status": 409
            },
            {
              "problem": {
                "code": "fields-invalid",
                "detail": "1 of the values sent cannot be taken",
                "errors": [
                  {
                    "code": "unknown-country",
                    "message": "is no ISO 3166-1 alpha-2 code, such as CN",
                    "pointer": "/country"
                  }
                ],
                "status": 422,
                "title": "Fields invalid",
                "type": "/problems/fields-invalid"
              },
              "row": 3,
              "status": 422
            },
            {
              "customer": {
                "address": null,
                "annual_revenue": null,
                "city": null,
                "code": "C-000003",
                "country": null,
                "created_at": "[time]",
                "currency": "CNY",
                "custom_fields": {},
                "employees": null,
                "external_ids": [
                  {
                    "id": "2",
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
                "name": "Twin",
                "owner": null,
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
              },
              "row": 4,
              "status": 201
            },
            {
              "problem": {
                "code": "external-id-taken",
                "detail": "an external id belongs to another customer; change that customer, or leave the id out",
                "errors": [
                  {
                    "code": "external-id-taken",
                    "message": "belongs to another customer",
                    "pointer": "/external_ids/0"
                  }
                ],
                "status": 409,
                "title": "External id taken",
                "type": "/problems/external-id-taken"
              },
              "row": 5,
              "status": 409
            },
            {
              "problem": {
                "code": "fields-invalid",
                "detail": "1 of the values sent cannot be taken",
                "errors": [
                  {
                    "code": "wrong-type",
                    "message": "must be an object",
                    "pointer": ""
                  }
                ],
                "status": 422,
                "title": "Fields invalid",
                "type": "/problems/fields-invalid"
              },
              "row": 6,
              "status": 422
            }
          ],
          "succeeded": 2
        }
        "#);
        assert_eq!(client.count(CUSTOMERS).await, 3);
    }

    async fn one_bad_row_spoils_an_atomic_request(db: TestDb) {
        let (_app, client) = start(db).await;
        create(&client, json!({ "name": "Owner", "external_ids": [{ "system": "sap", "id": "1" }] })).await;
        let refused = client.post(BULK, &mixed()).await.expect(422);
        assert_eq!(
            faults(&refused),
            [
                ("/customers/1/name", "too-short"),
                ("/customers/1/tier", "not-allowed"),
                ("/customers/2/external_ids/0", "external-id-taken"),
                ("/customers/3/country", "unknown-country"),
                ("/customers/5/external_ids/0", "external-id-taken"),
                ("/customers/6", "wrong-type"),
            ]
        );
        let taken = json!({ "customers": [{ "name": "Right" }, { "name": "T", "external_ids": [{ "system": "sap", "id": "1" }] }] });
        assert_eq!(client.post(&format!("{BULK}?mode=atomic"), &taken).await.problem(), (409, "external-id-taken"));
        assert_eq!(client.count(CUSTOMERS).await, 1);

        let result: BulkResult = client.post(BULK, &json!({ "customers": [{ "name": "A" }, { "name": "B" }] })).await.read(200);
        assert_eq!((result.succeeded, result.failed, client.count(CUSTOMERS).await), (2, 0, 3));
    }

    async fn a_thousand_rows_and_no_more(db: TestDb) {
        let (_app, client) = start(db).await;
        let rows = |count| json!({ "customers": vec![json!({ "name": "N" }); count] });
        assert_eq!(faults(&client.post(BULK, &rows(1001)).await.expect(422)), [("/customers", "too-many")]);
        assert_eq!(faults(&client.post(BULK, &rows(0)).await.expect(422)), [("/customers", "too-few")]);
        let key = || client.request(Method::POST, BULK).header("Idempotency-Key", "bulk-1").json(&rows(1000));
        let first: BulkResult = client.send(key()).await.read(200);
        assert_eq!(first.succeeded, 1000);
        client.send(key()).await.expect(200);
        assert_eq!(client.count(CUSTOMERS).await, 1000);
        let page = client.get(&format!("{CUSTOMERS}?sort=-code&limit=1")).await.expect(200);
        assert_eq!(page["items"][0]["code"], "C-001000");
    }
}
