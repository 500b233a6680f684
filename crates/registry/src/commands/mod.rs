//! What can be done, one function a use case, each in one transaction: row, audit entry and event, or nothing.

mod bulk;
mod contacts;
mod custom_fields;
mod customers;
mod external;
mod imports;
mod links;
mod republish;
mod seats;

pub use bulk::bulk_create_customers;
pub use contacts::{create_contact, update_contact};
pub use custom_fields::{create_custom_field, update_custom_field};
pub use customers::{create_customer, update_customer};
pub use external::{Upserted, upsert_external_customer};
pub use imports::import_customers;
pub use links::{create_customer_link, settle_hierarchy, update_customer_link};
pub use republish::republish;
pub use seats::{create_holding, create_position};
