//! What the others are told of actions against causes.

use chrono::NaiveDate;
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::events;

use crate::{ActionKind, ActionState, ComplaintId, CorrectiveActionId};

pub const CORRECTIVE_ACTION_CHANGED: &str = "complaints.corrective_action.changed.v1";

/// An action as other services know it: what is owed by whom until when, and none of the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CorrectiveActionFact {
    pub action_id: CorrectiveActionId,
    pub complaint_id: ComplaintId,
    /// The complaint's customer at that time.
    pub customer_id: Option<CustomerId>,
    pub sequence: i64,
    pub kind: ActionKind,
    /// User name of who sees to it.
    pub owner: String,
    pub due: NaiveDate,
    pub state: ActionState,
    /// Whether the complaint is about our own people: not to be shown to others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
}

events! {
    /// An action was taken up, changed, done, checked or dropped.
    CorrectiveActionChanged(CorrectiveActionFact) = CORRECTIVE_ACTION_CHANGED, action_id;
}
