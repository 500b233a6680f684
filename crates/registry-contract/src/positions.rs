use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Entity;

use crate::{ContactId, CustomerId, DecisionRole, HoldingId, PositionId};

/// A seat in a customer's organisation chart. People change, seats stay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    pub id: PositionId,
    pub customer_id: CustomerId,
    pub title: String,
    /// 1 is the top.
    pub level: Option<i32>,
    /// The seat above, of the same customer.
    pub reports_to: Option<PositionId>,
    pub decision_role: Option<DecisionRole>,
    /// Weight of this seat's vote among the customer's others.
    pub vote_weight: Option<i32>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Position {
    const PATH: &'static str = "/api/v1/positions";

    fn id(&self) -> Uuid {
        self.id.into()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// A seat to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPosition {
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    /// 1 is the top.
    #[schema(minimum = 1, maximum = 5)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<i32>,
    /// The seat above, of the same customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports_to: Option<PositionId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_role: Option<DecisionRole>,
    /// Weight of this seat's vote among the customer's others.
    #[schema(minimum = 0, maximum = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vote_weight: Option<i32>,
}

/// That a contact holds a seat, from a day until a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Holding {
    pub id: HoldingId,
    pub contact_id: ContactId,
    pub position_id: PositionId,
    /// First day.
    pub from: NaiveDate,
    /// First day no longer; null while it lasts.
    pub until: Option<NaiveDate>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Holding {
    const PATH: &'static str = "/api/v1/holdings";

    fn id(&self) -> Uuid {
        self.id.into()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// A holding to create.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHolding {
    /// A seat of the contact's own customer.
    pub position_id: PositionId,
    /// First day.
    pub from: NaiveDate,
    /// First day no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
}
