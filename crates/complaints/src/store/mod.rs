//! What is kept, and how it is found again.

pub mod complaints;
pub mod customers;
pub mod history;
pub mod imports;
pub mod lists;
