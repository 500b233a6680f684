//! Which customers were merged into which, and what of theirs has moved.

pub use customer_merges::{all, followed, from, hold, keep};

use crate::schema::{interactions, moved_interactions};

customer_merges::moved!(interactions, moved_interactions(interaction_id));
