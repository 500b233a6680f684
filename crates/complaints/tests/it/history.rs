use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use complaints::domain::{Authority, Past, Timeline};
use complaints_contract::{
    Complaint, ComplaintEntry, ComplaintId, NewAcknowledgement, NewAssessment, NewClosure, NewComplaint,
    NewContainment, NewCustomerMessage, NewEscalation, NewFollowUp, NewRejection, NewReopening, NewResolution,
    NewResponse, NewUpdate, NewWait, NewWithdrawal, Transition,
};
use messaging::Act;
use testkit::{App, Client, both};
use wire::{Page, Reference};

use crate::support::{PATH, grievance, start};

pub async fn attempt(
    app: &App,
    id: ComplaintId,
    transition: Transition,
    now: DateTime<Utc>,
) -> Result<Complaint, complaints::Error> {
    let (db, act, who, which) = (&app.db, &Act::system(now), &Authority::House, &Reference::Id(id));
    let reason = "Because".to_owned();
    match transition {
        Transition::Acknowledge => {
            complaints::acknowledge_complaint(db, act, who, which, NewAcknowledgement::default()).await
        }
        Transition::Assess => complaints::assess_complaint(db, act, who, which, NewAssessment::default()).await,
        Transition::Respond => {
            complaints::respond_to_complaint(db, act, who, which, NewResponse { note_to_customer: reason }).await
        }
        Transition::Resolve => {
            let body = NewResolution { resolution: reason, note_to_customer: None };
            complaints::resolve_complaint(db, act, who, which, body).await
        }
        Transition::Close => complaints::close_complaint(db, act, who, which, NewClosure::default()).await,
        Transition::Reopen => {
            complaints::reopen_complaint(db, act, who, which, NewReopening { reason, note_to_customer: None }).await
        }
        Transition::Investigate => complaints::investigate_complaint(db, act, who, which, Default::default()).await,
        Transition::Accept => complaints::accept_complaint(db, act, who, which, Default::default()).await,
        Transition::Escalate => {
            complaints::escalate_complaint(db, act, who, which, NewEscalation { reason, note_to_customer: None }).await
        }
        Transition::Wait => {
            complaints::wait_for_customer(db, act, who, which, NewWait { note_to_customer: reason, reason: None }).await
        }
        Transition::Resume => complaints::resume_complaint(db, act, who, which, Default::default()).await,
        Transition::FollowUp => {
            let body = NewFollowUp { outcome: reason, note_to_customer: None };
            complaints::follow_up_complaint(db, act, who, which, body).await
        }
        Transition::Reject => {
            let body = NewRejection { note_to_customer: reason.clone(), reason };
            complaints::reject_complaint(db, act, who, which, body).await
        }
        Transition::Contain => {
            let body = NewContainment { containment: reason, note_to_customer: None };
            complaints::contain_complaint(db, act, who, which, body).await
        }
        Transition::Inform => {
            complaints::inform_customer(db, act, who, which, NewUpdate { note_to_customer: reason }).await
        }
        Transition::Hear => {
            complaints::hear_customer(db, act, who, which, NewCustomerMessage { message: reason }).await
        }
        Transition::Withdraw => {
            complaints::withdraw_complaint(db, act, who, which, NewWithdrawal { reason, note_to_customer: None }).await
        }
    }
}

/// The whole history, page by page.
async fn history(client: &Client, id: ComplaintId) -> Vec<ComplaintEntry> {
    let mut entries = vec![];
    let mut cursor = String::new();
    loop {
        let page: Page<ComplaintEntry> = client.get(&format!("{PATH}/{id}/history?limit=7{cursor}")).await.read(200);
        entries.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return entries,
        }
    }
}

fn folded(entries: &[ComplaintEntry]) -> Timeline {
    Timeline::fold(entries.iter().map(Past::from)).expect("begins with an intake")
}

fn assert_adds_up(complaint: &Complaint, entries: &[ComplaintEntry]) {
    let timeline = folded(entries);
    assert_eq!(timeline.state, complaint.state);
    assert_eq!(timeline.received_at, complaint.received_at);
    assert_eq!(timeline.acknowledged_at, complaint.acknowledged_at);
    assert_eq!(timeline.first_responded_at, complaint.first_responded_at);
    assert_eq!(timeline.resolved_at, complaint.resolved_at);
    assert_eq!(timeline.closed_at, complaint.closed_at);
    assert_eq!(timeline.reopened_count, complaint.reopened_count);
    assert_eq!(timeline.contained_at, complaint.contained_at);
    assert_eq!(timeline.told_at, complaint.told_at);
    assert_eq!(timeline.accepted_at, complaint.accepted_at);
    assert_eq!(timeline.wait.map(|wait| wait.since), complaint.waiting_since);
    assert_eq!(timeline.version, complaint.version);
    assert!(entries.iter().map(|entry| entry.at).is_sorted());
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), (1..=complaint.version).collect::<Vec<_>>());
}

both! {
    async fn what_is_stored_is_what_the_history_adds_up_to(db: TestDb) {
        let (app, client) = start(db).await;
        let mut seen = BTreeSet::new();
        // A fixed sequence of pseudo-random numbers, so that a failure comes back.
        let mut number = 20_261_121_u64;
        let mut random = move |below: u64| {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (number >> 33) % below
        };
        for _ in 0..12 {
            let mut now: DateTime<Utc> = "2026-03-04T01:30:00Z".parse().expect("an instant");
            let new: NewComplaint = serde_json::from_value(grievance()).expect("a body");
            let mut complaint = complaints::open_complaint(&app.db, &Act::system(now), &Authority::House, new).await.expect("opened");
            for _ in 0..50 {
                // Now and then a clock that runs behind.
                now += TimeDelta::seconds(random(90_000) as i64 - 600);
                let transition = Transition::ALL[random(Transition::ALL.len() as u64) as usize];
                if matches!(transition, Transition::Withdraw | Transition::Reject) && random(10) > 0 {
                    continue;
                }
                match attempt(&app, complaint.id, transition, now).await {
                    Ok(moved) => complaint = moved,
                    Err(complaints::Error::TransitionNotAllowed(refused)) => assert_eq!(refused.state, complaint.state),
                    Err(other) => panic!("{other}"),
                }
                seen.insert(complaint.state);
            }
            let stored: Complaint = client.get(&format!("{PATH}/{}", complaint.id)).await.read(200);
            assert_eq!(stored, complaint);
            assert_adds_up(&stored, &history(&client, complaint.id).await);
        }
        assert!(seen.len() >= 10, "{seen:?}");
    }
}
