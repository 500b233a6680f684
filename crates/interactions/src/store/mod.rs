//! What is kept, and how it is found again.

pub mod customers;
pub mod due_contacts;
pub mod interactions;
pub mod merges;
