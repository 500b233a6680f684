use registry_contract::Contact;
use serde_json::json;
use testkit::both;
use uuid::Uuid;

use crate::support::{CONTACTS, faults, named, redact, start};

both! {
    async fn a_contact_is_created_read_and_changed(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let created = client
            .post(CONTACTS, &json!({
                "customer_id": customer.id,
                "name": "李伟",
                "title": "CTO",
                "email": "li.wei@example.com",
                "phone": "+86 755 0000 0000",
                "mobile": "+86 139 0000 0000",
                "contact_points": [{ "kind": "phone", "label": "fax", "value": "+86 755 0000 0001" }],
                "topics": ["5G", "数据中心", "５g"],
                "preferred_channel": "im",
                "language": "zh-CN",
                "note": "Met at the summit.",
            }))
            .await;
        assert_eq!(created.etag(), "\"1\"");
        let contact: Contact = created.clone().read(201);
        let path = format!("{CONTACTS}/{}", contact.id);
        assert_eq!(created.header("location"), Some(path.as_str()));
        insta::assert_json_snapshot!(redact(created.body), @r#"
        {
          "contact_points": [
            {
              "kind": "phone",
              "label": "fax",
              "value": "+86 755 0000 0001"
            }
          ],
          "created_at": "[time]",
          "customer_id": "[id]",
          "email": "li.wei@example.com",
          "erased_at": null,
          "id": "[id]",
          "language": "zh-CN",
          "mobile": "+86 139 0000 0000",
          "name": "李伟",
          "note": "Met at the summit.",
          "phone": "+86 755 0000 0000",
          "preferred_channel": "im",
          "title": "CTO",
          "topics": [
            "5g",
            "数据中心"
          ],
          "updated_at": "[time]",
          "version": 1
        }
        "#);
        assert_eq!(client.get(&path).await.read::<Contact>(200), contact);

        let changed: Contact = client.patch(&path, "\"1\"", &json!({ "title": "CEO", "note": null })).await.read(200);
        assert_eq!((changed.title.as_deref(), changed.note, changed.version), (Some("CEO"), None, 2));
        assert_eq!(client.patch(&path, "\"1\"", &json!({ "title": "x" })).await.problem(), (412, "version-stale"));
        assert_eq!(client.patch(&path, "\"2\"", &json!({ "title": "CEO" })).await.etag(), "\"2\"");
    }

    async fn every_wrong_field_is_named_at_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let wrong = json!({ "customer_id": "C-000001", "name": "", "email": "li", "preferred_channel": "pigeon", "age": 4 });
        insta::assert_json_snapshot!(redact(client.post(CONTACTS, &wrong).await.expect(422)), @r#"
        {
          "code": "fields-invalid",
          "detail": "6 values in the body are wrong",
          "errors": [
            {
              "code": "unknown-field",
              "message": "there is no such field",
              "pointer": "/age"
            },
            {
              "code": "bad-format",
              "message": "must be a uuid",
              "pointer": "/customer_id"
            },
            {
              "code": "bad-format",
              "message": "must match ^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$",
              "pointer": "/email"
            },
            {
              "code": "too-short",
              "message": "must be at least 3 characters",
              "pointer": "/email"
            },
            {
              "code": "too-short",
              "message": "must not be empty",
              "pointer": "/name"
            },
            {
              "code": "not-allowed",
              "message": "must be one of phone, email, im, sms, visit, video, portal",
              "pointer": "/preferred_channel"
            }
          ],
          "instance": "/api/v1/contacts",
          "status": 422,
          "title": "Fields invalid",
          "trace_id": "[trace]",
          "type": "/problems/fields-invalid"
        }
        "#);
        let wrong = json!({ "customer_id": Uuid::now_v7(), "name": " ", "email": "a@b..c" });
        let refused = client.post(CONTACTS, &wrong).await.expect(422);
        assert_eq!(
            faults(&refused),
            [("/name", "blank"), ("/email", "bad-format"), ("/customer_id", "unknown-customer")]
        );
        let path = format!("{CONTACTS}/{}", Uuid::now_v7());
        assert_eq!(client.get(&path).await.problem(), (404, "contact-not-found"));
        assert_eq!(client.patch(&path, "*", &json!({})).await.problem(), (404, "contact-not-found"));
        assert_eq!(client.get(&format!("{CONTACTS}/nonsense")).await.problem(), (400, "path-invalid"));
    }

    async fn contacts_are_found_by_what_they_want_to_hear_of_and_how(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        for (name, topics, channel, language) in [
            ("A", json!(["5G", "cloud"]), "email", "zh-CN"),
            ("B", json!(["5G core"]), "visit", "en"),
            ("C", json!(["100%_\"quoted\""]), "email", "en"),
            ("D", json!([]), "sms", "fr"),
        ] {
            let contact = json!({
                "customer_id": customer.id, "name": name, "topics": topics, "preferred_channel": channel, "language": language,
            });
            client.post(CONTACTS, &contact).await.expect(201);
        }
        for (query, names) in [
            ("topic=5g", "A"),
            ("topic=%EF%BC%95G", "A"),
            ("topic=cloud,5g%20core", "AB"),
            ("topic=5", ""),
            ("topic=100%25_%22quoted%22", "C"),
            ("topic=%25", ""),
            ("preferred_channel=email", "AC"),
            ("preferred_channel=visit,sms", "BD"),
            ("language=en,fr", "BCD"),
            ("language=en&preferred_channel=email", "C"),
            ("language=en&sort=-name", "CB"),
        ] {
            let page = client.get(&format!("{CONTACTS}?{query}")).await.expect(200);
            let found: String = page["items"].as_array().expect("items").iter().filter_map(|c| c["name"].as_str()).collect();
            assert_eq!(found, names, "{query}");
        }
    }
}
