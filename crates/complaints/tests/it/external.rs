use complaints_contract::{Complaint, State};
use serde_json::json;
use testkit::both;

use crate::support::{PATH, grievance, start, step, with};

both! {
    async fn the_first_time_registers_and_later_ones_bring_up_to_date(db: TestDb) {
        let (_app, client) = start(db).await;
        let path = format!("{PATH}/external/desk/4711%2Fa");
        let body = with(grievance(), json!({"product": "Line", "severity": 2, "received_at": "2026-03-04T01:30:00Z"}));
        let first: Complaint = client.put(&path, &body).await.read(201);
        assert_eq!(first.external_id, Some(crate::support::key("desk", "4711/a")));
        assert_eq!(client.put(&path, &body).await.read::<Complaint>(200), first, "unchanged");

        let report = with(grievance(), json!({
            "description": "Since noon",
            "progress": {"state": "resolved", "first_responded_at": "2026-03-04T05:00:00Z", "resolution": "Card replaced"},
        }));
        let second: Complaint = client.put(&path, &report).await.read(200);
        assert_eq!((second.state, second.severity, second.product.as_deref()), (State::Resolved, 2, Some("Line")));
        assert_eq!(second.resolved_at, second.first_responded_at);
        assert_eq!(second.version, 4, "responded, resolved, amended");
        assert_eq!(client.put(&path, &report).await.read::<Complaint>(200), second, "unchanged");
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn a_source_never_moves_a_complaint_back(db: TestDb) {
        let (_app, client) = start(db).await;
        let path = format!("{PATH}/external/desk/1");
        let behind = with(grievance(), json!({"progress": {"state": "acknowledged"}}));
        let complaint: Complaint = client.put(&path, &behind).await.read(201);
        for how in ["responses", "resolution", "closure"] {
            step(&client, &complaint, how).await.expect(200);
        }
        let after: Complaint = client.put(&path, &behind).await.read(200);
        assert_eq!((after.state, after.version), (State::Closed, 5));
    }

    async fn only_sources_and_handlers_say_how_far_it_has_come(db: TestDb) {
        let (app, client) = start(db).await;
        let seller = app.client(&["complaints:read", "complaints:write"]);
        let source = app.client(&["complaints:read", "complaints:write", "imports:write"]);
        let path = format!("{PATH}/external/desk/1");
        seller.put(&path, &grievance()).await.expect(201);
        let rejected = with(grievance(), json!({"progress": {"state": "rejected"}}));
        let faults = [json!({"code": "forbidden", "message": "needs the permission imports:write or complaints:handle", "pointer": "/progress"})];
        for refused in [seller.put(&path, &rejected).await, seller.post(PATH, &rejected).await] {
            assert_eq!(refused.expect(422)["errors"], json!(faults));
        }
        let rows = json!({"complaints": [grievance(), rejected]});
        let bulk = seller.post(&format!("{PATH}/bulk?mode=per_row"), &rows).await.expect(200);
        assert_eq!((&bulk["succeeded"], &bulk["failed"]), (&json!(1), &json!(1)));
        assert_eq!(client.count(PATH).await, 2);
        let moved: Complaint = source.put(&path, &rejected).await.read(200);
        assert_eq!(moved.state, State::Rejected);
    }

    async fn many_at_once_register_one(db: TestDb) {
        let (_app, client) = start(db).await;
        let (path, body) = (format!("{PATH}/external/desk/1"), grievance());
        let answers = futures::future::join_all((0..8).map(|_| client.put(&path, &body))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn keys_have_a_form(db: TestDb) {
        let (_app, client) = start(db).await;
        let refused = client.put(&format!("{PATH}/external/Desk!/1"), &grievance()).await;
        assert_eq!(refused.problem(), (422, "complaint-invalid"));
        let other = with(grievance(), json!({"external_id": {"system": "desk", "id": "2"}}));
        let refused = client.put(&format!("{PATH}/external/desk/1"), &other).await;
        assert_eq!(refused.body["errors"][0]["code"], "mismatch");
        assert_eq!(client.count(PATH).await, 0);
    }
}
