use chrono::Utc;
use complaints_contract::v1::ComplaintOpened;
use complaints_contract::{Complaint, NewComplaint};
use messaging::Act;
use serde_json::json;
use testkit::both;
use uuid::Uuid;

use crate::support::{EVENTS, PATH, grievance, introduce, redact, served_as, start, with};

both! {
    async fn a_complaint_is_registered_and_told(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(EVENTS).await;
        let customer = introduce(&app, "C-000001").await;

        let answer = client
            .post(PATH, &with(grievance(), json!({
                "customer_id": "C-000001",
                "contact_id": Uuid::now_v7(),
                "description": "No dial tone since noon.\n电话不通。",
                "product": "Access line",
                "issue": "Outage",
                "remedy_sought": "Repair today",
                "severity": 1,
                "safety": true,
                "language": "en",
                "external_id": {"system": "desk", "id": "0042"},
                "received_at": "2026-03-04T01:30:00Z",
                "handler": "wang.fang",
            })))
            .await;
        let location = answer.header("location").expect("a location").to_owned();
        assert_eq!(answer.etag(), "\"1\"");
        let opened: Complaint = answer.clone().read(201);
        assert_eq!(location, format!("{PATH}/{}", opened.id));
        assert_eq!(opened.customer_id, Some(customer));
        assert_eq!(opened.number, format!("CP-{}-000001", opened.created_at.format("%Y")));
        insta::assert_json_snapshot!(redact(answer.body), @r#"
        {
          "about_staff": null,
          "accepted_at": null,
          "acknowledged_at": null,
          "channel": "phone",
          "closed_at": null,
          "complainant": null,
          "complainant_erased_at": null,
          "confidential": [],
          "contact_id": "[id]",
          "contained_at": null,
          "created_at": "[time]",
          "customer_external": null,
          "customer_id": "[id]",
          "customer_known": true,
          "description": "No dial tone since noon.\n电话不通。",
          "due": {
            "acknowledge_by": "[time]",
            "policy": 1,
            "resolve_by": "[time]",
            "respond_by": "[time]"
          },
          "external_id": {
            "id": "0042",
            "system": "desk"
          },
          "first_responded_at": null,
          "follow_up_due_at": null,
          "handler": "wang.fang",
          "id": "[id]",
          "issue": "Outage",
          "language": "en",
          "next_clock": "acknowledge",
          "next_due": "[time]",
          "number": "[number]",
          "order_number": null,
          "product": "Access line",
          "received_at": "[time]",
          "remedy_sought": "Repair today",
          "reopened_count": 0,
          "reported_by": null,
          "resolution": null,
          "resolved_at": null,
          "safety": true,
          "severity": 1,
          "state": "received",
          "subject": "Line down",
          "timely": null,
          "told_at": null,
          "updated_at": "[time]",
          "version": 1,
          "waiting_since": null
        }
        "#);
        assert_eq!(json!(opened.due), json!({
            "policy": 1,
            "acknowledge_by": "2026-03-04T01:45:00Z",
            "respond_by": "2026-03-04T02:30:00Z",
            "resolve_by": "2026-03-05T01:30:00Z",
        }));

        for path in [location, format!("{PATH}/{}", opened.number)] {
            let found = client.get(&path).await;
            assert_eq!(found.etag(), "\"1\"");
            assert_eq!(found.read::<Complaint>(200), opened);
        }

        app.drain_outbox().await;
        let told = tap.envelopes().await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].subject, opened.id.to_string());
        insta::assert_json_snapshot!(redact(told[0].decode::<ComplaintOpened>().map(|e| json!(e)).expect("the event")), @r#"
        {
          "acknowledged_at": null,
          "channel": "phone",
          "closed_at": null,
          "complaint_id": "[id]",
          "customer_id": "[id]",
          "first_responded_at": null,
          "in_time": {
            "acknowledge": null,
            "resolve": null,
            "respond": null
          },
          "number": "[number]",
          "received_at": "[time]",
          "reopened_count": 0,
          "resolved_at": null,
          "safety": true,
          "sequence": 1,
          "severity": 1,
          "state": "received"
        }
        "#);
    }

    async fn little_is_needed(db: TestDb) {
        let (_app, client) = start(db).await;
        insta::assert_json_snapshot!(redact(client.post(PATH, &grievance()).await.expect(201)), @r#"
        {
          "about_staff": null,
          "accepted_at": null,
          "acknowledged_at": null,
          "channel": "phone",
          "closed_at": null,
          "complainant": null,
          "complainant_erased_at": null,
          "confidential": [],
          "contact_id": null,
          "contained_at": null,
          "created_at": "[time]",
          "customer_external": null,
          "customer_id": null,
          "customer_known": false,
          "description": null,
          "due": {
            "acknowledge_by": "[time]",
            "policy": 1,
            "resolve_by": "[time]",
            "respond_by": "[time]"
          },
          "external_id": null,
          "first_responded_at": null,
          "follow_up_due_at": null,
          "handler": null,
          "id": "[id]",
          "issue": null,
          "language": "zh-CN",
          "next_clock": "acknowledge",
          "next_due": "[time]",
          "number": "[number]",
          "order_number": null,
          "product": null,
          "received_at": "[time]",
          "remedy_sought": null,
          "reopened_count": 0,
          "reported_by": null,
          "resolution": null,
          "resolved_at": null,
          "safety": false,
          "severity": 3,
          "state": "received",
          "subject": "Line down",
          "timely": null,
          "told_at": null,
          "updated_at": "[time]",
          "version": 1,
          "waiting_since": null
        }
        "#);
    }

    async fn every_wrong_field_is_named_at_once_and_nothing_is_registered(db: TestDb) {
        let (_app, client) = start(db).await;
        let shape = client
            .post(PATH, &json!({
                "customer_id": "",
                "customer_external": {"system": "Desk!", "id": ""},
                "contact_id": "li.wei",
                "channel": "pigeon",
                "subject": "",
                "severity": 5,
                "safety": "yes",
                "language": "klingon language",
                "received_at": "yesterday",
                "progress": {"state": "lost"},
                "mood": "bad",
            }))
            .await;
        insta::assert_json_snapshot!(redact(shape.expect(422)), @r#"
        {
          "code": "fields-invalid",
          "detail": "12 values in the body are wrong",
          "errors": [
            {
              "code": "not-allowed",
              "message": "must be one of web, phone, email, postal_mail, fax, referral, portal, desk, in_person, internal",
              "pointer": "/channel"
            },
            {
              "code": "bad-format",
              "message": "must be a uuid",
              "pointer": "/contact_id"
            },
            {
              "code": "too-short",
              "message": "must not be empty",
              "pointer": "/customer_external/id"
            },
            {
              "code": "bad-format",
              "message": "must match ^[a-z0-9][a-z0-9_.-]*$",
              "pointer": "/customer_external/system"
            },
            {
              "code": "too-short",
              "message": "must not be empty",
              "pointer": "/customer_id"
            },
            {
              "code": "bad-format",
              "message": "must match ^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
              "pointer": "/language"
            },
            {
              "code": "unknown-field",
              "message": "there is no such field",
              "pointer": "/mood"
            },
            {
              "code": "not-allowed",
              "message": "must be one of received, acknowledged, assessed, investigating, responded, accepted, escalated, waiting, resolved, closed, followed_up, withdrawn, rejected",
              "pointer": "/progress/state"
            },
            {
              "code": "bad-format",
              "message": "must be a date-time",
              "pointer": "/received_at"
            },
            {
              "code": "wrong-type",
              "message": "must be true or false or null",
              "pointer": "/safety"
            },
            {
              "code": "out-of-range",
              "message": "must be at most 4",
              "pointer": "/severity"
            },
            {
              "code": "too-short",
              "message": "must not be empty",
              "pointer": "/subject"
            }
          ],
          "instance": "/api/v1/complaints",
          "status": 422,
          "title": "Fields invalid",
          "trace_id": "[trace]",
          "type": "/problems/fields-invalid"
        }
        "#);

        let meaning = client
            .post(PATH, &with(grievance(), json!({
                "customer_id": "C-404404",
                "customer_external": {"system": "desk", "id": "7"},
                "subject": "  ",
                "description": "\u{1b}[2J",
                "received_at": Utc::now() + chrono::TimeDelta::minutes(6),
                "progress": {
                    "state": "responded",
                    "acknowledged_at": "2026-03-04T02:00:00Z",
                    "first_responded_at": "2026-03-04T01:00:00Z",
                    "closed_at": "2026-03-04T03:00:00Z",
                },
            })))
            .await;
        insta::assert_json_snapshot!(redact(meaning.expect(422)), @r#"
        {
          "code": "complaint-invalid",
          "detail": "fields of the complaint are wrong",
          "errors": [
            {
              "code": "customer-unknown",
              "message": "no customer is known by this code",
              "pointer": "/customer_id"
            },
            {
              "code": "one-of",
              "message": "give either customer_id or customer_external, not both",
              "pointer": "/customer_external"
            },
            {
              "code": "in-future",
              "message": "lies in the future",
              "pointer": "/received_at"
            },
            {
              "code": "blank",
              "message": "must not be blank",
              "pointer": "/subject"
            },
            {
              "code": "control-character",
              "message": "contains control characters",
              "pointer": "/description"
            },
            {
              "code": "out-of-order",
              "message": "lies before the date of an earlier step",
              "pointer": "/progress/acknowledged_at"
            },
            {
              "code": "out-of-order",
              "message": "lies before the date of an earlier step",
              "pointer": "/progress/first_responded_at"
            },
            {
              "code": "not-reached",
              "message": "a complaint that is responded has no such date",
              "pointer": "/progress/closed_at"
            }
          ],
          "instance": "/api/v1/complaints",
          "status": 422,
          "title": "Complaint invalid",
          "trace_id": "[trace]",
          "type": "/problems/complaint-invalid"
        }
        "#);
        assert_eq!(client.count(PATH).await, 0);
    }

    async fn only_a_code_nobody_has_is_refused(db: TestDb) {
        let (_app, client) = start(db).await;
        let of = |who: serde_json::Value| with(grievance(), who);
        let unknown: Complaint = client.post(PATH, &of(json!({"customer_id": Uuid::now_v7()}))).await.read(201);
        assert!(unknown.customer_id.is_some() && !unknown.customer_known);
        let outside = of(json!({"customer_external": {"system": "desk", "id": "Acme"}}));
        let waiting: Complaint = client.post(PATH, &outside).await.read(201);
        assert!(waiting.customer_id.is_none() && !waiting.customer_known);
        assert_eq!(served_as(&client, &waiting).await, "-/3");
        let refused = client.post(PATH, &of(json!({"customer_id": "C-404404"}))).await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "customer-unknown",
          "detail": "no customer is known by this code; use its id, or wait until the registry's event has arrived",
          "errors": [
            {
              "code": "customer-unknown",
              "message": "no customer is known by this code",
              "pointer": "/customer_id"
            }
          ],
          "instance": "/api/v1/complaints",
          "status": 422,
          "title": "Customer unknown",
          "trace_id": "[trace]",
          "type": "/problems/customer-unknown"
        }
        "#);
        assert_eq!(client.count(PATH).await, 2);
    }

    async fn a_late_entry_may_have_come_far(db: TestDb) {
        let (_app, client) = start(db).await;
        let body = with(grievance(), json!({
            "received_at": "2026-03-04T01:00:00Z",
            "progress": {
                "state": "closed",
                "first_responded_at": "2026-03-04T09:00:00Z",
                "closed_at": "2026-03-07T09:00:00Z",
                "resolution": "Card replaced",
            },
        }));
        let closed: Complaint = client.post(PATH, &body).await.read(201);
        assert_eq!(closed.acknowledged_at, closed.first_responded_at, "a response acknowledges");
        assert_eq!(closed.resolved_at, closed.first_responded_at, "the latest date known");
        assert_eq!(closed.timely, Some(false), "acknowledged after more than six hours");
        assert_eq!((closed.version, closed.resolution.as_deref()), (4, Some("Card replaced")));

        let judged = with(body, json!({"progress": {"state": "closed", "timely": true}}));
        let judged: Complaint = client.post(PATH, &judged).await.read(201);
        assert_eq!(judged.timely, Some(true), "the source's judgement");
    }

    async fn what_is_said_to_lie_before_1970_is_refused(db: TestDb) {
        let (_app, client) = start(db).await;
        let early = "1969-12-31T23:59:59Z";
        let body = json!({"received_at": "0001-01-01T00:00:00Z", "as_of": early, "progress": {"state": "acknowledged", "acknowledged_at": early}});
        let refused = client.post(PATH, &with(grievance(), body)).await;
        assert_eq!(refused.problem(), (422, "complaint-invalid"));
        let errors = refused.body["errors"].as_array().into_iter().flatten();
        let errors: Vec<_> = errors.map(|error| (error["pointer"].as_str(), error["code"].as_str())).collect();
        let early = |pointer| (Some(pointer), Some("out-of-range"));
        assert_eq!(errors, [early("/received_at"), early("/as_of"), early("/progress/acknowledged_at")]);
        let body = with(grievance(), json!({"received_at": "1970-01-01T00:00:00Z"}));
        client.post(PATH, &body).await.expect(201);
    }

    async fn an_external_id_is_taken_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let body = with(grievance(), json!({"external_id": {"system": "desk", "id": "7"}}));
        client.post(PATH, &body).await.expect(201);
        let again = client.post(PATH, &body).await;
        assert_eq!(again.problem(), (409, "external-id-taken"));
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn what_is_not_json_is_told_apart(db: TestDb) {
        let (_app, client) = start(db).await;
        let post = |kind: &'static str, body: &'static str| {
            client.send(client.request(reqwest::Method::POST, PATH).header("content-type", kind).body(body))
        };
        assert_eq!(post("application/json", "{").await.problem(), (400, "json-malformed"));
        assert_eq!(post("text/plain", "{}").await.problem(), (415, "media-type-unsupported"));
        assert_eq!(client.get(&format!("{PATH}/CP-2026-404404")).await.problem(), (404, "complaint-not-found"));
        assert_eq!(client.get(&format!("{PATH}/{}", Uuid::nil())).await.problem(), (404, "complaint-not-found"));
    }

    async fn a_repeated_request_registers_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let post = |subject: &str| {
            let body = with(grievance(), json!({ "subject": subject }));
            client.send(client.request(reqwest::Method::POST, PATH).header("idempotency-key", "k1").json(&body))
        };
        let first = post("Line down").await;
        let again = post("Line down").await;
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(post("Other").await.problem(), (422, "idempotency-key-reused"));
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn a_request_repeated_after_its_commit_finds_what_it_registered(db: TestDb) {
        let (app, client) = start(db).await;
        let new: NewComplaint = serde_json::from_value(grievance()).expect("a body");
        let id = Uuid::now_v7();
        let act = || Act::system(Utc::now()).reserving(id);
        let first = complaints::open_complaint(&app.db, &act(), &complaints::domain::Authority::House, new.clone()).await.expect("registered");
        let again = complaints::open_complaint(&app.db, &act(), &complaints::domain::Authority::House, new).await.expect("found");
        assert_eq!(first, again);
        assert_eq!(client.count(PATH).await, 1);
    }
}
