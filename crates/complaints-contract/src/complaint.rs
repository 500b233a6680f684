use chrono::{DateTime, Utc};
use registry_contract::{ContactId, CustomerId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{ExternalId, Reference, entity};

use crate::{Channel, Clock, Complainant, ComplaintId, Confidential, State};

/// A complaint (投诉) to register. Intake refuses as little as it can: who it is from may be settled later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComplaint {
    /// The customer's id, or its code such as `C-000123`. An id not heard of yet is accepted and shown with
    /// `customer_known: false` until the registry's event arrives; a code not heard of is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64, example = "C-000123")]
    pub customer_id: Option<Reference<CustomerId>>,
    /// The customer as the source system names it, instead of `customer_id`. One not heard of yet is kept, and linked
    /// once the registry tells of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_external: Option<ExternalId>,
    /// The customer's person who complains. Of one whom the registry has erased nothing else is kept that names him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_id: Option<ContactId>,
    pub channel: Channel,
    /// What it is about, in one line.
    #[schema(min_length = 1, max_length = 200)]
    pub subject: String,
    /// What happened, in the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20000)]
    pub description: Option<String>,
    /// Product or service concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub product: Option<String>,
    /// The order concerned, as the customer or the ERP numbers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub order_number: Option<String>,
    /// Kind of trouble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub issue: Option<String>,
    /// What the customer asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub remedy_sought: Option<String>,
    /// 1 critical, 2 major, 3 moderate (when absent), 4 minor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4, default = 3)]
    pub severity: Option<i16>,
    /// Whether someone's safety is at stake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(default = false)]
    pub safety: Option<bool>,
    /// Language of whoever complains (BCP 47). When absent the customer's, as the registry knows it, else `zh-CN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: Option<String>,
    /// The complaint's own key in the system it comes from; no two complaints have the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// When it reached us, if that was before now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<DateTime<Utc>>,
    /// User name of who handles it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub handler: Option<String>,
    /// User name of who passes it on for the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub reported_by: Option<String>,
    /// Who complains, where that is none of the contacts known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complainant: Option<Complainant>,
    /// User name of the one of our people it is about. From then on only callers with `complaints:restricted` see it,
    /// this one never, and not who sent it either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub about_staff: Option<String>,
    /// What only those at work on it see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 5)]
    pub confidential: Option<Vec<Confidential>>,
    /// As of when the source reports so. What it reported as of later is not undone, in whatever order reports arrive. Steps
    /// of `progress` without a date count as taken then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<DateTime<Utc>>,
    /// How far it had already come: for late entry, imports and the mirror of another system's tickets. For callers with
    /// `imports:write` or `complaints:handle`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
}

impl NewComplaint {
    /// A complaint of which nothing is known but how it came and what it is about.
    #[must_use]
    pub fn about(channel: Channel, subject: impl Into<String>) -> Self {
        Self {
            customer_id: None,
            customer_external: None,
            contact_id: None,
            channel,
            subject: subject.into(),
            description: None,
            product: None,
            order_number: None,
            issue: None,
            remedy_sought: None,
            severity: None,
            safety: None,
            language: None,
            external_id: None,
            received_at: None,
            handler: None,
            reported_by: None,
            complainant: None,
            about_staff: None,
            confidential: None,
            as_of: None,
            progress: None,
        }
    }
}

/// How far a complaint had come before it was registered here. A date not given is `as_of`, or else the latest date known
/// before it; dates of states that were not reached are refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ComplaintProgress)]
pub struct Progress {
    pub state: State,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_responded_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// What settled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub resolution: Option<String>,
    /// Whether it was answered in time, in the source's judgement; taken instead of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timely: Option<bool>,
}

impl Progress {
    /// No more than the state.
    #[must_use]
    pub fn to(state: State) -> Self {
        Self {
            state,
            acknowledged_at: None,
            first_responded_at: None,
            resolved_at: None,
            closed_at: None,
            resolution: None,
            timely: None,
        }
    }
}

/// A correction of a complaint (JSON Merge Patch): absent leaves as it is, `null` clears. Its state is not corrected
/// but moved on, by the transitions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplaintPatch {
    /// The customer it is from: id or code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, min_length = 1, max_length = 64)]
    pub customer_id: Option<Reference<CustomerId>>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ContactId>)]
    pub contact_id: Option<Option<ContactId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel: Option<Channel>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    pub subject: Option<String>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20000)]
    pub description: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub product: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub order_number: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub issue: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    pub remedy_sought: Option<Option<String>>,
    /// 1 critical, 2 major, 3 moderate, 4 minor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 1, maximum = 4)]
    pub severity: Option<i16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub safety: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_length = 35, pattern = "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
    pub language: Option<String>,
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub handler: Option<Option<String>>,
    /// User name of the one of our people it is about: hides the complaint, `null` shows it again.
    #[serde(default, deserialize_with = "wire::present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub about_staff: Option<Option<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, max_items = 5)]
    pub confidential: Option<Vec<Confidential>>,
}

/// A complaint (投诉).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Complaint {
    pub id: ComplaintId,
    /// The tracking number people use.
    #[schema(example = "CP-2026-000123")]
    pub number: String,
    /// Null until the customer named by `customer_external`, or anyone, is known.
    pub customer_id: Option<CustomerId>,
    pub customer_external: Option<ExternalId>,
    /// Whether the registry's event about this customer has arrived here.
    pub customer_known: bool,
    pub contact_id: Option<ContactId>,
    pub channel: Channel,
    pub subject: String,
    pub description: Option<String>,
    pub product: Option<String>,
    pub order_number: Option<String>,
    pub issue: Option<String>,
    pub remedy_sought: Option<String>,
    /// 1 critical, 2 major, 3 moderate, 4 minor.
    pub severity: i16,
    pub safety: bool,
    pub language: String,
    pub state: State,
    pub external_id: Option<ExternalId>,
    pub received_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub first_responded_at: Option<DateTime<Utc>>,
    /// Of the last settlement: reopening clears it.
    pub resolved_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    /// When the harm was first kept from growing.
    pub contained_at: Option<DateTime<Utc>>,
    /// When the customer was last told anything.
    pub told_at: Option<DateTime<Utc>>,
    /// When the customer took our answer; another answer, an escalation or a reopening clears it.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Since when we wait for the customer, while we do.
    pub waiting_since: Option<DateTime<Utc>>,
    pub reopened_count: i32,
    pub due: Due,
    /// By when the next promise is to be kept, by the policy in force: of `clock` in a list that names one. Null while
    /// nothing is due, or while we wait for the customer.
    pub next_due: Option<DateTime<Utc>>,
    /// The clock of `next_due`.
    pub next_clock: Option<Clock>,
    /// Whether it was acknowledged, answered and resolved in time; false as soon as one was late, null while nothing
    /// is decided. The source's judgement where it gave one.
    pub timely: Option<bool>,
    pub resolution: Option<String>,
    /// When the customer is to be asked again, once it is closed, whether the cure holds; null where nobody asks.
    pub follow_up_due_at: Option<DateTime<Utc>>,
    /// User name of who handles it.
    pub handler: Option<String>,
    /// User name of who passed it on for the customer.
    pub reported_by: Option<String>,
    pub complainant: Option<Complainant>,
    /// Since when nothing is kept of who complained, as that contact was erased: nobody is told anything any more, and it
    /// cannot be followed in the portal.
    pub complainant_erased_at: Option<DateTime<Utc>>,
    /// User name of the one of our people it is about, who does not see it.
    pub about_staff: Option<String>,
    /// Parts that are null, in the history too, for callers without `complaints:handle`.
    pub confidential: Vec<Confidential>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// By when the customer is owed what, as the clocks stand. A time is null where nothing is promised, and while the clock
/// waits for the customer, when nobody can tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ComplaintDue)]
pub struct Due {
    /// Version of the policy that the resolution is promised by.
    pub policy: Option<i64>,
    pub acknowledge_by: Option<DateTime<Utc>>,
    pub respond_by: Option<DateTime<Utc>>,
    pub resolve_by: Option<DateTime<Utc>>,
}

entity!(Complaint at "/api/v1/complaints");

/// How many complaints there are, by what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplaintSummary {
    pub total: i64,
    pub by_state: Vec<Count>,
    pub by_channel: Vec<Count>,
    pub by_severity: Vec<Count>,
    /// `true`, `false` and, while nothing is decided, `open`.
    pub by_timely: Vec<Count>,
}

/// One value and how often it occurs; values that do not occur are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ComplaintCount)]
pub struct Count {
    pub value: String,
    pub count: i64,
}
