//! What is kept, and how it is found again.

pub mod dirty;
pub mod facts;
pub mod scores;
