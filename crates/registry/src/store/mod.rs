//! Rows, and the statements that read and write them. What differs between the databases stands side by side in `on!`.

mod contacts;
mod customers;
mod external_ids;
mod import_jobs;
mod import_profiles;
mod imports;
mod seats;
mod word;

pub use contacts::*;
pub use customers::*;
pub use external_ids::*;
pub use import_jobs::*;
pub use import_profiles::*;
pub use imports::*;
pub use seats::*;
pub use word::Word;
