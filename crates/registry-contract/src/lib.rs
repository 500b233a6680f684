#![doc = include_str!("../README.md")]

mod any_of;
mod choices;
mod classifications;
#[cfg(feature = "client")]
pub mod client;
mod contacts;
mod custom_fields;
mod customers;
mod identifiers;
mod imports;
mod links;
mod positions;
pub mod v1;

pub use any_of::AnyOf;
pub use choices::{
    BulkMode, ContactChannel, CustomFieldType, CustomerKind, DecisionRole, IdentifierType, ImportKind, ImportState,
    Lifecycle, LinkKind, RowOutcome, Tier, UnknownChoice,
};
pub use classifications::{Classification, Industries, IndustryQuery, RegionQuery};
pub use contacts::{Contact, ContactPatch, ContactQuery, NewContact};
pub use custom_fields::{
    CustomField, CustomFieldPatch, CustomFilters, CustomValues, FieldChoice, FieldRules, NewCustomField,
};
pub use customers::{
    BulkCustomers, BulkCustomersQuery, BulkOutcome, BulkResult, Customer, CustomerPatch, CustomerQuery, CustomerUpsert,
    NewCustomer,
};
pub use identifiers::Identifier;
pub use imports::{CellFault, ColumnMapping, Import, ImportRow, ImportRowQuery, StartImport};
pub use links::{
    CustomerLink, CustomerLinkPatch, Hierarchy, HierarchyMember, HierarchyNode, HierarchyQuery, MemberLink,
    NewCustomerLink, RollUp, TierCounts,
};
pub use positions::{Holding, NewHolding, NewPosition, Position};

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
