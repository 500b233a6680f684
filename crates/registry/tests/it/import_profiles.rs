use registry_contract::{Customer, Import, ImportProfile};
use serde_json::{Value, json};
use testkit::both;

use crate::support::{CUSTOMERS, IMPORTS, counts, faults, import, redact, send_bytes, send_file, start};

const PROFILES: &str = "/api/v1/import-profiles";

fn erp() -> Value {
    json!({
        "name": "ERP",
        "columns": [
            { "column": "Firma", "fields": ["name"] },
            { "column": "Nr, alt", "fields": ["external_id"] },
            { "column": "phone", "fields": [] },
        ],
        "defaults": { "country": "DE", "tier": "B" },
        "system": "erp",
        "charset": "windows-1252",
        "delimiter": "semicolon",
    })
}

both! {
    async fn a_profile_tells_how_to_read_a_file(db: TestDb) {
        let (_app, client) = start(db).await;
        let made = client.post(PROFILES, &erp()).await;
        assert!(made.header("location").is_some_and(|path| path.starts_with(PROFILES)));
        insta::assert_json_snapshot!(redact(made.body.clone()), @r#"
        {
          "charset": "windows-1252",
          "columns": [
            {
              "column": "Firma",
              "fields": [
                "name"
              ]
            },
            {
              "column": "Nr, alt",
              "fields": [
                "external_id"
              ]
            },
            {
              "column": "phone",
              "fields": []
            }
          ],
          "created_at": "[time]",
          "defaults": {
            "country": "DE",
            "tier": "B"
          },
          "delimiter": "semicolon",
          "id": "[id]",
          "match": null,
          "name": "ERP",
          "system": "erp",
          "updated_at": "[time]",
          "version": 1
        }
        "#);
        let file = encoding_rs::WINDOWS_1252.encode("Firma;Nr, alt;phone;tier\nMüller;007;none;\nGröße;008;none;A\n").0;
        let first: Import = send_bytes(&client, "&profile=ERP", "text/csv", file.to_vec()).await.read(201);
        assert_eq!(counts(&first), [2, 2, 0, 0, 0, 0]);
        let customer: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!((customer.name.as_str(), customer.tier.as_str(), customer.country.as_deref()), ("Müller", "B", Some("DE")));
        assert_eq!((customer.external_ids[0].system.as_str(), customer.external_ids[0].id.as_str()), ("erp", "007"));

        client.patch(&format!("{CUSTOMERS}/C-000001"), "*", &json!({ "country": "FR" })).await.expect(200);
        let id = made.body["id"].as_str().expect("an id");
        let again: Import = send_bytes(&client, &format!("&profile={id}"), "text/csv", file.to_vec()).await.read(201);
        assert_eq!(counts(&again), [2, 0, 0, 2, 0, 0], "defaults are for new customers only");
        let unknown = send_file(&client, "&profile=SAP", "name\nA\n").await;
        assert_eq!(unknown.problem(), (404, "import-profile-not-found"));
        assert_eq!(client.count(IMPORTS).await, 2);
    }

    async fn what_the_request_says_goes_before_the_profile(db: TestDb) {
        let (_app, client) = start(db).await;
        client.post(PROFILES, &json!({ "name": "P", "columns": [{ "column": "a", "fields": ["name"] }] })).await.expect(201);
        let import = import(&client, "&profile=P&map=a:short_name,b:name", "a,b\nShort,Long\n").await;
        assert_eq!(counts(&import), [1, 1, 0, 0, 0, 0]);
        let customer: Customer = client.get(&format!("{CUSTOMERS}/C-000001")).await.read(200);
        assert_eq!((customer.name.as_str(), customer.short_name.as_deref()), ("Long", Some("Short")));
    }

    async fn profiles_are_kept_replaced_and_deleted(db: TestDb) {
        let (_app, client) = start(db).await;
        let made: ImportProfile = client.post(PROFILES, &erp()).await.read(201);
        let taken = client.post(PROFILES, &json!({ "name": "ERP" })).await.expect(422);
        assert_eq!(faults(&taken), [("/name", "not-unique")]);
        let wrong = json!({ "name": "X", "columns": [{ "column": "a", "fields": ["shoe_size"] }], "defaults": { "tier": "Z" } });
        let wrong = client.post(PROFILES, &wrong).await.expect(422);
        assert_eq!(faults(&wrong), [("/columns/0/fields/0", "unknown-field"), ("/defaults/tier", "not-allowed")]);

        let path = format!("{PROFILES}/{}", made.id);
        let read = client.get(&path).await;
        let replace = client.request(reqwest::Method::PUT, &path).header("if-match", read.etag());
        let replaced: ImportProfile = client.send(replace.json(&json!({ "name": "ERP 2" }))).await.read(200);
        assert_eq!((replaced.name.as_str(), replaced.version, replaced.reading.columns.len()), ("ERP 2", 2, 0));
        assert_eq!(client.delete(&path, &read.etag()).await.problem(), (412, "version-stale"));
        assert_eq!(client.count(PROFILES).await, 1);
        client.delete(&path, "\"2\"").await.expect(204);
        assert_eq!(client.get(&path).await.problem(), (404, "import-profile-not-found"));
        assert_eq!(client.delete(&path, "*").await.problem(), (404, "import-profile-not-found"));
    }
}
