use chrono::{DateTime, Utc};
use registry_contract::Tier;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::{entity, words};

use crate::SlaPolicyId;

words! {
    /// What a customer is promised to happen in time.
    #[schema(as = ComplaintClock)]
    Clock {
        /// 确认: the customer knows that we have the complaint.
        Acknowledge = "acknowledge",
        /// 首次答复: the first answer on the matter.
        FirstResponse = "first_response",
        /// 遏制: the damage no longer spreads.
        Containment = "containment",
        /// 下次通报: the customer hears how it stands; again and again.
        NextUpdate = "next_update",
        /// 解决
        Resolution = "resolution",
    }
}

words! {
    /// Whom an escalation goes to, by what they are to the complaint.
    #[schema(as = EscalationRole)]
    Role {
        /// Who handles the complaint.
        Handler = "handler",
        /// The lead of the handler's team; where it has none or he leads it himself, whom he reports to. Where that is
        /// nobody, the same of the owner of the customer.
        Lead = "lead",
        /// Whom the lead reports to.
        Head = "head",
        /// The owner of the customer.
        AccountOwner = "account_owner",
        /// The executive sponsor of the customer's account team.
        ExecutiveSponsor = "executive_sponsor",
    }
}

/// What customers are promised (处理时限), from now on. Policies are never changed: a new one takes the place of the one
/// before, and every open complaint is reckoned by it, from its beginning. What has ended stays judged as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSlaPolicy {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// For each clock counts the most specific row that gives it; `kind` outweighs `tier`, which outweighs `severity`.
    #[schema(min_items = 1, max_items = 500)]
    pub rows: Vec<SlaRow>,
    /// Who is told at which share of a clock's time.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub ladder: Vec<LadderStep>,
    /// Who is told as soon as there is such a complaint.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub at_once: Vec<AtOnce>,
}

/// Promises for the complaints that fit; what is absent fits any.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlaRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// 1 critical, 2 major, 3 moderate, 4 minor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4)]
    pub severity: Option<i16>,
    /// The complaint's `issue`, in whatever case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledge: Option<SlaTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response: Option<SlaTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containment: Option<SlaTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_update: Option<SlaTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<SlaTarget>,
}

impl SlaRow {
    #[must_use]
    pub fn target(&self, clock: Clock) -> Option<&SlaTarget> {
        match clock {
            Clock::Acknowledge => self.acknowledge.as_ref(),
            Clock::FirstResponse => self.first_response.as_ref(),
            Clock::Containment => self.containment.as_ref(),
            Clock::NextUpdate => self.next_update.as_ref(),
            Clock::Resolution => self.resolution.as_ref(),
        }
    }
}

/// How long it may take at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlaTarget {
    #[schema(minimum = 1, maximum = 576_000, example = 480)]
    pub minutes: i64,
    /// The calendar whose working time is counted; time around the clock when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50, example = "china")]
    pub calendar: Option<String>,
}

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LadderStep {
    /// Of the clock's time: 100 is when it is due.
    #[schema(minimum = 1, maximum = 1000, example = 75)]
    pub percent: i32,
    #[schema(min_items = 1, max_items = 5)]
    pub recipients: Vec<Role>,
}

/// Complaints that are escalated as soon as they are there; what is absent fits any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AtOnce {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4)]
    pub severity: Option<i16>,
    #[schema(min_items = 1, max_items = 5)]
    pub recipients: Vec<Role>,
    /// Whether to propose that an executive of ours meets one of the customer's.
    #[serde(default)]
    pub propose_executive_contact: bool,
}

/// A policy; the latest counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlaPolicy {
    pub id: SlaPolicyId,
    /// Runs on from policy to policy.
    pub version: i64,
    pub name: String,
    pub rows: Vec<SlaRow>,
    pub ladder: Vec<LadderStep>,
    pub at_once: Vec<AtOnce>,
    /// Since when it counts, until that of the next version.
    pub valid_from: DateTime<Utc>,
    /// Who wrote it.
    pub by: String,
}

entity!(SlaPolicy at "/api/v1/sla-policies");

impl NewSlaPolicy {
    /// As it is kept.
    #[must_use]
    pub fn numbered(self, id: SlaPolicyId, version: i64, valid_from: DateTime<Utc>, by: String) -> SlaPolicy {
        let Self { name, rows, ladder, at_once } = self;
        SlaPolicy { id, version, name, rows, ladder, at_once, valid_from, by }
    }
}

impl From<&SlaPolicy> for NewSlaPolicy {
    fn from(policy: &SlaPolicy) -> Self {
        let SlaPolicy { name, rows, ladder, at_once, .. } = policy.clone();
        Self { name, rows, ladder, at_once }
    }
}
