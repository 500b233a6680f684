//! A customer's profile: what a section may say, how its versions are reviewed, and what differs between two.

mod content;
mod diff;
mod figures;
mod review;

pub use content::ProfileDetails;
pub use diff::diff;
pub use figures::{completeness, ratios};
pub use review::{ReviewRefused, Workflow, reviewers};
