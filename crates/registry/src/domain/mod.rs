//! What a customer, a contact, a seat and a row of a file may be. No database, no HTTP, no bus.

mod account_team;
mod contact;
mod countries;
mod currencies;
mod customer;
mod faults;
pub mod import;
pub mod local_day;
mod search;
mod seat;
mod shape;
mod staff;
mod tier_policy;
mod tier_proposal;
mod transfer;
mod tree;

pub use account_team::{Ended, member_faults, overlap, owner_on, owners};
pub use contact::ContactDetails;
pub use customer::{CustomerDetails, may_belong};
pub use faults::Faults;
pub use search::{contains, fold};
pub use seat::{HoldingDetails, PositionDetails};
pub use staff::{EmployeeDetails, TeamDetails, is_active};
pub use tier_policy::{TierPolicyDetails, Tiers};
pub use tier_proposal::{Deliberation, Objection, TierProposalDetails, parse_decision};
pub use transfer::{Handover, TransferObjection};
pub use tree::{circular, may_stand_above};
