use chrono::{DateTime, TimeDelta, Utc};
use complaints::domain::Authority;
use complaints_contract::{
    Calendar, Clock, ClockReading, Complaint, ComplaintClocks, ComplaintPatch, NewCalendar, NewComplaint, NewSlaPolicy,
    OpenCalendar, SlaPolicy,
};
use messaging::Act;
use registry_contract::Tier;
use registry_contract::v1::CustomerUpdated;
use serde_json::json;
use testkit::{App, Client, both};
use wire::Reference;

use crate::support::{
    PATH, QUIET, customer, due_times, forget_and_rebuild, grievance, instant, open, redact, start_quiet, with,
};

async fn clocks(client: &Client, complaint: &Complaint, as_of: &str) -> Vec<ClockReading> {
    let path = format!("{PATH}/{}/clocks?as_of={as_of}", complaint.id);
    client.get(&path).await.read::<ComplaintClocks>(200).clocks
}

async fn clock(client: &Client, complaint: &Complaint, clock: Clock, as_of: &str) -> ClockReading {
    let mut readings = clocks(client, complaint, as_of).await;
    readings.retain(|reading| reading.clock == clock);
    readings.pop().expect("the clock")
}

/// A policy that promises everything within these minutes of elapsed time.
fn within(minutes: i64) -> NewSlaPolicy {
    let target = json!({"minutes": minutes});
    let row = json!({"acknowledge": target, "first_response": target, "next_update": target, "resolution": target});
    let ladder = json!([{"percent": 50, "recipients": ["handler"]}, {"percent": 100, "recipients": ["head"]}]);
    serde_json::from_value(json!({"name": "Test", "rows": [row], "ladder": ladder})).expect("a policy")
}

async fn rebuilt(app: &App, now: DateTime<Utc>) -> usize {
    let mut complaints = 0;
    loop {
        match complaints::rebuild_clocks(&app.db, now).await.expect("a rebuild") {
            0 => return complaints,
            some => complaints += some,
        }
    }
}

both! {
    async fn the_clocks_of_any_past_instant_are_told(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        // A Wednesday, 9:30 in Shanghai.
        let complaint = open(&client, &with(grievance(), json!({"received_at": "2026-03-04T01:30:00Z"}))).await;
        let path = format!("{PATH}/{}/clocks", complaint.number);
        let answer = client.get(&format!("{path}?as_of=2026-03-04T04:30:00Z")).await.expect(200);
        insta::assert_json_snapshot!(redact(answer)["clocks"][0], @r#"
        {
          "breached": false,
          "calendar": "china/1",
          "clock": "acknowledge",
          "due_at": "[time]",
          "elapsed_seconds": 9000,
          "moot": false,
          "paused": [],
          "policy": 1,
          "remaining_seconds": 12600,
          "run": 1,
          "started_at": "[time]",
          "stopped_at": null,
          "target_seconds": 21600
        }
        "#);
        let due = |reading: ClockReading| reading.due_at.expect("a due time");
        // 6 working hours with a break from 12 to 13; 15 working days.
        let acknowledge = clock(&client, &complaint, Clock::Acknowledge, "2026-03-04T02:00:00Z").await;
        assert_eq!(due(acknowledge), instant("2026-03-04T08:30:00Z"));
        let resolution = clock(&client, &complaint, Clock::Resolution, "2026-03-04T02:00:00Z").await;
        assert_eq!(due(resolution), instant("2026-03-25T01:30:00Z"));

        for (as_of, code) in [("2026-03-04T01:29:59Z", "before-intake"), ("2100-01-01T00:00:00Z", "in-future")] {
            let refused = client.get(&format!("{path}?as_of={as_of}")).await;
            assert_eq!(refused.problem(), (422, "complaint-invalid"));
            assert_eq!((&refused.body["errors"][0]["pointer"], &refused.body["errors"][0]["code"]), (&json!("?as_of"), &json!(code)));
        }
        assert_eq!(client.get(&format!("{PATH}/CP-1999-000001/clocks")).await.problem(), (404, "complaint-not-found"));
    }

    async fn a_promise_is_broken_from_when_it_fell_due(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        let complaint = open(&client, &with(grievance(), json!({"received_at": "2026-03-04T01:30:00Z"}))).await;
        let breached = async || {
            let mut breached = vec![];
            // Due at 16:30 in Shanghai.
            for as_of in ["2026-03-04T08:29:59Z", "2026-03-04T08:30:00Z", "2026-03-04T08:30:01Z", "2026-03-05T01:30:00Z"] {
                breached.push(clock(&client, &complaint, Clock::Acknowledge, as_of).await.breached);
            }
            breached
        };
        assert_eq!(breached().await, [false, false, true, true]);
        // Months too late: what was told of the past stays.
        client.post(&format!("{PATH}/{}/acknowledgement", complaint.id), &json!({})).await.expect(200);
        assert_eq!(breached().await, [false, false, true, true]);
        let now: ComplaintClocks = client.get(&format!("{PATH}/{}/clocks", complaint.id)).await.read(200);
        let late = &now.clocks[0];
        assert_eq!((late.clock, late.stopped_at.is_some(), late.breached), (Clock::Acknowledge, true, true));
    }

    async fn a_new_policy_reckons_what_runs_anew_and_leaves_what_has_stopped(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let complaint = open(&client, &grievance()).await;
        client.post(&format!("{PATH}/{}/acknowledgement", complaint.id), &json!({})).await.expect(200);
        let before = due_times(&app).await;
        let policy: SlaPolicy = client.post("/api/v1/sla-policies", &within(90)).await.read(201);
        assert_eq!(due_times(&app).await, before);
        assert_eq!(rebuilt(&app, Utc::now()).await, 1);

        let now = client.get(&format!("{PATH}/{}/clocks", complaint.id)).await.read::<ComplaintClocks>(200);
        let by_policy: Vec<_> = now.clocks.iter().map(|reading| (reading.clock, reading.policy)).collect();
        // The acknowledgement told the customer how it stands, too. Containment is promised no more.
        assert_eq!(
            by_policy,
            [
                (Clock::Acknowledge, 1),
                (Clock::FirstResponse, 2),
                (Clock::NextUpdate, 1),
                (Clock::NextUpdate, 2),
                (Clock::Resolution, 2),
            ]
        );
        let respond = &now.clocks[1];
        assert_eq!(respond.due_at, Some(complaint.received_at + TimeDelta::minutes(90)));
        let at = |instant: DateTime<Utc>| instant.to_rfc3339().replace('+', "%2B");
        // What was told of the past is still told.
        let past = clock(&client, &complaint, Clock::FirstResponse, &at(policy.valid_from - TimeDelta::microseconds(1))).await;
        assert_eq!(past.policy, 1);
    }

    async fn what_is_kept_is_what_is_reckoned_from_nothing(db: TestDb) {
        let (app, _) = start_quiet(db).await;
        let db = &app.db;
        let mut number = 20_261_125_u64;
        let mut random = move |below: u64| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % below
        };
        let mut now = instant("2026-01-29T01:30:00Z");
        let mut fact = customer("C-000001");
        app.deliver(&CustomerUpdated(fact.clone())).await;
        let office: NewCalendar = serde_json::from_value(json!({
            "name": "Office", "time_zone": "Asia/Shanghai",
            "hours": [{"days": ["monday", "tuesday", "friday"], "from": "20:00", "to": "02:00"}],
        })).expect("a calendar");
        let new = OpenCalendar { code: "nights".to_owned(), calendar: office.clone() };
        complaints::open_calendar(db, &Act::system(now), new).await.expect("a calendar");
        let mut ids = vec![];
        for round in 0..120 {
            now += TimeDelta::minutes(1 + random(900) as i64);
            let act = Act::system(now);
            if round % 10 == 0 {
                let new = with(grievance(), json!({"severity": random(4) + 1, "customer_id": (random(2) == 0).then_some(fact.customer_id)}));
                let new: NewComplaint = serde_json::from_value(new).expect("a body");
                ids.push(complaints::open_complaint(db, &act, &Authority::House, new).await.expect("opened").id);
            }
            let which = Reference::Id(ids[random(ids.len() as u64) as usize]);
            match random(12) {
                0 => {
                    let mut policy = within(60 + random(3000) as i64);
                    policy.rows[0].resolution.as_mut().expect("a target").calendar = Some("nights".to_owned());
                    complaints::create_sla_policy(db, &act, policy).await.expect("a policy");
                }
                1 => {
                    let any = chassis::http::IfMatch::Any;
                    let mut office = office.clone();
                    office.hours[0].to = format!("{:02}:00", random(12) + 1);
                    let nights = Reference::Code("nights".to_owned());
                    let _: Calendar = complaints::replace_calendar(db, &act, &nights, any, office).await.expect("a calendar");
                }
                2 => {
                    fact.sequence += 1;
                    fact.tier = [Tier::S, Tier::A, Tier::B, Tier::C][random(4) as usize];
                    app.deliver(&CustomerUpdated(fact.clone())).await;
                }
                3 => {
                    let patch = ComplaintPatch { severity: Some(random(4) as i16 + 1), ..ComplaintPatch::default() };
                    complaints::amend_complaint(db, &act, &Authority::House, &which, chassis::http::IfMatch::Any, patch).await.expect("amended");
                }
                4 => drop(complaints::fire_escalations(db, now, 3).await.expect("escalated")),
                5 => drop(complaints::rebuild_clocks(db, now).await.expect("a batch")),
                _ => {
                    let transitions = complaints_contract::Transition::ALL;
                    let transition = transitions[random(transitions.len() as u64) as usize];
                    drop(crate::history::attempt(&app, ids[random(ids.len() as u64) as usize], transition, now).await);
                }
            }
        }
        rebuilt(&app, now).await;
        let kept = due_times(&app).await;
        assert!(kept.len() > 40, "{}", kept.len());
        forget_and_rebuild(&app, now).await;
        assert_eq!(due_times(&app).await, kept);
    }

    async fn a_rebuild_goes_on_after_a_restart(db: TestDb) {
        let (app, client) = start_quiet(db).await;
        let rows: Vec<_> = (0..450).map(|_| grievance()).collect();
        client.post(&format!("{PATH}/bulk"), &json!({"complaints": rows})).await.expect(200);
        client.post("/api/v1/sla-policies", &within(90)).await.expect(201);
        assert_eq!(complaints::rebuild_clocks(&app.db, Utc::now()).await.expect("a batch"), 200);
        let (db, bus) = app.stop().await;
        let app = App::start_with(&QUIET, db, bus, |_| {}).await;
        assert_eq!(rebuilt(&app, Utc::now()).await, 250);
        let kept = due_times(&app).await;
        forget_and_rebuild(&app, Utc::now()).await;
        assert_eq!(due_times(&app).await, kept);
    }
}
