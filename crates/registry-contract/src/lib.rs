#![doc = include_str!("../README.md")]

mod any_of;
mod choices;
#[cfg(feature = "client")]
pub mod client;
mod consents;
mod contacts;
mod customers;
mod decision_chain;
mod imports;
mod positions;
pub mod v1;
mod vcards;

pub use any_of::AnyOf;
pub use choices::{
    BulkMode, CardOutcome, CardWarningCode, ChainEdgeKind, ConsentChannel, ConsentDecision, ConsentPurpose,
    ConsentReason, ContactChannel, ContactPointKind, ContactPointLabel, CustomerKind, DecisionRole, FindingCode,
    ImportKind, ImportState, Lifecycle, RowOutcome, Stance, Tier, UnknownChoice, VCardVersion,
};
pub use consents::{ConsentCheck, ConsentEntry, ConsentLedger, ConsentQuery, ConsentState, NewConsent};
pub use contacts::{Contact, ContactPatch, ContactPoint, ContactQuery, NewContact};
pub use customers::{
    BulkCustomers, BulkCustomersQuery, BulkOutcome, BulkResult, Customer, CustomerPatch, CustomerQuery, CustomerUpsert,
    NewCustomer,
};
pub use decision_chain::{
    ChainCoverage, ChainDay, ChainEdge, ChainHolder, ChainNode, ChainQuery, ChainSeat, ChainSeatSettings, ChainWeights,
    DecisionChain, Finding, Influence, InfluenceStrength, NewStance, StanceQuery, StanceReading,
};
pub use imports::{CellFault, ColumnMapping, Import, ImportRow, ImportRowQuery, StartImport};
pub use positions::{
    Holding, HoldingPatch, HoldingQuery, NewHolding, NewPosition, Position, PositionPatch, PositionQuery,
};

pub use vcards::{CardWarning, VCardImport, VCardQuery, VCardResult};

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
    /// Identifies an import.
    ImportId
);
wire::id!(
    /// Identifies a row of an import.
    ImportRowId
);
