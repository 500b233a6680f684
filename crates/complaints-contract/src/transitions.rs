use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Happening, State};

/// Tells the customer that we have the complaint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintAcknowledgement)]
pub struct NewAcknowledgement {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Judges a complaint; may be repeated while it is worked on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintAssessment)]
pub struct NewAssessment {
    /// 1 critical, 2 major, 3 moderate, 4 minor; as it was when absent. Changes the due times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4)]
    pub severity: Option<i16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety: Option<bool>,
    /// User name of who handles it from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub handler: Option<String>,
    /// Why it is judged so; not shown to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Answers the customer. Acknowledges too, where nobody has yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintResponse)]
pub struct NewResponse {
    /// What the customer is told.
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: String,
}

/// Settles a complaint that was answered or escalated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintResolution)]
pub struct NewResolution {
    /// What settled it.
    #[schema(min_length = 1, max_length = 2000)]
    pub resolution: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Closes a complaint that is resolved. Where the customer has not accepted, that is for a lead to decide.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintClosure)]
pub struct NewClosure {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Takes a settled complaint up again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintReopening)]
pub struct NewReopening {
    /// Why it is not settled after all.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Notes that the customer takes the complaint back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintWithdrawal)]
pub struct NewWithdrawal {
    /// Why, as far as the customer told.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Puts someone to work on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintInvestigation)]
pub struct NewInvestigation {
    /// User name of who handles it from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub handler: Option<String>,
    /// Why; not shown to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Notes that the customer takes our answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintAcceptance)]
pub struct NewAcceptance {
    /// In the words of the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Gives a complaint to those above, mostly because the customer does not take our answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintEscalation)]
pub struct NewEscalation {
    /// Why it has to go higher; not shown to the customer.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Waits for the customer. The clocks stand still until the wait is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintWait)]
pub struct NewWait {
    /// What we ask of the customer.
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: String,
    /// Why; not shown to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
}

/// Ends a wait for the customer: the complaint goes on where it stood.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintResumption)]
pub struct NewResumption {
    /// Why; not shown to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Notes that the harm was kept from growing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintContainment)]
pub struct NewContainment {
    /// What was done; kept as the reason of the entry, not shown to the customer.
    #[schema(min_length = 1, max_length = 2000)]
    pub containment: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// Tells the customer how far we are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintUpdate)]
pub struct NewUpdate {
    /// What the customer is told.
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: String,
}

/// Notes what the customer wrote or said. Ends a wait for the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintCustomerMessage)]
pub struct NewCustomerMessage {
    /// In the words of the customer.
    #[schema(min_length = 1, max_length = 20000)]
    pub message: String,
}

/// Turns a complaint down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintRejection)]
pub struct NewRejection {
    /// Why; not shown to the customer.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// What the customer is told: the reason, in words meant for the customer, and where to turn.
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: String,
}

/// Notes that the customer was asked again after the complaint was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewComplaintFollowUp)]
pub struct NewFollowUp {
    /// What came of it; kept as the reason of the entry, not shown to the customer.
    #[schema(min_length = 1, max_length = 2000)]
    pub outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 5000)]
    pub note_to_customer: Option<String>,
}

/// One entry of a complaint's history. Entries are never changed; the complaint's state is what they add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintEntry {
    pub id: Uuid,
    /// From 1, without gaps; the complaint's version after it.
    pub seq: i64,
    pub what: Happening,
    /// Null for the first.
    pub from: Option<State>,
    pub to: State,
    /// When it took place.
    pub at: DateTime<Utc>,
    /// When it was written down here: later than `at` for late entries and imports.
    pub recorded_at: DateTime<Utc>,
    /// Who did it: `user:<id>`, `key:<id>` or `system`.
    pub by: String,
    /// What the customer was told.
    pub note_to_customer: Option<String>,
    /// Why, or what was done; not shown to the customer.
    pub reason: Option<String>,
    /// What the customer wrote or said.
    pub from_customer: Option<String>,
    /// How the complaint was resolved, at the step that resolved it.
    pub resolution: Option<String>,
    /// The fields that a correction changed.
    pub fields: Vec<String>,
}
