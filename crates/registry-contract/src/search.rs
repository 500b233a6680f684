use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{ContactId, CustomerId, Tier};

/// What somebody has typed so far.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words, as in the lists of customers and of contacts.
    #[param(min_length = 1, max_length = 200)]
    pub q: String,
    /// Hits of each kind at most.
    #[param(minimum = 1, maximum = 20, default = 8)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
}

/// What it may mean, the best first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchHits {
    pub customers: Vec<CustomerHit>,
    /// None for whoever may not read contacts.
    pub contacts: Vec<ContactHit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerHit {
    pub id: CustomerId,
    pub code: String,
    pub name: String,
    pub tier: Tier,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactHit {
    pub id: ContactId,
    pub name: String,
    pub title: Option<String>,
    pub customer_id: CustomerId,
}
