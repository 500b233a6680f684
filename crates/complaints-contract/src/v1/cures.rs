//! What the others are told of actions against causes.

use chrono::NaiveDate;
use registry_contract::CustomerId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::Event;

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
}

/// An action was taken up, changed, done, checked or dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct CorrectiveActionChanged(pub CorrectiveActionFact);

impl Event for CorrectiveActionChanged {
    const TYPE: &'static str = CORRECTIVE_ACTION_CHANGED;

    fn subject(&self) -> Uuid {
        self.0.action_id.into()
    }

    fn sequence(&self) -> i64 {
        self.0.sequence
    }
}
