#![doc = include_str!("../README.md")]

mod act;
mod bus;
mod consumer;
mod endpoint;
mod envelope;
pub mod inbox;
mod local;
mod metrics;
pub mod outbox;
mod rabbit;
mod relay;
mod retries;
mod schema;
mod subscription;

pub use act::Act;
pub use bus::{Bus, BusError, DeadLetter, Depth, Message, Published, dead_letters, redrive};
pub use consumer::{Delivered, deliver, deliver_all, drain_queue, run_consumer};
pub use endpoint::Endpoint;
pub use envelope::{CONTENT_TYPE, Envelope};
pub use local::Local;
pub use metrics::Metrics;
pub use rabbit::Rabbit;
pub use relay::{drain_outbox, run_relay};
pub use retries::Retries;
pub use subscription::{Handler, HandlerOfMany, Rejected, Subscription};

use database::Migrations;

/// The tables `outbox` and `inbox`, in every service's database.
pub const MIGRATIONS: Migrations = database::migrations!();

/// Relays and consumes until neither the outbox nor the service's queues hold anything but dead letters: for tests.
///
/// # Errors
/// When database or bus cannot be reached.
pub async fn drain(end: &Endpoint) -> Result<(), BusError> {
    drain_outbox(&end.db, &end.bus).await?;
    drain_queue(end).await
}
