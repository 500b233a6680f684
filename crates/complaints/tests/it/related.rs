use complaints_contract::{Complaint, ComplaintLink, Relation};
use serde_json::{Value, json};
use testkit::both;

use crate::support::{PATH, grievance, introduce, open, redact, start, with};

both! {
    async fn the_same_trouble_is_suggested_and_linked(db: TestDb) {
        let (app, client) = start(db).await;
        for code in ["C-000001", "C-000002"] {
            introduce(&app, code).await;
        }
        let of = |over: Value| with(with(grievance(), json!({"customer_id": "C-000001", "product": "Line"})), over);
        let one = open(&client, &of(json!({"subject": "Line down in Shenzhen"}))).await;
        let twin = open(&client, &of(json!({"subject": "line down in Shenzhen again"}))).await;
        let before = of(json!({
            "subject": "Line down", "received_at": "2026-01-05T00:00:00Z", "progress": {"state": "closed"},
        }));
        let before = open(&client, &before).await;
        open(&client, &of(json!({"subject": "Wrong invoice", "product": "Billing"}))).await;
        open(&client, &of(json!({"subject": "Line down in Shenzhen", "customer_id": "C-000002"}))).await;

        let path = format!("{PATH}/{}", one.id);
        let found = client.get(&format!("{path}/related?days=730")).await.expect(200);
        let items = found["items"].as_array().expect("items");
        let numbers: Vec<_> = items.iter().map(|item| item["number"].as_str().expect("a number")).collect();
        assert_eq!(numbers, [twin.number.as_str(), before.number.as_str()]);
        assert_eq!((&items[0]["relation"], &items[1]["relation"]), (&json!("duplicate"), &json!("recurrence")));
        assert_eq!(items[0]["reasons"], json!(["similar_subject", "same_product", "close_in_time"]));
        let near = client.get(&format!("{path}/related?days=1")).await.expect(200);
        assert_eq!(near["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(client.get(&format!("{path}/related?days=0")).await.problem(), (400, "query-invalid"));

        let body = json!({"to": twin.number, "relation": "related"});
        client.post(&format!("{path}/links"), &body).await.read::<ComplaintLink>(201);
        let body = json!({"to": twin.id, "relation": "duplicate"});
        let link: ComplaintLink = client.post(&format!("{path}/links"), &body).await.read(201);
        assert_eq!((link.to, link.relation), (twin.id, Relation::Duplicate));
        for (side, other) in [(&one, &twin), (&twin, &one)] {
            let links = client.get(&format!("{PATH}/{}/links", side.id)).await.expect(200);
            assert_eq!(links["items"].as_array().map(Vec::len), Some(1));
            assert_eq!(links["items"][0]["number"], json!(other.number));
        }
        let itself = client.post(&format!("{path}/links"), &json!({"to": one.id, "relation": "related"})).await;
        assert_eq!(itself.problem(), (422, "link-to-itself"));
        let nowhere = client.post(&format!("{path}/links"), &json!({"to": "CP-2026-404404", "relation": "related"})).await;
        assert_eq!(nowhere.problem(), (404, "complaint-not-found"));
    }

    async fn what_is_about_one_order_belongs_together(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let of = |over: Value| with(with(grievance(), json!({"customer_id": "C-000001", "issue": "Delivery"})), over);
        let order = json!({"order_number": "PO-0000104711"});
        let one = open(&client, &of(order.clone())).await;
        assert_eq!(one.order_number.as_deref(), Some("PO-0000104711"));
        let twin = open(&client, &of(with(order, json!({"subject": "Half of it is missing"})))).await;
        let later = open(&client, &of(json!({"subject": "Wrong colour"}))).await;
        let suggested = async || {
            let found = client.get(&format!("{PATH}/{}/related", one.id)).await.expect(200);
            found["items"].as_array().expect("items").iter().map(|item| (item["number"].clone(), item["reasons"].clone())).collect::<Vec<_>>()
        };
        let reasons = json!(["same_order", "same_issue", "close_in_time"]);
        assert_eq!(suggested().await, [(json!(twin.number), reasons)]);
        client.patch(&format!("{PATH}/{}", later.id), "*", &json!({"order_number": "po-0000104711"})).await.expect(200);
        assert_eq!(suggested().await.len(), 2);
        let listed = client.get(&format!("{PATH}?order_number=PO-0000104711&count=exact")).await.expect(200);
        assert_eq!(listed["count"], 2);
        client.patch(&format!("{PATH}/{}", twin.id), "*", &json!({"order_number": null})).await.expect(200);
        assert_eq!(suggested().await.len(), 1);
        let long = of(json!({"order_number": "1".repeat(101)}));
        assert_eq!(client.post(PATH, &long).await.expect(422)["errors"][0]["pointer"], "/order_number");
    }

    async fn nobody_known_has_no_other_complaints(db: TestDb) {
        let (_app, client) = start(db).await;
        let one = open(&client, &grievance()).await;
        open(&client, &grievance()).await;
        let found = client.get(&format!("{PATH}/{}/related", one.id)).await.expect(200);
        assert_eq!(found["items"], json!([]));
        let mail = json!({"complainant": {"email": "wang@example.com"}});
        let one = open(&client, &with(grievance(), mail.clone())).await;
        let two: Complaint = open(&client, &with(grievance(), mail)).await;
        let found = client.get(&format!("{PATH}/{}/related", one.id)).await.expect(200);
        insta::assert_json_snapshot!(redact(found), @r#"
        {
          "items": [
            {
              "complaint_id": "[id]",
              "number": "[number]",
              "reasons": [
                "similar_subject",
                "close_in_time"
              ],
              "received_at": "[time]",
              "relation": "duplicate",
              "score": 55,
              "state": "received",
              "subject": "Line down"
            }
          ]
        }
        "#);
        assert_eq!(two.state, complaints_contract::State::Received);
    }

    async fn a_source_that_reports_out_of_order_is_understood(db: TestDb) {
        let (_app, client) = start(db).await;
        let report = |minute: u32, state: &str, subject: &str| {
            with(grievance(), json!({
                "subject": subject,
                "received_at": "2026-03-04T01:00:00Z",
                "as_of": format!("2026-03-04T02:{minute:02}:00Z"),
                "progress": {"state": state},
            }))
        };
        let reports = [
            report(1, "investigating", "One"),
            report(2, "waiting", "Two"),
            report(3, "investigating", "Three"),
            report(4, "waiting", "Four"),
        ];
        let orders: [[usize; 4]; 4] = [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]];
        for (key, order) in orders.iter().enumerate() {
            for at in order.iter().chain(order) {
                let answer = client.put(&format!("{PATH}/external/desk/{key}"), &reports[*at]).await;
                assert!(matches!(answer.status, 200 | 201), "{answer}");
            }
            let last = client.get(&format!("{PATH}?external_system=desk&sort=-number")).await.expect(200);
            assert_eq!((&last["items"][0]["state"], &last["items"][0]["subject"]), (&json!("waiting"), &json!("Four")), "{order:?}");
        }
    }
}
