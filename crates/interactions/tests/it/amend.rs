use std::cell::Cell;

use interactions_contract::Interaction;
use interactions_contract::v1::{INTERACTION_AMENDED, InteractionAmended};
use registry_contract::ContactId;
use serde_json::{Value, json};
use testkit::both;
use wire::Page;

use crate::support::{PATH, introduce, redact, start, visit, with};

/// Enough to meet a change between two statements many times over.
const READS: usize = 100;

both! {
    async fn an_interaction_is_corrected_by_whoever_read_it_last(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[INTERACTION_AMENDED]).await;
        introduce(&app, "C-000001").await;
        let other = introduce(&app, "C-000002").await;
        let full = with(visit("C-000001"), json!({
            "notes": "n", "outcome": 1, "next_step": "s", "duration_minutes": 5,
            "contact_ids": [ContactId::new()], "staff": ["li.wei"],
        }));
        let logged = client.post(PATH, &full).await;
        let path = logged.header("location").expect("a location").to_owned();
        let first = logged.etag();

        let patched = client
            .patch(&path, &first, &json!({
                "customer_id": "C-000002", "notes": null, "outcome": 4, "contact_ids": [], "staff": ["zhao.min", "li.wei"],
            }))
            .await;
        assert_eq!(patched.etag(), "\"2\"");
        let amended: Interaction = patched.clone().read(200);
        assert_eq!(amended.customer_id, other);
        insta::assert_json_snapshot!(redact(patched.body), @r#"
        {
          "channel": "visit",
          "code": "I-000001",
          "contact_ids": [],
          "created_at": "[time]",
          "customer_id": "[id]",
          "customer_known": true,
          "duration_minutes": 5,
          "id": "[id]",
          "means": "technical_exchange",
          "next_step": "s",
          "notes": null,
          "occurred_at": "2026-03-04T01:30:00Z",
          "outcome": 4,
          "staff": [
            "zhao.min",
            "li.wei"
          ],
          "subject": "Roadmap",
          "updated_at": "[time]",
          "version": 2
        }
        "#);
        assert_eq!(client.get(&path).await.read::<Interaction>(200), amended);

        assert_eq!(client.patch(&path, &first, &json!({"outcome": 0})).await.problem(), (412, "version-stale"));
        let bare = client.request(reqwest::Method::PATCH, &path).json(&json!({"outcome": 0}));
        assert_eq!(client.send(bare).await.problem(), (428, "if-match-missing"));
        let overwritten: Interaction = client.patch(&path, "*", &json!({"outcome": null})).await.read(200);
        assert_eq!((overwritten.version, overwritten.outcome), (3, None));

        app.drain_outbox().await;
        let told = tap.events::<InteractionAmended>().await;
        assert_eq!(told, [InteractionAmended((&amended).into()), InteractionAmended((&overwritten).into())]);
    }

    async fn a_change_that_changes_nothing_makes_no_version(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let logged = client.post(PATH, &visit("C-000001")).await;
        let path = logged.header("location").expect("a location").to_owned();

        for patch in [json!({}), json!({"subject": " Roadmap "}), json!({"customer_id": "C-000001", "outcome": null})] {
            let same = client.patch(&path, &logged.etag(), &patch).await;
            assert_eq!((same.etag(), &same.body), (logged.etag(), &logged.body), "{patch}");
        }
    }

    async fn a_wrong_correction_changes_nothing(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let logged = client.post(PATH, &visit("C-000001")).await;
        let path = logged.header("location").expect("a location").to_owned();

        let shape = json!({"subject": null, "outcome": 9, "channel": "pigeon", "mood": "good", "customer_id": null});
        let refused = client.patch(&path, "*", &shape).await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "fields-invalid",
          "detail": "5 values in the body are wrong",
          "errors": [
            {
              "code": "not-allowed",
              "message": "must be one of visit, call, video, email, im, web, portal, event",
              "pointer": "/channel"
            },
            {
              "code": "wrong-type",
              "message": "must be a string",
              "pointer": "/customer_id"
            },
            {
              "code": "unknown-field",
              "message": "there is no such field",
              "pointer": "/mood"
            },
            {
              "code": "out-of-range",
              "message": "must be at most 4",
              "pointer": "/outcome"
            },
            {
              "code": "wrong-type",
              "message": "must be a string",
              "pointer": "/subject"
            }
          ],
          "instance": "/api/v1/interactions/[id]",
          "status": 422,
          "title": "Fields invalid",
          "trace_id": "[trace]",
          "type": "/problems/fields-invalid"
        }
        "#);
        let meaning = json!({"customer_id": "C-404404", "subject": " "});
        let refused = client.patch(&path, "*", &meaning).await.expect(422);
        assert_eq!(pointers(&refused), ["/customer_id", "/subject"]);
        assert_eq!(client.get(&path).await.expect(200), logged.body);
        assert_eq!(client.patch(&format!("{PATH}/I-404404"), "*", &json!({})).await.problem(), (404, "interaction-not-found"));
    }

    async fn who_has_the_newest_version_need_not_read_it_again(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let logged = client.post(PATH, &visit("C-000001")).await;
        let path = logged.header("location").expect("a location");
        let again = client.request(reqwest::Method::GET, path).header("if-none-match", logged.etag());
        assert_eq!(client.send(again).await.status, 304);
    }

    async fn an_interaction_is_read_at_one_moment(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        // Who took part is kept apart from what it was about.
        let [alone, together] = [
            json!({"subject": "Alone", "staff": ["li.wei"], "contact_ids": [ContactId::new()]}),
            json!({"subject": "Together", "staff": ["zhao.min", "li.wei"], "contact_ids": []}),
        ];
        let logged: Interaction = client.post(PATH, &with(visit("C-000001"), alone.clone())).await.read(201);
        let path = format!("{PATH}/{}", logged.id);
        let amended: Interaction = client.patch(&path, "*", &together).await.read(200);
        let assert_is_as_written = |read: &Interaction| {
            let own = if read.version % 2 == 1 { &logged } else { &amended };
            assert_eq!(*read, Interaction { version: read.version, updated_at: read.updated_at, ..own.clone() });
        };

        let reading = Cell::new(true);
        let writes = async {
            while reading.get() {
                for change in [&alone, &together] {
                    client.patch(&path, "*", change).await.expect(200);
                }
            }
        };
        let reads = async {
            for _ in 0..READS {
                let answer = client.get(&path).await;
                let etag = answer.etag();
                let read: Interaction = answer.read(200);
                assert_eq!(etag, format!("\"{}\"", read.version));
                assert_is_as_written(&read);
                let list: Page<Interaction> = client.get(PATH).await.read(200);
                list.items.iter().for_each(assert_is_as_written);
            }
            reading.set(false);
        };
        futures::join!(writes, reads);
    }
}

fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().expect("errors");
    errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
}
