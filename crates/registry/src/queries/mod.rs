//! What can be asked. Nothing here changes anything.

mod contacts;
mod customers;
mod imports;
mod merges;
mod seats;

pub use contacts::{get_contact, list_contacts};
pub use customers::{get_customer, list_customers};
pub use imports::{get_import, import_errors, list_import_rows, list_imports};
pub use merges::{Whereabouts, find_customer, get_merge, list_merges};
pub use seats::{get_holding, get_position, list_holdings, list_positions};

/// Rows of a list, one more than its page shows if there are more, and the number of all where that was asked for.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub count: Option<i64>,
}
