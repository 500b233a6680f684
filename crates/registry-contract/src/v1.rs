//! The registry's events, version 1. Each carries a snapshot, so that only the newest by `sequence` matters. None carries
//! personal data: of a consumer not even the name, of a contact nothing but that it exists.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{ExternalId, Money, events};

use crate::{
    ConsentChannel, ConsentDecision, ConsentId, ConsentPurpose, ContactId, CustomerId, CustomerKind, DecisionRole,
    EmployeeId, HoldingId, Lifecycle, MergeId, OpportunityId, Period, PositionId, ProfileSection,
    QualificationDecision, QualificationId, QualificationOutcome, TeamId, TeamMemberId, TeamRole, Tier, TierProposalId,
    TierSource, TransferId,
};

pub const CUSTOMER_CREATED: &str = "registry.customer.created.v1";
pub const CUSTOMER_UPDATED: &str = "registry.customer.updated.v1";
pub const CUSTOMER_MERGED: &str = "registry.customer.merged.v1";
pub const CUSTOMER_UNMERGED: &str = "registry.customer.unmerged.v1";
pub const CUSTOMER_WITHDRAWN: &str = "registry.customer.withdrawn.v1";
pub const CONTACT_CREATED: &str = "registry.contact.created.v1";
pub const CONTACT_UPDATED: &str = "registry.contact.updated.v1";
pub const CONTACT_ERASED: &str = "registry.contact.erased.v1";
pub const POSITION_CREATED: &str = "registry.position.created.v1";
pub const POSITION_UPDATED: &str = "registry.position.updated.v1";
pub const HOLDING_CREATED: &str = "registry.holding.created.v1";
pub const PROFILE_APPROVED: &str = "registry.profile.approved.v1";
pub const CUSTOMER_QUALIFIED: &str = "registry.customer.qualified.v1";
pub const VENDOR_SHARES_RECORDED: &str = "registry.vendor_shares.recorded.v1";
pub const CUSTOMER_TIERED: &str = "registry.customer.tiered.v1";
pub const CUSTOMER_TRANSFERRED: &str = "registry.customer.transferred.v1";
pub const HOLDING_UPDATED: &str = "registry.holding.updated.v1";

pub const CONSENT_RECORDED: &str = "registry.consent.recorded.v1";
pub const DECISION_CHAIN_UPDATED: &str = "registry.decision_chain.updated.v1";

pub const EMPLOYEE_CHANGED: &str = "registry.employee.changed.v1";
pub const TEAM_MEMBER_CHANGED: &str = "registry.team_member.changed.v1";

/// A customer as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerFact {
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub code: String,
    /// The organisation's name; none for a consumer.
    pub name: Option<String>,
    pub kind: CustomerKind,
    pub tier: Tier,
    pub lifecycle: Lifecycle,
    pub owner: Option<String>,
    pub parent_id: Option<CustomerId>,
    pub external_ids: Vec<ExternalId>,
    /// All it is to us besides its `kind`, which may be among them.
    #[serde(default)]
    pub roles: Vec<CustomerKind>,
    /// ISO 3166-1 alpha-2; none for a consumer.
    #[serde(default)]
    pub country: Option<String>,
    /// ISO 3166-2; none for a consumer.
    #[serde(default)]
    pub region_code: Option<String>,
    /// Of GB/T 4754-2017 or ISIC Rev. 4.
    #[serde(default)]
    pub industry_code: Option<String>,
    /// BCP 47; none for a consumer.
    #[serde(default)]
    pub language: Option<String>,
}

impl CustomerFact {
    /// What is to be kept of a customer that was withdrawn: no code and no keys, but that it was, so that what is told late
    /// does not bring it back.
    #[must_use]
    pub fn withdrawn(self) -> Self {
        Self { code: String::new(), external_ids: Vec::new(), ..self }
    }

    /// Whether it is of a customer that was [withdrawn](Self::withdrawn).
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.code.is_empty()
    }

    /// The newest of each customer, by the customers' ids.
    #[must_use]
    pub fn newest(facts: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut newest: BTreeMap<CustomerId, Self> = BTreeMap::new();
        for fact in facts {
            match newest.entry(fact.customer_id) {
                Entry::Vacant(place) => drop(place.insert(fact)),
                Entry::Occupied(kept) if kept.get().sequence >= fact.sequence => {}
                Entry::Occupied(mut kept) => drop(kept.insert(fact)),
            }
        }
        newest.into_values().collect()
    }
}

/// That a customer was merged into another, or is itself again. Of two that tell of one `merged_id` the later holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MergeFact {
    pub merge_id: MergeId,
    pub merged_id: CustomerId,
    pub survivor_id: CustomerId,
    /// Version of the merged customer.
    pub sequence: i64,
}

/// That a contact exists, and at which customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContactFact {
    pub contact_id: ContactId,
    pub customer_id: CustomerId,
    pub sequence: i64,
}

/// A seat as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PositionFact {
    pub position_id: PositionId,
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub decision_role: Option<DecisionRole>,
    pub vote_weight: Option<i32>,
    /// 1 is the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reports_to: Option<PositionId>,
    /// First day on which the seat is no longer there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
}

/// Who holds which seat, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldingFact {
    pub holding_id: HoldingId,
    pub contact_id: ContactId,
    pub position_id: PositionId,
    pub customer_id: CustomerId,
    pub from: NaiveDate,
    pub until: Option<NaiveDate>,
    pub sequence: i64,
}

/// That a section of a customer's profile has an approved version; never what it says. Newest by customer and section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileFact {
    pub customer_id: CustomerId,
    pub section: ProfileSection,
    /// The version's number within its section.
    pub sequence: i64,
    /// Last day on which it is to be relied on.
    pub valid_until: Option<NaiveDate>,
    pub approved_at: DateTime<Utc>,
}

/// What is known of the shares in a customer's spending in a period; numbers only. Newest by customer and period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VendorSharesFact {
    pub customer_id: CustomerId,
    pub period: Period,
    /// How often the period was recorded.
    pub sequence: i64,
    pub lines: Vec<LineShares>,
}

/// Shares in basis points (1 % = 100).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineShares {
    pub product_line: String,
    /// What the customer spent on the line in the period.
    pub wallet: Option<Money>,
    pub our_share_bp: i32,
    /// Of the largest other vendor; none where none is known.
    pub largest_rival_bp: Option<i32>,
    /// Of all vendors that are known, us included.
    pub known_bp: i32,
}

/// That a person decided on a prospect, and what it scored; never why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QualificationFact {
    pub customer_id: CustomerId,
    /// Of the decisions on this customer, from 1.
    pub sequence: i64,
    pub qualification_id: QualificationId,
    pub policy_version: i64,
    /// In hundredths of a point, 0 to 10,000.
    pub score: i32,
    pub outcome: QualificationOutcome,
    pub decision: QualificationDecision,
    pub decided_at: DateTime<Utc>,
}

/// That people gave a customer another tier, perhaps another of a policy's own that counts as the one before. The customer's
/// own event, with the same sequence, tells of the tier as well: this one is for those who need to know that it changed,
/// and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TieringFact {
    pub customer_id: CustomerId,
    /// Version of the customer with the new tier.
    pub sequence: i64,
    pub from: Tier,
    pub to: Tier,
    /// The tier's code in the policy it was decided by.
    pub policy_tier: String,
    pub policy_version: String,
    /// The same of the tier before, perhaps of another policy; none where people had decided on none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_policy_tier: Option<String>,
    /// Since when it holds.
    pub effective_at: DateTime<Utc>,
    /// Who had proposed it. The reason in words stays in the registry.
    pub reason_code: TierSource,
    pub proposal_id: TierProposalId,
}

/// That a customer went from one owner to another, with everything that was owed to it. The customer's own event, with
/// the same sequence, tells of the owner as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferFact {
    pub transfer_id: TransferId,
    pub customer_id: CustomerId,
    /// Version of the customer with the new owner.
    pub sequence: i64,
    /// Null where nobody owned the customer.
    pub from: Option<String>,
    pub to: String,
    pub completed_at: DateTime<Utc>,
}

/// A decision chain as it stood after the change numbered `sequence`: what was set of it beside its positions. Nobody's
/// stance is in it, only how many readings there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DecisionChainFact {
    /// The customer's id for its own chain, the opportunity's for one of those.
    pub chain_id: Uuid,
    pub customer_id: CustomerId,
    /// None: the customer's own chain.
    pub opportunity_id: Option<OpportunityId>,
    pub sequence: i64,
    pub seats: Vec<ChainSeatFact>,
    pub influences: Vec<InfluenceFact>,
    pub stance_readings: i64,
}

/// What was set of a seat in a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChainSeatFact {
    pub position_id: PositionId,
    /// None: the position's own.
    pub decision_role: Option<DecisionRole>,
    /// None: the position's own.
    pub vote_weight: Option<i32>,
    pub matching_employee: Option<String>,
}

/// How one seat sways another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InfluenceFact {
    pub from: PositionId,
    pub to: PositionId,
    pub strength: i32,
}

/// What a contact said about being approached. Where and how it was said stays in the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentFact {
    pub consent_id: ConsentId,
    pub contact_id: ContactId,
    pub customer_id: CustomerId,
    /// Always 1: an entry never changes.
    pub sequence: i64,
    pub purpose: ConsentPurpose,
    pub channel: ConsentChannel,
    pub decision: ConsentDecision,
    pub decided_at: DateTime<Utc>,
    /// Whether there is a proof, without which a grant lifts no opt-out.
    pub has_evidence: bool,
}

/// One of our own people as he stood after the change numbered `sequence`: what others call him by, and to which team he
/// belongs from when until when. His name, title and address stay in the registry. A team's new name or lead is a
/// change of everyone in it, so that the newest fact of each says all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmployeeFact {
    pub employee_id: EmployeeId,
    /// Version of the employee.
    pub sequence: i64,
    /// The user name that customers' `owner` and logins call him by; never changes.
    pub code: String,
    pub team: Option<EmployeeTeam>,
    /// First day with us.
    pub active_from: NaiveDate,
    /// First day no longer with us.
    pub active_until: Option<NaiveDate>,
    /// Whom he reports to.
    #[serde(default)]
    pub manager_id: Option<EmployeeId>,
}

/// The team somebody belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmployeeTeam {
    pub id: TeamId,
    pub code: String,
    pub name: String,
    /// Who leads it, perhaps one of another team.
    #[serde(default)]
    pub lead_id: Option<EmployeeId>,
}

/// That one of our people works for a customer, as it stood after the change numbered `sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamMemberFact {
    pub team_member_id: TeamMemberId,
    /// Another one after a merge.
    pub customer_id: CustomerId,
    pub sequence: i64,
    pub employee_id: EmployeeId,
    pub role: TeamRole,
    pub from: NaiveDate,
    /// First day no longer. The same as `from` of a membership that was withdrawn: it never held.
    pub until: Option<NaiveDate>,
}

events! {
    CustomerCreated(CustomerFact) = CUSTOMER_CREATED, customer_id;
    CustomerUpdated(CustomerFact) = CUSTOMER_UPDATED, customer_id;
    CustomerMerged(MergeFact) = CUSTOMER_MERGED, merged_id;
    CustomerUnmerged(MergeFact) = CUSTOMER_UNMERGED, merged_id;
    /// The customer is no more: its creation was taken back. As it stood last; nothing else ever follows.
    CustomerWithdrawn(CustomerFact) = CUSTOMER_WITHDRAWN, customer_id;
    ContactCreated(ContactFact) = CONTACT_CREATED, contact_id;
    ContactUpdated(ContactFact) = CONTACT_UPDATED, contact_id;
    /// All that was known of the person is erased here, and is to be erased wherever else it is kept. The contact stays, and may
    /// still go to another customer: this holds for good, whatever its sequence.
    ContactErased(ContactFact) = CONTACT_ERASED, contact_id;
    PositionCreated(PositionFact) = POSITION_CREATED, position_id;
    PositionUpdated(PositionFact) = POSITION_UPDATED, position_id;
    HoldingCreated(HoldingFact) = HOLDING_CREATED, holding_id;
    ProfileApproved(ProfileFact) = PROFILE_APPROVED, customer_id;
    CustomerQualified(QualificationFact) = CUSTOMER_QUALIFIED, customer_id;
    VendorSharesRecorded(VendorSharesFact) = VENDOR_SHARES_RECORDED, customer_id;
    CustomerTiered(TieringFact) = CUSTOMER_TIERED, customer_id;
    CustomerTransferred(TransferFact) = CUSTOMER_TRANSFERRED, customer_id;
    HoldingUpdated(HoldingFact) = HOLDING_UPDATED, holding_id;
    ConsentRecorded(ConsentFact) = CONSENT_RECORDED, consent_id;
    DecisionChainUpdated(DecisionChainFact) = DECISION_CHAIN_UPDATED, chain_id;
    EmployeeChanged(EmployeeFact) = EMPLOYEE_CHANGED, employee_id;
    TeamMemberChanged(TeamMemberFact) = TEAM_MEMBER_CHANGED, team_member_id;
}
