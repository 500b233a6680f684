//! Rows, and the statements that read and write them. What differs between the databases stands side by side in `on!`.

mod contacts;
mod customers;
mod external_ids;
mod imports;
mod merges;
mod seats;
mod word;

pub use contacts::*;
pub use customers::*;
pub use external_ids::*;
pub use imports::*;
pub use merges::*;
pub use seats::*;
pub use word::Word;
