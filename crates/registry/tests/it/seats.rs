use registry_contract::{Holding, Position};
use serde_json::json;
use testkit::both;
use uuid::Uuid;

use crate::support::{CONTACTS, all_pages, at, faults, named, person, redact, start};

both! {
    async fn people_change_and_seats_stay(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let seats = format!("{}/positions", at(&customer));
        let board: Position = client.post(&seats, &json!({ "title": "CEO", "level": 1 })).await.read(201);
        let created = client
            .post(&format!("/api/v1/customers/{}/positions", customer.code), &json!({
                "title": "CTO", "level": 2, "reports_to": board.id, "decision_role": "evaluator", "vote_weight": 40,
            }))
            .await;
        let seat: Position = created.clone().read(201);
        assert_eq!(seat.reports_to, Some(board.id));
        let location = created.header("location").expect("a location").to_owned();
        assert_eq!(client.get(&location).await.read::<Position>(200), seat);
        insta::assert_json_snapshot!(redact(created.body), @r#"
        {
          "created_at": "[time]",
          "customer_id": "[id]",
          "decision_role": "evaluator",
          "id": "[id]",
          "level": 2,
          "reports_to": "[id]",
          "title": "CTO",
          "updated_at": "[time]",
          "version": 1,
          "vote_weight": 40
        }
        "#);

        let (first, second) = (person(&client, &customer, "Li").await, person(&client, &customer, "Wang").await);
        let holding = client
            .post(&format!("{CONTACTS}/{}/holdings", first.id), &json!({ "position_id": seat.id, "from": "2024-01-01", "until": "2026-01-01" }))
            .await;
        let location = holding.header("location").expect("a location").to_owned();
        let held: Holding = holding.clone().read(201);
        assert_eq!(client.get(&location).await.read::<Holding>(200), held);
        insta::assert_json_snapshot!(redact(holding.body), @r#"
        {
          "contact_id": "[id]",
          "created_at": "[time]",
          "from": "2024-01-01",
          "id": "[id]",
          "position_id": "[id]",
          "until": "2026-01-01",
          "updated_at": "[time]",
          "version": 1
        }
        "#);
        client
            .post(&format!("{CONTACTS}/{}/holdings", second.id), &json!({ "position_id": seat.id, "from": "2026-01-01" }))
            .await
            .expect(201);

        let listed = client.get(&format!("{seats}?count=exact")).await.expect(200);
        assert_eq!((listed["items"][0]["title"].as_str(), listed["count"].as_i64()), (Some("CEO"), Some(2)));
        let (newest_first, pages) = all_pages(&client, &format!("{seats}?limit=1&sort=-created_at")).await;
        assert_eq!((newest_first[0]["title"].as_str(), pages), (Some("CTO"), 2));
        let held = client.get(&format!("{CONTACTS}/{}/holdings?count=exact", second.id)).await.expect(200);
        assert_eq!((held["items"][0]["until"].as_str(), held["count"].as_i64()), (None, Some(1)));
    }

    async fn seats_and_holdings_stay_within_one_customer(db: TestDb) {
        let (_app, client) = start(db).await;
        let (own, other) = (named(&client, "Own").await, named(&client, "Other").await);
        let seat: Position = client.post(&format!("{}/positions", at(&other)), &json!({ "title": "CEO" })).await.read(201);
        let li = person(&client, &own, "Li").await;

        let wrong = json!({ "title": " ", "reports_to": seat.id });
        let refused = client.post(&format!("{}/positions", at(&own)), &wrong).await.expect(422);
        assert_eq!(faults(&refused), [("/title", "blank"), ("/reports_to", "unknown-position")]);
        let wrong = json!({ "position_id": seat.id, "from": "2026-01-02", "until": "2026-01-01" });
        let refused = client.post(&format!("{CONTACTS}/{}/holdings", li.id), &wrong).await.expect(422);
        assert_eq!(faults(&refused), [("/until", "not-after-from"), ("/position_id", "unknown-position")]);
        let wrong = json!({ "title": "CTO", "level": 6, "vote_weight": 101, "decision_role": "king" });
        let refused = client.post(&format!("{}/positions", at(&own)), &wrong).await.expect(422);
        assert_eq!(
            faults(&refused),
            [("/decision_role", "not-allowed"), ("/level", "out-of-range"), ("/vote_weight", "out-of-range")]
        );
    }

    async fn what_is_not_there_is_not_found(db: TestDb) {
        let (_app, client) = start(db).await;
        let unknown = Uuid::now_v7();
        for (path, code) in [
            (format!("/api/v1/customers/{unknown}/positions"), "customer-not-found"),
            (format!("/api/v1/contacts/{unknown}/holdings"), "contact-not-found"),
            (format!("/api/v1/positions/{unknown}"), "position-not-found"),
            (format!("/api/v1/holdings/{unknown}"), "holding-not-found"),
        ] {
            assert_eq!(client.get(&path).await.problem(), (404, code));
        }
        let seat = client.post(&format!("/api/v1/customers/{unknown}/positions"), &json!({ "title": "CEO" })).await;
        assert_eq!(seat.problem(), (404, "customer-not-found"));
        let holding = json!({ "position_id": unknown, "from": "2026-01-01" });
        let holding = client.post(&format!("/api/v1/contacts/{unknown}/holdings"), &holding).await;
        assert_eq!(holding.problem(), (404, "contact-not-found"));
    }
}
