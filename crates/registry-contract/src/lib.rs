#![doc = include_str!("../README.md")]

mod any_of;
mod choices;
#[cfg(feature = "client")]
pub mod client;
mod contacts;
mod customers;
mod exports;
mod import_profiles;
mod imports;
mod positions;
pub mod v1;

pub use any_of::AnyOf;
pub use choices::{
    BulkMode, ContactChannel, CustomerKind, DecisionRole, Delimiter, ExportCharset, ExportFormat, ImportKind,
    ImportMatch, ImportState, Lifecycle, RowOutcome, Tier, UnknownChoice,
};
pub use contacts::{Contact, ContactPatch, ContactQuery, NewContact};
pub use customers::{
    BulkCustomers, BulkCustomersQuery, BulkOutcome, BulkResult, Customer, CustomerPatch, CustomerQuery, CustomerUpsert,
    NewCustomer,
};
pub use exports::ExportCustomers;
pub use import_profiles::{FileReading, ImportProfile, NewImportProfile};
pub use imports::{CellFault, ColumnMapping, Import, ImportRow, ImportRowQuery, StartImport};
pub use positions::{Holding, NewHolding, NewPosition, Position};

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
    /// Identifies an import profile.
    ImportProfileId
);
