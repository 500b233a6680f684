use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::entity;

use crate::{AnyOf, ContactId, CustomerId, DecisionRole, HoldingId, PositionId};

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
    /// First day on which the seat is no longer there; null while it is. It stays in history.
    pub closed_on: Option<NaiveDate>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Position at "/api/v1/positions");

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

/// What would make this seat anew; where a change starts from.
impl From<&Position> for NewPosition {
    fn from(position: &Position) -> Self {
        Self {
            title: position.title.clone(),
            level: position.level,
            reports_to: position.reports_to,
            decision_role: position.decision_role,
            vote_weight: position.vote_weight,
        }
    }
}

/// Changes to a seat (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositionPatch {
    #[schema(min_length = 1, max_length = 100, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// 1 is the top.
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 5)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub level: Option<Option<i32>>,
    /// The seat above, of the same customer; no line of seats may lead back to this one.
    #[schema(value_type = Option<PositionId>)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub reports_to: Option<Option<PositionId>>,
    #[schema(value_type = Option<DecisionRole>)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub decision_role: Option<Option<DecisionRole>>,
    /// Weight of this seat's vote among the customer's others.
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 100)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub vote_weight: Option<Option<i32>>,
    /// Closes the seat from this day on; all holdings must end by then. Null opens it again.
    #[schema(value_type = Option<NaiveDate>)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Option<NaiveDate>>,
}

impl PositionPatch {
    /// Writes what is present over `position` and the day it closes on.
    pub fn apply(self, position: &mut NewPosition, closed_on: &mut Option<NaiveDate>) {
        macro_rules! over {
            ($($field:ident)*) => { $(if let Some(value) = self.$field { position.$field = value; })* };
        }
        over!(title level reports_to decision_role vote_weight);
        if let Some(day) = self.closed_on {
            *closed_on = day;
        }
    }
}

/// Which of a customer's seats to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PositionQuery {
    /// Seats not closed yet on this day.
    pub as_of: Option<NaiveDate>,
    /// Seats with any of these parts in decisions.
    #[param(value_type = Option<Vec<DecisionRole>>, explode = false)]
    pub decision_role: Option<AnyOf<DecisionRole>>,
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

entity!(Holding at "/api/v1/holdings");

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

/// What would make this holding anew; where a change starts from.
impl From<&Holding> for NewHolding {
    fn from(holding: &Holding) -> Self {
        Self { position_id: holding.position_id, from: holding.from, until: holding.until }
    }
}

/// Changes to a holding (JSON Merge Patch, RFC 7396): `until` ends it, the others correct what was recorded wrongly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldingPatch {
    /// A seat of the contact's own customer.
    #[schema(value_type = Option<PositionId>, nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position_id: Option<PositionId>,
    /// First day.
    #[schema(nullable = false)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// First day no longer.
    #[schema(value_type = Option<NaiveDate>)]
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    pub until: Option<Option<NaiveDate>>,
}

impl HoldingPatch {
    /// Writes what is present over `holding`.
    pub fn apply(self, holding: &mut NewHolding) {
        macro_rules! over {
            ($($field:ident)*) => { $(if let Some(value) = self.$field { holding.$field = value; })* };
        }
        over!(position_id from until);
    }
}

/// Which holdings to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HoldingQuery {
    /// Holdings in force on this day.
    pub as_of: Option<NaiveDate>,
}
