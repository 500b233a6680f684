use chrono::{DateTime, Utc};
use registry_contract::{CustomerId, Tier};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Event;

use crate::v1::{ESCALATION_FIRED, EXECUTIVE_CONTACT_PROPOSED};
use crate::{Clock, ComplaintId, EscalationId, Role};

/// Somebody is to be told that a clock of a complaint runs out. Told once for each step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EscalationFired {
    pub escalation_id: EscalationId,
    pub complaint_id: ComplaintId,
    pub number: String,
    pub customer_id: Option<CustomerId>,
    pub tier: Option<Tier>,
    /// 1 critical, 2 major, 3 moderate, 4 minor.
    pub severity: i16,
    pub clock: Clock,
    pub run: i32,
    /// Share of the clock's time at which they are told; 0 is at once.
    pub percent: i32,
    pub recipients: Vec<Recipient>,
    /// When they were to be told.
    pub due_at: DateTime<Utc>,
    pub fired_at: DateTime<Utc>,
    /// Whether the complaint is about our own people: not to be shown to others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

/// Whom to tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = EscalationRecipient)]
pub struct Recipient {
    pub role: Role,
    /// The user name of who stood for the role then. Null where nobody is known to, and for all where the complaint is
    /// about our own people: it may be the very one.
    pub user: Option<String>,
}

impl Event for EscalationFired {
    const TYPE: &'static str = ESCALATION_FIRED;

    fn subject(&self) -> Uuid {
        self.escalation_id.into()
    }

    /// It happens once.
    fn sequence(&self) -> i64 {
        1
    }
}

/// A complaint is so grave that an executive of ours should meet one of the customer's. Told again when the complaint turns
/// out to be another customer's, or about our own people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExecutiveContactProposed {
    /// The escalation that proposes it.
    pub escalation_id: EscalationId,
    pub complaint_id: ComplaintId,
    pub number: String,
    pub customer_id: CustomerId,
    pub tier: Option<Tier>,
    /// 1 critical, 2 major, 3 moderate, 4 minor.
    pub severity: i16,
    pub proposed_at: DateTime<Utc>,
    /// Of the complaint, when it was told.
    #[serde(default = "first")]
    pub sequence: i64,
    /// Whether the complaint is about our own people: not to be shown to others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

/// Those told before there was a sequence.
fn first() -> i64 {
    1
}

impl Event for ExecutiveContactProposed {
    const TYPE: &'static str = EXECUTIVE_CONTACT_PROPOSED;

    fn subject(&self) -> Uuid {
        self.escalation_id.into()
    }

    fn sequence(&self) -> i64 {
        self.sequence
    }
}
