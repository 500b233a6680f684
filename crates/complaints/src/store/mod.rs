//! What is kept, and how it is found again.

pub mod attachments;
pub mod calendars;
pub mod causes;
pub mod complaints;
pub mod corrective_actions;
pub mod customers;
pub mod detector_rules;
pub mod due_times;
pub mod employees;
pub mod erasures;
pub mod escalations;
pub mod history;
pub mod imports;
pub mod intakes;
pub mod links;
pub mod lists;
pub mod mails;
pub mod merges;
pub mod message_templates;
pub mod messages;
pub mod moments;
pub mod observations;
pub mod ranks;
pub mod ratings;
pub mod rebuilds;
pub mod rulebook;
pub mod service_report;
mod sight;
pub mod signals;
pub mod sla_policies;
pub mod watched;

/// Rules are kept as they were given.
fn written(rules: &impl serde::Serialize) -> database::Result<String> {
    serde_json::to_string(rules).map_err(database::Error::other)
}
