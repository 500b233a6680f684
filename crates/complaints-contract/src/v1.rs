//! Events of the complaints service, version 1. They only grow: a field may be added with a default, never removed.

use chrono::{DateTime, Utc};
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{events, golden};

pub use crate::escalation_events::{EscalationFired, ExecutiveContactProposed, Recipient};
use crate::{Channel, ComplaintId, State};

mod cures;
mod follow_ups;
mod ratings;
mod signals;

pub use cures::{CORRECTIVE_ACTION_CHANGED, CorrectiveActionChanged, CorrectiveActionFact};
pub use follow_ups::{FOLLOW_UP_CHANGED, FollowUpChanged, FollowUpFact, FollowUpState};
pub use ratings::{COMPLAINT_RATED, ComplaintRated};
pub use signals::{SIGNAL_CHANGED, SignalChanged, SignalFact};

pub const COMPLAINT_OPENED: &str = "complaints.complaint.opened.v1";
pub const COMPLAINT_LINKED: &str = "complaints.complaint.linked.v1";
pub const COMPLAINT_ACKNOWLEDGED: &str = "complaints.complaint.acknowledged.v1";
pub const COMPLAINT_ASSESSED: &str = "complaints.complaint.assessed.v1";
pub const COMPLAINT_RESPONDED: &str = "complaints.complaint.responded.v1";
pub const COMPLAINT_RESOLVED: &str = "complaints.complaint.resolved.v1";
pub const COMPLAINT_CLOSED: &str = "complaints.complaint.closed.v1";
pub const COMPLAINT_REOPENED: &str = "complaints.complaint.reopened.v1";
pub const COMPLAINT_WITHDRAWN: &str = "complaints.complaint.withdrawn.v1";
pub const COMPLAINT_AMENDED: &str = "complaints.complaint.amended.v1";
pub const COMPLAINT_INVESTIGATION_STARTED: &str = "complaints.complaint.investigation_started.v1";
pub const COMPLAINT_ACCEPTED: &str = "complaints.complaint.accepted.v1";
pub const COMPLAINT_ESCALATED: &str = "complaints.complaint.escalated.v1";
pub const COMPLAINT_WAIT_STARTED: &str = "complaints.complaint.wait_started.v1";
pub const COMPLAINT_RESUMED: &str = "complaints.complaint.resumed.v1";
pub const COMPLAINT_FOLLOWED_UP: &str = "complaints.complaint.followed_up.v1";
pub const COMPLAINT_REJECTED: &str = "complaints.complaint.rejected.v1";
pub const COMPLAINT_CONTAINED: &str = "complaints.complaint.contained.v1";
pub const COMPLAINT_INFORMED: &str = "complaints.complaint.informed.v1";
pub const COMPLAINT_CUSTOMER_WROTE: &str = "complaints.complaint.customer_wrote.v1";
pub const ESCALATION_FIRED: &str = "complaints.escalation.fired.v1";
pub const EXECUTIVE_CONTACT_PROPOSED: &str = "complaints.executive_contact.proposed.v1";

/// A complaint as other services know it: no words that people wrote, only what can be counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintFact {
    pub complaint_id: ComplaintId,
    pub number: String,
    /// Null until the customer is known; then comes `complaints.complaint.linked.v1`.
    pub customer_id: Option<CustomerId>,
    /// Version of the complaint; a greater one replaces a lesser one.
    pub sequence: i64,
    pub state: State,
    /// 1 critical, 2 major, 3 moderate, 4 minor.
    pub severity: i16,
    pub safety: bool,
    pub channel: Channel,
    pub received_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub first_responded_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub reopened_count: i32,
    /// When the harm was first kept from growing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contained_at: Option<DateTime<Utc>>,
    /// When the customer took our answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<DateTime<Utc>>,
    /// Whether it is about our own people: read by few, and not to be shown to others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
    pub in_time: InTime,
}

/// Whether the customer was told, answered and satisfied by the due time; null while that has not happened. Where
/// the source of an imported complaint judged it as a whole, its judgement stands for each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InTime {
    pub acknowledge: Option<bool>,
    pub respond: Option<bool>,
    pub resolve: Option<bool>,
}

events! {
    /// A complaint was registered; an imported one perhaps in a later state already.
    ComplaintOpened(ComplaintFact) = COMPLAINT_OPENED, complaint_id;
    /// The customer it is from became known.
    ComplaintLinked(ComplaintFact) = COMPLAINT_LINKED, complaint_id;
    /// The customer was told that we have it.
    ComplaintAcknowledged(ComplaintFact) = COMPLAINT_ACKNOWLEDGED, complaint_id;
    /// It was judged, and someone is at work.
    ComplaintAssessed(ComplaintFact) = COMPLAINT_ASSESSED, complaint_id;
    /// The customer was answered.
    ComplaintResponded(ComplaintFact) = COMPLAINT_RESPONDED, complaint_id;
    /// It was settled.
    ComplaintResolved(ComplaintFact) = COMPLAINT_RESOLVED, complaint_id;
    /// It was closed.
    ComplaintClosed(ComplaintFact) = COMPLAINT_CLOSED, complaint_id;
    /// It was taken up again.
    ComplaintReopened(ComplaintFact) = COMPLAINT_REOPENED, complaint_id;
    /// Someone is at work on it.
    ComplaintInvestigationStarted(ComplaintFact) = COMPLAINT_INVESTIGATION_STARTED, complaint_id;
    /// The customer took our answer.
    ComplaintAccepted(ComplaintFact) = COMPLAINT_ACCEPTED, complaint_id;
    /// It was given to those above.
    ComplaintEscalated(ComplaintFact) = COMPLAINT_ESCALATED, complaint_id;
    /// From here on we wait for the customer.
    ComplaintWaitStarted(ComplaintFact) = COMPLAINT_WAIT_STARTED, complaint_id;
    /// The wait for the customer is over.
    ComplaintResumed(ComplaintFact) = COMPLAINT_RESUMED, complaint_id;
    /// The customer was asked again after it was closed.
    ComplaintFollowedUp(ComplaintFact) = COMPLAINT_FOLLOWED_UP, complaint_id;
    /// We turned it down.
    ComplaintRejected(ComplaintFact) = COMPLAINT_REJECTED, complaint_id;
    /// The harm was kept from growing.
    ComplaintContained(ComplaintFact) = COMPLAINT_CONTAINED, complaint_id;
    /// The customer was told how far we are.
    ComplaintInformed(ComplaintFact) = COMPLAINT_INFORMED, complaint_id;
    /// The customer wrote or said something; what, is not told here.
    ComplaintCustomerWrote(ComplaintFact) = COMPLAINT_CUSTOMER_WROTE, complaint_id;
    /// The customer took it back.
    ComplaintWithdrawn(ComplaintFact) = COMPLAINT_WITHDRAWN, complaint_id;
    /// Something in it was corrected, perhaps its customer; also what a republication sends.
    ComplaintAmended(ComplaintFact) = COMPLAINT_AMENDED, complaint_id;
}

golden! {
    ComplaintOpened = "complaints.complaint.opened.v1.json",
    ComplaintLinked = "complaints.complaint.linked.v1.json",
    ComplaintAcknowledged = "complaints.complaint.acknowledged.v1.json",
    ComplaintAssessed = "complaints.complaint.assessed.v1.json",
    ComplaintResponded = "complaints.complaint.responded.v1.json",
    ComplaintResolved = "complaints.complaint.resolved.v1.json",
    ComplaintClosed = "complaints.complaint.closed.v1.json",
    ComplaintReopened = "complaints.complaint.reopened.v1.json",
    ComplaintWithdrawn = "complaints.complaint.withdrawn.v1.json",
    ComplaintAmended = "complaints.complaint.amended.v1.json",
    CorrectiveActionChanged = "complaints.corrective_action.changed.v1.json",
    ComplaintInvestigationStarted = "complaints.complaint.investigation_started.v1.json",
    ComplaintAccepted = "complaints.complaint.accepted.v1.json",
    ComplaintEscalated = "complaints.complaint.escalated.v1.json",
    ComplaintWaitStarted = "complaints.complaint.wait_started.v1.json",
    ComplaintResumed = "complaints.complaint.resumed.v1.json",
    ComplaintFollowedUp = "complaints.complaint.followed_up.v1.json",
    ComplaintRejected = "complaints.complaint.rejected.v1.json",
    ComplaintContained = "complaints.complaint.contained.v1.json",
    ComplaintInformed = "complaints.complaint.informed.v1.json",
    ComplaintCustomerWrote = "complaints.complaint.customer_wrote.v1.json",
    FollowUpChanged = "complaints.follow_up.changed.v1.json",
    SignalChanged = "complaints.signal.changed.v1.json",
    ComplaintRated = "complaints.complaint.rated.v1.json",
    EscalationFired = "complaints.escalation.fired.v1.json",
    ExecutiveContactProposed = "complaints.executive_contact.proposed.v1.json",
}

#[cfg(test)]
mod tests {
    use registry_contract::Tier;
    use uuid::Uuid;
    use wire::assert_golden;

    use super::*;
    use crate::{Clock, Role};

    fn id(text: &str) -> Uuid {
        text.parse().expect("a UUID")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn opened() -> ComplaintFact {
        ComplaintFact {
            complaint_id: id("019a0000-0000-7000-8000-0000000000c1").into(),
            number: "CP-2026-000123".to_owned(),
            customer_id: None,
            sequence: 1,
            state: State::Received,
            severity: 2,
            safety: false,
            channel: Channel::Phone,
            received_at: at("2026-03-04T01:30:00Z"),
            acknowledged_at: None,
            first_responded_at: None,
            resolved_at: None,
            closed_at: None,
            reopened_count: 0,
            contained_at: None,
            accepted_at: None,
            restricted: false,
            in_time: InTime::default(),
        }
    }

    #[test]
    fn golden_files_are_what_is_sent() {
        let opened = opened();
        let linked = ComplaintFact {
            customer_id: Some(id("019a0000-0000-7000-8000-000000000001").into()),
            sequence: 2,
            ..opened.clone()
        };
        let acknowledged = ComplaintFact {
            sequence: 3,
            state: State::Acknowledged,
            acknowledged_at: Some(at("2026-03-04T01:40:00Z")),
            in_time: InTime { acknowledge: Some(true), ..InTime::default() },
            ..linked.clone()
        };
        let assessed = ComplaintFact { sequence: 4, state: State::Investigating, severity: 1, ..acknowledged.clone() };
        let responded = ComplaintFact {
            sequence: 5,
            state: State::Responded,
            first_responded_at: Some(at("2026-03-04T03:00:00Z")),
            in_time: InTime { respond: Some(false), ..assessed.in_time },
            ..assessed.clone()
        };
        let resolved = ComplaintFact {
            sequence: 6,
            state: State::Resolved,
            resolved_at: Some(at("2026-03-05T01:00:00Z")),
            in_time: InTime { resolve: Some(true), ..responded.in_time },
            ..responded.clone()
        };
        let closed = ComplaintFact {
            sequence: 7,
            state: State::Closed,
            closed_at: Some(at("2026-03-06T01:00:00Z")),
            ..resolved.clone()
        };
        let reopened = ComplaintFact {
            sequence: 8,
            state: State::Investigating,
            resolved_at: None,
            closed_at: None,
            reopened_count: 1,
            in_time: InTime { resolve: None, ..closed.in_time },
            ..closed.clone()
        };
        let amended = ComplaintFact { sequence: 9, safety: true, ..reopened.clone() };
        let withdrawn = ComplaintFact { sequence: 10, state: State::Withdrawn, ..amended.clone() };

        assert_golden!(GOLDEN, ComplaintOpened(opened));
        assert_golden!(GOLDEN, ComplaintLinked(linked));
        assert_golden!(GOLDEN, ComplaintAcknowledged(acknowledged));
        assert_golden!(GOLDEN, ComplaintAssessed(assessed));
        assert_golden!(GOLDEN, ComplaintResponded(responded));
        assert_golden!(GOLDEN, ComplaintResolved(resolved));
        assert_golden!(GOLDEN, ComplaintClosed(closed));
        assert_golden!(GOLDEN, ComplaintReopened(reopened));
        assert_golden!(GOLDEN, ComplaintAmended(amended.clone()));
        assert_golden!(GOLDEN, ComplaintWithdrawn(withdrawn));
        assert_golden!(
            GOLDEN,
            CorrectiveActionChanged(CorrectiveActionFact {
                action_id: id("019a0000-0000-7000-8000-0000000000ca").into(),
                complaint_id: id("019a0000-0000-7000-8000-0000000000c1").into(),
                customer_id: Some(id("019a0000-0000-7000-8000-000000000001").into()),
                sequence: 2,
                kind: crate::ActionKind::Corrective,
                owner: "wang.fang".to_owned(),
                due: "2026-03-31".parse().expect("a day"),
                state: crate::ActionState::Done,
                restricted: false,
            })
        );

        assert_golden!(
            GOLDEN,
            FollowUpChanged(FollowUpFact {
                complaint_id: id("019a0000-0000-7000-8000-0000000000c1").into(),
                number: "CP-2026-000123".to_owned(),
                customer_id: Some(id("019a0000-0000-7000-8000-000000000001").into()),
                contact_id: None,
                sequence: 7,
                state: FollowUpState::Due,
                owner: Some("wang.fang".to_owned()),
                closed_at: at("2026-03-06T01:00:00Z"),
                due_at: at("2026-03-20T01:00:00Z"),
                restricted: false,
            })
        );
        assert_golden!(
            GOLDEN,
            ComplaintRated {
                message_id: id("019a0000-0000-7000-8000-0000000000d1").into(),
                complaint_id: id("019a0000-0000-7000-8000-0000000000c1").into(),
                customer_id: Some(id("019a0000-0000-7000-8000-000000000001").into()),
                attitude: 5,
                result: 3,
                restricted: false,
                rated_at: at("2026-03-07T01:00:00Z"),
            }
        );

        let started = ComplaintFact { sequence: 11, ..amended.clone() };
        let contained =
            ComplaintFact { sequence: 12, contained_at: Some(at("2026-03-06T02:00:00Z")), ..started.clone() };
        let waiting = ComplaintFact { sequence: 13, state: State::Waiting, ..contained.clone() };
        let wrote = ComplaintFact { sequence: 14, ..waiting.clone() };
        let resumed = ComplaintFact { sequence: 15, state: State::Investigating, ..wrote.clone() };
        let informed = ComplaintFact { sequence: 16, ..resumed.clone() };
        let escalated = ComplaintFact { sequence: 17, state: State::Escalated, ..informed.clone() };
        let accepted = ComplaintFact {
            sequence: 18,
            state: State::Accepted,
            accepted_at: Some(at("2026-03-07T01:00:00Z")),
            ..escalated.clone()
        };
        let followed_up = ComplaintFact {
            sequence: 21,
            state: State::FollowedUp,
            resolved_at: Some(at("2026-03-08T01:00:00Z")),
            closed_at: Some(at("2026-03-09T01:00:00Z")),
            in_time: InTime { resolve: Some(true), ..accepted.in_time },
            ..accepted.clone()
        };
        let rejected = ComplaintFact { sequence: 18, state: State::Rejected, ..escalated.clone() };
        assert_golden!(GOLDEN, ComplaintInvestigationStarted(started));
        assert_golden!(GOLDEN, ComplaintContained(contained));
        assert_golden!(GOLDEN, ComplaintWaitStarted(waiting));
        assert_golden!(GOLDEN, ComplaintCustomerWrote(wrote));
        assert_golden!(GOLDEN, ComplaintResumed(resumed));
        assert_golden!(GOLDEN, ComplaintInformed(informed));
        assert_golden!(GOLDEN, ComplaintEscalated(escalated));
        assert_golden!(GOLDEN, ComplaintAccepted(accepted));
        assert_golden!(GOLDEN, ComplaintFollowedUp(followed_up));
        assert_golden!(GOLDEN, ComplaintRejected(rejected));
    }
    #[test]
    fn golden_files_of_escalations_are_what_is_sent() {
        let fired = EscalationFired {
            escalation_id: id("019a0000-0000-7000-8000-0000000000e1").into(),
            complaint_id: id("019a0000-0000-7000-8000-0000000000c1").into(),
            number: "CP-2026-000123".to_owned(),
            customer_id: Some(id("019a0000-0000-7000-8000-000000000001").into()),
            tier: Some(Tier::S),
            severity: 1,
            clock: Clock::Resolution,
            run: 1,
            percent: 0,
            recipients: vec![
                Recipient { role: Role::AccountOwner, user: Some("li.wei".to_owned()) },
                Recipient { role: Role::ExecutiveSponsor, user: None },
            ],
            due_at: at("2026-03-04T01:30:00Z"),
            fired_at: at("2026-03-04T01:30:01Z"),
            restricted: false,
        };
        let proposed = ExecutiveContactProposed {
            escalation_id: fired.escalation_id,
            complaint_id: fired.complaint_id,
            number: fired.number.clone(),
            customer_id: id("019a0000-0000-7000-8000-000000000001").into(),
            tier: fired.tier,
            severity: fired.severity,
            proposed_at: fired.fired_at,
            sequence: 1,
            restricted: false,
        };
        assert_golden!(GOLDEN, fired);
        assert_golden!(GOLDEN, proposed);
    }
}
