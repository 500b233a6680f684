//! What a customer, a contact, a seat and a row of a file may be. No database, no HTTP, no bus.

mod contact;
mod countries;
mod currencies;
mod customer;
pub mod export;
mod faults;
pub mod import;
mod search;
mod seat;
mod shape;

pub use contact::ContactDetails;
pub use customer::{CustomerDetails, may_belong};
pub use faults::Faults;
pub use search::{contains, fold};
pub use seat::{HoldingDetails, PositionDetails};
