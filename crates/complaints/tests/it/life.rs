use chrono::{DateTime, Utc};
use complaints::domain::{Authority, Leads, allowed, next};
use complaints_contract::{Complaint, State, Transition};
use messaging::Act;
use serde_json::json;
use testkit::{Client, both};
use uuid::Uuid;
use wire::Reference;

use crate::support::{EVENTS, PATH, grievance, introduce, open, redact, start, step, with};

/// The last segment of a transition's path.
fn path_of(transition: Transition) -> &'static str {
    match transition {
        Transition::Acknowledge => "acknowledgement",
        Transition::Assess => "assessment",
        Transition::Respond => "responses",
        Transition::Resolve => "resolution",
        Transition::Close => "closure",
        Transition::Reopen => "reopen",
        Transition::Withdraw => "withdrawal",
        Transition::Investigate => "investigation",
        Transition::Accept => "acceptance",
        Transition::Escalate => "escalations",
        Transition::Wait => "wait",
        Transition::Resume => "resume",
        Transition::FollowUp => "follow-up",
        Transition::Reject => "rejection",
        Transition::Contain => "containment",
        Transition::Inform => "updates",
        Transition::Hear => "customer-messages",
    }
}

async fn opened_in(client: &Client, state: State) -> Complaint {
    open(client, &with(grievance(), json!({"progress": {"state": state}}))).await
}

both! {
    async fn a_whole_life(db: TestDb) {
        let (app, client) = start(db).await;
        let tap = app.bus.tap(EVENTS).await;
        introduce(&app, "C-000001").await;
        let complaint = open(&client, &with(grievance(), json!({"customer_id": "C-000001", "severity": 2}))).await;
        let at = |how: &str| format!("{PATH}/{}/{how}", complaint.number);

        let acknowledged = client
            .post(&at("acknowledgement"), &json!({"note_to_customer": "We have your complaint."}))
            .await;
        assert_eq!(acknowledged.etag(), "\"2\"");
        let body = json!({"severity": 1, "safety": true, "handler": "wang.fang", "reason": "Hospital without a line"});
        let assessed: Complaint = client.post(&at("assessment"), &body).await.read(200);
        assert_eq!((assessed.severity, assessed.safety, assessed.handler.as_deref()), (1, true, Some("wang.fang")));
        let by = |by: Option<DateTime<Utc>>| by.map(|by| (by - assessed.received_at).num_minutes());
        assert_eq!((by(assessed.due.respond_by), by(assessed.due.resolve_by)), (Some(60), Some(24 * 60)));
        client.post(&at("responses"), &json!({"note_to_customer": "A technician is on the way."})).await.expect(200);
        client.post(&at("responses"), &json!({"note_to_customer": "The card is being replaced."})).await.expect(200);
        client.post(&at("resolution"), &json!({"resolution": "Card replaced"})).await.expect(200);
        let closed = client.post(&at("closure"), &json!({})).await;
        insta::assert_json_snapshot!(redact(closed.expect(200)), @r#"
        {
          "about_staff": null,
          "accepted_at": null,
          "acknowledged_at": "[time]",
          "channel": "phone",
          "closed_at": "[time]",
          "complainant": null,
          "complainant_erased_at": null,
          "confidential": [],
          "contact_id": null,
          "contained_at": "[time]",
          "created_at": "[time]",
          "customer_external": null,
          "customer_id": "[id]",
          "customer_known": true,
          "description": null,
          "due": {
            "acknowledge_by": "[time]",
            "policy": 1,
            "resolve_by": "[time]",
            "respond_by": "[time]"
          },
          "external_id": null,
          "first_responded_at": "[time]",
          "follow_up_due_at": "[time]",
          "handler": "wang.fang",
          "id": "[id]",
          "issue": null,
          "language": "zh-CN",
          "next_clock": null,
          "next_due": null,
          "number": "[number]",
          "order_number": null,
          "product": null,
          "received_at": "[time]",
          "remedy_sought": null,
          "reopened_count": 0,
          "reported_by": null,
          "resolution": "Card replaced",
          "resolved_at": "[time]",
          "safety": true,
          "severity": 1,
          "state": "closed",
          "subject": "Line down",
          "timely": true,
          "told_at": "[time]",
          "updated_at": "[time]",
          "version": 7,
          "waiting_since": null
        }
        "#);
        let reopened: Complaint =
            client.post(&at("reopen"), &json!({"reason": "The line went down again"})).await.read(200);
        assert_eq!((reopened.reopened_count, reopened.resolved_at, reopened.closed_at), (1, None, None));
        assert_eq!(reopened.resolution, None, "what was resolved before is in the history");
        let gone = client.post(&at("withdrawal"), &json!({"reason": "The customer has moved"})).await;
        assert_eq!(gone.read::<Complaint>(200).state, State::Withdrawn);

        let history = client.get(&at("history?count=exact")).await;
        insta::assert_json_snapshot!(redact(history.expect(200)), @r#"
        {
          "count": 9,
          "items": [
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [],
              "from": null,
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": null,
              "reason": null,
              "recorded_at": "[time]",
              "resolution": null,
              "seq": 1,
              "to": "received",
              "what": "opened"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [],
              "from": "received",
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": "We have your complaint.",
              "reason": null,
              "recorded_at": "[time]",
              "resolution": null,
              "seq": 2,
              "to": "acknowledged",
              "what": "acknowledged"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [
                "severity",
                "safety",
                "handler"
              ],
              "from": "acknowledged",
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": null,
              "reason": "Hospital without a line",
              "recorded_at": "[time]",
              "resolution": null,
              "seq": 3,
              "to": "assessed",
              "what": "assessed"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [],
              "from": "assessed",
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": "A technician is on the way.",
              "reason": null,
              "recorded_at": "[time]",
              "resolution": null,
              "seq": 4,
              "to": "responded",
              "what": "responded"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [],
              "from": "responded",
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": "The card is being replaced.",
              "reason": null,
              "recorded_at": "[time]",
              "resolution": null,
              "seq": 5,
              "to": "responded",
              "what": "responded"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [],
              "from": "responded",
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": null,
              "reason": null,
              "recorded_at": "[time]",
              "resolution": "Card replaced",
              "seq": 6,
              "to": "resolved",
              "what": "resolved"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [],
              "from": "resolved",
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": null,
              "reason": null,
              "recorded_at": "[time]",
              "resolution": null,
              "seq": 7,
              "to": "closed",
              "what": "closed"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [],
              "from": "closed",
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": null,
              "reason": "The line went down again",
              "recorded_at": "[time]",
              "resolution": null,
              "seq": 8,
              "to": "investigating",
              "what": "reopened"
            },
            {
              "at": "[time]",
              "by": "user:0198a000-0000-7000-8000-000000000001",
              "fields": [],
              "from": "investigating",
              "from_customer": null,
              "id": "[id]",
              "note_to_customer": null,
              "reason": "The customer has moved",
              "recorded_at": "[time]",
              "resolution": null,
              "seq": 9,
              "to": "withdrawn",
              "what": "withdrawn"
            }
          ],
          "next_cursor": null
        }
        "#);

        app.drain_outbox().await;
        let told: Vec<_> = tap.envelopes().await.into_iter().map(|e| (e.r#type, e.sequence)).collect();
        let told: Vec<_> = told.iter().map(|(name, sequence)| (name.as_str(), *sequence)).collect();
        assert_eq!(told, [
            ("complaints.complaint.opened.v1", 1),
            ("complaints.complaint.acknowledged.v1", 2),
            ("complaints.complaint.assessed.v1", 3),
            ("complaints.complaint.responded.v1", 4),
            ("complaints.complaint.responded.v1", 5),
            ("complaints.complaint.resolved.v1", 6),
            ("complaints.complaint.closed.v1", 7),
            ("complaints.complaint.reopened.v1", 8),
            ("complaints.complaint.withdrawn.v1", 9),
        ]);
    }

    async fn every_transition_that_is_not_allowed_is_refused_and_changes_nothing(db: TestDb) {
        let (_app, client) = start(db).await;
        for state in State::ALL {
            let complaint = opened_in(&client, *state).await;
            let possible: Vec<_> = allowed(*state).map(Transition::as_str).collect();
            for transition in Transition::ALL.iter().filter(|transition| next(*state, **transition).is_none()) {
                let refused = step(&client, &complaint, path_of(*transition)).await;
                assert_eq!(refused.problem(), (409, "transition-not-allowed"), "{state} {transition}");
                let detail = refused.body["detail"].as_str().expect("a detail");
                assert!(detail.ends_with(&possible.join(", ")) || possible.is_empty(), "{detail}");
            }
            let after: Complaint = client.get(&format!("{PATH}/{}", complaint.id)).await.read(200);
            assert_eq!(after, complaint);
        }
    }

    async fn every_transition_that_is_allowed_leads_where_the_table_says(db: TestDb) {
        let (_app, client) = start(db).await;
        for state in State::ALL {
            for transition in allowed(*state) {
                let complaint = opened_in(&client, *state).await;
                let moved: Complaint = step(&client, &complaint, path_of(transition)).await.read(200);
                let (to, steps) = match next(*state, transition).expect("it is allowed") {
                    Leads::To(to) => (to, 1),
                    // What the customer says ends a wait for it.
                    Leads::Stay if (*state, transition) == (State::Waiting, Transition::Hear) => (State::Acknowledged, 2),
                    Leads::Stay => (*state, 1),
                    Leads::Back => (State::Acknowledged, 1),
                };
                assert_eq!(moved.state, to, "{state} {transition}");
                assert_eq!(moved.version, complaint.version + steps);
            }
        }
    }

    async fn a_refusal_shows_what_is_allowed(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = opened_in(&client, State::Resolved).await;
        insta::assert_json_snapshot!(redact(step(&client, &complaint, "responses").await.expect(409)), @r#"
        {
          "code": "transition-not-allowed",
          "detail": "a complaint that is resolved cannot be moved on by respond; allowed: close, reopen, inform, hear",
          "instance": "/api/v1/complaints/[id]/responses",
          "status": 409,
          "title": "Transition not allowed",
          "trace_id": "[trace]",
          "type": "/problems/transition-not-allowed"
        }
        "#);
    }

    async fn transitions_say_what_is_wrong_with_their_bodies(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        for (how, body, code) in [
            ("responses", json!({}), "fields-invalid"),
            ("responses", json!({"note_to_customer": "  "}), "complaint-invalid"),
            ("resolution", json!({"note_to_customer": "Done"}), "fields-invalid"),
            ("resolution", json!({"resolution": "\u{7}", "note_to_customer": " "}), "complaint-invalid"),
            ("assessment", json!({"severity": 0}), "fields-invalid"),
            ("reopen", json!({}), "fields-invalid"),
            ("withdrawal", json!({"reason": ""}), "fields-invalid"),
            ("closure", json!({"resolution": "?"}), "fields-invalid"),
            ("acknowledgement", json!({"note": "?"}), "fields-invalid"),
        ] {
            let refused = client.post(&format!("{PATH}/{}/{how}", complaint.id), &body).await;
            assert_eq!(refused.problem(), (422, code), "{how} {body}");
        }
        let nowhere = client.post(&format!("{PATH}/CP-2026-404404/closure"), &json!({})).await;
        assert_eq!(nowhere.problem(), (404, "complaint-not-found"));
    }

    async fn a_transition_repeated_after_its_commit_is_done_once(db: TestDb) {
        let (app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let (id, which) = (Uuid::now_v7(), Reference::Id(complaint.id));
        let acknowledge = async || {
            let act = Act::system(Utc::now()).reserving(id);
            complaints::acknowledge_complaint(&app.db, &act, &Authority::House, &which, Default::default()).await.expect("acknowledged")
        };
        let first = acknowledge().await;
        assert_eq!(acknowledge().await, first);
        assert_eq!(first.version, 2);
    }

    async fn two_who_answer_at_once_are_both_heard(db: TestDb) {
        let (_app, client) = start(db).await;
        let complaint = open(&client, &grievance()).await;
        let answers = futures::future::join_all((0..8).map(|_| step(&client, &complaint, "responses"))).await;
        let mut versions: Vec<i64> = answers.into_iter().map(|answer| answer.read::<Complaint>(200).version).collect();
        versions.sort_unstable();
        assert_eq!(versions, (2..10).collect::<Vec<_>>());
    }
}
