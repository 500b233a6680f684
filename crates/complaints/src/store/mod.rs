//! What is kept, and how it is found again.

pub mod causes;
pub mod complaints;
pub mod corrective_actions;
pub mod customers;
pub mod history;
pub mod imports;
pub mod lists;
pub mod merges;
