//! What an interaction must be. No database, no HTTP, no bus, no clock.

mod draft;

pub use draft::{Customer, Draft};

/// The number people use.
pub fn code(number: i64) -> String {
    format!("I-{number:06}")
}
