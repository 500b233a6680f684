//! Files of rows: taken in as they arrive, and the report of what is wrong in them.

mod file;
mod report;
mod upload;

pub use file::{CsvFile, FileRow, HeaderUnreadable};
pub use report::{fault_line, line, report};
pub use upload::relay;
