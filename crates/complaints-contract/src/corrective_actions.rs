//! What is done about a cause: correction, corrective and preventive action (CAPA, ISO 9001:2015 section 10.2).

use chrono::{DateTime, NaiveDate, Utc};
use registry_contract::AnyOf;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Entity, entity, words};

use crate::{CauseId, ComplaintId, CorrectiveActionId};

words! {
    /// What an action is meant to do.
    #[schema(as = CorrectiveActionKind)]
    ActionKind {
        /// 纠正: puts this case right.
        Correction = "correction",
        /// 纠正措施: keeps the cause from having this effect again.
        Corrective = "corrective",
        /// 预防措施: keeps others from having it too.
        Preventive = "preventive",
    }
}

words! {
    /// Where an action stands.
    #[schema(as = CorrectiveActionState)]
    ActionState {
        /// 进行中
        Open = "open",
        /// 已完成: done, its effect not yet checked.
        Done = "done",
        /// 有效: done, and the check found that it works.
        Effective = "effective",
        /// 无效: done, and it did not help; another action is needed.
        Ineffective = "ineffective",
        /// 已取消
        Cancelled = "cancelled",
    }
}

/// An action against a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CorrectiveAction {
    pub id: CorrectiveActionId,
    pub complaint_id: ComplaintId,
    /// The cause it is aimed at.
    pub cause_id: Option<CauseId>,
    pub kind: ActionKind,
    pub text: String,
    /// User name of who sees to it.
    pub owner: String,
    pub due: NaiveDate,
    pub state: ActionState,
    /// What shows that it was done.
    pub evidence: Option<String>,
    pub done_at: Option<DateTime<Utc>>,
    /// Who said so: `user:<id>`, `key:<id>` or `system`.
    pub done_by: Option<String>,
    /// What the check of its effect found.
    pub finding: Option<String>,
    pub checked_at: Option<DateTime<Utc>>,
    pub checked_by: Option<String>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(CorrectiveAction at "/api/v1/corrective-actions");

/// An action to take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCorrectiveAction {
    /// A cause of the same complaint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause_id: Option<CauseId>,
    pub kind: ActionKind,
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
    #[schema(min_length = 1, max_length = 100)]
    pub owner: String,
    pub due: NaiveDate,
}

/// A change of an action that is open (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectiveActionPatch {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    pub owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due: Option<NaiveDate>,
}

/// Says that an action is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CorrectiveActionCompletion)]
pub struct NewCompletion {
    /// What shows it: a document, a release, a measurement.
    #[schema(min_length = 1, max_length = 2000)]
    pub evidence: String,
}

/// Judges the effect of an action that is done; by someone else than who said it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CorrectiveActionCheck)]
pub struct NewEffectivenessCheck {
    pub effective: bool,
    /// What was looked at, and what it showed.
    #[schema(min_length = 1, max_length = 2000)]
    pub finding: String,
}

/// Drops an action that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CorrectiveActionCancellation)]
pub struct NewCancellation {
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Which actions to list, over all complaints.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CorrectiveActionQuery {
    /// Of any of these complaints.
    #[param(value_type = Option<Vec<ComplaintId>>, explode = false)]
    pub complaint_id: Option<AnyOf<ComplaintId>>,
    /// Of any of these owners.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub owner: Option<AnyOf<String>>,
    /// In any of these states.
    #[param(value_type = Option<Vec<ActionState>>, explode = false)]
    pub state: Option<AnyOf<ActionState>>,
    /// Due before this day.
    pub due_before: Option<NaiveDate>,
}

/// What a complaint must have before it may be closed, and what is owed after that. An absent bound demands nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClosureRules {
    /// A root cause, for complaints of this severity and graver (1 is the gravest).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4)]
    pub root_cause_to_severity: Option<i16>,
    /// An action found effective, and none still open or done without a check, for this severity and graver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4)]
    pub effective_action_to_severity: Option<i16>,
    /// Days after closing at which the customer is to be asked whether the cure holds; absent, nobody asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 365)]
    pub follow_up_days: Option<i16>,
}

/// The rules in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClosureRulesInForce {
    pub rules: ClosureRules,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
    /// Who set them.
    pub updated_by: String,
}

impl Entity for ClosureRulesInForce {
    const PATH: &'static str = "/api/v1/closure-rules";

    /// There is one set of rules.
    fn id(&self) -> Uuid {
        Uuid::nil()
    }

    fn version(&self) -> i64 {
        self.version
    }
}
