//! Rows, and the statements that read and write them. What differs between the databases stands side by side in `on!`.

mod batch;
mod chains;
mod consents;
mod contacts;
mod customers;
mod external_ids;
mod holdings;
mod imports;
mod json;
mod seats;
mod word;

pub use chains::*;
pub use consents::*;
pub use contacts::*;
pub use customers::*;
pub use external_ids::*;
pub use holdings::*;
pub use imports::*;
pub use json::Json;
pub use seats::*;
pub use word::Word;
