//! What a customer, a contact, a seat and a row of a file may be. No database, no HTTP, no bus.

mod contact;
mod countries;
mod currencies;
mod customer;
pub mod duplicates;
mod faults;
mod hierarchy;
mod identifiers;
pub mod import;
mod industries;
mod regions;
pub mod search;
mod lifecycle;
mod profile;
mod qualification;
mod search;
mod seat;
mod shape;
mod vendor;

pub use contact::ContactDetails;
pub use customer::CustomerDetails;
pub use faults::Faults;
pub use hierarchy::{Days, Figures, Link, Links, MOST_LEVELS, MOST_MEMBERS, Move, move_on, roll_up};
pub use identifiers::{Sought, sought};
pub use industries::industries;
pub use regions::regions;
pub use search::{fold, sort_name};
pub use lifecycle::{Due, Standing, allowed, due, first_policy, fit_policy, move_fault, order_key};
pub use profile::{ProfileDetails, ReviewRefused, Workflow, completeness, diff, ratios, reviewers};
pub use qualification::{DecisionRefused, may_decide, parse_qualification_policy, qualify};
pub use search::{contains, fold};
pub use seat::{HoldingDetails, PositionDetails};
pub use vendor::{ShareTable, VendorDetails, same_vendor, structure, trends};
