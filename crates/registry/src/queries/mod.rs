//! What can be asked. Nothing here changes anything.

mod contacts;
mod customers;
mod exports;
mod import_profiles;
mod imports;
mod seats;

pub use contacts::{get_contact, list_contacts};
pub use customers::{get_customer, list_customers};
pub use exports::{Export, export_csv, export_xlsx};
pub use import_profiles::{get_import_profile, list_import_profiles};
pub use imports::{follow_import, get_import, import_errors, list_import_rows, list_imports};
pub use seats::{get_holding, get_position, list_holdings, list_positions};

/// Rows of a list, one more than its page shows if there are more, and the number of all where that was asked for.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub count: Option<i64>,
}
