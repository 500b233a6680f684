//! What a complaint is and how it moves. No database, no HTTP, no bus, no clock.

pub mod attachment;
mod authority;
pub mod calendar;
mod causes;
mod clocks;
mod complaint;
mod corrective_actions;
mod details;
pub mod detector_rules;
pub mod detectors;
mod draft;
mod erasure;
mod faults;
pub mod import;
mod intake;
mod mail;
pub mod messages;
pub mod moments;
pub mod observed;
mod pareto;
mod periods;
pub mod reading;
mod related;
pub mod rulebook;
pub mod service_report;
mod severity;
pub mod signals;
pub mod sla;
mod timeline;
mod transitions;

pub use authority::{Authority, Power, Sight};
pub use calendar::Calendar;
pub use causes::CauseDetails;
pub use clocks::Clocks;
pub use complaint::{Complaint, Customer, FollowUp, Judgement, Words};
pub use corrective_actions::{ActionDetails, ActionStep, lacking, next_action_state};
pub use details::{DEFAULT_LANGUAGE, Details};
pub use draft::{Course, Draft};
pub use erasure::{Forgotten, Marks};
pub use faults::Faults;
pub use intake::Intake;
pub use mail::{Letter, own_mail};
pub use pareto::{Occurrence, pareto};
pub use periods::{Periods, ZONE};
pub use related::relate;
pub use severity::Severity;
pub use timeline::{Entry, Past, Timeline, Wait};
pub use transitions::{Leads, NotAllowed, Refused, allowed, next};

/// The tracking number people use: the year it was registered here, and a number that runs on over the years.
#[must_use]
pub fn number(registered: chrono::DateTime<chrono::Utc>, number: i64) -> String {
    format!("CP-{}-{number:06}", registered.format("%Y"))
}
