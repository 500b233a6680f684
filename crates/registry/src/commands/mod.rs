//! What can be done, one function a use case, each in one transaction: row, audit entry and event, or nothing.

mod bulk;
mod contacts;
mod customers;
mod duplicates;
mod external;
mod imports;
mod indexing;
mod links;
mod registration;
mod republish;
mod seats;

pub use bulk::bulk_create_customers;
pub use contacts::{create_contact, update_contact};
pub use customers::{create_customer, update_customer};
pub use duplicates::{traits_of, update_duplicate};
pub use external::{Upserted, upsert_external_customer};
pub use imports::import_customers;
pub use indexing::{catch_up, keep_comparing, keep_indexing};
pub use links::{create_customer_link, settle_hierarchy, update_customer_link};
pub use republish::republish;
pub use seats::{create_holding, create_position};
