//! What can be done, one function a use case, each in one transaction: row, audit entry and event, or nothing.

mod bulk;
mod contacts;
mod customers;
mod external;
mod imports;
mod merges;
mod republish;
mod seats;

pub use bulk::bulk_create_customers;
pub use contacts::{create_contact, update_contact};
pub use customers::{create_customer, update_customer};
pub use external::{Upserted, upsert_external_customer};
pub use imports::import_customers;
pub use merges::{merge_customers, unmerge_customer};
pub use republish::republish;
pub use seats::{create_holding, create_position};
