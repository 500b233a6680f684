//! What can be done, one function a use case, each in one transaction: row, audit entry and event, or nothing.

mod bulk;
mod contacts;
mod customers;
mod exports;
mod external;
mod import_profiles;
mod imports;
mod registration;
mod republish;
mod seats;

pub use bulk::bulk_create_customers;
pub use contacts::{create_contact, update_contact};
pub use customers::{create_customer, update_customer};
pub use exports::note_export;
pub use external::{Upserted, upsert_external_customer};
pub use import_profiles::{create_import_profile, delete_import_profile, replace_import_profile};
pub use imports::{Submitted, cancel_import, receive_file, revert_import, submit_import, work_on_imports};
pub use republish::republish;
pub use seats::{create_holding, create_position};
