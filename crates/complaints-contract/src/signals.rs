//! Implicit complaints (隐性抱怨): only about one customer in ten complains aloud. Signals are what the others' behaviour
//! tells: each with its evidence, and with the verdict of a person, so that every detector's precision is known.

use chrono::{DateTime, Utc};
use registry_contract::{AnyOf, ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Entity, Reference, entity, words};

use crate::{ComplaintId, SignalId};

words! {
    /// What looks for implicit complaints.
    Detector {
        /// 逾期付款: days by which invoices were or are late, added up. Unpaid ones count however old they are, paid ones
        /// for as long as the payment lies in the window.
        OverduePayments = "overdue_payments",
        /// 取消会面: meetings that the customer cancelled or declined, in per cent of those planned in the window.
        CancelledMeetings = "cancelled_meetings",
        /// 出席下降: the share of invited people who came, in the window against the window before; a fall in per cent.
        FallingAttendance = "falling_attendance",
        /// 关键人沉默: how long a key person was not met, in per cent of the tier's cadence (S 14, A 30, B 60, C 90 days);
        /// the window is as far back as encounters are looked for.
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
    #[schema(as = SignalVerdict)]
    Verdict {
        /// 属实: the customer is indeed not content.
        True = "true",
        /// 误报
        False = "false",
        /// 不明: looked into, and not clear.
        Unclear = "unclear",
    }
}

words! {
    /// Where a signal stands.
    SignalState {
        /// 待核实: nobody has judged it. One for each customer, detector and person at a time; it follows the facts.
        Open = "open",
        /// 已核实
        Judged = "judged",
        /// 已转投诉: a complaint was made of it.
        Registered = "registered",
        /// 已并入: since customers were merged, another open one says the same.
        Superseded = "superseded",
    }
}

words! {
    /// What kind of fact a piece of evidence is.
    #[schema(as = SignalFactKind)]
    FactKind {
        Invoice = "invoice",
        Meeting = "meeting",
        Order = "order",
        /// An interaction in which the person was met.
        Encounter = "encounter",
        /// An interaction that was marked.
        Manner = "manner",
        /// An invitation to a survey.
        Survey = "survey",
        /// That the person holds a seat.
        Holding = "holding",
    }
}

/// A fact that speaks for the signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SignalEvidence)]
pub struct Evidence {
    pub kind: FactKind,
    /// The fact's id in the service that told of it.
    pub reference: Uuid,
    /// When it took place; of an invoice, when it was due.
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
    pub state: SignalState,
    /// User name of the customer's owner, who is told; that of now as long as it is open.
    pub owner: Option<String>,
    /// What was measured, in the detector's unit.
    pub measured: i64,
    /// The detector's threshold at that time.
    pub threshold: i64,
    /// Version of the detector's rule at that time.
    pub rule_version: i64,
    /// 0 to 100: half at the threshold, more the further it is passed and the more facts there are.
    pub confidence: i16,
    /// The latest facts, fifty at most.
    pub evidence: Vec<Evidence>,
    pub found_at: DateTime<Utc>,
    /// When the facts ceased to bear it out. What it was is still a person's to say.
    pub eased_at: Option<DateTime<Utc>>,
    pub verdict: Option<Verdict>,
    pub note: Option<String>,
    pub judged_at: Option<DateTime<Utc>>,
    /// Who said so: `user:<id>` or `key:<id>`.
    pub judged_by: Option<String>,
    /// The complaint that was made of it.
    pub complaint_id: Option<ComplaintId>,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
}

entity!(Signal at "/api/v1/signals");

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
    /// What it is about, in one line.
    #[schema(min_length = 1, max_length = 200)]
    pub subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20000)]
    pub description: Option<String>,
    /// 1 critical, 2 major, 3 moderate (when absent), 4 minor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4, default = 3)]
    pub severity: Option<i16>,
    /// User name of who handles it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub handler: Option<String>,
}

/// Which signals to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SignalQuery {
    /// Any of these states, comma-separated.
    #[param(value_type = Option<Vec<SignalState>>, explode = false)]
    pub state: Option<AnyOf<SignalState>>,
    /// Of any of these detectors.
    #[param(value_type = Option<Vec<Detector>>, explode = false)]
    pub detector: Option<AnyOf<Detector>>,
    /// Of any of these customers, by id or code; of one that was merged away, by what it has become.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub customer_id: Option<AnyOf<Reference<CustomerId>>>,
    /// For any of these owners.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub owner: Option<AnyOf<String>>,
    /// Found to be any of these.
    #[param(value_type = Option<Vec<Verdict>>, explode = false)]
    pub verdict: Option<AnyOf<Verdict>>,
    /// The one that any of these complaints was made of.
    #[param(value_type = Option<Vec<ComplaintId>>, explode = false)]
    pub complaint_id: Option<AnyOf<ComplaintId>>,
}

/// When a detector speaks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DetectorRule {
    /// One that is switched off finds nothing; what it has found stays.
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

/// A detector with the rule in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DetectorInForce {
    pub detector: Detector,
    pub rule: DetectorRule,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
    pub updated_by: String,
}

impl Entity for DetectorInForce {
    const PATH: &'static str = "/api/v1/detectors";

    /// Detectors are known by their names.
    fn id(&self) -> Uuid {
        Uuid::nil()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// All detectors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Detectors {
    pub items: Vec<DetectorInForce>,
}

/// Of which signals detectors are reported.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DetectorReportQuery {
    /// Found at this instant or later.
    pub found_from: Option<DateTime<Utc>>,
    /// Found before this instant.
    pub found_until: Option<DateTime<Utc>>,
}

/// How often each detector was right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DetectorReport {
    pub found_from: Option<DateTime<Utc>>,
    pub found_until: Option<DateTime<Utc>>,
    /// One for each detector. Signals that another one superseded are not counted.
    pub rows: Vec<DetectorReportRow>,
}

/// How often a detector was right.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DetectorReportRow {
    pub detector: Detector,
    /// All that it found.
    pub found: i64,
    /// Not judged yet.
    pub open: i64,
    pub judged_true: i64,
    pub judged_false: i64,
    pub judged_unclear: i64,
    /// Those judged true among those judged true or false; from 0 to 1, null where there are none.
    pub precision: Option<f64>,
}
