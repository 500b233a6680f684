use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ComplaintId;

/// How a customer rates the handling of a complaint, by the link of the message that it was closed with. 1 is very poor, 5
/// very good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRating {
    /// What the link has after `#`; good once, for 30 days.
    #[schema(min_length = 1, max_length = 100)]
    pub token: String,
    /// 服务态度: how you were treated.
    #[schema(minimum = 1, maximum = 5)]
    pub attitude: i16,
    /// 处理结果: what came of it.
    #[schema(minimum = 1, maximum = 5)]
    pub result: i16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub comment: Option<String>,
}

/// What a customer is told who has rated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RatingReceipt {
    pub number: String,
}

/// A rating as we read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintRating {
    pub complaint_id: ComplaintId,
    /// From 1, very poor, to 5, very good.
    pub attitude: i16,
    /// From 1, very poor, to 5, very good.
    pub result: i16,
    /// Null for whoever does not handle complaints, where notes are confidential.
    pub comment: Option<String>,
    pub rated_at: DateTime<Utc>,
}

/// The ratings of a complaint, oldest first: one at most for each time that it was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintRatings {
    pub ratings: Vec<ComplaintRating>,
}
