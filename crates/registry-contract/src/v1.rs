//! The registry's events, version 1. Each carries a snapshot, so that only the newest by `sequence` matters. None carries
//! personal data: of a consumer not even the name, of a contact nothing but that it exists.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{Event, ExternalId};

use crate::{
    ConsentChannel, ConsentDecision, ConsentId, ConsentPurpose, ContactId, CustomerId, CustomerKind, DecisionRole,
    HoldingId, Lifecycle, OpportunityId, PositionId, Tier,
};

pub const CUSTOMER_CREATED: &str = "registry.customer.created.v1";
pub const CUSTOMER_UPDATED: &str = "registry.customer.updated.v1";
pub const CONTACT_CREATED: &str = "registry.contact.created.v1";
pub const CONTACT_UPDATED: &str = "registry.contact.updated.v1";
pub const POSITION_CREATED: &str = "registry.position.created.v1";
pub const POSITION_UPDATED: &str = "registry.position.updated.v1";
pub const HOLDING_CREATED: &str = "registry.holding.created.v1";
pub const HOLDING_UPDATED: &str = "registry.holding.updated.v1";

pub const CONSENT_RECORDED: &str = "registry.consent.recorded.v1";
pub const DECISION_CHAIN_UPDATED: &str = "registry.decision_chain.updated.v1";

/// A customer as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerFact {
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub code: String,
    /// The organisation's name; none for a consumer.
    pub name: Option<String>,
    pub kind: CustomerKind,
    pub tier: Tier,
    pub lifecycle: Lifecycle,
    pub owner: Option<String>,
    pub parent_id: Option<CustomerId>,
    pub external_ids: Vec<ExternalId>,
}

/// That a contact exists, and at which customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactFact {
    pub contact_id: ContactId,
    pub customer_id: CustomerId,
    pub sequence: i64,
}

/// A seat as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PositionFact {
    pub position_id: PositionId,
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub decision_role: Option<DecisionRole>,
    pub vote_weight: Option<i32>,
    /// 1 is the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports_to: Option<PositionId>,
    /// First day on which the seat is no longer there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
}

/// Who holds which seat, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldingFact {
    pub holding_id: HoldingId,
    pub contact_id: ContactId,
    pub position_id: PositionId,
    pub customer_id: CustomerId,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub sequence: i64,
}

/// A decision chain as it stood after the change numbered `sequence`: what was set of it beside its positions. Nobody's
/// stance is in it, only how many readings there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecisionChainFact {
    /// The customer's id for its own chain, the opportunity's for one of those.
    pub chain_id: Uuid,
    pub customer_id: CustomerId,
    /// None: the customer's own chain.
    pub opportunity_id: Option<OpportunityId>,
    pub sequence: i64,
    pub seats: Vec<ChainSeatFact>,
    pub influences: Vec<InfluenceFact>,
    pub stance_readings: i64,
}

/// What was set of a seat in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainSeatFact {
    pub position_id: PositionId,
    /// None: the position's own.
    pub decision_role: Option<DecisionRole>,
    /// None: the position's own.
    pub vote_weight: Option<i32>,
    pub matching_employee: Option<String>,
}

/// How one seat sways another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InfluenceFact {
    pub from: PositionId,
    pub to: PositionId,
    pub strength: i32,
}

/// What a contact said about being approached. Where and how it was said stays in the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentFact {
    pub consent_id: ConsentId,
    pub contact_id: ContactId,
    pub customer_id: CustomerId,
    /// Always 1: an entry never changes.
    pub sequence: i64,
    pub purpose: ConsentPurpose,
    pub channel: ConsentChannel,
    pub decision: ConsentDecision,
    pub decided_at: DateTime<Utc>,
    /// Whether there is a proof, without which a grant lifts no opt-out.
    pub has_evidence: bool,
}

macro_rules! events {
    ($($(#[$about:meta])* $name:ident($fact:ident) = $type:ident, $subject:ident;)+) => { $(
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub $fact);

        impl Event for $name {
            const TYPE: &'static str = $type;

            fn subject(&self) -> Uuid {
                self.0.$subject.into()
            }

            fn sequence(&self) -> i64 {
                self.0.sequence
            }
        }

        impl From<$fact> for $name {
            fn from(fact: $fact) -> Self {
                Self(fact)
            }
        }
    )+ };
}

events! {
    CustomerCreated(CustomerFact) = CUSTOMER_CREATED, customer_id;
    CustomerUpdated(CustomerFact) = CUSTOMER_UPDATED, customer_id;
    ContactCreated(ContactFact) = CONTACT_CREATED, contact_id;
    ContactUpdated(ContactFact) = CONTACT_UPDATED, contact_id;
    PositionCreated(PositionFact) = POSITION_CREATED, position_id;
    PositionUpdated(PositionFact) = POSITION_UPDATED, position_id;
    HoldingCreated(HoldingFact) = HOLDING_CREATED, holding_id;
    HoldingUpdated(HoldingFact) = HOLDING_UPDATED, holding_id;
    ConsentRecorded(ConsentFact) = CONSENT_RECORDED, consent_id;
    DecisionChainUpdated(DecisionChainFact) = DECISION_CHAIN_UPDATED, chain_id;
}
