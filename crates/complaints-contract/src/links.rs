use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::{Reference, words};

use crate::{ComplaintId, State};

words! {
    /// What one complaint is to another.
    #[schema(as = ComplaintRelation)]
    Relation {
        /// The same trouble told twice while work on it is still owed.
        Duplicate = "duplicate",
        /// The same trouble again after it was settled.
        Recurrence = "recurrence",
        /// Has to do with it.
        Related = "related",
    }
}

words! {
    /// What speaks for two complaints being about the same.
    #[schema(as = ComplaintRelationReason)]
    RelationReason {
        SameContact = "same_contact",
        SameProduct = "same_product",
        SameOrder = "same_order",
        SameIssue = "same_issue",
        SimilarSubject = "similar_subject",
        /// Received within a week of each other.
        CloseInTime = "close_in_time",
    }
}

/// How far to look.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RelatedQuery {
    /// Among complaints received at most so many days before or after; 90 when absent.
    #[param(minimum = 1, maximum = 730)]
    pub days: Option<i64>,
}

/// A complaint of the same customer that may be about the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RelatedComplaint {
    pub complaint_id: ComplaintId,
    pub number: String,
    pub subject: String,
    pub state: State,
    pub received_at: DateTime<Utc>,
    /// `duplicate` where work on the other is still owed, else `recurrence`.
    pub relation: Relation,
    /// 40 to 100: up to 50 by the similarity of the subjects, 30 for the order, 20 for the product, 15 for the issue, 10 for
    /// the contact, 5 for the time.
    pub score: i16,
    pub reasons: Vec<RelationReason>,
}

/// Suggestions, best first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RelatedComplaints {
    pub items: Vec<RelatedComplaint>,
}

/// Links a complaint to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComplaintLink {
    /// Id or number of the other one.
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    pub to: Reference<ComplaintId>,
    pub relation: Relation,
}

/// A link from a complaint to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintLink {
    pub to: ComplaintId,
    pub number: String,
    pub relation: Relation,
    /// Who set it: `user:<id>`, `key:<id>` or `system`.
    pub by: String,
    pub at: DateTime<Utc>,
}

/// The links of a complaint, from either side, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintLinks {
    pub items: Vec<ComplaintLink>,
}
