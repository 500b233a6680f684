//! Files of complaints: which column fills which field, and what a row says.

mod fields;
mod mapping;
mod reading;
mod words;

pub use mapping::Mapping;
pub use reading::read;
