//! What other crates may know of the interactions service: its identifiers, the bodies of its requests and answers, its
//! events ([`v1`]) and, behind the feature `client`, a typed client.
//!
//! Terms and their Chinese names are those of the domain document, section 2 (客户接触管理). Input types refuse unknown
//! fields, and carry in their OpenAPI schema every limit that needs no database to check.

mod bulk;
#[cfg(feature = "client")]
pub mod client;
mod interaction;
pub mod v1;

pub use bulk::{BulkInteractionOutcome, BulkInteractions, BulkInteractionsQuery, BulkInteractionsResult};
pub use interaction::{Interaction, InteractionChannel, InteractionPatch, InteractionQuery, Means, NewInteraction};

/// The OpenAPI document of the service, as its own test last compared it with the running code.
pub const OPENAPI: &str = include_str!("../openapi.json");

wire::id!(
    /// Identifies an interaction.
    InteractionId
);
