use chrono::Utc;
use interactions_contract::v1::{INTERACTION_AMENDED, INTERACTION_LOGGED, InteractionLogged};
use interactions_contract::{Interaction, NewInteraction};
use messaging::Act;
use registry_contract::{BulkMode, ContactId};
use serde_json::json;
use testkit::both;
use uuid::Uuid;

use crate::support::{PATH, introduce, redact, start, visit, with};

both! {
    async fn an_interaction_is_logged_and_told(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[INTERACTION_LOGGED, INTERACTION_AMENDED]).await;
        let customer = introduce(&app, "C-000001").await;
        let (one, two) = (ContactId::new(), ContactId::new());

        let answer = client
            .post(PATH, &with(visit("C-000001"), json!({
                "duration_minutes": 90,
                "notes": "They asked for the 2027 roadmap.\n下周再约。",
                "outcome": 3,
                "contact_ids": [two, one],
                "staff": ["li.wei", "zhao.min"],
                "next_step": "Send the paper",
            })))
            .await;
        let location = answer.header("location").expect("a location").to_owned();
        assert_eq!(answer.etag(), "\"1\"");
        let logged: Interaction = answer.clone().read(201);
        assert_eq!(location, format!("{PATH}/{}", logged.id));
        assert_eq!(logged.customer_id, customer);
        assert_eq!(logged.contact_ids, [two, one]);
        insta::assert_json_snapshot!(redact(answer.body), @r#"
        {
          "channel": "visit",
          "code": "I-000001",
          "contact_ids": [
            "[id]",
            "[id]"
          ],
          "created_at": "[time]",
          "customer_id": "[id]",
          "customer_known": true,
          "duration_minutes": 90,
          "id": "[id]",
          "means": "technical_exchange",
          "next_step": "Send the paper",
          "notes": "They asked for the 2027 roadmap.\n下周再约。",
          "occurred_at": "2026-03-04T01:30:00Z",
          "outcome": 3,
          "staff": [
            "li.wei",
            "zhao.min"
          ],
          "subject": "Roadmap",
          "updated_at": "[time]",
          "version": 1
        }
        "#);

        for path in [location, format!("{PATH}/{}", logged.code)] {
            let found = client.get(&path).await;
            assert_eq!(found.etag(), "\"1\"");
            assert_eq!(found.read::<Interaction>(200), logged);
        }

        app.drain_outbox().await;
        assert_eq!(tap.envelopes().await.len(), 1);
        assert_eq!(tap.events::<InteractionLogged>().await, [InteractionLogged((&logged).into())]);
    }

    async fn a_customer_nobody_told_of_is_taken_by_its_id_only(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = crate::support::customer("C-000007");
        let id = customer.customer_id.to_string();

        let logged: Interaction = client.post(PATH, &visit(&id)).await.read(201);
        assert!(!logged.customer_known);
        let refused = client.post(PATH, &visit("C-000007")).await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "customer-unknown",
          "detail": "no customer is known by the code \"C-000007\"; use its id, or wait until the registry's event has arrived",
          "errors": [
            {
              "code": "customer-unknown",
              "message": "no customer is known by the code \"C-000007\"",
              "pointer": "/customer_id"
            }
          ],
          "instance": "/api/v1/interactions",
          "status": 422,
          "title": "Customer unknown",
          "trace_id": "[trace]",
          "type": "/problems/customer-unknown"
        }
        "#);

        app.deliver(&registry_contract::v1::CustomerCreated(customer)).await;
        let found: Interaction = client.get(&format!("{PATH}/{}", logged.id)).await.read(200);
        assert!(found.customer_known);
        let logged: Interaction = client.post(PATH, &visit("C-000007")).await.read(201);
        assert_eq!(logged.customer_id.to_string(), id);
    }

    async fn every_wrong_field_is_named_at_once_and_nothing_is_logged(db: TestDb) {
        let (_app, client) = start(db).await;

        let shape = client
            .post(PATH, &json!({
                "occurred_at": "yesterday",
                "duration_minutes": 0,
                "channel": "pigeon",
                "means": 7,
                "subject": "",
                "outcome": 5,
                "contact_ids": ["li.wei"],
                "staff": "li.wei",
                "mood": "good",
            }))
            .await;
        insta::assert_json_snapshot!(redact(shape.expect(422)), @r#"
        {
          "code": "fields-invalid",
          "detail": "11 values in the body are wrong",
          "errors": [
            {
              "code": "not-allowed",
              "message": "must be one of visit, call, video, email, im, web, portal, event",
              "pointer": "/channel"
            },
            {
              "code": "bad-format",
              "message": "must be a uuid",
              "pointer": "/contact_ids/0"
            },
            {
              "code": "missing-field",
              "message": "is required",
              "pointer": "/customer_id"
            },
            {
              "code": "out-of-range",
              "message": "must be at least 1",
              "pointer": "/duration_minutes"
            },
            {
              "code": "not-allowed",
              "message": "must be one of company_visit, showcase_visit, on_site_meeting, technical_exchange, management_study, routine_visit, service_forum, annual_meeting, summit, hotline, training, survey_visit, executive_meeting",
              "pointer": "/means"
            },
            {
              "code": "wrong-type",
              "message": "must be a string",
              "pointer": "/means"
            },
            {
              "code": "unknown-field",
              "message": "there is no such field",
              "pointer": "/mood"
            },
            {
              "code": "bad-format",
              "message": "must be a date-time",
              "pointer": "/occurred_at"
            },
            {
              "code": "out-of-range",
              "message": "must be at most 4",
              "pointer": "/outcome"
            },
            {
              "code": "wrong-type",
              "message": "must be an array",
              "pointer": "/staff"
            },
            {
              "code": "too-short",
              "message": "must not be empty",
              "pointer": "/subject"
            }
          ],
          "instance": "/api/v1/interactions",
          "status": 422,
          "title": "Fields invalid",
          "trace_id": "[trace]",
          "type": "/problems/fields-invalid"
        }
        "#);

        let twice = ContactId::new();
        let meaning = client
            .post(PATH, &with(visit("C-404404"), json!({
                "occurred_at": Utc::now() + chrono::TimeDelta::minutes(6),
                "subject": "   ",
                "notes": "\u{1b}[2J",
                "contact_ids": [twice, twice],
                "staff": ["li.wei", "li.wei"],
            })))
            .await;
        insta::assert_json_snapshot!(redact(meaning.expect(422)), @r#"
        {
          "code": "interaction-invalid",
          "detail": "6 of the interaction's fields are wrong",
          "errors": [
            {
              "code": "customer-unknown",
              "message": "no customer is known by the code \"C-404404\"",
              "pointer": "/customer_id"
            },
            {
              "code": "in-future",
              "message": "lies more than 5 minutes in the future",
              "pointer": "/occurred_at"
            },
            {
              "code": "blank",
              "message": "must not be blank",
              "pointer": "/subject"
            },
            {
              "code": "control-character",
              "message": "contains control characters",
              "pointer": "/notes"
            },
            {
              "code": "repeated",
              "message": "is named twice",
              "pointer": "/contact_ids/1"
            },
            {
              "code": "repeated",
              "message": "is named twice",
              "pointer": "/staff/1"
            }
          ],
          "instance": "/api/v1/interactions",
          "status": 422,
          "title": "Interaction invalid",
          "trace_id": "[trace]",
          "type": "/problems/interaction-invalid"
        }
        "#);
        assert_eq!(client.count(PATH).await, 0);
    }

    async fn what_is_not_json_is_told_apart(db: TestDb) {
        let (_app, client) = start(db).await;
        let post = |kind: &'static str, body: &'static str| {
            client.send(client.request(reqwest::Method::POST, PATH).header("content-type", kind).body(body))
        };
        assert_eq!(post("application/json", "{").await.problem(), (400, "json-malformed"));
        assert_eq!(post("text/plain", "{}").await.problem(), (415, "media-type-unsupported"));
        assert_eq!(client.get(&format!("{PATH}/I-404404")).await.problem(), (404, "interaction-not-found"));
        assert_eq!(client.get(&format!("{PATH}/{}", Uuid::nil())).await.problem(), (404, "interaction-not-found"));
    }

    async fn a_repeated_request_logs_once(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let post = |subject: &str| {
            let body = with(visit("C-000001"), json!({ "subject": subject }));
            client.send(client.request(reqwest::Method::POST, PATH).header("idempotency-key", "k1").json(&body))
        };
        let first = post("Roadmap").await;
        let again = post("Roadmap").await;
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(post("Other").await.problem(), (422, "idempotency-key-reused"));
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn a_request_repeated_after_its_commit_finds_what_it_logged(db: TestDb) {
        let (app, client) = start(db).await;
        let id = Uuid::now_v7();
        let new: NewInteraction = serde_json::from_value(visit(&Uuid::now_v7().to_string())).expect("a body");
        let act = || Act::system(Utc::now()).reserving(id);

        let first = interactions::log_interaction(&app.db, &act(), new.clone()).await.expect("logged");
        let again = interactions::log_interaction(&app.db, &act(), new.clone()).await.expect("found");
        assert_eq!(first, again);

        let id = Uuid::now_v7();
        let rows = vec![Ok(new.clone()), Ok(new)];
        let bulk = async || {
            let act = Act::system(Utc::now()).reserving(id);
            interactions::bulk_log_interactions(&app.db, &act, BulkMode::Atomic, rows.clone()).await
        };
        let first = bulk().await.expect("logged");
        let again = bulk().await.expect("found");
        assert_eq!(first, again);
        assert_eq!(client.count(PATH).await, 3);
    }
}
