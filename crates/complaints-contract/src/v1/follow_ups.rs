//! When the customer is to be asked again after a complaint was closed.

use chrono::{DateTime, Utc};
use registry_contract::{ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{events, words};

use crate::ComplaintId;

pub const FOLLOW_UP_CHANGED: &str = "complaints.follow_up.changed.v1";

words! {
    /// Where the contact after a closed complaint stands.
    FollowUpState {
        /// Somebody is to ask the customer whether the cure holds.
        Due = "due",
        /// The customer was asked.
        Done = "done",
        /// It is owed no more: the complaint was taken up again, or its customer is another one.
        Cancelled = "cancelled",
    }
}

/// A contact owed after a complaint was closed, as other services know it. One a complaint at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FollowUpFact {
    pub complaint_id: ComplaintId,
    pub number: String,
    /// Null while nobody knows whom the complaint is from.
    pub customer_id: Option<CustomerId>,
    pub contact_id: Option<ContactId>,
    /// Version of the complaint; a greater one replaces a lesser one.
    pub sequence: i64,
    pub state: FollowUpState,
    /// User name of the handler, who is to ask.
    pub owner: Option<String>,
    pub closed_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// Whether the complaint is about our own people: to be shown to its owner only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

events! {
    /// A contact after a closed complaint is due, was made, or is owed no more.
    FollowUpChanged(FollowUpFact) = FOLLOW_UP_CHANGED, complaint_id;
}
