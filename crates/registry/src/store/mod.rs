//! Rows, and the statements that read and write them. What differs between the databases stands side by side in `on!`.

mod classifications;
mod contacts;
mod custom_fields;
mod customers;
mod external_ids;
mod identifiers;
mod imports;
mod json;
mod links;
mod members;
mod related;
mod seats;
mod word;

pub use classifications::*;
pub use contacts::*;
pub use custom_fields::*;
pub use customers::*;
pub use external_ids::*;
pub use identifiers::*;
pub use imports::*;
pub use links::*;
pub use members::*;
pub use related::*;
pub use seats::*;
pub use word::Word;
