use registry_contract::{Holding, Position};
use serde_json::json;
use testkit::{Client, both};
use uuid::Uuid;

use crate::support::{CONTACTS, all_pages, at, faults, hold, named, person, redact, seat, start};

fn seat_at(seat: &Position) -> String {
    format!("/api/v1/positions/{}", seat.id)
}

async fn refused(client: &Client, path: &str, patch: serde_json::Value, fault: (&str, &str)) {
    let answer = client.patch(path, "*", &patch).await.expect(422);
    assert_eq!(faults(&answer), [fault], "{patch}");
}

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
          "closed_on": null,
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
            (format!("/api/v1/positions/{unknown}/holdings"), "position-not-found"),
            (format!("/api/v1/holdings/{unknown}"), "holding-not-found"),
        ] {
            assert_eq!(client.get(&path).await.problem(), (404, code));
        }
        let seat = client.post(&format!("/api/v1/customers/{unknown}/positions"), &json!({ "title": "CEO" })).await;
        assert_eq!(seat.problem(), (404, "customer-not-found"));
        let holding = json!({ "position_id": unknown, "from": "2026-01-01" });
        let holding = client.post(&format!("/api/v1/contacts/{unknown}/holdings"), &holding).await;
        assert_eq!(holding.problem(), (404, "contact-not-found"));
        let seat = client.patch(&format!("/api/v1/positions/{unknown}"), "*", &json!({})).await;
        assert_eq!(seat.problem(), (404, "position-not-found"));
        let holding = client.patch(&format!("/api/v1/holdings/{unknown}"), "*", &json!({})).await;
        assert_eq!(holding.problem(), (404, "holding-not-found"));
    }

    async fn a_seat_reports_to_another_and_never_to_itself(db: TestDb) {
        let (_app, client) = start(db).await;
        let (own, other) = (named(&client, "Own").await, named(&client, "Other").await);
        let foreign = seat(&client, &other, json!({ "title": "CEO" })).await;
        let ceo = seat(&client, &own, json!({ "title": "CEO" })).await;
        let cto = seat(&client, &own, json!({ "title": "CTO", "reports_to": ceo.id })).await;
        let lead = seat(&client, &own, json!({ "title": "Lead", "reports_to": cto.id })).await;
        for (one, above, code) in [
            (&ceo, &ceo, "reports-to-cycle"),
            (&ceo, &cto, "reports-to-cycle"),
            (&ceo, &lead, "reports-to-cycle"),
            (&cto, &lead, "reports-to-cycle"),
            (&cto, &foreign, "unknown-position"),
        ] {
            refused(&client, &seat_at(one), json!({ "reports_to": above.id }), ("/reports_to", code)).await;
        }
        let path = seat_at(&lead);
        let moved = client.patch(&path, "\"1\"", &json!({ "reports_to": ceo.id, "level": 2 })).await;
        assert_eq!(moved.etag(), "\"2\"");
        insta::assert_json_snapshot!(redact(moved.expect(200)), @r#"
        {
          "closed_on": null,
          "created_at": "[time]",
          "customer_id": "[id]",
          "decision_role": null,
          "id": "[id]",
          "level": 2,
          "reports_to": "[id]",
          "title": "Lead",
          "updated_at": "[time]",
          "version": 2,
          "vote_weight": null
        }
        "#);
        assert_eq!(client.patch(&path, "\"1\"", &json!({ "title": "x" })).await.problem(), (412, "version-stale"));
        assert_eq!(client.patch(&path, "\"2\"", &json!({ "level": 2 })).await.etag(), "\"2\"");
        let freed: Position = client.patch(&path, "*", &json!({ "reports_to": null })).await.read(200);
        assert_eq!(freed.reports_to, None);
    }

    async fn two_moves_of_seats_at_once_never_close_a_circle(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        for _ in 0..5 {
            let one = seat(&client, &customer, json!({ "title": "One" })).await;
            let other = seat(&client, &customer, json!({ "title": "Other" })).await;
            let (path_one, path_other) = (seat_at(&one), seat_at(&other));
            let (under_other, under_one) = (json!({ "reports_to": other.id }), json!({ "reports_to": one.id }));
            let (first, second) =
                futures::join!(client.patch(&path_one, "*", &under_other), client.patch(&path_other, "*", &under_one));
            let mut statuses = [first.status, second.status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 422]);
        }
    }

    async fn a_closed_seat_stays_in_history(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let cio = seat(&client, &customer, json!({ "title": "CIO", "decision_role": "decider" })).await;
        seat(&client, &customer, json!({ "title": "CTO", "decision_role": "user" })).await;
        let li = person(&client, &customer, "Li").await;
        let holding = hold(&client, &li, &cio, "2024-01-01", None).await;
        refused(&client, &seat_at(&cio), json!({ "closed_on": "2026-01-01" }), ("/closed_on", "still-held")).await;

        let path = format!("/api/v1/holdings/{}", holding.id);
        client.patch(&path, "\"1\"", &json!({ "until": "2026-01-01" })).await.expect(200);
        let closed: Position = client.patch(&seat_at(&cio), "\"1\"", &json!({ "closed_on": "2026-01-01" })).await.read(200);
        assert_eq!(closed.closed_on, Some("2026-01-01".parse().expect("a day")));

        refused(&client, &path, json!({ "until": null }), ("/until", "position-closed")).await;
        let under = json!({ "title": "Assistant", "reports_to": cio.id });
        let answer = client.post(&format!("{}/positions", at(&customer)), &under).await.expect(422);
        assert_eq!(faults(&answer), [("/reports_to", "position-closed")]);

        let seats = format!("{}/positions", at(&customer));
        for (query, number) in [
            ("", 2),
            ("?as_of=2025-12-31", 2),
            ("?as_of=2026-01-01", 1),
            ("?decision_role=decider", 1),
            ("?decision_role=decider,user", 2),
            ("?decision_role=decider&as_of=2026-01-01", 0),
        ] {
            let page = client.get(&format!("{seats}{query}")).await.expect(200);
            assert_eq!(page["items"].as_array().map(Vec::len), Some(number), "{query}");
        }
        let open: Position = client.patch(&seat_at(&cio), "*", &json!({ "closed_on": null })).await.read(200);
        assert_eq!(open.closed_on, None);
    }

    async fn a_seat_has_its_holders_over_time(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let cto = seat(&client, &customer, json!({ "title": "CTO" })).await;
        let cfo = seat(&client, &customer, json!({ "title": "CFO" })).await;
        let (li, wang) = (person(&client, &customer, "Li").await, person(&client, &customer, "Wang").await);
        let first = hold(&client, &li, &cto, "2024-01-01", Some("2025-01-01")).await;
        hold(&client, &wang, &cto, "2024-12-01", None).await;
        // A second seat at the same time is nothing unusual.
        hold(&client, &wang, &cfo, "2024-12-01", None).await;

        let holders = format!("{}/holdings", seat_at(&cto));
        let (all, _) = all_pages(&client, &format!("{holders}?limit=1")).await;
        assert_eq!(all.iter().map(|held| held["from"].as_str().unwrap_or("?")).collect::<Vec<_>>(), ["2024-12-01", "2024-01-01"]);
        for (day, number) in [("2023-12-31", 0), ("2024-01-01", 1), ("2024-12-15", 2), ("2025-01-01", 1)] {
            let page = client.get(&format!("{holders}?as_of={day}&count=exact")).await.expect(200);
            assert_eq!(page["count"], number, "{day}");
        }
        let held = client.get(&format!("{CONTACTS}/{}/holdings?as_of=2026-01-01&sort=from", wang.id)).await.expect(200);
        assert_eq!(held["items"].as_array().map(Vec::len), Some(2));

        let again = json!({ "position_id": cto.id, "from": "2024-06-01" });
        let answer = client.post(&format!("{CONTACTS}/{}/holdings", li.id), &again).await.expect(422);
        assert_eq!(faults(&answer), [("/from", "holding-overlaps")]);
        let back = hold(&client, &li, &cto, "2026-01-01", None).await;
        let path = format!("/api/v1/holdings/{}", back.id);
        refused(&client, &path, json!({ "from": "2024-12-31" }), ("/from", "holding-overlaps")).await;
        refused(&client, &path, json!({ "until": "2026-01-01" }), ("/until", "not-after-from")).await;
        let corrected: Holding = client.patch(&path, "\"1\"", &json!({ "from": "2025-06-01", "position_id": cfo.id })).await.read(200);
        assert_eq!((corrected.position_id, corrected.version), (cfo.id, 2));
        assert_eq!(client.patch(&path, "\"1\"", &json!({ "until": null })).await.problem(), (412, "version-stale"));
        assert_eq!(client.get(&format!("/api/v1/holdings/{}", first.id)).await.read::<Holding>(200), first);
    }

    async fn the_same_holding_recorded_twice_at_once_is_kept_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let customer = named(&client, "Acme").await;
        let cto = seat(&client, &customer, json!({ "title": "CTO" })).await;
        let li = person(&client, &customer, "Li").await;
        let (path, body) = (format!("{CONTACTS}/{}/holdings", li.id), json!({ "position_id": cto.id, "from": "2026-01-01" }));
        let (first, second) = futures::join!(client.post(&path, &body), client.post(&path, &body));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422]);
    }
}
