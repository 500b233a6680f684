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
                "phone": "+86 139 0000 0000",
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
          "created_at": "[time]",
          "customer_id": "[id]",
          "email": "li.wei@example.com",
          "id": "[id]",
          "language": "zh-CN",
          "name": "李伟",
          "note": "Met at the summit.",
          "phone": "+86 139 0000 0000",
          "preferred_channel": "im",
          "title": "CTO",
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
}
