//! What a complaint is and how it moves. No database, no HTTP, no bus, no clock.

mod clocks;
mod complaint;
mod details;
mod draft;
mod faults;
pub mod import;
mod severity;
mod timeline;
mod transitions;

pub use clocks::{Clocks, due};
pub use complaint::{Complaint, Customer, Words};
pub use details::Details;
pub use draft::{Course, Draft};
pub use faults::Faults;
pub use severity::Severity;
pub use timeline::{Entry, Timeline};
pub use transitions::{NotAllowed, allowed, next};

/// The tracking number people use: the year it was registered here, and a number that runs on over the years.
#[must_use]
pub fn number(registered: chrono::DateTime<chrono::Utc>, number: i64) -> String {
    format!("CP-{}-{number:06}", registered.format("%Y"))
}
