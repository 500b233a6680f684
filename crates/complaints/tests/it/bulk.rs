use complaints_contract::BulkComplaintsResult;
use serde_json::{Value, json};
use testkit::both;

use crate::support::{PATH, grievance, introduce, redact, start, with};

fn rows() -> Value {
    json!({"complaints": [
        with(grievance(), json!({"customer_id": "C-000001", "external_id": {"system": "desk", "id": "1"}})),
        with(grievance(), json!({"customer_id": "C-404404"})),
        with(grievance(), json!({"subject": " ", "channel": "pigeon"})),
        with(grievance(), json!({"external_id": {"system": "desk", "id": "1"}, "severity": 1})),
    ]})
}

both! {
    async fn atomic_takes_all_or_none(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let refused = client.post(&format!("{PATH}/bulk"), &rows()).await;
        insta::assert_json_snapshot!(redact(refused.expect(422)), @r#"
        {
          "code": "rows-invalid",
          "detail": "2 of 4 rows are wrong, so none was taken; correct them, or use mode=per_row",
          "errors": [
            {
              "code": "customer-unknown",
              "message": "no customer is known by this code",
              "pointer": "/complaints/1/customer_id"
            },
            {
              "code": "not-allowed",
              "message": "must be one of web, phone, email, postal_mail, fax, referral, portal, desk, in_person, internal",
              "pointer": "/complaints/2/channel"
            }
          ],
          "instance": "/api/v1/complaints/bulk",
          "status": 422,
          "title": "Rows invalid",
          "trace_id": "[trace]",
          "type": "/problems/rows-invalid"
        }
        "#);
        assert_eq!(client.count(PATH).await, 0);

        let good = json!({"complaints": vec![grievance(); 3]});
        let taken: BulkComplaintsResult = client.post(&format!("{PATH}/bulk?mode=atomic"), &good).await.read(200);
        assert_eq!((taken.succeeded, taken.failed, taken.results.len()), (3, 0, 3));
        assert_eq!(client.count(PATH).await, 3);
    }

    async fn per_row_takes_what_is_right(db: TestDb) {
        let (app, client) = start(db).await;
        introduce(&app, "C-000001").await;
        let taken: BulkComplaintsResult = client.post(&format!("{PATH}/bulk?mode=per_row"), &rows()).await.read(200);
        assert_eq!((taken.succeeded, taken.failed), (2, 2));
        let statuses: Vec<u16> = taken.results.iter().map(|row| row.status).collect();
        assert_eq!(statuses, [201, 422, 422, 200]);
        let last = taken.results[3].complaint.as_ref().expect("a complaint");
        assert_eq!((last.severity, last.version), (1, 2));
        assert_eq!(client.count(PATH).await, 1);
    }

    async fn from_one_to_a_thousand_rows(db: TestDb) {
        let (_app, client) = start(db).await;
        let rows = |count| json!({"complaints": vec![grievance(); count]});
        let bulk = format!("{PATH}/bulk");
        assert_eq!(client.post(&bulk, &rows(0)).await.problem(), (422, "fields-invalid"));
        assert_eq!(client.post(&bulk, &rows(1001)).await.problem(), (422, "fields-invalid"));
        let result: BulkComplaintsResult = client.post(&bulk, &rows(1000)).await.read(200);
        assert_eq!((result.succeeded, client.count(PATH).await), (1000, 1000));
        assert_eq!(client.post(&format!("{bulk}?mode=maybe"), &rows(1)).await.problem(), (400, "query-invalid"));
    }

    async fn a_repeated_bulk_request_registers_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let body = json!({"complaints": vec![grievance(); 2]});
        let bulk = format!("{PATH}/bulk");
        let post = || {
            client.send(client.request(reqwest::Method::POST, &bulk).header("idempotency-key", "k2").json(&body))
        };
        let first = post().await.expect(200);
        assert_eq!(post().await.expect(200), first);
        assert_eq!(client.count(PATH).await, 2);
    }
}
