//! Rows, and the statements that read and write them. What differs between the databases stands side by side in `on!`.

mod contacts;
mod customers;
mod external_ids;
mod imports;
mod lifecycles;
mod profiles;
mod qualifications;
mod seats;
mod vendors;
mod word;

pub use contacts::*;
pub use customers::*;
pub use external_ids::*;
pub use imports::*;
pub use lifecycles::*;
pub use profiles::*;
pub use qualifications::*;
pub use seats::*;
pub use vendors::*;
pub use word::Word;
