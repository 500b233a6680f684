//! What happened to a customer, as far as the registry knows.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::words;

use crate::{
    AnyOf, ConsentChannel, ConsentDecision, ConsentId, ConsentPurpose, ContactId, CustomerId, CustomerLinkId,
    EmployeeId, HoldingId, Lifecycle, LifecycleMoveId, LifecycleRule, LinkKind, MergeId, OrderReference, Period,
    PositionId, ProfileSection, ProfileVersionId, QualificationDecision, QualificationId, QualificationOutcome,
    TeamMemberId, TeamRole, Tier, TierProposalId, TierSource, TransferId,
};

words! {
    /// What can happen to a customer.
    TimelineKind {
        Created = "created",
        /// Another tier came into effect.
        TierChanged = "tier_changed",
        /// It went to another stage of loyalty.
        LifecycleMoved = "lifecycle_moved",
        /// A person decided on a prospect.
        QualificationDecided = "qualification_decided",
        /// Somebody began to hand it over.
        TransferStarted = "transfer_started",
        /// It was handed over.
        TransferCompleted = "transfer_completed",
        TransferCancelled = "transfer_cancelled",
        /// It got another owner without a transfer.
        OwnerChanged = "owner_changed",
        /// Somebody joined its account team.
        MemberJoined = "member_joined",
        MemberLeft = "member_left",
        /// It came to belong to another customer.
        LinkBegan = "link_began",
        LinkEnded = "link_ended",
        /// Another customer was merged into it, or it into another.
        Merged = "merged",
        MergeUndone = "merge_undone",
        /// A version of a section of its profile was approved.
        ProfileApproved = "profile_approved",
        /// The vendors' shares of a period were recorded, perhaps again.
        VendorSharesRecorded = "vendor_shares_recorded",
        /// Somebody there became known; for those who may read contacts.
        ContactAdded = "contact_added",
        /// Somebody took a seat; for those who may read contacts.
        HoldingBegan = "holding_began",
        /// Somebody left a seat; for those who may read contacts.
        HoldingEnded = "holding_ended",
        /// A contact said something about being approached; for those who may read contacts.
        ConsentRecorded = "consent_recorded",
    }
}

/// Something that happened to a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    /// When it happened; of what is known by its day alone, the beginning of that day in UTC.
    pub at: DateTime<Utc>,
    /// The day, where no more is known.
    pub on: Option<NaiveDate>,
    /// Who did it (`user:<id>`, `key:<id>` or `system`), where that was kept with it.
    pub by: Option<String>,
    pub event: TimelineEvent,
}

/// What happened. Ids are those of the records that tell more of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TimelineEvent {
    Created {
        customer_id: CustomerId,
    },
    TierChanged {
        proposal_id: TierProposalId,
        from: Tier,
        to: Tier,
        /// The tier's code in the policy it was decided by.
        policy_tier: String,
        source: TierSource,
        proposed_by: String,
        reason: String,
    },
    LifecycleMoved {
        move_id: LifecycleMoveId,
        from: Lifecycle,
        to: Lifecycle,
        /// None when a person or a record moved it.
        rule: Option<LifecycleRule>,
        order: Option<OrderReference>,
        reason: Option<String>,
    },
    QualificationDecided {
        qualification_id: QualificationId,
        decision: QualificationDecision,
        /// In hundredths of a point, 0 to 10,000.
        score: i32,
        outcome: QualificationOutcome,
        reason: String,
    },
    TransferStarted(TimelineTransfer),
    TransferCompleted(TimelineTransfer),
    TransferCancelled(TimelineTransfer),
    OwnerChanged {
        from: Option<String>,
        to: Option<String>,
    },
    MemberJoined(TimelineMember),
    MemberLeft(TimelineMember),
    LinkBegan(TimelineLink),
    LinkEnded(TimelineLink),
    Merged(TimelineMerge),
    MergeUndone(TimelineMerge),
    ProfileApproved {
        version_id: ProfileVersionId,
        section: ProfileSection,
        number: i64,
        /// Last day on which it is to be relied on.
        valid_until: Option<NaiveDate>,
    },
    VendorSharesRecorded {
        period: Period,
        /// How often the period was recorded by then.
        revision: i64,
    },
    ContactAdded {
        contact_id: ContactId,
    },
    HoldingBegan(TimelineHolding),
    HoldingEnded(TimelineHolding),
    ConsentRecorded {
        consent_id: ConsentId,
        contact_id: ContactId,
        purpose: ConsentPurpose,
        channel: ConsentChannel,
        decision: ConsentDecision,
    },
}

/// A transfer, as far as the timeline tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineTransfer {
    pub transfer_id: TransferId,
    /// Null where nobody owned the customer.
    pub from: Option<String>,
    pub to: String,
    pub reason: String,
}

/// Somebody on the account team, as far as the timeline tells of him.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineMember {
    pub member_id: TeamMemberId,
    pub employee_id: EmployeeId,
    pub role: TeamRole,
}

/// That the customer belongs to another, as far as the timeline tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineLink {
    pub link_id: CustomerLinkId,
    pub parent_id: CustomerId,
    pub link_kind: LinkKind,
}

/// Who held which seat, as far as the timeline tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineHolding {
    pub holding_id: HoldingId,
    pub contact_id: ContactId,
    pub position_id: PositionId,
}

/// A merge, as far as the timeline tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TimelineMerge {
    pub merge_id: MergeId,
    pub survivor_id: CustomerId,
    pub merged_id: CustomerId,
    pub merged_code: String,
    pub reason: Option<String>,
}

/// Which entries to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimelineQuery {
    /// Any of these, comma-separated.
    #[param(value_type = Option<Vec<TimelineKind>>, explode = false)]
    pub kind: Option<AnyOf<TimelineKind>>,
}
