//! Files of customers: which column fills which field, what a row says, and how a report of its faults is written.

mod fields;
mod mapping;
mod reading;
mod report;

pub use mapping::Mapping;
pub use reading::Reading;
pub use report::{HEADER as REPORT_HEADER, line as report_line};
