//! What a customer, a contact, a seat and a row of a file may be. No database, no HTTP, no bus.

mod chain;
mod chain_parts;
mod consent;
mod contact;
mod countries;
mod currencies;
mod customer;
mod faults;
pub mod import;
mod search;
mod seat;
mod shape;
mod vcard;

pub use chain::{ChainFacts, draw};
pub use chain_parts::{parse_chain_seat, parse_influence, parse_stance};
pub use consent::{effective, parse_consent, verdict};
pub use contact::ContactDetails;
pub use customer::{CustomerDetails, may_belong};
pub use faults::Faults;
pub use search::{contains, fold};
pub use seat::{Chart, PositionDetails, SeatHistory, Span, may_report, unfit_holding};
pub use vcard::{Card, is_same_person, read_cards, write_card};
