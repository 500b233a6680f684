//! A file that is there as a whole, CSV in any charset or an Excel workbook: read as often as it takes.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

use encoding_rs::{Encoding, UTF_8};
use futures::executor::block_on;
use problem::FieldError;
use tokio::io::{AsyncRead, ReadBuf};

use super::report::unguarded;
use super::{CsvFile, FileRow, charset, xlsx};

/// Columns of a file at most.
pub const MOST_COLUMNS: usize = 500;
/// Bytes of a cell at most; Excel's own limit.
pub(super) const LONGEST_CELL: usize = 32 * 1024;
/// Media type of an Excel workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Media type of a CSV file.
pub const CSV: &str = "text/csv";

/// Why a file as a whole cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum FileFault {
    #[error("the file has no header row that could be read")]
    HeaderUnreadable,
    #[error("the header has more than {MOST_COLUMNS} columns")]
    TooManyColumns,
    #[error(
        "row {row} is written neither in UTF-8 nor in GB18030; say which charset it is, such as charset=windows-1252"
    )]
    CharsetUnknown { row: u64 },
    #[error("there is no charset `{0}`; say such as utf-8, gbk, gb18030 or utf-16le")]
    CharsetUnsupported(String),
    #[error("it is a workbook of an old Excel (.xls); save it as .xlsx or CSV")]
    OldWorkbook,
    #[error("the workbook cannot be read: {0}")]
    Workbook(String),
    #[error("the workbook unpacks to far more than its size promises")]
    Bomb,
    #[error("{0}")]
    Row(String),
    #[error("the stored file cannot be read")]
    Io(#[from] io::Error),
}

#[derive(Clone, Copy)]
enum Form {
    Csv { charset: &'static Encoding, delimiter: u8 },
    Xlsx,
}

/// The file, and how it is read.
pub struct RowFile {
    file: File,
    form: Form,
}

impl RowFile {
    /// Finds out what the file is. `declared` is its charset and `delimiter` what parts its cells, where the sender says so.
    ///
    /// # Errors
    /// When it is none that can be read.
    pub fn open(file: File, declared: Option<&str>, delimiter: Option<u8>) -> Result<Self, FileFault> {
        let mut magic = Vec::new();
        opened(&file)?.take(4).read_to_end(&mut magic)?;
        let form = match magic.as_slice() {
            b"PK\x03\x04" => {
                xlsx::inspect(&file)?;
                Form::Xlsx
            }
            b"\xd0\xcf\x11\xe0" => return Err(FileFault::OldWorkbook),
            _ => {
                let charset = match declared {
                    Some(label) => charset::named(label)?,
                    None => charset::detect(|| opened(&file))?,
                };
                let delimiter = match delimiter {
                    Some(delimiter) => delimiter,
                    None => likely_delimiter(charset::Utf8::new(opened(&file)?, charset))?,
                };
                Form::Csv { charset, delimiter }
            }
        };
        Ok(Self { file, form })
    }

    /// `csv` or `xlsx`.
    #[must_use]
    pub fn format(&self) -> &'static str {
        match self.form {
            Form::Csv { .. } => "csv",
            Form::Xlsx => "xlsx",
        }
    }

    /// Of a CSV file, such as `UTF-8`.
    #[must_use]
    pub fn charset(&self) -> Option<&'static str> {
        match self.form {
            Form::Csv { charset, .. } => Some(charset.name()),
            Form::Xlsx => None,
        }
    }

    /// The first row.
    ///
    /// # Errors
    /// When there is none, or it is too long.
    pub fn headers(&self) -> Result<Vec<String>, FileFault> {
        let mut header = None;
        let first = |row| {
            header = Some(row);
            ControlFlow::Break(())
        };
        match self.form {
            Form::Csv { charset, delimiter } => {
                self.csv(charset, delimiter, first).map_err(|_| FileFault::HeaderUnreadable)?
            }
            Form::Xlsx => xlsx::rows(&self.file, first)?,
        }
        let header = header.filter(FileRow::is_readable).ok_or(FileFault::HeaderUnreadable)?;
        if header.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Err(FileFault::HeaderUnreadable);
        }
        if header.cells.len() > MOST_COLUMNS { Err(FileFault::TooManyColumns) } else { Ok(header.cells) }
    }

    /// Hands over the rows below the header until `take` has enough, each with as many cells as the header. Blocks.
    ///
    /// # Errors
    /// Why the file cannot be read to its end; the rows before that were handed over.
    pub fn rows(&self, mut take: impl FnMut(FileRow) -> ControlFlow<()>) -> Result<(), FileFault> {
        let mut columns = None;
        let below = |mut row: FileRow| {
            let Some(columns) = columns else {
                columns = Some(row.cells.len());
                return ControlFlow::Continue(());
            };
            if self.is_workbook() {
                fit(&mut row, columns);
            } else {
                // What was exported comes back as it was.
                for cell in row.cells.iter_mut().filter(|cell| unguarded(cell) != cell.as_str()) {
                    cell.remove(0);
                }
            }
            if let Some(column) = row.cells.iter().position(|cell| cell.len() > LONGEST_CELL) {
                let message = format!("column {} holds more than {LONGEST_CELL} bytes", column + 1);
                row.faults.push(FieldError::new("", "cell-too-long", message));
                row.cells.iter_mut().filter(|cell| cell.len() > LONGEST_CELL).for_each(shorten);
            }
            take(row)
        };
        match self.form {
            Form::Csv { charset, delimiter } => self.csv(charset, delimiter, below),
            Form::Xlsx => xlsx::rows(&self.file, below),
        }
    }

    fn is_workbook(&self) -> bool {
        matches!(self.form, Form::Xlsx)
    }

    fn csv(
        &self,
        charset: &'static Encoding,
        delimiter: u8,
        mut take: impl FnMut(FileRow) -> ControlFlow<()>,
    ) -> Result<(), FileFault> {
        let text: Box<dyn Read + Send> = if charset == UTF_8 {
            let mut file = BufReader::new(opened_file(&self.file)?);
            skip_mark(&mut file)?;
            Box::new(file)
        } else {
            Box::new(charset::Utf8::new(opened_file(&self.file)?, charset))
        };
        let mut file = CsvFile::of(Ready(text), delimiter, charset.name());
        loop {
            // Nothing in it waits: the file is there.
            match block_on(file.next()).map_err(FileFault::Row)? {
                Some(row) => {
                    if take(row).is_break() {
                        return Ok(());
                    }
                }
                None => return Ok(()),
            }
        }
    }
}

/// Rows of a sheet end with their last cell that holds something.
fn fit(row: &mut FileRow, columns: usize) {
    if row.cells.len() > columns {
        let message = format!("has {} cells, the header has {columns}", row.cells.len());
        row.faults.push(FieldError::new("", "column-count", message));
    } else {
        row.cells.resize(columns, String::new());
    }
}

fn shorten(cell: &mut String) {
    let end = (0..=100).rev().find(|end| cell.is_char_boundary(*end)).unwrap_or_default();
    cell.truncate(end);
    cell.push('…');
}

fn opened_file(file: &File) -> io::Result<File> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    Ok(file)
}

fn opened(file: &File) -> io::Result<Box<dyn Read>> {
    Ok(Box::new(opened_file(file)?))
}

fn skip_mark(file: &mut BufReader<File>) -> io::Result<()> {
    use std::io::BufRead;
    if file.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        file.consume(3);
    }
    Ok(())
}

/// What stands most often between the cells of the first row; a comma if nothing does.
fn likely_delimiter(mut text: impl Read) -> io::Result<u8> {
    let mut start = vec![0; 8 * 1024];
    let count = text.read(&mut start)?;
    let (mut commas, mut semicolons, mut tabs, mut quoted) = (0, 0, 0, false);
    for byte in &start[..count] {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted => break,
            b',' if !quoted => commas += 1,
            b';' if !quoted => semicolons += 1,
            b'\t' if !quoted => tabs += 1,
            _ => {}
        }
    }
    Ok(if semicolons > commas && semicolons >= tabs {
        b';'
    } else if tabs > commas {
        b'\t'
    } else {
        b','
    })
}

/// A file as something asynchronous that never waits.
struct Ready(Box<dyn Read + Send>);

impl AsyncRead for Ready {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let count = self.0.read(buf.initialize_unfilled())?;
        buf.advance(count);
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use encoding_rs::{GBK, UTF_16LE};
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

    use super::*;

    fn stored(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).expect("is written");
        file
    }

    fn read(bytes: &[u8]) -> Result<(String, Vec<String>), String> {
        let file = RowFile::open(stored(bytes), None, None).map_err(|fault| fault.to_string())?;
        let headers = file.headers().map_err(|fault| fault.to_string())?;
        let mut rows = Vec::new();
        let take = |row: FileRow| {
            let faults: Vec<_> = row.faults.iter().map(|fault| fault.code.as_str()).collect();
            rows.push(format!("{} {} {}", row.number, row.cells.join("|"), faults.join(" ")).trim().to_owned());
            ControlFlow::Continue(())
        };
        file.rows(take).map_err(|fault| fault.to_string())?;
        Ok((headers.join("|"), rows))
    }

    fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
        let mut book = Workbook::new();
        fill(book.add_worksheet());
        book.save_to_buffer().expect("a workbook")
    }

    #[test]
    fn line_ends_delimiters_and_quotes() {
        let expected = Ok(("name|city".to_owned(), vec!["2 A|B,\nC".to_owned(), "3 D|E".to_owned()]));
        for text in [
            "name,city\nA,\"B,\nC\"\nD,E\n",
            "name,city\r\nA,\"B,\nC\"\r\nD,E\r\n",
            "name,city\rA,\"B,\nC\"\rD,E",
            "name;city\nA;\"B,\nC\"\nD;E\n",
            "name\tcity\nA\t\"B,\nC\"\nD\tE\n",
            "\u{feff}\"name\",city\nA,\"B,\nC\"\nD,E\n",
        ] {
            assert_eq!(read(text.as_bytes()), expected, "{text:?}");
            assert_eq!(read(&GBK.encode(text.trim_start_matches('\u{feff}')).0), expected, "{text:?}");
        }
        let wide: Vec<u8> = "\u{feff}name\tcity\r\n甲\t乙\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&wide), Ok(("name|city".to_owned(), vec!["2 甲|乙".to_owned()])));
    }

    #[test]
    fn a_declared_charset_wins() {
        let text = encoding_rs::WINDOWS_1252.encode("name\nCafé\n").0.into_owned();
        let file = RowFile::open(stored(&text), Some("windows-1252"), None).unwrap_or_else(|fault| panic!("{fault}"));
        let mut cells = Vec::new();
        let taken = file.rows(|row| {
            cells.extend(row.cells);
            ControlFlow::Continue(())
        });
        assert!(taken.is_ok());
        assert_eq!((file.charset(), cells), (Some("windows-1252"), vec!["Café".to_owned()]));

        let wrong = RowFile::open(stored(&text), Some("utf-8"), None).unwrap_or_else(|fault| panic!("{fault}"));
        let mut codes = Vec::new();
        let taken = wrong.rows(|row| {
            codes.extend(row.faults.into_iter().map(|fault| fault.message));
            ControlFlow::Continue(())
        });
        assert!(taken.is_ok());
        assert_eq!(codes, ["is not written in UTF-8"]);
        assert!(matches!(RowFile::open(stored(b"a"), Some("klingon"), None), Err(FileFault::CharsetUnsupported(_))));
        assert_eq!(UTF_16LE.name(), "UTF-16LE");
    }

    #[test]
    fn cells_of_a_workbook_read_as_people_see_them() {
        let bytes = workbook(|sheet| {
            for (column, header) in ["code", "number", "share", "day", "hour", "yes"].into_iter().enumerate() {
                sheet.write(0, column as u16, header).expect("fits");
            }
            sheet.write(1, 0, "000123").expect("fits");
            sheet.write(1, 1, 1_234_567_890_123.0).expect("fits");
            sheet.write(1, 2, 0.25).expect("fits");
            let day = Format::new().set_num_format("yyyy-mm-dd");
            let moment = ExcelDateTime::parse_from_str("2026-01-31").expect("a day");
            sheet.write_datetime_with_format(1, 3, &moment, &day).expect("fits");
            let hour = Format::new().set_num_format("yyyy-mm-dd hh:mm");
            let moment = ExcelDateTime::parse_from_str("2026-01-31T10:30:00").expect("an hour");
            sheet.write_datetime_with_format(1, 4, &moment, &hour).expect("fits");
            sheet.write(1, 5, true).expect("fits");
            sheet.write(3, 0, "after a blank row").expect("fits");
            sheet.write(4, 7, "beyond the header").expect("fits");
        });
        assert_eq!(
            read(&bytes),
            Ok((
                "code|number|share|day|hour|yes".to_owned(),
                vec![
                    "2 000123|1234567890123|0.25|2026-01-31|2026-01-31T10:30:00|true".to_owned(),
                    "4 after a blank row|||||".to_owned(),
                    "5 |||||||beyond the header column-count".to_owned(),
                ]
            ))
        );
    }

    /// A workbook with another first sheet.
    fn altered(book: &[u8], alter: impl Fn(&str) -> String) -> Vec<u8> {
        let mut from = zip::ZipArchive::new(io::Cursor::new(book)).expect("an archive");
        let mut to = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for index in 0..from.len() {
            let mut entry = from.by_index(index).expect("an entry");
            let name = entry.name().expect("a name").to_string();
            let mut content = String::new();
            entry.read_to_string(&mut content).expect("text");
            let content = if name.ends_with("sheet1.xml") { alter(&content) } else { content };
            to.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
            to.write_all(content.as_bytes()).expect("is written");
        }
        to.finish().expect("an archive").into_inner()
    }

    #[test]
    fn what_a_database_does_not_take_is_told_of_a_workbook_too() {
        let bytes = workbook(|sheet| {
            for (row, text) in ["na\0me", "A\0", "B"].into_iter().enumerate() {
                sheet.write(row as u32, 0, text).expect("fits");
            }
        });
        let expected = vec!["2 A\u{fffd} control-character".to_owned(), "3 B".to_owned()];
        assert_eq!(read(&bytes), Ok(("na\u{fffd}me".to_owned(), expected)));
    }

    #[test]
    fn rows_that_go_back_are_refused() {
        let good = workbook(|sheet| {
            for (row, text) in ["name", "A", "B"].into_iter().enumerate() {
                sheet.write(row as u32, 0, text).expect("fits");
            }
        });
        assert!(read(&altered(&good, str::to_owned)).is_ok());
        let back = altered(&good, |sheet| {
            let away = sheet.replace("\"A2\"", "\"A9\"").replace("r=\"2\"", "r=\"9\"");
            assert_ne!(away, sheet);
            away
        });
        let fault = read(&back).expect_err("row 9 before row 3");
        assert!(fault.contains("its rows are not in their order"), "{fault}");
    }

    #[test]
    fn bad_files_say_what_is_wrong_with_them() {
        let good = workbook(|sheet| {
            for row in 0..2000 {
                sheet.write(row, 0, format!("cell {row}")).expect("fits");
            }
        });
        let bomb = {
            let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
            let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
            archive.start_file("xl/worksheets/sheet1.xml", options).expect("an entry");
            for _ in 0..64 {
                archive.write_all(&vec![b' '; 1 << 20]).expect("is written");
            }
            archive.finish().expect("an archive").into_inner()
        };
        let no_book = {
            let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
            archive.start_file("note.txt", zip::write::SimpleFileOptions::default()).expect("an entry");
            archive.write_all(b"hello").expect("is written");
            archive.finish().expect("an archive").into_inner()
        };
        let (endless, wide) = (format!("name\nA\n\"{}", "x".repeat(10 << 20)), vec!["x"; 501].join(","));
        for (bytes, expected) in [
            (good[..good.len() / 2].to_vec(), "the workbook cannot be read"),
            (bomb, "unpacks to far more"),
            (no_book, "the workbook cannot be read"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "old Excel"),
            (Vec::new(), "no header row"),
            (b" , ,\nA,B,C\n".to_vec(), "no header row"),
            (endless.into_bytes(), "row 3 could not be read: it is longer than 1048576 bytes"),
            (wide.into_bytes(), "more than 500 columns"),
        ] {
            let fault = read(&bytes).expect_err(expected);
            assert!(fault.contains(expected), "{fault}");
        }
    }

    #[test]
    fn a_cell_too_long_fails_its_row_only() {
        let text = format!("name,note\nA,{}\nB,short\n", "长".repeat(20_000));
        let (_, rows) = read(text.as_bytes()).expect("is read");
        assert!(rows[0].starts_with("2 A|") && rows[0].ends_with("… cell-too-long"), "{}", rows[0].len());
        assert_eq!(rows[1], "3 B|short");
    }

    #[test]
    fn a_cell_or_row_too_long_of_a_workbook_fails_its_row_only() {
        let long = "长".repeat(30_000);
        let bytes = workbook(|sheet| {
            for column in 0..100 {
                sheet.write(0, column, format!("h{column}")).expect("fits");
                sheet.write(3, column, long.as_str()).expect("fits");
            }
            sheet.write(1, 0, "A").expect("fits");
            sheet.write(1, 1, long.as_str()).expect("fits");
            sheet.write(2, 0, "B").expect("fits");
        });
        let (_, rows) = read(&bytes).expect("is read");
        assert!(rows[0].starts_with("2 A|长") && rows[0].ends_with("| cell-too-long"), "{}", rows[0]);
        assert!(rows[1].starts_with("3 B|") && rows[1].ends_with('|'), "{}", rows[1]);
        assert!(rows[2].ends_with(" row-too-long cell-too-long"), "{}", rows[2]);
    }
}
