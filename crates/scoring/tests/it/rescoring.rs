use chrono::{TimeDelta, Utc};
use interactions_contract::v1::InteractionLogged;
use registry_contract::CustomerId;
use scoring_contract::v1::{SCORE_CHANGED, ScoreChanged};
use scoring_contract::{Rescored, Score};
use serde_json::json;
use testkit::{App, Client, both, eventually};

use crate::support::{customer, introduce, path, redact, settled, start, visit};

const PATH: &str = "/api/v1/rescoring";

async fn three(app: &App, client: &Client) -> Vec<CustomerId> {
    let mut ids = vec![];
    for code in ["C-000001", "C-000002", "C-000003"] {
        let fact = customer(code);
        introduce(app, &fact, 0).await;
        settled(client, fact.customer_id).await;
        ids.push(fact.customer_id);
    }
    ids
}

/// Waits until the customer has been scored for a later instant.
async fn scored_after(client: &Client, before: &Score) -> Score {
    eventually(|| async {
        let score: Score = client.get(&path(before.customer_id)).await.read(200);
        if score.as_of > before.as_of { Ok(score) } else { Err(score.as_of) }
    })
    .await
}

both! {
    async fn all_or_some_are_scored_again(db: TestDb) {
        let (app, client) = start(db).await;
        let ids = three(&app, &client).await;
        let mut before = vec![];
        for id in &ids {
            before.push(settled(&client, *id).await);
        }

        let answer = client.post(PATH, &json!({})).await;
        assert_eq!(answer.read::<Rescored>(202), Rescored { marked: 3 });
        for score in &before {
            let after = scored_after(&client, score).await;
            // Only time has passed.
            assert_eq!(after, Score { as_of: after.as_of, ..score.clone() });
        }

        let some = json!({"customer_ids": [ids[1], ids[1]]});
        let before = settled(&client, ids[1]).await;
        assert_eq!(client.post(PATH, &some).await.read::<Rescored>(202), Rescored { marked: 1 });
        scored_after(&client, &before).await;
    }

    async fn a_wrong_wish_is_refused_whole(db: TestDb) {
        let (app, client) = start(db).await;
        let ids = three(&app, &client).await;
        let unknown = json!({"customer_ids": [ids[0], CustomerId::new(), CustomerId::new()]});
        insta::assert_json_snapshot!(redact(client.post(PATH, &unknown).await.expect(422)), @r#"
        {
          "code": "customer-unknown",
          "detail": "2 of the customers are not known here",
          "errors": [
            {
              "code": "customer-unknown",
              "message": "no customer with this id is known here",
              "pointer": "/customer_ids/1"
            },
            {
              "code": "customer-unknown",
              "message": "no customer with this id is known here",
              "pointer": "/customer_ids/2"
            }
          ],
          "instance": "/api/v1/rescoring",
          "status": 422,
          "title": "Customer unknown",
          "trace_id": "[trace]",
          "type": "/problems/customer-unknown"
        }
        "#);
        let shape = json!({"customer_ids": ["C-000001", 7], "policy": "v2"});
        insta::assert_json_snapshot!(redact(client.post(PATH, &shape).await.expect(422)), @r#"
        {
          "code": "fields-invalid",
          "detail": "3 values in the body are wrong",
          "errors": [
            {
              "code": "bad-format",
              "message": "must be a uuid",
              "pointer": "/customer_ids/0"
            },
            {
              "code": "wrong-type",
              "message": "must be a string",
              "pointer": "/customer_ids/1"
            },
            {
              "code": "unknown-field",
              "message": "there is no such field",
              "pointer": "/policy"
            }
          ],
          "instance": "/api/v1/rescoring",
          "status": 422,
          "title": "Fields invalid",
          "trace_id": "[trace]",
          "type": "/problems/fields-invalid"
        }
        "#);
        for none in [json!({"customer_ids": []}), json!({"customer_ids": null})] {
            assert_eq!(client.post(PATH, &none).await.problem(), (422, "fields-invalid"));
        }
    }

    async fn a_repeated_wish_is_one(db: TestDb) {
        let (app, client) = start(db).await;
        three(&app, &client).await;
        let post = || client.send(client.request(reqwest::Method::POST, PATH).header("idempotency-key", "r1").json(&json!({})));
        let first = post().await.expect(202);
        introduce(&app, &customer("C-000004"), 0).await;
        assert_eq!(post().await.expect(202), first);
    }

    async fn what_is_old_is_scored_again(db: TestDb) {
        let (app, client) = start(db).await;
        let ids = three(&app, &client).await;
        let before = settled(&client, ids[0]).await;
        let now = Utc::now();
        let stale = scoring::mark_stale(&app.db, now - TimeDelta::days(1), now, 10).await.expect("marked");
        assert_eq!(stale, 0);
        let stale = scoring::mark_stale(&app.db, now, now, 2).await.expect("marked");
        assert_eq!(stale, 2);
        scored_after(&client, &before).await;
    }

    async fn whoever_is_marked_while_being_scored_is_scored_again(db: TestDb) {
        let (app, client) = start(db).await;
        let ids = three(&app, &client).await;
        // Beside the service's own loop, as many replicas as there may be.
        let replicas = futures::future::join_all((0..4).map(|_| async {
            for _ in 0..40 {
                scoring::rescore(&app.db, Utc::now()).await.expect("scored");
            }
        }));
        let events = futures::future::join_all(ids.iter().map(|id| {
            let app = &app;
            async move {
                for days in 0..30 {
                    app.deliver(&InteractionLogged(visit(*id, days, &[]))).await;
                }
            }
        }));
        tokio::join!(replicas, events);
        for id in ids {
            assert_eq!(settled(&client, id).await.inputs.interactions, 30);
        }
    }

    async fn a_republication_tells_every_score_with_the_sequence_it_has(db: TestDb) {
        let (app, client) = start(db).await;
        let ids = three(&app, &client).await;
        app.deliver(&InteractionLogged(visit(ids[0], 1, &[]))).await;
        let mut expected = vec![];
        for id in &ids {
            expected.push(ScoreChanged::from(&settled(&client, *id).await));
        }
        app.drain_outbox().await;

        let tap = app.bus.tap(&[SCORE_CHANGED]).await;
        let republish = scoring::SERVICE.republish.expect("a republication");
        assert_eq!(republish(app.context().clone()).await.expect("told"), 3);
        app.drain_outbox().await;
        assert_eq!(tap.events::<ScoreChanged>().await, expected);
    }
}
