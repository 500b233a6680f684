use complaints_contract::{Cause, CauseState, Complaint};
use serde_json::{Value, json};
use testkit::{Client, both};
use uuid::Uuid;

use crate::support::{PATH, grievance, introduce, open, redact, start, with};

async fn because(client: &Client, complaint: &Complaint, cause: Value) -> Cause {
    client.post(&format!("{PATH}/{}/causes", complaint.id), &cause).await.read(201)
}

async fn about(client: &Client, customer: &str, product: &str) -> Complaint {
    open(client, &with(grievance(), json!({"customer_id": customer, "product": product}))).await
}

both! {
    async fn five_whys_lead_from_a_rib_to_the_root(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let mut above: Option<Cause> = None;
        for why in ["Line card failed", "It ran hot", "The fan stood still", "Dust", "Nobody cleans the filters"] {
            let mut body = json!({"text": why});
            match &above {
                Some(above) => body["parent_id"] = json!(above.id),
                None => body["category"] = json!("parts"),
            }
            above = Some(because(&client, &complaint, body).await);
        }
        let deepest = above.expect("five of them");
        assert_eq!(deepest.depth, 5);
        let at = format!("/api/v1/complaint-causes/{}", deepest.id);
        let patch = json!({"state": "root", "label": "No maintenance plan"});
        let root = client.patch(&at, "\"1\"", &patch).await;
        assert_eq!(root.etag(), "\"2\"");
        insta::assert_json_snapshot!(redact(client.get(&at).await.expect(200)), @r#"
        {
          "category": "parts",
          "complaint_id": "[id]",
          "created_at": "[time]",
          "depth": 5,
          "id": "[id]",
          "label": "No maintenance plan",
          "parent_id": "[id]",
          "state": "root",
          "text": "Nobody cleans the filters",
          "updated_at": "[time]",
          "version": 2
        }
        "#);
        client.patch(&at, "\"1\"", &json!({"state": "dismissed"})).await.expect(412);

        let listed = client.get(&format!("{PATH}/{}/causes", complaint.number)).await.expect(200);
        let depths: Vec<_> = listed["items"].as_array().expect("items").iter().map(|cause| &cause["depth"]).collect();
        assert_eq!(depths, [1, 2, 3, 4, 5]);
    }

    async fn a_cause_that_cannot_stand_there_is_refused_with_every_fault(db: TestDb) {
        let (_app, client) = start(db).await;
        let (complaint, other) = (open(&client, &grievance()).await, open(&client, &grievance()).await);
        let foreign = because(&client, &other, json!({"category": "people", "text": "Haste"})).await;
        let refused = client
            .post(&format!("{PATH}/{}/causes", complaint.id), &json!({"parent_id": foreign.id, "text": "\u{7}", "label": " "}))
            .await;
        let problem = refused.expect(422);
        let faults: Vec<_> = problem["errors"].as_array().expect("errors").iter().map(|e| (&e["pointer"], &e["code"])).collect();
        assert_eq!(
            faults.into_iter().map(|(pointer, code)| format!("{pointer}{code}")).collect::<Vec<_>>(),
            [r#""/parent_id""unknown-cause""#, r#""/label""blank""#, r#""/text""control-character""#]
        );
        let nobody = format!("/api/v1/complaint-causes/{}", Uuid::now_v7());
        assert_eq!(client.get(&nobody).await.problem(), (404, "cause-not-found"));
        assert_eq!(client.patch(&nobody, "*", &json!({"text": "?"})).await.problem(), (404, "cause-not-found"));
        assert_eq!(client.count(&format!("{PATH}/{}/causes", complaint.id)).await, 0);
    }

    async fn the_same_root_is_counted_over_complaints_and_recurrences(db: TestDb) {
        let (app, client) = start(db).await;
        for code in ["C-000001", "C-000002"] {
            introduce(&app, code).await;
        }
        for (customer, product, label) in [
            ("C-000001", "Router", "Fan"),
            ("C-000001", "Router", "Fan"),
            ("C-000002", "Router", "Fan"),
            ("C-000002", "Switch", "Firmware"),
        ] {
            let complaint = about(&client, customer, product).await;
            let cause = json!({"category": "product", "text": "As found", "label": label, "state": "root"});
            because(&client, &complaint, cause).await;
            because(&client, &complaint, json!({"category": "people", "text": "Perhaps"})).await;
        }
        let pareto = client.get("/api/v1/cause-pareto?by=label").await.expect(200);
        insta::assert_json_snapshot!(pareto, @r#"
        {
          "by": "label",
          "complaints": 4,
          "rows": [
            {
              "category": "product",
              "complaints": 3,
              "cumulative_bp": 7500,
              "recurrences": 1,
              "share_bp": 7500,
              "value": "Fan"
            },
            {
              "category": "product",
              "complaints": 1,
              "cumulative_bp": 10000,
              "recurrences": 0,
              "share_bp": 2500,
              "value": "Firmware"
            }
          ]
        }
        "#);
        let by_product = client.get("/api/v1/cause-pareto?by=product").await.expect(200);
        assert_eq!(by_product["rows"][0]["value"], "Router");
        let none = client.get("/api/v1/cause-pareto?received_until=2020-01-01T00:00:00Z").await.expect(200);
        assert_eq!((&none["complaints"], &none["rows"]), (&json!(0), &json!([])));
    }

    async fn two_who_mark_a_root_at_once_do_not_both(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let above = because(&client, &complaint, json!({"category": "process", "text": "Late"})).await;
        let below = because(&client, &complaint, json!({"parent_id": above.id, "text": "No stock"})).await;
        let marks = [above, below].map(|cause| {
            let client = &client;
            async move {
                let at = format!("/api/v1/complaint-causes/{}", cause.id);
                client.patch(&at, "*", &json!({"state": CauseState::Root})).await.status
            }
        });
        let mut answers = futures::future::join_all(marks).await;
        answers.sort_unstable();
        assert_eq!(answers, [200, 422]);
    }
}
