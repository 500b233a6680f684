use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::v1::{ExecutiveContactProposed, FollowUpFact, FollowUpState};
use interactions_contract::{AgendaItemId, AgendaKind, Means};
use registry_contract::{ContactId, CustomerId};
use uuid::Uuid;
use wire::Event;

/// By which means an executive contact is made, with its customer and since it was proposed.
pub const EXECUTIVE_MEANS: Means = Means::ExecutiveMeeting;

/// By when an executive is to have met the customer's: the next day, while the incident is still news there.
const EXECUTIVE_WITHIN: TimeDelta = TimeDelta::days(1);

/// A contact somebody is to make, or was, as the service that wants it told. One a kind and subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueContact {
    pub kind: AgendaKind,
    /// What it follows from.
    pub subject_id: Uuid,
    /// What is told with a greater one replaces what was told with a lesser one.
    pub sequence: i64,
    /// Whether it is still owed.
    pub open: bool,
    pub customer_id: Option<CustomerId>,
    pub contact_id: Option<ContactId>,
    /// The number people use for the subject.
    pub reference: String,
    /// User name of who is to see to it.
    pub owner: Option<String>,
    pub due_at: DateTime<Utc>,
    /// Whether nobody but its owner may see it.
    pub restricted: bool,
    /// Since when an interaction may make it; none where who wants it tells when it was made.
    pub proposed_at: Option<DateTime<Utc>>,
}

impl DueContact {
    /// Follows from what it is about, so that it is the same however often the events are told again.
    #[must_use]
    pub fn id(&self) -> AgendaItemId {
        match self.kind {
            AgendaKind::ComplaintFollowUp | AgendaKind::ExecutiveContact => self.subject_id.into(),
        }
    }
}

impl From<FollowUpFact> for DueContact {
    fn from(fact: FollowUpFact) -> Self {
        let open = match fact.state {
            FollowUpState::Due => true,
            FollowUpState::Done | FollowUpState::Cancelled => false,
        };
        Self {
            kind: AgendaKind::ComplaintFollowUp,
            subject_id: fact.complaint_id.into(),
            sequence: fact.sequence,
            open,
            customer_id: fact.customer_id,
            contact_id: fact.contact_id,
            reference: fact.number,
            owner: fact.owner,
            due_at: fact.due_at,
            restricted: fact.restricted,
            proposed_at: None,
        }
    }
}

impl From<ExecutiveContactProposed> for DueContact {
    /// Owed until such an interaction is found, and for whoever turns out to own the customer: neither is told.
    fn from(proposed: ExecutiveContactProposed) -> Self {
        Self {
            kind: AgendaKind::ExecutiveContact,
            subject_id: proposed.escalation_id.into(),
            sequence: proposed.sequence(),
            open: true,
            customer_id: Some(proposed.customer_id),
            contact_id: None,
            reference: proposed.number,
            owner: None,
            due_at: proposed.proposed_at + EXECUTIVE_WITHIN,
            restricted: proposed.restricted,
            proposed_at: Some(proposed.proposed_at),
        }
    }
}
