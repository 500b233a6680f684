use interactions_contract::BulkInteractionsResult;
use serde_json::{Value, json};
use testkit::both;

use crate::support::{PATH, introduce, redact, start, visit, with};

fn rows() -> Value {
    json!({"interactions": [
        visit("C-000001"),
        visit("C-404404"),
        with(visit("C-000001"), json!({"subject": " ", "staff": ["li.wei", "li.wei"]})),
        with(visit("C-000001"), json!({"outcome": 4})),
    ]})
}

both! {
    async fn atomic_logs_all_or_none(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let refused = client.post(&format!("{PATH}/bulk"), &rows()).await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "rows-invalid",
          "detail": "2 of 4 rows are wrong, so none was logged; correct them, or use mode=per_row",
          "errors": [
            {
              "code": "customer-unknown",
              "message": "no customer is known by the code \"C-404404\"",
              "pointer": "/interactions/1/customer_id"
            },
            {
              "code": "blank",
              "message": "must not be blank",
              "pointer": "/interactions/2/subject"
            },
            {
              "code": "repeated",
              "message": "is named twice",
              "pointer": "/interactions/2/staff/1"
            }
          ],
          "instance": "/api/v1/interactions/bulk",
          "status": 422,
          "title": "Rows invalid",
          "trace_id": "[trace]",
          "type": "/problems/rows-invalid"
        }
        "#);
        assert_eq!(client.count(PATH).await, 0);

        let good = json!({"interactions": vec![visit("C-000001"); 3]});
        let logged: BulkInteractionsResult = client.post(&format!("{PATH}/bulk?mode=atomic"), &good).await.read(200);
        assert_eq!((logged.succeeded, logged.failed, logged.results.len()), (3, 0, 3));
        assert_eq!(client.count(PATH).await, 3);
    }

    async fn per_row_logs_what_is_right(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let logged = client.post(&format!("{PATH}/bulk?mode=per_row"), &rows()).await;
        insta::assert_json_snapshot!(redact(logged.expect(200)), @r#"
        {
          "failed": 2,
          "mode": "per_row",
          "results": [
            {
              "interaction": {
                "channel": "visit",
                "code": "I-000001",
                "contact_ids": [],
                "created_at": "[time]",
                "customer_id": "[id]",
                "customer_known": true,
                "duration_minutes": null,
                "id": "[id]",
                "means": "technical_exchange",
                "next_step": null,
                "notes": null,
                "occurred_at": "2026-03-04T01:30:00Z",
                "outcome": null,
                "staff": [],
                "subject": "Roadmap",
                "updated_at": "[time]",
                "version": 1
              },
              "row": 0,
              "status": 201
            },
            {
              "problem": {
                "code": "customer-unknown",
                "detail": "no customer is known by the code \"C-404404\"; use its id, or wait until the registry's event has arrived",
                "errors": [
                  {
                    "code": "customer-unknown",
                    "message": "no customer is known by the code \"C-404404\"",
                    "pointer": "/customer_id"
                  }
                ],
                "status": 422,
                "title": "Customer unknown",
                "type": "/problems/customer-unknown"
              },
              "row": 1,
              "status": 422
            },
            {
              "problem": {
                "code": "interaction-invalid",
                "detail": "2 of the interaction's fields are wrong",
                "errors": [
                  {
                    "code": "blank",
                    "message": "must not be blank",
                    "pointer": "/subject"
                  },
                  {
                    "code": "repeated",
                    "message": "is named twice",
                    "pointer": "/staff/1"
                  }
                ],
                "status": 422,
                "title": "Interaction invalid",
                "type": "/problems/interaction-invalid"
              },
              "row": 2,
              "status": 422
            },
            {
              "interaction": {
                "channel": "visit",
                "code": "I-000002",
                "contact_ids": [],
                "created_at": "[time]",
                "customer_id": "[id]",
                "customer_known": true,
                "duration_minutes": null,
                "id": "[id]",
                "means": "technical_exchange",
                "next_step": null,
                "notes": null,
                "occurred_at": "2026-03-04T01:30:00Z",
                "outcome": 4,
                "staff": [],
                "subject": "Roadmap",
                "updated_at": "[time]",
                "version": 1
              },
              "row": 3,
              "status": 201
            }
          ],
          "succeeded": 2
        }
        "#);
        assert_eq!(client.count(PATH).await, 2);
    }

    async fn from_one_to_a_thousand_rows(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let rows = |count| json!({"interactions": vec![visit("C-000001"); count]});
        let bulk = format!("{PATH}/bulk");
        assert_eq!(client.post(&bulk, &rows(0)).await.problem(), (422, "fields-invalid"));
        assert_eq!(client.post(&bulk, &rows(1001)).await.problem(), (422, "fields-invalid"));
        let result: BulkInteractionsResult = client.post(&bulk, &rows(1000)).await.read(200);
        assert_eq!((result.succeeded, client.count(PATH).await), (1000, 1000));
        assert_eq!(client.post(&format!("{bulk}?mode=maybe"), &rows(1)).await.problem(), (400, "query-invalid"));
    }

    async fn a_repeated_bulk_request_logs_once(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let body = json!({"interactions": vec![visit("C-000001"); 2]});
        let bulk = format!("{PATH}/bulk");
        let post = || {
            client.send(client.request(reqwest::Method::POST, &bulk).header("idempotency-key", "k2").json(&body))
        };
        let first = post().await.expect(200);
        assert_eq!(post().await.expect(200), first);
        assert_eq!(client.count(PATH).await, 2);
    }
}
