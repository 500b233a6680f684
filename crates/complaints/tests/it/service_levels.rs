use complaints_contract::{Calendar, Clock, ComplaintClocks, SlaPolicy};
use database::{Tx, on};
use diesel_async::RunQueryDsl;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, TestDb, both, eventually};
use wire::Page;

use crate::support::{PATH, grievance, introduce, open, start, start_quiet, with};

const CALENDARS: &str = "/api/v1/calendars";
const POLICIES: &str = "/api/v1/sla-policies";

fn office() -> Value {
    json!({
        "name": "Office", "time_zone": "Europe/Berlin",
        "hours": [{"days": ["monday", "tuesday"], "from": "09:00", "to": "17:00"}],
    })
}

fn promise(calendar: &str) -> Value {
    let target = json!({"minutes": 60, "calendar": calendar});
    json!({"name": "Hourly", "rows": [{"acknowledge": target, "first_response": target, "resolution": target}]})
}

fn faults(answer: &Answer) -> Vec<String> {
    let errors = answer.body["errors"].as_array().expect("errors");
    errors.iter().map(|error| format!("{} {}", error["pointer"], error["code"]).replace('"', "")).collect()
}

both! {
    async fn what_ships_keeps_the_promises_of_its_table(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        introduce(&app, "C-000001").await;
        let calendars: Page<Calendar> = client.get(CALENDARS).await.read(200);
        let codes: Vec<_> = calendars.items.iter().map(|calendar| calendar.code.as_str()).collect();
        assert_eq!(codes, ["always", "china", "weekdays"]);

        let minutes = async |body: Value| {
            let complaint = open(&client, &with(grievance(), body)).await;
            let clocks: ComplaintClocks = client.get(&format!("{PATH}/{}/clocks", complaint.id)).await.read(200);
            clocks.clocks.iter().map(|clock| (clock.clock, clock.target_seconds / 60, clock.calendar.clone())).collect::<Vec<_>>()
        };
        let around = |clock, minutes| (clock, minutes, None);
        assert_eq!(
            minutes(json!({"customer_id": "C-000001", "severity": 1})).await,
            [
                around(Clock::Acknowledge, 15),
                around(Clock::FirstResponse, 60),
                around(Clock::Containment, 4 * 60),
                around(Clock::NextUpdate, 4 * 60),
                around(Clock::Resolution, 24 * 60),
            ]
        );
        // Nobody knows the customer: the general tier. A working day has eight hours.
        let working = |clock, hours: i64| (clock, hours * 60, Some("china/1".to_owned()));
        assert_eq!(
            minutes(json!({"severity": 4})).await,
            [
                working(Clock::Acknowledge, 8),
                working(Clock::FirstResponse, 3 * 8),
                working(Clock::Containment, 5 * 8),
                working(Clock::NextUpdate, 5 * 8),
                working(Clock::Resolution, 20 * 8),
            ]
        );
    }

    async fn calendars_have_versions(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        let made = client.post(CALENDARS, &json!({"code": "berlin", "calendar": office()})).await;
        let calendar: Calendar = made.clone().read(201);
        assert_eq!((calendar.code.as_str(), calendar.version, made.etag().as_str()), ("berlin", 1, "\"1\""));
        let again = client.post(CALENDARS, &json!({"code": "berlin", "calendar": office()})).await;
        assert_eq!(again.problem(), (409, "calendar-taken"));

        let path = format!("{CALENDARS}/berlin");
        assert_eq!(client.put(&path, &office()).await.problem(), (428, "if-match-missing"));
        let replace = async |etag: &str| {
            client.send(client.request(Method::PUT, &path).header("If-Match", etag).json(&office())).await
        };
        assert_eq!(replace("\"1\"").await.read::<Calendar>(200).version, 2);
        assert_eq!(replace("\"1\"").await.problem(), (412, "version-stale"));
        let read: Calendar = client.get(&format!("{CALENDARS}/{}", calendar.id)).await.read(200);
        assert_eq!((read.version, read.hours), (2, calendar.hours));
        assert_eq!(client.get(&format!("{CALENDARS}/mars")).await.problem(), (404, "calendar-not-found"));
    }

    async fn a_repeated_request_makes_one(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        let body = json!({"code": "berlin", "calendar": office()});
        let send = async |path: &str, body: &Value| {
            let request = client.request(Method::POST, path).header("Idempotency-Key", format!("one{}", path.len()));
            client.send(request.json(body)).await
        };
        let first: Calendar = send(CALENDARS, &body).await.read(201);
        assert_eq!(send(CALENDARS, &body).await.read::<Calendar>(201), first);
        let first: SlaPolicy = send(POLICIES, &promise("berlin")).await.read(201);
        assert_eq!(send(POLICIES, &promise("berlin")).await.read::<SlaPolicy>(201), first);
        assert_eq!(client.count(POLICIES).await, 2);
    }

    async fn every_fault_of_a_rule_is_named(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        let mut calendar = office();
        calendar["time_zone"] = json!("Mars/Olympus");
        calendar["hours"] = json!([
            {"days": ["monday"], "from": "09:00", "to": "17:00"},
            {"days": ["monday"], "from": "16:00", "to": "18:00"},
        ]);
        calendar["holidays"] = json!([{"from": "2026-01-02", "to": "2026-01-01", "name": "Backwards"}]);
        let refused = client.post(CALENDARS, &json!({"code": "mars", "calendar": calendar})).await;
        assert_eq!(refused.problem(), (422, "rules-invalid"));
        assert_eq!(
            faults(&refused),
            ["/calendar/time_zone zone-unknown", "/calendar/hours/1 overlap", "/calendar/holidays/0/to out-of-order"]
        );
        calendar["hours"] = json!([]);
        let empty = client.post(CALENDARS, &json!({"code": "Bad Code", "calendar": calendar})).await;
        assert_eq!(empty.status, 422, "{empty}");

        let mut policy = promise("mars");
        policy["rows"][0]["tier"] = json!("S");
        let refused = client.post(POLICIES, &policy).await;
        assert_eq!(
            faults(&refused),
            [
                "/rows/0/acknowledge/calendar calendar-unknown",
                "/rows/0/first_response/calendar calendar-unknown",
                "/rows/0/resolution/calendar calendar-unknown",
                "/rows gap",
                "/rows gap",
                "/rows gap",
            ]
        );
        assert_eq!(client.count(POLICIES).await, 1);
    }

    async fn the_latest_policy_counts(db: TestDb) {
        let (app, client) = start(db).await;
        let shipped: SlaPolicy = client.get(&format!("{POLICIES}/current")).await.read(200);
        assert_eq!((shipped.version, shipped.rows.len(), shipped.ladder.len()), (1, 16, 4));
        // Who handles complaints does not make the rules.
        assert_eq!(client.post(POLICIES, &promise("china")).await.problem(), (403, "permission-missing"));
        let manager = app.client(&["complaints:read", "service-levels:manage"]);
        let made: SlaPolicy = manager.post(POLICIES, &promise("china")).await.read(201);
        assert_eq!(made.version, 2);
        assert_eq!(client.get(&format!("{POLICIES}/current")).await.read::<SlaPolicy>(200), made);
        assert_eq!(client.get(&format!("{POLICIES}/{}", shipped.id)).await.read::<SlaPolicy>(200), shipped);
        let all: Page<SlaPolicy> = client.get(POLICIES).await.read(200);
        assert_eq!(all.items, [made, shipped]);
        let missing = format!("{POLICIES}/{}", uuid::Uuid::now_v7());
        assert_eq!(client.get(&missing).await.problem(), (404, "sla-policy-not-found"));
    }
}

/// Whoever reckons anew has the row of what is to be done before the rules.
#[tokio::test(flavor = "multi_thread")]
async fn new_rules_wait_for_who_reckons_anew_and_not_in_a_circle() {
    let (app, client) = start_quiet(TestDb::postgres().await).await;
    let mut rebuild = app.db.begin().await.expect("a transaction");
    let run = async |tx: &mut Tx, sql: &str| on!(tx, |c| diesel::sql_query(sql).execute(c).await).expect("done");
    run(&mut rebuild, "SELECT 1 FROM clock_rebuilds FOR UPDATE").await;

    let made = tokio::spawn(async move { client.post(POLICIES, &promise("china")).await });
    eventually(async || {
        let mut conn = app.db.read().await.expect("a connection");
        let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting = on!(conn, |c| diesel::sql_query(waiting).execute(c).await).expect("who waits");
        (waiting > 0).then_some(()).ok_or("nobody waits yet")
    })
    .await;
    run(&mut rebuild, "SELECT pg_advisory_xact_lock_shared(hashtext('rules'))").await;
    rebuild.commit().await.expect("a commit");
    made.await.expect("an answer").expect(201);
}
