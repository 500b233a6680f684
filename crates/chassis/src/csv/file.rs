use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use csv_async::{AsyncReader, AsyncReaderBuilder, ByteRecord};
use problem::FieldError;
use tokio::io::{AsyncRead, ReadBuf};

use crate::validation::{CONTROL_CHARACTER, nul};

/// No honest row is longer; an unclosed quotation mark makes one of the whole rest of the file.
pub(super) const LONGEST_ROW: u64 = 1024 * 1024;

/// The file begins with no row in UTF-8.
#[derive(Debug, thiserror::Error)]
#[error("the file has no header row that could be read")]
pub struct HeaderUnreadable;

/// A row as it stands in the file.
pub struct FileRow {
    /// The header is row 1.
    pub number: i64,
    /// Fit to be stored: what is no text is replaced by U+FFFD.
    pub cells: Vec<String>,
    /// What is wrong with the row whatever its cells mean.
    pub faults: Vec<FieldError>,
}

impl FileRow {
    pub(super) fn is_readable(&self) -> bool {
        self.faults.iter().all(|fault| fault.code == CONTROL_CHARACTER)
    }
}

/// A CSV file, UTF-8 with or without a byte order mark, read as it arrives.
pub struct CsvFile<R> {
    reader: AsyncReader<Bounded<R>>,
    taken: Arc<AtomicU64>,
    record: ByteRecord,
    columns: usize,
    rows: i64,
    /// What the bytes must be, for messages.
    charset: &'static str,
}

impl<R: AsyncRead + Send + Unpin> CsvFile<R> {
    /// Reads the header row.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open(file: R) -> Result<(Self, Vec<String>), HeaderUnreadable> {
        let mut file = Self::of(file, b',', "UTF-8");
        let header = file.next().await.ok().flatten().filter(FileRow::is_readable);
        let mut headers = header.ok_or(HeaderUnreadable)?.cells;
        if let Some(first) = headers.first_mut()
            && let Some(rest) = first.strip_prefix('\u{feff}')
        {
            *first = rest.to_owned();
        }
        Ok((file, headers))
    }

    /// The rows of a file, the header being the first.
    pub(super) fn of(file: R, delimiter: u8, charset: &'static str) -> Self {
        let taken = Arc::new(AtomicU64::new(0));
        let bounded = Bounded { file, arrived: 0, taken: taken.clone() };
        let mut builder = AsyncReaderBuilder::new();
        let reader = builder.has_headers(false).flexible(true).delimiter(delimiter).create_reader(bounded);
        Self { reader, taken, record: ByteRecord::new(), columns: 0, rows: 0, charset }
    }

    /// The next row.
    ///
    /// # Errors
    /// Says why there is none although the file goes on.
    pub async fn next(&mut self) -> Result<Option<FileRow>, String> {
        let next = self.rows + 1;
        match self.reader.read_byte_record(&mut self.record).await {
            Ok(false) => Ok(None),
            Ok(true) => {
                self.rows = next;
                self.taken.store(self.reader.position().byte(), Ordering::Relaxed);
                let row = self.row();
                if next == 1 {
                    self.columns = row.cells.len();
                }
                Ok(Some(row))
            }
            Err(error) => Err(format!("row {next} could not be read: {}", reason(&error))),
        }
    }

    fn row(&self) -> FileRow {
        let mut faults = Vec::new();
        if self.record.iter().any(|cell| std::str::from_utf8(cell).is_err()) {
            let code = if self.charset == "UTF-8" { "not-utf-8" } else { "not-in-charset" };
            faults.push(FieldError::new("", code, format!("is not written in {}", self.charset)));
        }
        if self.columns != 0 && self.record.len() != self.columns {
            let (found, expected) = (self.record.len(), self.columns);
            let message = format!("has {found} cells, the header has {expected}");
            faults.push(FieldError::new("", "column-count", message));
        }
        if self.record.iter().any(|cell| cell.contains(&0)) {
            faults.push(nul(""));
        }
        let cells = self.record.iter().map(|cell| String::from_utf8_lossy(cell).replace('\0', "\u{fffd}")).collect();
        FileRow { number: self.rows, cells, faults }
    }
}

/// Without what the row holds: the text is shown and logged.
fn reason(error: &csv_async::Error) -> String {
    match error.kind() {
        csv_async::ErrorKind::Io(error) => error.to_string(),
        _ => "it is no CSV".to_owned(),
    }
}

/// Stops a file that sends more and more without ending the row.
struct Bounded<R> {
    file: R,
    arrived: u64,
    /// Up to where rows have been read.
    taken: Arc<AtomicU64>,
}

impl<R: AsyncRead + Unpin> AsyncRead for Bounded<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.arrived.saturating_sub(self.taken.load(Ordering::Relaxed)) > LONGEST_ROW {
            let message = format!("it is longer than {LONGEST_ROW} bytes; is a quotation mark left open?");
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, message)));
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.file).poll_read(cx, buf))?;
        self.arrived += (buf.filled().len() - before) as u64;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn rows(text: &'static [u8]) -> (Vec<String>, Vec<String>) {
        let (mut file, headers) = CsvFile::open(text).await.unwrap_or_else(|error| panic!("{error}"));
        let mut rows = Vec::new();
        loop {
            match file.next().await {
                Ok(Some(row)) => {
                    let faults: Vec<_> = row.faults.iter().map(|fault| fault.code.as_str()).collect();
                    rows.push(format!("{} {} {}", row.number, row.cells.join("|"), faults.join(" ")).trim().to_owned());
                }
                Ok(None) => return (headers, rows),
                Err(fault) => {
                    rows.push(fault);
                    return (headers, rows);
                }
            }
        }
    }

    #[tokio::test]
    async fn rows_are_read_with_and_without_a_byte_order_mark() {
        for text in [&b"name,city\nA,\"B,\nC\"\r\nD,E\n"[..], b"\xef\xbb\xbfname,city\nA,\"B,\nC\"\nD,E"] {
            let (headers, rows) = rows(text).await;
            assert_eq!(headers, ["name", "city"]);
            assert_eq!(rows, ["2 A|B,\nC", "3 D|E"]);
        }
    }

    #[tokio::test]
    async fn bad_rows_are_named_and_the_file_goes_on() {
        let (_, rows) = rows(b"name,city\nA\nB,\xff\nC,D\n").await;
        assert_eq!(rows, ["2 A column-count", "3 B|\u{fffd} not-utf-8", "4 C|D"]);
    }

    #[tokio::test]
    async fn what_cannot_be_stored_is_replaced() {
        let (headers, rows) = rows(b"name,ci\0ty\nA,B\0\nC,D\n").await;
        assert_eq!(headers, ["name", "ci\u{fffd}ty"]);
        assert_eq!(rows, ["2 A|B\u{fffd} control-character", "3 C|D"]);
    }

    #[tokio::test]
    async fn a_row_without_end_is_not_swallowed() {
        let endless: &'static [u8] = Vec::leak([b"name\n\"".to_vec(), vec![b'x'; 3 << 20]].concat());
        let (_, rows) = rows(endless).await;
        assert_eq!(rows, ["row 2 could not be read: it is longer than 1048576 bytes; is a quotation mark left open?"]);
    }

    #[tokio::test]
    async fn an_empty_file_has_no_header() {
        for text in [&b""[..], b"\xff\xfe\n"] {
            assert!(matches!(CsvFile::open(text).await, Err(HeaderUnreadable)));
        }
    }
}
