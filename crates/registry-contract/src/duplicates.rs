use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::entity;

use crate::{AnyOf, CustomerId, DuplicateId, DuplicateReason, DuplicateState};

/// Two customers that may be one. Found in the background after each change; never merged by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Duplicate {
    pub id: DuplicateId,
    /// Both, the one known longer first.
    #[schema(min_items = 2, max_items = 2)]
    pub customers: Vec<DuplicateCustomer>,
    /// How likely they are one, 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    pub score: i32,
    pub reasons: Vec<DuplicateReason>,
    pub state: DuplicateState,
    /// Grows by one with every change; the `ETag`.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(Duplicate at "/api/v1/duplicates");

/// One of a pair, as much as tells it from the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DuplicateCustomer {
    pub id: CustomerId,
    pub code: String,
    pub name: String,
}

/// What a person found the pair to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DuplicatePatch {
    /// `dismissed` stays so, whatever changes in the two customers; `open` takes it back.
    pub state: DuplicateState,
}

/// Which pairs to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DuplicateQuery {
    /// Any of these states, comma-separated.
    #[param(value_type = Option<Vec<DuplicateState>>, explode = false)]
    pub state: Option<AnyOf<DuplicateState>>,
    /// This likely or likelier.
    #[param(minimum = 0, maximum = 100)]
    pub min_score: Option<i32>,
    /// Pairs that any of these customers is in.
    #[param(value_type = Option<Vec<CustomerId>>, explode = false)]
    pub customer_id: Option<AnyOf<CustomerId>>,
}

/// Customers that one about to be created may be already, the likeliest first, twenty at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DuplicateCandidates {
    pub items: Vec<DuplicateCandidate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DuplicateCandidate {
    pub customer: DuplicateCustomer,
    /// How likely it is the same, 50 to 100.
    pub score: i32,
    pub reasons: Vec<DuplicateReason>,
}
