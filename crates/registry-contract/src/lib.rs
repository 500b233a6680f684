#![doc = include_str!("../README.md")]

mod account_teams;
mod any_of;
mod choices;
mod classifications;
#[cfg(feature = "client")]
pub mod client;
mod consents;
mod contacts;
mod custom_fields;
mod customers;
mod decision_chain;
mod duplicates;
mod exports;
mod identifiers;
mod import_profiles;
mod imports;
mod lifecycles;
mod links;
mod merges;
mod open_items;
mod period;
mod positions;
mod privacy;
mod profile_sections;
mod profiles;
mod qualifications;
mod search;
mod staff;
mod tiers;
mod timeline;
pub mod v1;
mod vcards;
mod vendors;

pub use account_teams::{
    AccountTeam, AccountTeamQuery, EmployeeCustomer, HandoverOutcome, HandoverTick, HandoverTicks, NewTeamMember,
    NewTransfer, OwnerPeriod, TeamMember, TeamMemberPatch, TeamMemberQuery, TeamRole, Transfer, TransferItem,
    TransferQuery, TransferState, TransfersStarted,
};
pub use any_of::AnyOf;
pub use choices::{
    BulkMode, CardOutcome, CardWarningCode, ChainEdgeKind, ConsentChannel, ConsentDecision, ConsentPurpose,
    ConsentReason, ContactChannel, ContactPointKind, ContactPointLabel, CriterionGroup, CustomFieldType, CustomerKind,
    DecisionRole, Delimiter, DuplicateReason, DuplicateState, Effect, ExportCharset, ExportFormat, FindingCode,
    IdentifierType, ImportKind, ImportMatch, ImportState, IndustryPhase, Lifecycle, LifecycleRule, LinkKind,
    PeriodLength, PestArea, ProfileAct, ProfileSection, ProfileState, PurchasingMode, QualificationDecision,
    QualificationOutcome, ReviewDecision, RowOutcome, Stance, Tier, UnknownChoice, VCardVersion, VendorKind,
};
pub use classifications::{Classification, Industries, IndustryQuery, RegionQuery};
pub use consents::{ConsentCheck, ConsentEntry, ConsentLedger, ConsentQuery, ConsentState, NewConsent};
pub use contacts::{Contact, ContactPatch, ContactPoint, ContactQuery, NewContact};
pub use custom_fields::{
    CustomField, CustomFieldPatch, CustomFilters, CustomValues, FieldChoice, FieldRules, NewCustomField,
};
pub use customers::{
    BulkCustomers, BulkCustomersQuery, BulkOutcome, BulkResult, Customer, CustomerPatch, CustomerQuery, CustomerUpsert,
    NewCustomer,
};
pub use decision_chain::{
    ChainCoverage, ChainDay, ChainEdge, ChainHolder, ChainNode, ChainQuery, ChainSeat, ChainSeatSettings, ChainWeights,
    DecisionChain, Finding, Influence, InfluenceStrength, NewStance, StanceQuery, StanceReading,
};
pub use duplicates::{
    Duplicate, DuplicateCandidate, DuplicateCandidates, DuplicateCustomer, DuplicatePatch, DuplicateQuery,
};
pub use exports::{ExportQuery, OfCustomers};
pub use identifiers::Identifier;
pub use import_profiles::{FileReading, ImportProfile, NewImportProfile};
pub use imports::{CellFault, ColumnMapping, Import, ImportRow, ImportRowQuery, StartImport};
pub use lifecycles::{
    LifecycleHistory, LifecycleMove, LifecyclePolicy, NewLifecycleMove, NewLifecyclePolicy, OrderFact, OrderReference,
};
pub use links::{
    CustomerLink, CustomerLinkPatch, Hierarchy, HierarchyMember, HierarchyNode, HierarchyQuery, MemberLink,
    NewCustomerLink, RollUp, TierCounts,
};
pub use merges::{CustomerMoved, Merge, MergeMoved, MergeSource, NewMerge, Redirects, UnmergeQuery};
pub use open_items::OpenItemKind;
pub use period::{BadPeriod, Period};
pub use positions::{
    Holding, HoldingPatch, HoldingQuery, NewHolding, NewPosition, Position, PositionPatch, PositionQuery,
};
pub use privacy::{
    ContactErasure, ContactRead, ContactReadKind, HeldPosition, LegalHold, NewContactErasure, NewLegalHold,
    PersonalData, PersonalDataCustomer,
};
pub use profile_sections::{
    Competition, FinancialAnalysis, FinancialPeriod, IndustryDynamics, MacroEnvironment, OrganisationAndPurchasing,
    PestFactor, ProfileContent, PurchasingStep, Rival, Saying, Statement, StrategyAndPainPoints, SwotSummary, Trend,
};
pub use profiles::{
    Evidence, FinancialRatios, NewProfileReview, ProfileChange, ProfileDiff, ProfileDiffQuery, ProfileDraft,
    ProfileEdit, ProfileEntry, ProfileOverview, ProfileQuery, ProfileVersion, SectionOverview, SectionProfile,
    VersionOverview, WaitingReview,
};
pub use qualifications::{
    AnswerChoice, Contribution, Criterion, NewQualification, NewQualificationDecision, NewQualificationPolicy,
    Qualification, QualificationAnswer, QualificationPolicy, QualificationResult, QualificationVerdict,
};
pub use search::{ContactHit, CustomerHit, SearchHits, SearchQuery};
pub use staff::{
    BulkEmployeeOutcome, BulkEmployees, BulkEmployeesQuery, BulkEmployeesResult, Employee, EmployeePatch,
    EmployeeQuery, EmployeeUpsert, NewEmployee, NewTeam, Report, Reports, ReportsQuery, Team, TeamPatch,
};
pub use tiers::{
    NewTierDecision, NewTierPolicy, NewTierProposal, PolicyTier, TierDecision, TierHistory, TierOrigin, TierPeriod,
    TierPolicy, TierProposal, TierProposalQuery, TierProposalState, TierReview, TierReviewQuery, TierSource,
    TierVerdict,
};
pub use timeline::{
    TimelineEntry, TimelineEvent, TimelineHolding, TimelineKind, TimelineLink, TimelineMember, TimelineMerge,
    TimelineQuery, TimelineTransfer,
};
pub use vcards::{CardWarning, VCardImport, VCardQuery, VCardResult};
pub use vendors::{
    LineStructure, NewVendor, ShareHolder, ShareLine, SharePoint, ShareRecord, Vendor, VendorPatch, VendorRelation,
    VendorShare, VendorShares, VendorStructure, VendorTrend, VendorTrendQuery, VendorTrends,
};

/// The OpenAPI document of the service, as its own test last compared it with the running code.
pub const OPENAPI: &str = include_str!("../openapi.json");

wire::id!(
    /// Identifies a customer.
    CustomerId
);
wire::id!(
    /// Identifies a link between two customers.
    CustomerLinkId
);
wire::id!(
    /// Identifies a custom field.
    CustomFieldId
);
wire::id!(
    /// Identifies a contact.
    ContactId
);
wire::id!(
    /// Identifies how often somebody read what is known of a contact on a day.
    ContactReadId
);
wire::id!(
    /// Identifies a position.
    PositionId
);
wire::id!(
    /// Identifies a holding.
    HoldingId
);
wire::id!(
    /// Identifies a reading of a stance.
    StanceId
);
wire::id!(
    /// Identifies an entry of a consent ledger.
    ConsentId
);
wire::id!(
    /// Identifies an opportunity.
    OpportunityId
);
wire::id!(
    /// Identifies a merge of two customers.
    MergeId
);
wire::id!(
    /// Identifies an import.
    ImportId
);
wire::id!(
    /// Identifies a row of an import.
    ImportRowId
);
wire::id!(
    /// Identifies a pair of customers that may be one.
    DuplicateId
);
wire::id!(
    /// Identifies a move from one stage to another.
    LifecycleMoveId
);
wire::id!(
    /// Identifies a version of the policy by which prospects are qualified.
    QualificationPolicyId
);
wire::id!(
    /// Identifies a qualification.
    QualificationId
);
wire::id!(
    /// Identifies a vendor.
    VendorId
);
wire::id!(
    /// Identifies what was recorded of vendors' shares at one time.
    VendorShareTableId
);
wire::id!(
    /// Identifies a version of a section of a customer's profile.
    ProfileVersionId
);
wire::id!(
    /// Identifies a revision of a tier policy.
    TierPolicyId
);
wire::id!(
    /// Identifies a proposal of a tier.
    TierProposalId
);
wire::id!(
    /// Identifies a change of a customer's tier.
    TierChangeId
);
wire::id!(
    /// Identifies one of our own people.
    EmployeeId
);
wire::id!(
    /// Identifies a team of ours.
    TeamId
);
wire::id!(
    /// Identifies that one of our people is on the team of a customer.
    TeamMemberId
);
wire::id!(
    /// Identifies that a customer goes from one owner to another.
    TransferId
);
wire::id!(
    /// Identifies an import profile.
    ImportProfileId
);
