use complaints_contract::State;
use complaints_contract::v1::{ComplaintFact, ComplaintOpened, ComplaintResolved, InTime};
use interactions_contract::v1::InteractionLogged;
use registry_contract::Tier;
use registry_contract::v1::{CustomerFact, CustomerUpdated};
use scoring_contract::v1::{SCORE_CHANGED, ScoreChanged};
use scoring_contract::{Level, Score, ScoreRevision};
use serde_json::Value;
use testkit::{Client, both, eventually};
use uuid::Uuid;
use wire::Page;

use crate::support::{complaint, customer, days_before_now, introduce, path, redact, settled, start, visit};

both! {
    async fn a_score_follows_what_happens_to_the_customer(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(&[SCORE_CHANGED]).await;
        let fact = customer("C-000001");
        let id = fact.customer_id;
        let people = introduce(&app, &fact, 2).await;
        let unknown = settled(&client, id).await;
        assert_eq!((unknown.engagement, unknown.satisfaction, unknown.level), (0, 75, Level::L1));

        app.deliver(&InteractionLogged(visit(id, 1, &people[..1]))).await;
        let met = settled(&client, id).await;
        assert!(met.engagement > unknown.engagement);

        let opened = complaint(Some(id));
        app.deliver(&ComplaintOpened(opened.clone())).await;
        let hurt = settled(&client, id).await;
        assert!(hurt.satisfaction < 75);

        let kept = InTime { acknowledge: Some(true), respond: Some(true), resolve: Some(true) };
        let resolved = ComplaintFact {
            sequence: 5, state: State::Resolved, resolved_at: Some(days_before_now(0)), in_time: kept, ..opened
        };
        app.deliver(&ComplaintResolved(resolved)).await;
        let content = settled(&client, id).await;
        assert!(content.satisfaction > 75);

        let answer = client.get(&path(id)).await;
        assert_eq!(answer.etag(), format!("\"{}\"", content.version));
        assert_eq!(client.get("/api/v1/customers/C-000001/score").await.body["version"], content.version);
        let again = client.request(reqwest::Method::GET, &path(id)).header("if-none-match", answer.etag());
        assert_eq!(client.send(again).await.status, 304);
        let shown: Score = answer.clone().read(200);
        let mut body = answer.body;
        // How many scores came before depends on how fast the events were told.
        body["version"] = "[version]".into();
        insta::assert_json_snapshot!(redact(body), @r#"
        {
          "as_of": "[time]",
          "confidence": "low",
          "customer_code": "C-000001",
          "customer_id": "[id]",
          "engagement": 46,
          "inputs": {
            "cadence": 6,
            "complaints": 1,
            "complaints_late": 0,
            "complaints_open": 0,
            "complaints_reopened": 0,
            "contact_days": 1,
            "depth": 8,
            "interactions": 1,
            "judged": 1,
            "last_complaint_at": "[time]",
            "last_contact_at": "[time]",
            "outcome_balance": 1,
            "people_known": 2,
            "people_met": 1,
            "seats_known": 0,
            "seats_met": 0,
            "tier": "B"
          },
          "level": "L3",
          "policy_version": "engagement-v1",
          "reasons": [
            {
              "about": "engagement",
              "code": "frequency-weak",
              "effect": -25,
              "text": "days with contact in 365 days: 1; the tier asks for 6"
            },
            {
              "about": "engagement",
              "code": "recency-strong",
              "effect": 15,
              "text": "last contact on [date]"
            },
            {
              "about": "engagement",
              "code": "breadth-strong",
              "effect": 13,
              "text": "people met in 365 days: 1 of 2"
            },
            {
              "about": "engagement",
              "code": "depth-weak",
              "effect": -13,
              "text": "depth of contact: 8; the tier asks for 24"
            },
            {
              "about": "engagement",
              "code": "outcome-strong",
              "effect": 7,
              "text": "interactions judged: 1; +1 against neutral"
            },
            {
              "about": "satisfaction",
              "code": "complaints-recovered",
              "effect": 3,
              "text": "complaints settled in time"
            }
          ],
          "satisfaction": 78,
          "satisfaction_confidence": "medium",
          "updated_at": "[time]",
          "version": "[version]"
        }
        "#);

        app.drain_outbox().await;
        let told = tap.events::<ScoreChanged>().await;
        assert_eq!(told.last(), Some(&ScoreChanged { as_of: told[told.len() - 1].as_of, ..ScoreChanged::from(&shown) }));
        let versions: Vec<i64> = told.iter().map(|event| event.sequence).collect();
        assert_eq!(versions, (1..=content.version).collect::<Vec<_>>());

        let history: Page<ScoreRevision> = client.get(&format!("{}/history", path(id))).await.read(200);
        let newest_first: Vec<i64> = history.items.iter().map(|revision| revision.version).collect();
        assert_eq!(newest_first, (1..=content.version).rev().collect::<Vec<_>>());
        for (event, revision) in told.iter().rev().zip(&history.items) {
            assert_eq!((event.engagement, event.satisfaction, event.as_of),
                (revision.engagement, revision.satisfaction, revision.as_of));
        }
        assert_eq!(history.items[0].inputs, content.inputs);
    }

    async fn who_is_not_known_has_no_score_yet(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000001");
        let id = fact.customer_id;
        app.deliver(&InteractionLogged(visit(id, 1, &[]))).await;
        for path in [path(id), path(Uuid::nil().into()), "/api/v1/customers/C-000001/score".to_owned()] {
            for part in ["", "/history", "/explanation"] {
                assert_eq!(client.get(&format!("{path}{part}")).await.problem(), (404, "score-not-yet"), "{path}{part}");
            }
        }
        let refused = client.get("/api/v1/customers/C-000001/score").await;
        insta::assert_json_snapshot!(redact(refused.body), @r#"
        {
          "code": "score-not-yet",
          "detail": "customer C-000001 is not known here yet or has no score yet; it gets one within moments of being registered",
          "instance": "/api/v1/customers/C-000001/score",
          "status": 404,
          "title": "No score yet",
          "trace_id": "[trace]",
          "type": "/problems/score-not-yet"
        }
        "#);

        introduce(&app, &fact, 0).await;
        assert_eq!(settled(&client, id).await.inputs.interactions, 1);
    }

    async fn the_list_is_narrowed_and_sorted(db: TestDb) {
        let (app, client) = start(db).await;
        let cast = [
            ("C-000001", Tier::S, Some("li.wei"), 0),
            ("C-000002", Tier::A, Some("zhao.min"), 2),
            ("C-000003", Tier::B, None, 4),
            ("C-000004", Tier::C, Some("li.wei"), 6),
        ];
        for (code, tier, owner, visits) in cast {
            let fact = CustomerFact { tier, owner: owner.map(str::to_owned), ..customer(code) };
            introduce(&app, &fact, 0).await;
            for week in 0..visits {
                app.deliver(&InteractionLogged(visit(fact.customer_id, week * 7, &[]))).await;
            }
            if visits == 2 {
                app.deliver(&ComplaintOpened(complaint(Some(fact.customer_id)))).await;
            }
            settled(&client, fact.customer_id).await;
        }
        let narrowed = [
            ("sort=engagement", vec!["C-000001", "C-000002", "C-000003", "C-000004"]),
            ("sort=-engagement", vec!["C-000004", "C-000003", "C-000002", "C-000001"]),
            ("sort=satisfaction,-engagement", vec!["C-000002", "C-000004", "C-000003", "C-000001"]),
            ("tier=S,A&sort=engagement", vec!["C-000001", "C-000002"]),
            ("owner=li.wei&sort=engagement", vec!["C-000001", "C-000004"]),
            ("level=L1", vec!["C-000001"]),
            ("min_engagement=1&max_engagement=74&sort=engagement", vec!["C-000002", "C-000003"]),
            ("max_satisfaction=74", vec!["C-000002"]),
            ("min_satisfaction=75&sort=engagement", vec!["C-000001", "C-000003", "C-000004"]),
            ("updated_since=2099-01-01T00:00:00Z", vec![]),
        ];
        for (query, expected) in narrowed {
            let page = client.get(&format!("/api/v1/scores?{query}")).await.expect(200);
            assert_eq!(codes(&page), expected, "{query}");
        }
        assert_eq!(walk(&client, "/api/v1/scores?sort=-satisfaction&limit=1&count=exact").await.len(), 4);
        assert_eq!(walk(&client, "/api/v1/scores?limit=3&count=exact").await.len(), 4);

        let refused = client.get("/api/v1/scores?tier=D&level=L9,L1&min_engagement=-1&max_engagement=x&owned=me").await;
        insta::assert_json_snapshot!(redact(refused.expect(400)), @r#"
        {
          "code": "query-invalid",
          "detail": "5 values in the query are wrong",
          "errors": [
            {
              "code": "not-allowed",
              "message": "must be one of L1, L2, L3, L4, L5",
              "pointer": "?level"
            },
            {
              "code": "wrong-type",
              "message": "must be an integer",
              "pointer": "?max_engagement"
            },
            {
              "code": "out-of-range",
              "message": "must be at least 0",
              "pointer": "?min_engagement"
            },
            {
              "code": "unknown-parameter",
              "message": "there is no such parameter",
              "pointer": "?owned"
            },
            {
              "code": "not-allowed",
              "message": "must be one of S, A, B, C",
              "pointer": "?tier"
            }
          ],
          "instance": "/api/v1/scores",
          "status": 400,
          "title": "Query invalid",
          "trace_id": "[trace]",
          "type": "/problems/query-invalid"
        }
        "#);
    }

    async fn a_new_owner_is_found_without_a_new_version(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000001");
        introduce(&app, &fact, 0).await;
        let before = settled(&client, fact.customer_id).await;
        let moved = CustomerFact { sequence: 2, owner: Some("zhao.min".to_owned()), ..fact };
        app.deliver(&CustomerUpdated(moved)).await;
        let page = eventually(|| async {
            let page = client.get("/api/v1/scores?owner=zhao.min").await.expect(200);
            if codes(&page).is_empty() { Err(page) } else { Ok(page) }
        })
        .await;
        assert_eq!(page["items"][0]["version"], before.version);
    }

    async fn the_history_comes_in_pages(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = customer("C-000001");
        introduce(&app, &fact, 0).await;
        for days in 0..5 {
            settled(&client, fact.customer_id).await;
            app.deliver(&InteractionLogged(visit(fact.customer_id, days, &[]))).await;
        }
        let last = settled(&client, fact.customer_id).await;
        assert_eq!(last.version, 6);
        let history = walk(&client, &format!("{}/history?limit=2&sort=version&count=exact", path(fact.customer_id))).await;
        let versions: Vec<_> = history.iter().map(|revision| revision["version"].as_i64()).collect();
        assert_eq!(versions, (1..=6).map(Some).collect::<Vec<_>>());
    }

    async fn the_policy_is_shown(db: TestDb) {
        let (_app, client) = start(db).await;
        insta::assert_json_snapshot!(redact(client.get("/api/v1/score-policies").await.expect(200)), @r#"
        {
          "items": [
            {
              "cadence": {
                "A": 12,
                "B": 6,
                "C": 2,
                "S": 26
              },
              "complaints": {
                "late_percent": 40,
                "loss": [
                  24000,
                  14000,
                  7000,
                  3000
                ],
                "open_percent": 25,
                "recovered": 3000,
                "reopened_percent": 50
              },
              "confidence": {
                "complaints_high": 4,
                "complaints_medium": 1,
                "contact_days_high": 12,
                "contact_days_medium": 3
              },
              "current": true,
              "depth": {
                "call": 2,
                "executive_meeting": 10,
                "five_means": 8,
                "gathering": 6,
                "routine": 4,
                "written": 1
              },
              "engagement": {
                "breadth": 25,
                "depth": 20,
                "frequency": 30,
                "outcome": 10,
                "recency": 15,
                "seats": 10
              },
              "half_life_days": 180,
              "levels": [
                20,
                40,
                60,
                80
              ],
              "neutral_satisfaction": 75,
              "version": "engagement-v1",
              "window_days": 365
            }
          ],
          "next_cursor": null
        }
        "#);
    }
}

fn codes(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("items");
    items.iter().filter_map(|score| score["customer_code"].as_str()).collect()
}

/// All items of a list, page by page, each of which says how many there are.
async fn walk(client: &Client, list: &str) -> Vec<Value> {
    let (mut seen, mut cursor) = (vec![], None);
    loop {
        let from = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let page: Page<Value> = client.get(&format!("{list}{from}")).await.read(200);
        seen.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => {
                assert_eq!(page.count, Some(seen.len() as i64));
                return seen;
            }
        }
    }
}
