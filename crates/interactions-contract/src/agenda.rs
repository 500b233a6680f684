use chrono::{DateTime, Utc};
use registry_contract::{AnyOf, ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Reference, words};

use crate::AgendaItemId;

words! {
    /// Why somebody is to get in touch with a customer.
    AgendaKind {
        /// A complaint was closed, and the customer is to be asked whether the cure holds (回访).
        ComplaintFollowUp = "complaint_follow_up",
        /// A complaint is so grave that an executive sponsor of ours is to meet the customer's higher level (高层会晤).
        ExecutiveContact = "executive_contact",
    }
}

/// A contact somebody of ours owes a customer (待办).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgendaItem {
    pub id: AgendaItemId,
    pub kind: AgendaKind,
    /// Id of what it follows from: the complaint for `complaint_follow_up`, the escalation for `executive_contact`.
    pub subject_id: Uuid,
    /// The number people use for that, or for the complaint it is about.
    #[schema(example = "CP-2026-000123")]
    pub reference: String,
    /// Null while nobody knows whom it concerns.
    pub customer_id: Option<CustomerId>,
    pub contact_id: Option<ContactId>,
    /// User name of who is to see to it: for `executive_contact` the account owner.
    pub owner: Option<String>,
    /// In the past: it is overdue.
    pub due_at: DateTime<Utc>,
    /// Whether it concerns our own people: shown to its owner only.
    pub restricted: bool,
}

/// Which part of the agenda to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgendaQuery {
    /// For any of these people of ours to see to, by user name, comma-separated.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub owner: Option<AnyOf<String>>,
    /// With any of these customers: ids or codes; one that was merged away stands for what it has become.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub customer: Option<AnyOf<Reference<CustomerId>>>,
    /// Due before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Of any of these kinds.
    #[param(value_type = Option<Vec<AgendaKind>>, explode = false)]
    pub kind: Option<AnyOf<AgendaKind>>,
}
