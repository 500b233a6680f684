use complaints_contract::{Clock, Complaint};
use serde_json::json;
use testkit::{Client, both};
use wire::Page;

use crate::support::{PATH, grievance, instant, open, start_quiet, step, with};

async fn listed(client: &Client, query: &str) -> Vec<String> {
    let page: Page<Complaint> = client.get(&format!("{PATH}?{query}")).await.read(200);
    page.items.into_iter().map(|complaint| complaint.subject).collect()
}

/// Received years ago, an hour ago and two years ahead of everybody's patience; and one that is closed.
async fn four(client: &Client) {
    let hour_ago = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    for (subject, body) in [
        ("old", json!({"received_at": "2024-03-04T01:30:00Z", "severity": 4})),
        ("older", json!({"received_at": "2023-03-01T01:30:00Z", "severity": 1})),
        ("new", json!({"received_at": hour_ago, "severity": 4})),
        ("closed", json!({"received_at": "2024-03-04T01:30:00Z", "progress": {"state": "closed"}})),
    ] {
        open(client, &with(with(grievance(), json!({"subject": subject})), body)).await;
    }
}

both! {
    async fn a_queue_is_sorted_by_what_is_due_next(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        four(&client).await;
        for (query, expected) in [
            ("sort=next_due", vec!["older", "old", "new"]),
            ("sort=-next_due", vec!["new", "old", "older"]),
            ("sort=next_due&overdue=true", vec!["older", "old"]),
            ("sort=next_due&overdue=false", vec!["new"]),
            ("sort=next_due&severity=4", vec!["old", "new"]),
            ("sort=next_due&clock=resolution", vec!["older", "old", "new"]),
            ("sort=received_at&overdue=true", vec!["older", "old"]),
            ("sort=received_at&overdue=false", vec!["closed", "new"]),
            ("sort=received_at&clock=resolution&overdue=true", vec!["older", "old"]),
        ] {
            assert_eq!(listed(&client, query).await, expected, "{query}");
        }
        let pages = client.pages(&format!("{PATH}?sort=next_due&limit=1&count=exact")).await;
        let subjects: Vec<_> = pages.iter().flat_map(|page| page["items"].as_array()).flatten().map(|item| &item["subject"]).collect();
        assert_eq!(subjects, ["older", "old", "new"]);
        assert_eq!(pages[0]["count"], 3);
        let refused = client.get(&format!("{PATH}?sort=next_due,severity")).await;
        assert_eq!(refused.problem(), (422, "complaint-invalid"));
        assert_eq!(client.get(&format!("{PATH}?clock=sundial")).await.problem(), (400, "query-invalid"));
    }

    async fn what_is_due_next_is_told_with_every_complaint(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        // A Wednesday, 9:30 in Shanghai.
        let complaint = open(&client, &with(grievance(), json!({"received_at": "2026-03-04T01:30:00Z"}))).await;
        let acknowledge = (Some(Clock::Acknowledge), Some(instant("2026-03-04T08:30:00Z")));
        assert_eq!((complaint.next_clock, complaint.next_due), acknowledge);
        let read: Complaint = client.get(&format!("{PATH}/{}", complaint.id)).await.read(200);
        assert_eq!(read, complaint);
        let answered: Complaint = step(&client, &complaint, "acknowledgement").await.read(200);
        assert_eq!(answered.next_clock, Some(Clock::FirstResponse));
        let by_clock: Page<Complaint> = client.get(&format!("{PATH}?sort=next_due&clock=resolution")).await.read(200);
        let resolution = (Some(Clock::Resolution), Some(instant("2026-03-25T01:30:00Z")));
        assert_eq!((by_clock.items[0].next_clock, by_clock.items[0].next_due), resolution);
        let taken_back: Complaint = step(&client, &complaint, "withdrawal").await.read(200);
        assert_eq!((taken_back.next_clock, taken_back.next_due), (None, None));
    }

    async fn a_complaint_that_waits_for_the_customer_is_not_due(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        let complaint = open(&client, &grievance()).await;
        step(&client, &complaint, "acknowledgement").await.expect(200);
        let waiting: Complaint = step(&client, &complaint, "wait").await.read(200);
        assert_eq!((waiting.next_clock, waiting.next_due), (None, None));
        assert!(listed(&client, "sort=next_due").await.is_empty());
        let going_on: Complaint = step(&client, &complaint, "resume").await.read(200);
        assert_eq!(going_on.next_clock, Some(Clock::FirstResponse));
        assert_eq!(listed(&client, "sort=next_due").await.len(), 1);
    }
}
