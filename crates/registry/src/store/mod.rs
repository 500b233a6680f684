//! Rows, and the statements that read and write them. What differs between the databases stands side by side in `on!`.

mod classifications;
mod contacts;
mod customers;
mod duplicates;
mod external_ids;
mod identifiers;
mod imports;
mod json;
mod links;
mod members;
mod related;
mod search;
mod seats;
mod sort_name;
mod word;

pub use classifications::*;
pub use contacts::*;
pub use customers::*;
pub use duplicates::*;
pub use external_ids::*;
pub use identifiers::*;
pub use imports::*;
pub use links::*;
pub use members::*;
pub use related::*;
pub use search::*;
pub use seats::*;
pub use sort_name::SortName;
pub use word::Word;
