use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Clock, ComplaintId, EscalationId, Role};

/// Somebody was told that a clock runs out (升级). Each step is taken once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ComplaintEscalation)]
pub struct Escalation {
    pub id: EscalationId,
    pub complaint_id: ComplaintId,
    pub clock: Clock,
    pub run: i32,
    /// Share of the clock's time at which they are told; 0 is at once.
    pub percent: i32,
    pub recipients: Vec<Role>,
    /// Whether it was proposed that an executive of ours meets one of the customer's.
    pub executive_contact_proposed: bool,
    /// When they were to be told.
    pub due_at: DateTime<Utc>,
    pub fired_at: DateTime<Utc>,
}
