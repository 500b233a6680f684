//! What a customer, a contact, a seat and a row of a file may be. No database, no HTTP, no bus.

mod contact;
mod countries;
mod currencies;
mod custom_fields;
mod customer;
mod faults;
mod freshness;
mod hierarchy;
mod identifiers;
pub mod import;
mod industries;
mod regions;
mod search;
mod seat;
mod shape;

pub use contact::ContactDetails;
pub use custom_fields::{Condition, CustomFieldDetails, CustomTest, Definitions};
pub use customer::CustomerDetails;
pub use faults::Faults;
pub use freshness::Freshness;
pub use hierarchy::{Days, Figures, Link, Links, MOST_LEVELS, MOST_MEMBERS, Move, move_on, roll_up};
pub use identifiers::{Sought, sought};
pub use industries::industries;
pub use regions::regions;
pub use search::{contains, fold};
pub use seat::{HoldingDetails, PositionDetails};
