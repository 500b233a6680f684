use registry_contract::ConsentEntry;
use serde_json::{Value, json};
use testkit::{Answer, Client, both};
use uuid::Uuid;

use crate::support::{CONTACTS, faults, named, person, redact, start};

fn said(decision: &str, purpose: &str, channel: &str, at: &str) -> Value {
    json!({
        "decision": decision, "purpose": purpose, "channel": channel, "decided_at": at,
        "source": "Form of the summit", "text_version": "2026-03",
    })
}

fn proven(mut consent: Value) -> Value {
    consent["evidence"] = json!("https://example.com/forms/1");
    consent
}

async fn may(client: &Client, path: &str, purpose: &str, channel: &str) -> Answer {
    client.get(&format!("{path}/check?purpose={purpose}&channel={channel}")).await
}

both! {
    async fn a_ledger_keeps_what_was_said_and_says_what_follows(db: TestDb) {
        let (_app, client) = start(db).await;
        let li = person(&client, &named(&client, "Acme").await, "Li").await;
        let path = format!("{CONTACTS}/{}/consents", li.id);
        let created = client.post(&path, &proven(said("granted", "survey", "email", "2026-03-01T08:00:00Z"))).await;
        let entry: ConsentEntry = created.clone().read(201);
        let location = created.header("location").expect("a location").to_owned();
        assert_eq!(client.get(&location).await.read::<ConsentEntry>(200), entry);
        client.post(&path, &said("objected", "survey", "sms", "2026-02-01T08:00:00Z")).await.expect(201);
        insta::assert_json_snapshot!(redact(client.get(&path).await.expect(200)), @r#"
        {
          "contact_id": "[id]",
          "effective": [
            {
              "allowed": true,
              "channel": "email",
              "decided_by": "[id]",
              "purpose": "survey",
              "reason": "granted"
            },
            {
              "allowed": false,
              "channel": "sms",
              "decided_by": "[id]",
              "purpose": "survey",
              "reason": "objected"
            }
          ],
          "entries": [
            {
              "channel": "sms",
              "contact_id": "[id]",
              "created_at": "[time]",
              "customer_id": "[id]",
              "decided_at": "[time]",
              "decision": "objected",
              "evidence": null,
              "id": "[id]",
              "purpose": "survey",
              "recorded_by": "[actor]",
              "source": "Form of the summit",
              "text_version": "2026-03"
            },
            {
              "channel": "email",
              "contact_id": "[id]",
              "created_at": "[time]",
              "customer_id": "[id]",
              "decided_at": "[time]",
              "decision": "granted",
              "evidence": "https://example.com/forms/1",
              "id": "[id]",
              "purpose": "survey",
              "recorded_by": "[actor]",
              "source": "Form of the summit",
              "text_version": "2026-03"
            }
          ]
        }
        "#);
        insta::assert_json_snapshot!(redact(may(&client, &path, "survey", "email").await.expect(200)), @r#"
        {
          "allowed": true,
          "channel": "email",
          "contact_id": "[id]",
          "decided_by": {
            "channel": "email",
            "contact_id": "[id]",
            "created_at": "[time]",
            "customer_id": "[id]",
            "decided_at": "[time]",
            "decision": "granted",
            "evidence": "https://example.com/forms/1",
            "id": "[id]",
            "purpose": "survey",
            "recorded_by": "[actor]",
            "source": "Form of the summit",
            "text_version": "2026-03"
          },
          "purpose": "survey",
          "reason": "granted"
        }
        "#);
    }

    async fn an_opt_out_wins_in_whatever_order_it_arrives(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let granted = proven(said("granted", "marketing", "email", "2026-03-01T08:00:00Z"));
        let objected = said("objected", "any", "any", "2026-03-02T08:00:00Z");
        let again = said("granted", "marketing", "email", "2026-03-03T08:00:00Z");
        for order in [[&granted, &objected, &again], [&again, &objected, &granted], [&objected, &again, &granted]] {
            let li = person(&client, &customer, "Li").await;
            let path = format!("{CONTACTS}/{}/consents", li.id);
            for entry in order {
                client.post(&path, entry).await.expect(201);
            }
            let answer = may(&client, &path, "marketing", "email").await.expect(200);
            assert_eq!((answer["allowed"].as_bool(), answer["reason"].as_str()), (Some(false), Some("objected")));
            client.post(&path, &proven(said("granted", "marketing", "email", "2026-03-04T08:00:00Z"))).await.expect(201);
            let answer = may(&client, &path, "marketing", "email").await.expect(200);
            assert_eq!((answer["allowed"].as_bool(), answer["reason"].as_str()), (Some(true), Some("granted")));
            let answer = may(&client, &path, "marketing", "sms").await.expect(200);
            assert_eq!((answer["allowed"].as_bool(), answer["reason"].as_str()), (Some(false), Some("objected")));
        }
    }

    async fn who_was_never_asked_may_not_be_approached(db: TestDb) {
        let (_app, client) = start(db).await;
        let li = person(&client, &named(&client, "Acme").await, "Li").await;
        let path = format!("{CONTACTS}/{}/consents", li.id);
        let answer = may(&client, &path, "event", "phone").await.expect(200);
        assert_eq!(answer["allowed"], false);
        assert_eq!((answer["reason"].as_str(), answer["decided_by"].is_null()), (Some("never_given"), true));
        assert_eq!(may(&client, &path, "any", "phone").await.problem(), (400, "query-invalid"));
        assert_eq!(may(&client, &path, "event", "any").await.problem(), (400, "query-invalid"));

        let mut wrong = said("granted", "event", "phone", "2999-01-01T00:00:00Z");
        wrong.as_object_mut().expect("an object").remove("text_version");
        let refused = client.post(&path, &wrong).await.expect(422);
        assert_eq!(faults(&refused), [("/decided_at", "in-the-future"), ("/text_version", "missing-field")]);
        let nobody = format!("{CONTACTS}/{}/consents", Uuid::now_v7());
        assert_eq!(client.get(&nobody).await.problem(), (404, "contact-not-found"));
        assert_eq!(may(&client, &nobody, "event", "phone").await.problem(), (404, "contact-not-found"));
        let entry = said("granted", "event", "phone", "2026-01-01T00:00:00Z");
        assert_eq!(client.post(&nobody, &entry).await.problem(), (404, "contact-not-found"));
        let unknown = client.get(&format!("/api/v1/consents/{}", Uuid::now_v7())).await;
        assert_eq!(unknown.problem(), (404, "consent-not-found"));
    }
}
