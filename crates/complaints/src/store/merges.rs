//! Which customers were merged into which, and what of theirs has moved.

pub use customer_merges::{all, followed, from, hold, keep, origins};

use crate::schema::{complaints, moved_complaints};

customer_merges::moved!(complaints, moved_complaints(complaint_id));
