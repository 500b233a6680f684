//! What can be done, one function a use case, each in one transaction: row, audit entry and event, or nothing.

mod bulk;
mod chains;
mod consents;
mod contacts;
mod customers;
mod external;
mod holdings;
mod imports;
mod republish;
mod seats;
mod vcards;

pub use bulk::bulk_create_customers;
pub use chains::{create_stance, delete_chain_seat, delete_influence, put_chain_seat, put_influence};
pub use consents::create_consent;
pub use contacts::{create_contact, update_contact};
pub use customers::{create_customer, update_customer};
pub use external::{Upserted, upsert_external_customer};
pub use holdings::{create_holding, update_holding};
pub use imports::import_customers;
pub use republish::republish;
pub use seats::{create_position, update_position};
pub use vcards::import_vcards;
