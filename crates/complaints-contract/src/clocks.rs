use chrono::{DateTime, Utc};
use registry_contract::Tier;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Clock, ComplaintId};

/// For when to read a complaint's clocks.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClocksQuery {
    /// An instant since the complaint's intake; now when absent. The answer for an instant that has passed stays what
    /// it is, whatever happens later.
    pub as_of: Option<DateTime<Utc>>,
}

/// How a complaint's clocks stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintClocks {
    pub complaint_id: ComplaintId,
    pub as_of: DateTime<Utc>,
    /// As of then; null while the customer is not known, who is served as the general tier is.
    pub tier: Option<Tier>,
    /// As of then.
    pub severity: i16,
    pub clocks: Vec<ClockReading>,
}

/// One clock of a complaint. Stopped clocks are read by the policy, calendar, tier and severity of when they stopped,
/// running ones by those of now; either way from the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockReading {
    pub clock: Clock,
    /// Which time this clock runs, from 1: the next update again after each, the resolution again after a reopening.
    pub run: i32,
    /// Version of the policy.
    pub policy: i64,
    /// The calendar, with its version, whose working time is counted; null around the clock.
    #[schema(example = "china/3")]
    pub calendar: Option<String>,
    /// What was promised, in seconds.
    pub target_seconds: i64,
    pub started_at: DateTime<Utc>,
    /// By when; null while it waits for the customer, when nobody can tell.
    pub due_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
    /// Whether it stopped because nothing is owed any more, as when the customer withdraws.
    pub moot: bool,
    /// Spans in which it waited for the customer.
    pub paused: Vec<ClockPause>,
    /// Used up of the target, in seconds; more than the target once that has passed.
    pub elapsed_seconds: i64,
    /// Left of the target, in seconds.
    pub remaining_seconds: i64,
    /// Whether it went on beyond its due time.
    pub breached: bool,
}

/// A span of waiting for the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockPause {
    pub from: DateTime<Utc>,
    /// Null while it lasts.
    pub to: Option<DateTime<Utc>>,
}
