//! How a customer moves from stage to stage of its loyalty (忠诚度阶段), and the orders that move it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Entity;

use crate::{CustomerId, Lifecycle, LifecycleMoveId, LifecycleRule};

/// Where a customer stands, and how it came there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LifecycleHistory {
    pub customer_id: CustomerId,
    pub stage: Lifecycle,
    /// Where it may go from here.
    pub allowed: Vec<Lifecycle>,
    /// The oldest first; none while it is in the stage it was created in.
    pub moves: Vec<LifecycleMove>,
}

/// One move, and what moved it: a person with a reason, a rule with an order, a record of another system, which may jump
/// stages, or an import that was taken back, which puts the customer where it had been.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LifecycleMove {
    pub id: LifecycleMoveId,
    pub from: Lifecycle,
    pub to: Lifecycle,
    pub at: DateTime<Utc>,
    pub by: String,
    /// None when a person or a record moved it.
    pub rule: Option<LifecycleRule>,
    /// Version of the policy that the rule went by.
    pub policy: Option<i64>,
    /// The order by which the rule moved it; the last order when it lapsed for want of a later one.
    pub order: Option<OrderReference>,
    /// Why a person moved it, where he said so; the system whose record did; the import that was taken back.
    pub reason: Option<String>,
}

/// An order in the system that keeps orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrderReference {
    pub system: String,
    pub id: String,
    pub ordered_on: NaiveDate,
}

/// A move by a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLifecycleMove {
    pub to: Lifecycle,
    #[schema(min_length = 1, max_length = 1000)]
    pub reason: String,
}

/// What another system knows of an order, as far as loyalty goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderFact {
    /// The day where the customer is; not in the future there.
    pub ordered_on: NaiveDate,
    /// A cancelled order moves nobody; what it moved before it was cancelled stays for a person to put right.
    #[serde(default)]
    pub cancelled: bool,
    /// When the source last changed the order. What is older than what was taken before changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_updated_at: Option<DateTime<Utc>>,
}

/// By how many days the rules go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LifecyclePolicy {
    /// 0 is what came with the product.
    pub version: i64,
    /// A further order within so many days of the one before makes a repeat customer.
    pub repeat_within_days: i32,
    /// A customer without an order for more than so many days has lapsed.
    pub lapse_after_days: i32,
    pub set_by: Option<String>,
    pub set_at: Option<DateTime<Utc>>,
}

impl Entity for LifecyclePolicy {
    const PATH: &'static str = "/api/v1/lifecycle-policy";

    fn id(&self) -> Uuid {
        Uuid::nil()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// The days to go by from now on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLifecyclePolicy {
    #[schema(minimum = 1, maximum = 3650)]
    pub repeat_within_days: i32,
    #[schema(minimum = 1, maximum = 3650)]
    pub lapse_after_days: i32,
}
