#![doc = include_str!("../README.md")]

mod account_teams;
mod any_of;
mod choices;
#[cfg(feature = "client")]
pub mod client;
mod contacts;
mod customers;
mod imports;
mod open_items;
mod positions;
mod staff;
mod tiers;
pub mod v1;

pub use account_teams::{
    AccountTeam, AccountTeamQuery, EmployeeCustomer, HandoverOutcome, HandoverTick, HandoverTicks, NewTeamMember,
    NewTransfer, OwnerPeriod, TeamMember, TeamMemberPatch, TeamRole, Transfer, TransferItem, TransferQuery,
    TransferState, TransfersStarted,
};
pub use any_of::AnyOf;
pub use choices::{
    BulkMode, ContactChannel, CustomerKind, DecisionRole, ImportKind, ImportState, Lifecycle, RowOutcome, Tier,
    UnknownChoice,
};
pub use contacts::{Contact, ContactPatch, ContactQuery, NewContact};
pub use customers::{
    BulkCustomers, BulkCustomersQuery, BulkOutcome, BulkResult, Customer, CustomerPatch, CustomerQuery, CustomerUpsert,
    NewCustomer,
};
pub use imports::{CellFault, ColumnMapping, Import, ImportRow, ImportRowQuery, StartImport};
pub use open_items::OpenItemKind;
pub use positions::{Holding, NewHolding, NewPosition, Position};
pub use staff::{
    BulkEmployeeOutcome, BulkEmployees, BulkEmployeesQuery, BulkEmployeesResult, Employee, EmployeePatch,
    EmployeeQuery, EmployeeUpsert, NewEmployee, NewTeam, Report, Reports, ReportsQuery, Team, TeamPatch,
};
pub use tiers::{
    NewTierDecision, NewTierPolicy, NewTierProposal, PolicyTier, TierDecision, TierHistory, TierPeriod, TierPolicy,
    TierProposal, TierProposalQuery, TierProposalState, TierReview, TierReviewQuery, TierSource, TierVerdict,
};

/// The OpenAPI document of the service, as its own test last compared it with the running code.
pub const OPENAPI: &str = include_str!("../openapi.json");

wire::id!(
    /// Identifies a customer.
    CustomerId
);
wire::id!(
    /// Identifies a contact.
    ContactId
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
    /// Identifies an import.
    ImportId
);
wire::id!(
    /// Identifies a row of an import.
    ImportRowId
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
