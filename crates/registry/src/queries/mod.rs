//! What can be asked. Nothing here changes anything.

mod chains;
mod consents;
mod contacts;
mod customers;
mod imports;
mod seats;
mod vcards;

pub use chains::{get_decision_chain, get_stance, list_stances};
pub use consents::{check_consent, get_consent, get_consent_ledger};
pub use contacts::{get_contact, list_contacts};
pub use customers::{get_customer, list_customers};
pub use imports::{get_import, import_errors, list_import_rows, list_imports};
pub use seats::{get_holding, get_position, list_holdings, list_positions};
pub use vcards::cards;

/// Rows of a list, one more than its page shows if there are more, and the number of all where that was asked for.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub count: Option<i64>,
}
