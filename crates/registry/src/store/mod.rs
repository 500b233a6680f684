//! Rows, and the statements that read and write them. What differs between the databases stands side by side in `on!`.

mod account_teams;
mod contacts;
mod customers;
mod external_ids;
mod imports;
mod open_items;
mod seats;
mod staff;
mod teams;
mod tier_reviews;
mod tiers;
mod transfers;
mod word;

pub use account_teams::*;
pub use contacts::*;
pub use customers::*;
pub use external_ids::*;
pub use imports::*;
pub use open_items::*;
pub use seats::*;
pub use staff::*;
pub use teams::*;
pub use tier_reviews::*;
pub use tiers::*;
pub use transfers::*;
pub use word::Word;
