//! What can be asked. Nothing here changes anything.

mod contacts;
mod custom_fields;
mod customers;
mod hierarchy;
mod imports;
mod seats;

pub use contacts::{get_contact, list_contacts};
pub use custom_fields::{get_custom_field, list_custom_fields};
pub use customers::{get_customer, list_customers};
pub use hierarchy::{get_customer_hierarchy, get_customer_link, list_customer_links};
pub use imports::{get_import, import_errors, list_import_rows, list_imports};
pub use seats::{get_holding, get_position, list_holdings, list_positions};

/// Rows of a list, one more than its page shows if there are more, and the number of all where that was asked for.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub count: Option<i64>,
}
