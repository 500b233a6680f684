//! Contacts as vCards, read and written: 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).

mod reading;
mod versit;
mod writing;

pub use reading::{Card, is_same_person, read_cards};
pub use writing::write_card;
