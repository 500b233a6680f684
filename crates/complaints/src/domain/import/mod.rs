//! Files of complaints: which column fills which field, and what a row says.

mod fields;
mod mapping;
mod reading;
mod report;
mod words;

pub use mapping::Mapping;
pub use reading::read;
pub use report::{HEADER as REPORT_HEADER, line as report_line};
