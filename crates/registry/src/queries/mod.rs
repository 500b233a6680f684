//! What can be asked. Nothing here changes anything.

mod account_teams;
mod contacts;
mod customers;
mod imports;
mod seats;
mod staff;
mod tiers;

pub use account_teams::{get_account_team, get_team_member, get_transfer, list_employee_customers, list_transfers};
pub use contacts::{get_contact, list_contacts};
pub use customers::{get_customer, list_customers};
pub use imports::{get_import, import_errors, list_import_rows, list_imports};
pub use seats::{get_holding, get_position, list_holdings, list_positions};
pub use staff::{get_employee, get_team, list_employees, list_reports, list_teams};
pub use tiers::{
    get_customer_tier, get_tier_policy, get_tier_proposal, list_tier_policies, list_tier_proposals, list_tier_reviews,
};

/// Rows of a list, one more than its page shows if there are more, and the number of all where that was asked for.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub count: Option<i64>,
}
