//! The registry's events, version 1. Each carries a snapshot, so that only the newest by `sequence` matters. None carries
//! personal data: of a consumer not even the name, of a contact nothing but that it exists.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{Event, ExternalId};

use crate::{ContactId, CustomerId, CustomerKind, DecisionRole, HoldingId, Lifecycle, PositionId, Tier};

pub const CUSTOMER_CREATED: &str = "registry.customer.created.v1";
pub const CUSTOMER_UPDATED: &str = "registry.customer.updated.v1";
pub const CUSTOMER_WITHDRAWN: &str = "registry.customer.withdrawn.v1";
pub const CONTACT_CREATED: &str = "registry.contact.created.v1";
pub const CONTACT_UPDATED: &str = "registry.contact.updated.v1";
pub const POSITION_CREATED: &str = "registry.position.created.v1";
pub const HOLDING_CREATED: &str = "registry.holding.created.v1";

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
    /// The customer is no more: its creation was taken back. As it stood last; nothing else ever follows.
    CustomerWithdrawn(CustomerFact) = CUSTOMER_WITHDRAWN, customer_id;
    ContactCreated(ContactFact) = CONTACT_CREATED, contact_id;
    ContactUpdated(ContactFact) = CONTACT_UPDATED, contact_id;
    PositionCreated(PositionFact) = POSITION_CREATED, position_id;
    HoldingCreated(HoldingFact) = HOLDING_CREATED, holding_id;
}
