//! Implicit complaints (隐性抱怨): only about one customer in ten complains aloud (domain.md, section 4). Signals are what the
//! others' behaviour tells: each with its evidence, and with the verdict of a person, so that every detector's precision is
//! known.

use chrono::{DateTime, Utc};
use registry_contract::{AnyOf, ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Entity, words};

use crate::{ComplaintId, SignalId};

words! {
    /// What looks for implicit complaints.
    Detector {
        /// 逾期付款: invoices past due, still unpaid or paid late, in the window.
        OverduePayments = "overdue_payments",
        /// 取消会面: meetings that the customer cancelled or declined, in per cent of those planned in the window.
        CancelledMeetings = "cancelled_meetings",
        /// 出席下降: the share of invited people who came, in the window against the window before; a fall in per cent.
        FallingAttendance = "falling_attendance",
        /// 关键人沉默: a key person not met for this many per cent of the tier's cadence (S 14, A 30, B 60, C 90 days).
        SilentKeyPerson = "silent_key_person",
        /// 订单减少: the value of orders in the window below the mean of the four windows before; a fall in per cent.
        FallingOrders = "falling_orders",
        /// 态度生硬: encounters marked abrupt or rude in the window; a rude one counts double.
        AbruptManner = "abrupt_manner",
        /// 调查沉默: surveys sent in the window and left unanswered for fourteen days, none answered since.
        SurveySilence = "survey_silence",
    }
}

words! {
    /// What a person found a signal to be.
    Verdict {
        /// 属实: the customer is indeed not content.
        Confirmed = "confirmed",
        /// 误报
        Refuted = "refuted",
        /// 不明: looked into, and not clear.
        Unclear = "unclear",
    }
}

words! {
    /// What kind of fact a piece of evidence is.
    FactKind {
        Invoice = "invoice",
        Meeting = "meeting",
        Order = "order",
        Encounter = "encounter",
        Manner = "manner",
        Survey = "survey",
    }
}

/// A fact that speaks for the signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SignalEvidence)]
pub struct Evidence {
    pub kind: FactKind,
    /// The fact's id in the service that told of it.
    pub reference: Uuid,
    pub at: DateTime<Utc>,
}

/// A sign that a customer is not content, though nobody has complained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signal {
    pub id: SignalId,
    pub detector: Detector,
    pub customer_id: CustomerId,
    /// The person concerned, where it is about one.
    pub contact_id: Option<ContactId>,
    /// User name of the customer's owner when it was found: who is told.
    pub owner: Option<String>,
    /// What was measured, in the detector's unit.
    pub measured: i64,
    /// The detector's threshold at that time.
    pub threshold: i64,
    /// 0 to 100: half at the threshold, more the further it is passed and the more facts there are.
    pub confidence: i16,
    /// The latest facts, twenty at most.
    pub evidence: Vec<Evidence>,
    pub found_at: DateTime<Utc>,
    pub verdict: Option<Verdict>,
    pub note: Option<String>,
    pub judged_at: Option<DateTime<Utc>>,
    pub judged_by: Option<String>,
    /// The complaint that was made of it.
    pub complaint_id: Option<ComplaintId>,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
}

impl Entity for Signal {
    const PATH: &'static str = "/api/v1/signals";

    fn id(&self) -> Uuid {
        self.id.into()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// What a person found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSignalVerdict)]
pub struct NewVerdict {
    pub verdict: Verdict,
    /// How one knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub note: Option<String>,
}

/// Makes a complaint of a signal that was found true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignalComplaint {
    #[schema(min_length = 1, max_length = 200)]
    pub subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20000)]
    pub description: Option<String>,
    /// 1 critical, 2 major, 3 moderate (when absent), 4 minor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4, default = 3)]
    pub severity: Option<i16>,
}

/// Which signals to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SignalQuery {
    /// Of any of these detectors.
    #[param(value_type = Option<Vec<Detector>>, explode = false)]
    pub detector: Option<AnyOf<Detector>>,
    /// Of any of these customers.
    #[param(value_type = Option<Vec<CustomerId>>, explode = false)]
    pub customer_id: Option<AnyOf<CustomerId>>,
    /// For any of these owners.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub owner: Option<AnyOf<String>>,
    /// Found to be any of these.
    #[param(value_type = Option<Vec<Verdict>>, explode = false)]
    pub verdict: Option<AnyOf<Verdict>>,
    /// Whether somebody has judged it.
    pub judged: Option<bool>,
}

/// When a detector speaks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetectorRule {
    pub enabled: bool,
    /// How far back it looks, in days.
    #[schema(minimum = 1, maximum = 730)]
    pub window_days: i32,
    /// From which measure on it speaks, in the detector's unit.
    #[schema(minimum = 1, maximum = 10000)]
    pub threshold: i64,
    /// How many facts it needs to say anything.
    #[schema(minimum = 1, maximum = 1000)]
    pub least_facts: i32,
}

/// A detector: its rule, and how often it was right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DetectorReport {
    pub detector: Detector,
    pub rule: DetectorRule,
    pub version: i64,
    pub found: i64,
    pub confirmed: i64,
    pub refuted: i64,
    pub unclear: i64,
    /// confirmed / (confirmed + refuted) in hundredths of a per cent, rounded down; null before the first verdict.
    pub precision_bp: Option<i64>,
}

impl Entity for DetectorReport {
    const PATH: &'static str = "/api/v1/detectors";

    /// Detectors are known by their names.
    fn id(&self) -> Uuid {
        Uuid::nil()
    }

    fn version(&self) -> i64 {
        self.version
    }
}
