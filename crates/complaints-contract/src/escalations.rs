use chrono::{DateTime, Utc};
use registry_contract::AnyOf;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::v1::Recipient;
use crate::{Clock, ComplaintId, EscalationId};

/// Somebody was told that a clock runs out (升级). Each step is taken once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ComplaintEscalation)]
pub struct Escalation {
    pub id: EscalationId,
    pub complaint_id: ComplaintId,
    /// The complaint's tracking number.
    #[schema(example = "CP-2026-000123")]
    pub number: String,
    pub clock: Clock,
    pub run: i32,
    /// Share of the clock's time at which they are told; 0 is at once.
    pub percent: i32,
    pub recipients: Vec<Recipient>,
    /// Whether it was proposed that an executive of ours meets one of the customer's.
    pub executive_contact_proposed: bool,
    /// When they were to be told.
    pub due_at: DateTime<Utc>,
    pub fired_at: DateTime<Utc>,
}

/// Which escalations to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EscalationQuery {
    /// That told any of these people of ours, by user name, comma-separated.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub recipient: Option<AnyOf<String>>,
    /// Whether the clock that ran out still runs: something is to be done about it.
    pub running: Option<bool>,
}
