use complaints_contract::Complaint;
use complaints_contract::v1::{COMPLAINT_AMENDED, COMPLAINT_LINKED};
use serde_json::json;
use testkit::both;

use crate::support::{PATH, grievance, introduce, open, redact, served_as, start, with};

both! {
    async fn a_correction_is_kept_and_told(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[COMPLAINT_AMENDED]).await;
        let complaint = open(&client, &with(grievance(), json!({"product": "Line", "handler": "wang.fang"}))).await;
        let path = format!("{PATH}/{}", complaint.id);
        let patch = json!({"subject": "Line down again", "product": null, "severity": 1, "channel": "email"});
        let answer = client.patch(&path, "\"1\"", &patch).await;
        assert_eq!(answer.etag(), "\"2\"");
        let amended: Complaint = answer.read(200);
        assert_eq!((amended.subject.as_str(), amended.product.as_deref(), amended.severity), ("Line down again", None, 1));
        assert_eq!(amended.handler.as_deref(), Some("wang.fang"));
        assert_eq!(served_as(&client, &amended).await, "-/1");
        let history = client.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history["items"][1]["fields"], json!(["channel", "subject", "product", "severity"]));

        let same = client.patch(&path, "\"2\"", &json!({"subject": "Line down again"})).await;
        assert_eq!(same.etag(), "\"2\"", "nothing to change");
        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), 1);
    }

    async fn the_version_has_to_be_the_one_read(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let path = format!("{PATH}/{}", complaint.id);
        let patch = json!({"safety": true});
        let missing = client.send(client.request(reqwest::Method::PATCH, &path).json(&patch)).await;
        assert_eq!(missing.problem(), (428, "if-match-missing"));
        client.patch(&path, "\"1\"", &patch).await.expect(200);
        let stale = client.patch(&path, "\"1\"", &json!({"safety": false})).await;
        insta::assert_json_snapshot!(redact(stale.expect(412)), @r#"
        {
          "code": "version-stale",
          "detail": "this is version 2 now: read it again, then repeat your change with its ETag",
          "instance": "/api/v1/complaints/[id]",
          "status": 412,
          "title": "Version stale",
          "trace_id": "[trace]",
          "type": "/problems/version-stale"
        }
        "#);
        client.patch(&path, "*", &json!({"safety": false})).await.expect(200);
        let unchanged = client.send(client.request(reqwest::Method::GET, &path).header("if-none-match", "\"3\"")).await;
        assert_eq!(unchanged.status, 304);
    }

    async fn a_customer_can_be_named_later(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[COMPLAINT_LINKED, COMPLAINT_AMENDED]).await;
        let customer = introduce(&app, "C-000001").await;
        let other = introduce(&app, "C-000002").await;
        let complaint = open(&client, &grievance()).await;
        let path = format!("{PATH}/{}", complaint.id);
        let linked: Complaint = client.patch(&path, "*", &json!({"customer_id": "C-000001"})).await.read(200);
        assert_eq!(linked.customer_id, Some(customer));
        assert_eq!(served_as(&client, &linked).await, "S/3");
        assert!(linked.due.resolve_by < complaint.due.resolve_by, "a better tier is served sooner");
        let moved: Complaint = client.patch(&path, "*", &json!({"customer_id": other})).await.read(200);
        assert_eq!(moved.customer_id, Some(other));
        let refused = client.patch(&path, "*", &json!({"customer_id": "C-404404"})).await;
        assert_eq!(refused.problem(), (422, "customer-unknown"));
        app.drain_outbox().await;
        let told: Vec<_> = tap.envelopes().await.into_iter().map(|event| event.r#type).collect();
        assert_eq!(told, [COMPLAINT_LINKED, COMPLAINT_AMENDED]);
    }

    async fn every_wrong_field_is_named_at_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let path = format!("{PATH}/{}", complaint.id);
        let shape = client.patch(&path, "*", &json!({"subject": null, "severity": 9, "state": "closed"})).await;
        insta::assert_json_snapshot!(redact(shape.expect(422))["errors"], @r#"
        [
          {
            "code": "out-of-range",
            "message": "must be at most 4",
            "pointer": "/severity"
          },
          {
            "code": "unknown-field",
            "message": "there is no such field",
            "pointer": "/state"
          },
          {
            "code": "wrong-type",
            "message": "must be a string",
            "pointer": "/subject"
          }
        ]
        "#);
        let meaning = client.patch(&path, "*", &json!({"customer_id": "C-404404", "subject": " ", "handler": " "})).await;
        insta::assert_json_snapshot!(redact(meaning.expect(422))["errors"], @r#"
        [
          {
            "code": "customer-unknown",
            "message": "no customer is known by this code",
            "pointer": "/customer_id"
          },
          {
            "code": "blank",
            "message": "must not be blank",
            "pointer": "/handler"
          },
          {
            "code": "blank",
            "message": "must not be blank",
            "pointer": "/subject"
          }
        ]
        "#);
        let after: Complaint = client.get(&path).await.read(200);
        assert_eq!(after, complaint);
    }
}
