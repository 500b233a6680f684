//! What a complaint is and how it moves. No database, no HTTP, no bus, no clock.

mod causes;
mod clocks;
mod complaint;
mod corrective_actions;
mod details;
mod draft;
mod faults;
pub mod import;
mod observed;
mod severity;
mod signals;
mod timeline;
mod transitions;

pub use causes::{CauseDetails, Occurrence, pareto};
pub use clocks::{Clocks, due};
pub use complaint::{Complaint, Customer, Words};
pub use corrective_actions::{ActionDetails, ActionStep, lacking, next_action_state};
pub use details::Details;
pub use draft::{Course, Draft};
pub use faults::Faults;
pub use observed::Told;
pub use severity::Severity;
pub use signals::{Fact, Finding, KeyPerson, Observed, What, cadence_days, default_rule, detect};
pub use timeline::{Entry, Timeline};
pub use transitions::{NotAllowed, allowed, next};

/// The tracking number people use: the year it was registered here, and a number that runs on over the years.
#[must_use]
pub fn number(registered: chrono::DateTime<chrono::Utc>, number: i64) -> String {
    format!("CP-{}-{number:06}", registered.format("%Y"))
}
