//! Files of customers: which column fills which field, and what a row says.

mod fields;
mod keys;
mod mapping;
mod profile;
mod reading;
mod words;

pub use fields::Field;
pub use keys::key_text;
pub use mapping::Mapping;
pub use profile::{ProfileDetails, defaults};
pub use reading::Reading;
