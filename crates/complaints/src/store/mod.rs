//! What is kept, and how it is found again.

pub mod attachments;
pub mod causes;
pub mod complaints;
pub mod corrective_actions;
pub mod customers;
pub mod history;
pub mod imports;
pub mod intakes;
pub mod links;
pub mod lists;
pub mod mails;
pub mod messages;
mod sight;
