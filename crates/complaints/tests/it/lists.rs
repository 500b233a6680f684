use std::collections::BTreeSet;

use complaints_contract::{Complaint, ComplaintSummary};
use serde_json::json;
use testkit::{Client, both};
use uuid::Uuid;
use wire::Page;

use crate::support::{PATH, grievance, introduce, open, redact, start, with};

/// Ten complaints: severity 1 to 4 in turn, one an hour, the odd ones closed.
async fn ten(client: &Client) -> Vec<Complaint> {
    let mut complaints = vec![];
    for number in 0..10 {
        let body = with(
            grievance(),
            json!({
                "severity": number % 4 + 1,
                "channel": if number < 3 { "email" } else { "phone" },
                "received_at": format!("2026-03-04T0{number}:00:00Z"),
                "handler": if number < 5 { "wang.fang" } else { "li.na" },
                "external_id": (number > 7).then(|| json!({"system": "desk", "id": number.to_string()})),
                "customer_id": (number == 0).then_some("C-000001"),
                "progress": (number % 2 == 1).then(|| json!({"state": "closed", "timely": number > 4})),
            }),
        );
        complaints.push(open(client, &body).await);
    }
    complaints
}

async fn listed(client: &Client, query: &str) -> Vec<usize> {
    let page: Page<Complaint> = client.get(&format!("{PATH}?{query}")).await.read(200);
    let position =
        |complaint: &Complaint| complaint.number[complaint.number.len() - 6..].parse::<usize>().expect("a number") - 1;
    page.items.iter().map(position).collect()
}

both! {
    async fn filters_narrow_and_combine(db: TestDb) {
        let (app, client) = start(db).await;
        let customer = introduce(&app, "C-000001").await;
        ten(&client).await;
        for (query, expected) in [
            ("limit=3", vec![9, 8, 7]),
            ("state=closed&sort=received_at", vec![1, 3, 5, 7, 9]),
            ("state=closed,received&limit=2", vec![9, 8]),
            ("open=true&sort=received_at", vec![0, 2, 4, 6, 8]),
            ("open=false&sort=-received_at", vec![9, 7, 5, 3, 1]),
            ("severity=1,2&sort=severity,-received_at", vec![8, 4, 0, 9, 5, 1]),
            ("channel=email&sort=number", vec![0, 1, 2]),
            ("customer_id=C-000001", vec![0]),
            ("customer_id=C-404404", vec![]),
            ("customer_known=true", vec![0]),
            ("customer_known=false&sort=received_at&limit=2", vec![1, 2]),
            ("handler=li.na&open=true&sort=received_at", vec![6, 8]),
            ("external_system=desk", vec![9, 8]),
            ("received_from=2026-03-04T08:00:00Z", vec![9, 8]),
            ("received_until=2026-03-04T02:00:00Z", vec![1, 0]),
            ("updated_since=2100-01-01T00:00:00Z", vec![]),
        ] {
            assert_eq!(listed(&client, query).await, expected, "{query}");
        }
        assert_eq!(listed(&client, &format!("customer_id={customer},{}", Uuid::now_v7())).await, [0]);
    }

    async fn pages_join_without_gaps_in_every_order(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let all: BTreeSet<_> = ten(&client).await.into_iter().map(|complaint| complaint.id).collect();
        for sort in ["received_at", "-received_at", "severity", "-severity", "number", "-updated_at,severity"] {
            let pages = client.pages(&format!("{PATH}?limit=3&sort={sort}&count=exact")).await;
            let pages = pages.into_iter().map(|page| serde_json::from_value(page).expect("a page"));
            let pages: Vec<Page<Complaint>> = pages.collect();
            assert!(pages.iter().all(|page| page.count == Some(10)));
            let seen: Vec<_> = pages.iter().flat_map(|page| &page.items).map(|complaint| complaint.id).collect();
            assert_eq!(seen.len(), 10, "{sort}");
            assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), all, "{sort}");
        }
    }

    async fn wrong_queries_are_refused(db: TestDb) {
        let (_app, client) = start(db).await;
        for query in ["colour=red", "state=lost", "limit=0", "limit=201", "sort=subject", "open=perhaps", "severity=x",
            "customer_known=2", "count=some", "updated_since=yesterday"] {
            let refused = client.get(&format!("{PATH}?{query}")).await;
            assert_eq!(refused.problem(), (400, "query-invalid"), "{query}");
        }
        assert_eq!(client.get(&format!("{PATH}?cursor=abc")).await.problem(), (400, "cursor-invalid"));
    }

    async fn the_summary_counts_what_the_lists_show(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        ten(&client).await;
        let summary = client.get(&format!("{PATH}/summary")).await.expect(200);
        insta::assert_json_snapshot!(redact(summary), @r#"
        {
          "by_channel": [
            {
              "count": 3,
              "value": "email"
            },
            {
              "count": 7,
              "value": "phone"
            }
          ],
          "by_severity": [
            {
              "count": 3,
              "value": "1"
            },
            {
              "count": 3,
              "value": "2"
            },
            {
              "count": 2,
              "value": "3"
            },
            {
              "count": 2,
              "value": "4"
            }
          ],
          "by_state": [
            {
              "count": 5,
              "value": "closed"
            },
            {
              "count": 5,
              "value": "received"
            }
          ],
          "by_timely": [
            {
              "count": 2,
              "value": "false"
            },
            {
              "count": 5,
              "value": "open"
            },
            {
              "count": 3,
              "value": "true"
            }
          ],
          "total": 10
        }
        "#);
        let total = async |query: &str| {
            let summary: ComplaintSummary = client.get(&format!("{PATH}/summary?{query}")).await.read(200);
            summary.total
        };
        assert_eq!(total("external_system=desk").await, 2);
        assert_eq!(total("customer_id=C-000001").await, 1);
        assert_eq!(total("customer_id=C-404404").await, 0);
    }
}
