use registry_contract::ContactId;
use serde_json::{Value, json};
use testkit::{Client, both};

use crate::support::{PATH, introduce, redact, start, visit, with};

async fn subjects(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("{PATH}?{query}")).await.expect(200);
    subjects_of(&page)
}

fn subjects_of(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["subject"].as_str().expect("a subject").to_owned()).collect()
}

both! {
    async fn a_list_is_narrowed_by_everything_it_can_be(db: TestDb) {
        let (app, client) = start(db).await;
        let one = introduce(&app, "C-000001").await;
        introduce(&app, "C-000002").await;
        let (ann, bob) = (ContactId::new(), ContactId::new());
        for body in [
            with(visit("C-000001"), json!({"subject": "a", "contact_ids": [ann, bob], "staff": ["li.wei"]})),
            with(visit("C-000001"), json!({
                "subject": "b", "channel": "call", "means": "routine_visit", "occurred_at": "2026-03-05T00:00:00Z",
                "staff": ["zhao.min", "li.wei"],
            })),
            with(visit("C-000002"), json!({
                "subject": "c", "channel": "email", "means": "hotline", "occurred_at": "2026-03-06T00:00:00Z",
                "contact_ids": [bob],
            })),
        ] {
            client.post(PATH, &body).await.expect(201);
        }
        let narrowed = [
            (String::new(), vec!["c", "b", "a"]),
            (format!("customer_id={one}"), vec!["b", "a"]),
            ("customer_id=C-000002".to_owned(), vec!["c"]),
            (format!("customer_id={one},C-000002"), vec!["c", "b", "a"]),
            ("customer_id=C-404404".to_owned(), vec![]),
            (format!("contact_id={ann}"), vec!["a"]),
            (format!("contact_id={ann},{bob}"), vec!["c", "a"]),
            ("channel=call,email".to_owned(), vec!["c", "b"]),
            ("means=technical_exchange".to_owned(), vec!["a"]),
            ("staff=li.wei".to_owned(), vec!["b", "a"]),
            ("staff=zhao.min".to_owned(), vec!["b"]),
            ("from=2026-03-05T00:00:00Z".to_owned(), vec!["c", "b"]),
            ("until=2026-03-05T00:00:00Z".to_owned(), vec!["a"]),
            ("updated_since=2099-01-01T00:00:00Z".to_owned(), vec![]),
            ("updated_since=2020-01-01T00:00:00Z&sort=updated_at".to_owned(), vec!["a", "b", "c"]),
            (format!("customer_id={one}&channel=visit,call&staff=li.wei&sort=occurred_at"), vec!["a", "b"]),
        ];
        for (query, expected) in narrowed {
            assert_eq!(subjects(&client, &query).await, expected, "{query}");
        }
    }

    async fn pages_hold_everything_once(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        for number in 0..7 {
            // Two on each day, so that only the id tells some of them apart.
            let day = format!("2026-03-0{}T00:00:00Z", 1 + number / 2);
            let body = with(visit("C-000001"), json!({"subject": number.to_string(), "occurred_at": day}));
            client.post(PATH, &body).await.expect(201);
        }
        for sort in ["occurred_at", "-occurred_at", "-created_at", "updated_at,-occurred_at"] {
            let whole = subjects(&client, &format!("sort={sort}")).await;
            assert_eq!(whole.len(), 7);
            let pages = client.pages(&format!("{PATH}?limit=3&count=exact&sort={sort}")).await;
            assert!(pages.iter().all(|page| page["count"] == 7));
            let seen: Vec<_> = pages.iter().flat_map(subjects_of).collect();
            assert_eq!(seen, whole, "{sort}");
        }
    }

    async fn every_wrong_parameter_is_named_at_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let query = "channel=pigeon,visit&contact_id=7&from=now&limit=0&count=about&mood=good&means=";
        let refused = client.get(&format!("{PATH}?{query}")).await;
        insta::assert_json_snapshot!(redact(refused.expect(400)), @r#"
        {
          "code": "query-invalid",
          "detail": "7 values in the query are wrong",
          "errors": [
            {
              "code": "not-allowed",
              "message": "must be one of visit, call, video, email, im, web, portal, event",
              "pointer": "?channel"
            },
            {
              "code": "bad-format",
              "message": "must be a uuid",
              "pointer": "?contact_id"
            },
            {
              "code": "not-allowed",
              "message": "must be one of exact",
              "pointer": "?count"
            },
            {
              "code": "bad-format",
              "message": "must be a date-time",
              "pointer": "?from"
            },
            {
              "code": "out-of-range",
              "message": "must be at least 1",
              "pointer": "?limit"
            },
            {
              "code": "not-allowed",
              "message": "must be one of company_visit, showcase_visit, on_site_meeting, technical_exchange, management_study, routine_visit, service_forum, annual_meeting, summit, hotline, training, survey_visit, executive_meeting",
              "pointer": "?means"
            },
            {
              "code": "unknown-parameter",
              "message": "there is no such parameter",
              "pointer": "?mood"
            }
          ],
          "instance": "/api/v1/interactions",
          "status": 400,
          "title": "Query invalid",
          "trace_id": "[trace]",
          "type": "/problems/query-invalid"
        }
        "#);
        assert_eq!(client.get(&format!("{PATH}?sort=subject")).await.problem(), (400, "query-invalid"));
        assert_eq!(client.get(&format!("{PATH}?cursor=abc")).await.problem(), (400, "cursor-invalid"));
    }
}
