//! Files of rows: taken in as they arrive or once they are stored, and the report of what is wrong in them.

mod charset;
mod file;
mod report;
mod stored;
mod upload;
mod xlsx;

pub use file::{CsvFile, FileRow, HeaderUnreadable};
pub use report::{fault_line, line, report};
pub use stored::{CSV, FileFault, MOST_COLUMNS, RowFile, XLSX};
pub use upload::relay;
