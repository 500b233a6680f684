#![doc = include_str!("../README.md")]

mod agenda;
mod bulk;
#[cfg(feature = "client")]
pub mod client;
mod commitments;
mod interaction;
mod meetings;
pub mod v1;

pub use agenda::{AgendaItem, AgendaKind, AgendaQuery};
pub use bulk::{BulkInteractionOutcome, BulkInteractions, BulkInteractionsQuery, BulkInteractionsResult};
pub use commitments::{ActionPlanState, PromiseState};
pub use interaction::{Interaction, InteractionChannel, InteractionPatch, InteractionQuery, Means, NewInteraction};
pub use meetings::{Manner, MeetingState};

/// The OpenAPI document of the service, as its own test last compared it with the running code.
pub const OPENAPI: &str = include_str!("../openapi.json");

wire::id!(
    /// Identifies an interaction.
    InteractionId
);
wire::id!(
    /// Identifies a planned meeting.
    MeetingId
);
wire::id!(
    /// Identifies something that is due.
    AgendaItemId
);
wire::id!(
    /// Identifies a promise.
    PromiseId
);
wire::id!(
    /// Identifies a plan of actions.
    ActionPlanId
);
