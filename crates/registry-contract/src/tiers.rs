use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::{entity, words};

use crate::{AnyOf, CustomerId, Tier, TierPolicyId, TierProposalId};

words! {
    /// Where a proposal of a tier stands. The first two are undone: a customer has one such proposal at most.
    TierProposalState {
        /// Approvals are awaited.
        Open = "open",
        /// Approved; waits for its effective date.
        Approved = "approved",
        /// The customer has the tier, or kept it.
        InEffect = "in_effect",
        Rejected = "rejected",
        /// Taken back by a person, or with the import whose row had made it.
        Withdrawn = "withdrawn",
        /// A newer proposal of the same source took its place.
        Superseded = "superseded",
    }
}

words! {
    /// Who proposed a tier.
    TierSource {
        /// A person.
        Manual = "manual",
        /// The scoring service, by its value policy.
        Scoring = "scoring",
        /// A record of another system, or a row of a file, that had another tier than the customer.
        Record = "record",
    }
}

words! {
    /// How a customer came by a tier.
    TierOrigin {
        /// It was created with it, where neither a file nor a record of another system gave it one above the lowest.
        Created = "created",
        /// A row of a file created it with it.
        Import = "import",
        /// A person proposed it.
        Manual = "manual",
        /// The scoring service proposed it.
        Scoring = "scoring",
        /// A record of another system created it with it; or it was proposed by a record, or by a row of a file.
        Record = "record",
    }
}

impl From<TierSource> for TierOrigin {
    fn from(source: TierSource) -> Self {
        match source {
            TierSource::Manual => Self::Manual,
            TierSource::Scoring => Self::Scoring,
            TierSource::Record => Self::Record,
        }
    }
}

words! {
    /// What someone says to a proposal.
    TierVerdict {
        Approve = "approve",
        /// Ends the proposal, whatever others said.
        Reject = "reject",
    }
}

/// One tier of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyTier {
    /// What people call it by, unique in its policy.
    #[schema(min_length = 1, max_length = 20, pattern = "^[A-Za-z0-9][A-Za-z0-9_-]*$", example = "S")]
    pub code: String,
    #[schema(min_length = 1, max_length = 50, example = "Strategic")]
    pub name: String,
    #[schema(min_length = 1, max_length = 50, example = "战略")]
    pub name_zh: String,
    /// 1 is the highest.
    #[schema(minimum = 1, maximum = 10)]
    pub rank: i32,
    /// Whether customers of this tier are key customers.
    pub key_customer: bool,
    /// The tier that other services take it for: clocks, cadence and scores know S, A, B and C only.
    pub counts_as: Tier,
    /// Different persons, the proposer not among them, that must approve before a customer gets this tier. What a record
    /// proposes takes one at least, unless no tier of the policy asks for any.
    #[schema(minimum = 0, maximum = 5)]
    pub approvals_to_enter: i32,
    /// The same before a customer loses it; the greater of the two numbers counts.
    #[schema(minimum = 0, maximum = 5)]
    pub approvals_to_leave: i32,
    /// Days until a customer's tier is to be reviewed again.
    #[schema(minimum = 1, maximum = 3660)]
    pub review_days: i32,
}

/// A scheme of tiers. A revision never changes; a change is the next revision of the same code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierPolicy {
    pub id: TierPolicyId,
    #[schema(example = "sabc")]
    pub code: String,
    pub revision: i32,
    pub name: String,
    pub name_zh: String,
    /// The highest first.
    pub tiers: Vec<PolicyTier>,
    /// Whether tiers are proposed by it; one policy is.
    pub active: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(TierPolicy at "/api/v1/tier-policies");

/// A policy to create, or the next revision of the one with this code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTierPolicy {
    #[schema(min_length = 1, max_length = 30, pattern = "^[a-z0-9][a-z0-9_-]*$", example = "sabc")]
    pub code: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name_zh: String,
    #[schema(min_items = 2, max_items = 10)]
    pub tiers: Vec<PolicyTier>,
}

/// That a customer should have, or keep, a tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TierProposal {
    pub id: TierProposalId,
    pub customer_id: CustomerId,
    pub policy_id: TierPolicyId,
    /// Code and revision of the policy.
    #[schema(example = "sabc-v1")]
    pub policy_version: String,
    /// The policy's tier that is proposed.
    pub policy_tier: String,
    /// The tier it counts as.
    pub tier: Tier,
    /// What the customer's tier was when this was proposed.
    pub from_tier: Tier,
    pub source: TierSource,
    /// The caller's id; `system` for what scoring proposed.
    pub proposed_by: String,
    pub reason: String,
    pub evidence: Vec<String>,
    /// The day, at the customer's, from which it shall hold; null is at once.
    pub effective_from: Option<NaiveDate>,
    /// The instant at which that day begins; null until approved.
    pub effective_at: Option<DateTime<Utc>>,
    pub approvals_needed: i32,
    /// In their order.
    pub decisions: Vec<TierDecision>,
    pub state: TierProposalState,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(TierProposal at "/api/v1/tier-proposals");

/// A tier to propose for a customer. Its present tier may be proposed too: that is a review after which it stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTierProposal {
    pub customer_id: CustomerId,
    /// A tier of the active policy, by its code.
    #[schema(min_length = 1, max_length = 20, example = "A")]
    pub tier: String,
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// What it rests on: links, numbers of orders, minutes.
    #[schema(max_items = 20)]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// The day, in the customer's time zone, from which it shall hold: today or within two years; left out, at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<NaiveDate>,
}

/// What someone said to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierDecision {
    /// The caller's id.
    pub decider: String,
    pub verdict: TierVerdict,
    pub reason: Option<String>,
    pub decided_at: DateTime<Utc>,
}

/// What to say to a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTierDecision {
    pub verdict: TierVerdict,
    /// Needed to reject.
    #[schema(min_length = 1, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A customer's tier, and all it had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TierHistory {
    pub customer_id: CustomerId,
    /// What the customer's own tier counts as.
    pub tier: Tier,
    /// The tier's code in the policy it was decided by; null while it is the one that the customer was created with.
    pub policy_tier: Option<String>,
    pub policy_version: Option<String>,
    /// Whether the active policy takes it for a key customer.
    pub key_customer: bool,
    /// When the tier was last given or reviewed; the customer's creation when never.
    pub reviewed_at: DateTime<Utc>,
    /// When the active policy wants it reviewed again.
    pub review_due_at: DateTime<Utc>,
    /// The proposal that is not done yet.
    pub proposal_id: Option<TierProposalId>,
    /// The latest first.
    pub periods: Vec<TierPeriod>,
}

/// From when until when a customer had a tier, and why. Another of a policy's own tiers begins another period, also where it
/// counts as the one before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TierPeriod {
    /// What it counts as.
    pub tier: Tier,
    /// Its code in the policy it was decided by; null for the tier that a customer was created with.
    pub policy_tier: Option<String>,
    /// Its name there.
    pub policy_tier_name: Option<String>,
    pub policy_tier_name_zh: Option<String>,
    pub policy_version: Option<String>,
    pub from: DateTime<Utc>,
    /// Null while it lasts.
    pub until: Option<DateTime<Utc>>,
    pub source: TierOrigin,
    /// Of the tier that a customer was created with: the file or the system that gave it, where one did.
    pub reason: Option<String>,
    /// Null for the tier that a customer was created with.
    pub proposal_id: Option<TierProposalId>,
    /// Who approved it.
    pub deciders: Vec<String>,
}

/// Which proposals to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TierProposalQuery {
    /// Any of these states.
    #[param(value_type = Option<Vec<TierProposalState>>, explode = false)]
    pub state: Option<AnyOf<TierProposalState>>,
    /// Proposed tiers that count as any of these.
    #[param(value_type = Option<Vec<Tier>>, explode = false)]
    pub tier: Option<AnyOf<Tier>>,
    /// Any of these sources.
    #[param(value_type = Option<Vec<TierSource>>, explode = false)]
    pub source: Option<AnyOf<TierSource>>,
    /// Of any of these customers.
    #[param(value_type = Option<Vec<CustomerId>>, explode = false)]
    pub customer_id: Option<AnyOf<CustomerId>>,
    /// Only those that await the caller: open, proposed by someone else, and not decided by him yet.
    pub mine_to_decide: Option<bool>,
}

/// A customer whose tier is due for review.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TierReview {
    /// The customer's.
    pub id: CustomerId,
    pub code: String,
    pub tier: Tier,
    pub owner: Option<String>,
    pub reviewed_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
}

/// Whose reviews to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TierReviewQuery {
    /// Any of these tiers.
    #[param(value_type = Option<Vec<Tier>>, explode = false)]
    pub tier: Option<AnyOf<Tier>>,
    /// Customers of any of these account managers.
    #[param(value_type = Option<Vec<String>>, explode = false)]
    pub owner: Option<AnyOf<String>>,
    /// Due at this instant; now when left out.
    pub due_at: Option<DateTime<Utc>>,
}
