use chrono::Utc;
use messaging::Act;
use registry_contract::{BulkMode, Customer, NewCustomer};
use reqwest::Method;
use serde_json::json;
use testkit::both;
use uuid::Uuid;
use wire::ExternalId;

use crate::support::{CUSTOMERS, at, create, faults, named, redact, start};

both! {
    async fn a_customer_is_created_read_and_changed(db: TestDb) {
        let (_app, client) = start(db).await;
        let created = client
            .post(CUSTOMERS, &json!({
                "name": " 深圳示例科技有限公司 ",
                "short_name": "示例科技",
                "kind": "enterprise",
                "tier": "A",
                "lifecycle": "repeat",
                "industry": "telecom",
                "country": "CN",
                "region": "广东",
                "city": "深圳",
                "address": "科技路 1 号",
                "website": "https://example.cn/关于",
                "phone": "+86 755 1234 5678",
                "owner": "li.wei",
                "annual_revenue": { "amount": "1234567.80", "currency": "USD" },
                "employees": 1200,
                "founded_year": 1998,
                "tax_id": "91440300708461136T",
                "external_ids": [{ "system": "sap", "id": "0000104711" }],
            }))
            .await;
        assert_eq!(created.etag(), "\"1\"");
        let location = created.header("location").expect("a location").to_owned();
        let customer: Customer = created.clone().read(201);
        assert_eq!(location, at(&customer));
        insta::assert_json_snapshot!(redact(created.body), @r#"
        {
          "address": "科技路 1 号",
          "annual_revenue": {
            "amount": "1234567.80",
            "currency": "USD"
          },
          "city": "深圳",
          "code": "C-000001",
          "country": "CN",
          "created_at": "[time]",
          "currency": "CNY",
          "custom_fields": {},
          "employees": 1200,
          "external_ids": [
            {
              "id": "0000104711",
              "system": "sap"
            }
          ],
          "founded_year": 1998,
          "id": "[id]",
          "identifiers": [],
          "industry": "telecom",
          "industry_code": null,
          "kind": "enterprise",
          "language": "zh-CN",
          "lifecycle": "repeat",
          "name": "深圳示例科技有限公司",
          "owner": "li.wei",
          "parent_id": null,
          "phone": "+86 755 1234 5678",
          "region": "广东",
          "region_code": null,
          "roles": [],
          "short_name": "示例科技",
          "tax_id": "91440300708461136T",
          "tier": "A",
          "time_zone": "Asia/Shanghai",
          "updated_at": "[time]",
          "version": 1,
          "website": "https://example.cn/关于"
        }
        "#);

        for path in [location.clone(), format!("{CUSTOMERS}/{}", customer.code)] {
            let found = client.get(&path).await;
            assert_eq!(found.etag(), "\"1\"");
            assert_eq!(found.read::<Customer>(200), customer);
        }

        let changed = client
            .patch(&location, "\"1\"", &json!({ "industry": "energy", "owner": null, "annual_revenue": null, "city": "东莞" }))
            .await;
        assert_eq!(changed.etag(), "\"2\"");
        let changed: Customer = changed.read(200);
        assert_eq!((changed.owner.as_deref(), changed.annual_revenue, changed.city.as_deref()), (None, None, Some("东莞")));
        assert_eq!(changed.short_name, customer.short_name, "what is left out stays");
        assert_eq!(client.get(&location).await.read::<Customer>(200), changed);
    }

    async fn what_is_left_out_has_its_default(db: TestDb) {
        let (_app, client) = start(db).await;
        let created = client.post(CUSTOMERS, &json!({ "name": "Acme" })).await;
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
          "external_ids": [],
          "founded_year": null,
          "id": "[id]",
          "identifiers": [],
          "industry": null,
          "industry_code": null,
          "kind": "enterprise",
          "language": "zh-CN",
          "lifecycle": "prospect",
          "name": "Acme",
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
        }
        "#);
    }

    async fn every_wrong_field_is_named_at_once_and_nothing_changes(db: TestDb) {
        let (_app, client) = start(db).await;
        let refused = client
            .post(CUSTOMERS, &json!({
                "name": "",
                "tier": "D",
                "kind": 7,
                "country": "cn",
                "phone": "call me",
                "website": "example.com",
                "language": "chinese",
                "time_zone": "Shanghai",
                "currency": "rmb",
                "employees": -1,
                "founded_year": "1998",
                "annual_revenue": { "amount": "much", "currency": "CNY" },
                "parent_id": "C-000001",
                "external_ids": [{ "system": "SAP", "id": "" }],
                "shoe_size": 43,
            }))
            .await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "fields-invalid",
          "detail": "17 values in the body are wrong",
          "errors": [
            {
              "code": "bad-format",
              "message": "must match ^-?[0-9]{1,18}(\\.[0-9]{1,4})?$",
              "pointer": "/annual_revenue/amount"
            },
            {
              "code": "bad-format",
              "message": "must match ^[A-Z]{2}$",
              "pointer": "/country"
            },
            {
              "code": "bad-format",
              "message": "must match ^[A-Z]{3}$",
              "pointer": "/currency"
            },
            {
              "code": "out-of-range",
              "message": "must be at least 0",
              "pointer": "/employees"
            },
            {
              "code": "too-short",
              "message": "must not be empty",
              "pointer": "/external_ids/0/id"
            },
            {
              "code": "bad-format",
              "message": "must match ^[a-z0-9][a-z0-9_.-]*$",
              "pointer": "/external_ids/0/system"
            },
            {
              "code": "wrong-type",
              "message": "must be an integer or null",
              "pointer": "/founded_year"
            },
            {
              "code": "not-allowed",
              "message": "must be one of consumer, buyer, enterprise, intermediary, channel_partner",
              "pointer": "/kind"
            },
            {
              "code": "wrong-type",
              "message": "must be a string",
              "pointer": "/kind"
            },
            {
              "code": "bad-format",
              "message": "must match ^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
              "pointer": "/language"
            },
            {
              "code": "too-short",
              "message": "must not be empty",
              "pointer": "/name"
            },
            {
              "code": "bad-format",
              "message": "must be a uuid",
              "pointer": "/parent_id"
            },
            {
              "code": "bad-format",
              "message": "must match ^[0-9 +()./,#-]{3,50}$",
              "pointer": "/phone"
            },
            {
              "code": "unknown-field",
              "message": "there is no such field",
              "pointer": "/shoe_size"
            },
            {
              "code": "not-allowed",
              "message": "must be one of S, A, B, C",
              "pointer": "/tier"
            },
            {
              "code": "bad-format",
              "message": "must match ^(UTC|[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+)$",
              "pointer": "/time_zone"
            },
            {
              "code": "bad-format",
              "message": "must match ^https?://[^\\s/?#]+([/?#]\\S*)?$",
              "pointer": "/website"
            }
          ],
          "instance": "/api/v1/customers",
          "status": 422,
          "title": "Fields invalid",
          "trace_id": "[trace]",
          "type": "/problems/fields-invalid"
        }
        "#);

        // What only lists and the database know comes together as well.
        let refused = client
            .post(CUSTOMERS, &json!({
                "name": " \n ",
                "country": "XX",
                "currency": "XXX",
                "parent_id": Uuid::now_v7(),
                "external_ids": [{ "system": "sap", "id": "1" }, { "system": "sap", "id": "1" }],
            }))
            .await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "fields-invalid",
          "detail": "5 of the values sent cannot be taken",
          "errors": [
            {
              "code": "blank",
              "message": "must not be blank",
              "pointer": "/name"
            },
            {
              "code": "unknown-country",
              "message": "is no ISO 3166-1 alpha-2 code, such as CN",
              "pointer": "/country"
            },
            {
              "code": "unknown-currency",
              "message": "is no ISO 4217 code, such as CNY",
              "pointer": "/currency"
            },
            {
              "code": "not-unique",
              "message": "is there twice",
              "pointer": "/external_ids/1"
            },
            {
              "code": "unknown-customer",
              "message": "there is no such customer",
              "pointer": "/parent_id"
            }
          ],
          "instance": "/api/v1/customers",
          "status": 422,
          "title": "Fields invalid",
          "trace_id": "[trace]",
          "type": "/problems/fields-invalid"
        }
        "#);
        assert_eq!(client.count(CUSTOMERS).await, 0);
    }

    async fn an_external_id_belongs_to_one_customer(db: TestDb) {
        let (_app, client) = start(db).await;
        let key = json!([{ "system": "sap", "id": "1" }]);
        create(&client, json!({ "name": "First", "external_ids": key })).await;
        let second = create(&client, json!({ "name": "Second", "external_ids": [{ "system": "crm", "id": "1" }] })).await;

        let refused = client.post(CUSTOMERS, &json!({ "name": "Third", "external_ids": key })).await;
        insta::assert_json_snapshot!(redact(refused.expect(409)), @r#"
        {
          "code": "external-id-taken",
          "detail": "an external id belongs to another customer; change that customer, or leave the id out",
          "errors": [
            {
              "code": "external-id-taken",
              "message": "belongs to another customer",
              "pointer": "/external_ids/0"
            }
          ],
          "instance": "/api/v1/customers",
          "status": 409,
          "title": "External id taken",
          "trace_id": "[trace]",
          "type": "/problems/external-id-taken"
        }
        "#);
        let refused = client.patch(&at(&second), "*", &json!({ "external_ids": key })).await;
        assert_eq!(refused.problem(), (409, "external-id-taken"));

        let moved: Customer =
            client.patch(&at(&second), "*", &json!({ "external_ids": [{ "system": "sap", "id": "2" }] })).await.read(200);
        assert_eq!(moved.external_ids.len(), 1);
        let free = create(&client, json!({ "name": "Fourth", "external_ids": [{ "system": "crm", "id": "1" }] })).await;
        assert_eq!(free.external_ids.len(), 1, "what a customer gives up, another may take");
    }

    async fn changes_need_the_version_they_are_made_to(db: TestDb) {
        let (_app, client) = start(db).await;
        let path = at(&named(&client, "Acme").await);
        let patch = json!({ "city": "Bonn" });

        let blind = client.send(client.request(Method::PATCH, &path).json(&patch)).await;
        assert_eq!(blind.problem(), (428, "if-match-missing"));
        client.patch(&path, "\"1\"", &patch).await.expect(200);
        let stale = client.patch(&path, "\"1\"", &json!({ "city": "Wien" })).await;
        insta::assert_json_snapshot!(redact(stale.expect(412)), @r#"
        {
          "code": "version-stale",
          "detail": "this is version 2 now: read it again, then repeat your change with its ETag",
          "instance": "/api/v1/customers/[id]",
          "status": 412,
          "title": "Version stale",
          "trace_id": "[trace]",
          "type": "/problems/version-stale"
        }
        "#);
        let overwritten = client.patch(&path, "*", &json!({ "city": "Wien" })).await;
        assert_eq!(overwritten.etag(), "\"3\"");
        let same = client.patch(&path, "\"3\"", &json!({ "city": "Wien" })).await;
        assert_eq!(same.etag(), "\"3\"", "nothing new is no change");

        let unchanged = client.send(client.request(Method::GET, &path).header("If-None-Match", "\"3\"")).await;
        assert_eq!(unchanged.status, 304);
    }

    async fn a_change_is_held_against_the_same_rules(db: TestDb) {
        let (_app, client) = start(db).await;
        let path = at(&named(&client, "Acme").await);
        let refused = client.patch(&path, "*", &json!({ "name": null, "tier": null, "phone": "x" })).await.expect(422);
        assert_eq!(
            faults(&refused),
            [
                ("/name", "wrong-type"),
                ("/phone", "bad-format"),
                ("/phone", "too-short"),
                ("/tier", "not-allowed"),
                ("/tier", "wrong-type"),
            ]
        );
        let refused = client.patch(&path, "*", &json!({ "name": "  ", "country": "ZZ" })).await.expect(422);
        assert_eq!(faults(&refused), [("/name", "blank"), ("/country", "unknown-country")]);
        assert_eq!(client.get(&path).await.read::<Customer>(200).version, 1);
    }

    async fn a_request_repeated_with_its_key_is_done_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let post = |name: &str| client.request(Method::POST, CUSTOMERS).header("Idempotency-Key", "k-1").json(&json!({ "name": name }));
        let first = client.send(post("Acme")).await.expect(201);
        let again = client.send(post("Acme")).await.expect(201);
        assert_eq!(first, again);
        assert_eq!(client.send(post("Other")).await.problem(), (422, "idempotency-key-reused"));
        assert_eq!(client.count(CUSTOMERS).await, 1);
    }

    async fn a_request_repeated_after_a_crash_meets_its_own_customers(db: TestDb) {
        let (app, client) = start(db).await;
        let db = &app.context().db;
        let id = Uuid::now_v7();
        let act = || Act::system(Utc::now()).reserving(id);
        let mut new = NewCustomer::named("Acme");
        new.external_ids = vec![ExternalId { system: "sap".into(), id: "1".into() }];
        let first = registry::create_customer(db, &act(), new.clone()).await.expect("a customer");
        let again = registry::create_customer(db, &act(), new).await.expect("the same customer");
        assert_eq!(first, again);

        let id = Uuid::now_v7();
        let act = || Act::system(Utc::now()).reserving(id);
        let rows = || vec![Ok(NewCustomer::named("One")), Err(vec![]), Ok(NewCustomer::named("Two"))];
        let first = registry::bulk_create_customers(db, &act(), BulkMode::PerRow, rows()).await.expect("rows");
        let again = registry::bulk_create_customers(db, &act(), BulkMode::PerRow, rows()).await.expect("the same rows");
        assert_eq!((first.succeeded, first.failed), (2, 1));
        assert_eq!(serde_json::to_value(first).ok(), serde_json::to_value(again).ok());
        assert_eq!(client.count(CUSTOMERS).await, 3);
    }

    async fn a_customer_that_is_not_there_is_not_found(db: TestDb) {
        let (_app, client) = start(db).await;
        let unknown = Uuid::now_v7().to_string();
        for reference in [unknown.as_str(), "C-999999", "nonsense"] {
            let path = format!("{CUSTOMERS}/{reference}");
            assert_eq!(client.get(&path).await.problem(), (404, "customer-not-found"));
            assert_eq!(client.patch(&path, "*", &json!({})).await.problem(), (404, "customer-not-found"));
        }
        let missing = client.get(&format!("{CUSTOMERS}/C-999999")).await;
        insta::assert_json_snapshot!(redact(missing.expect(404)), @r#"
    {
      "code": "customer-not-found",
      "detail": "there is no customer C-999999",
      "instance": "/api/v1/customers/C-999999",
      "status": 404,
      "title": "Customer not found",
      "trace_id": "[trace]",
      "type": "/problems/customer-not-found"
    }
    "#);
    }
}
