//! What an interaction must be, and a contact that is due. No database, no HTTP, no bus, no clock.

mod draft;
mod due_contact;

pub use draft::{Customer, Draft};
pub use due_contact::{DueContact, EXECUTIVE_MEANS};

/// The number people use.
pub fn code(number: i64) -> String {
    format!("I-{number:06}")
}
