//! Lists as files, page by page: no file is ever held.

mod contacts;
mod customers;
mod lists;

use std::fs::File;
use std::io::{self, Seek};

use chassis::csv;
use database::{Db, Id};
use encoding_rs::{EncoderResult, GB18030, GBK};
use futures::{Stream, StreamExt, future, stream};
use registry_contract::ExportCharset;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use crate::domain::export::Cell;
use crate::error::{Error, Result};

pub use contacts::ContactExport;
pub use customers::CustomerExport;
use lists::ListExport;
pub use lists::{
    export_duplicates, export_employees, export_positions, export_qualifications, export_team_members,
    export_tier_proposals, export_vendor_shares, export_vendors,
};

/// Rows read at once.
const PAGE: i64 = 500;

/// UTF-16 units that a cell of a workbook holds.
const CELL: usize = 32_767;

/// Rows of a file.
type Rows = Vec<Vec<Cell>>;

/// A list to be written to a file, with the columns that are wanted, as the caller may see it.
pub enum Export {
    Customers(Box<CustomerExport>),
    Contacts(ContactExport),
    List(ListExport),
}

impl Export {
    /// What it is a list of.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Customers(_) => "customers",
            Self::Contacts(_) => "contacts",
            Self::List(list) => list.name,
        }
    }

    /// Columns that are empty, be it in some rows only, since the caller may not see what would stand there.
    pub fn withheld(&self) -> Vec<String> {
        match self {
            Self::Customers(list) => list.withheld(),
            Self::Contacts(list) => list.withheld(),
            Self::List(list) => list.withheld.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    fn header(&self) -> Vec<String> {
        match self {
            Self::Customers(list) => list.header(),
            Self::Contacts(list) => list.header(),
            Self::List(list) => list.header.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    /// The rows behind that of an id, and the id of the last of them.
    async fn page(&self, db: &Db, after: Option<Id>) -> Result<Option<(Id, Rows)>> {
        match self {
            Self::Customers(list) => list.page(&mut db.read().await?, after).await,
            Self::Contacts(list) => list.page(db, after).await,
            Self::List(list) => (list.page)(db.clone(), after).await,
        }
    }
}

/// The file as CSV, in pieces.
pub fn export_csv(db: Db, export: Export, charset: ExportCharset) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let header = csv::line(export.header().iter().map(String::as_str));
    let mark = if charset == ExportCharset::Utf8 { "\u{feff}" } else { "" };
    let head = stream::once(future::ready(Ok(format!("{mark}{header}"))));
    let rows = stream::try_unfold((db, export, None), |(db, export, after)| async move {
        let page = export.page(&db, after).await?;
        Ok::<_, Error>(page.map(|(last, rows)| (lines(&rows), (db, export, Some(last)))))
    });
    head.chain(rows).map(move |text| text.map(|text| encoded(&text, charset)).map_err(io::Error::other))
}

fn lines(rows: &[Vec<Cell>]) -> String {
    rows.iter().map(|row| csv::line(row.iter().map(text))).collect()
}

fn text(cell: &Cell) -> &str {
    match cell {
        Cell::Empty => "",
        Cell::Text(text) | Cell::Number(text) => text,
    }
}

fn encoded(text: &str, charset: ExportCharset) -> Vec<u8> {
    let mut encoder = match charset {
        ExportCharset::Utf8 => return text.as_bytes().to_vec(),
        ExportCharset::Gbk => GBK.new_encoder(),
        ExportCharset::Gb18030 => GB18030.new_encoder(),
    };
    let (mut bytes, mut rest) = (Vec::with_capacity(2 * text.len() + 16), text);
    loop {
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut bytes, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return bytes,
            EncoderResult::OutputFull => bytes.reserve(4 * rest.len() + 16),
            EncoderResult::Unmappable(_) => bytes.push(b'?'),
        }
    }
}

/// The file as an Excel workbook, in a temporary file: its parts are put together only at the end.
pub async fn export_xlsx(db: &Db, export: Export) -> Result<File> {
    db.offload(move |db| async move { Ok(workbook(&db, &export).await) }).await?
}

async fn workbook(db: &Db, export: &Export) -> Result<File> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet_with_constant_memory().map_err(unwritten)?;
    for (column, name) in (0..).zip(export.header()) {
        sheet.write_string(0, column, name).map_err(unwritten)?;
    }
    let (mut after, mut row) = (None, 1);
    loop {
        // A connection for each page: a long export does not keep one from others.
        let page = export.page(db, after).await?;
        let Some((last, rows)) = page else { break };
        for cells in rows {
            for (column, cell) in (0..).zip(&cells) {
                write(sheet, row, column, cell).map_err(unwritten)?;
            }
            row += 1;
        }
        after = Some(last);
    }
    let mut file = tempfile::tempfile().map_err(database::Error::other)?;
    book.save_to_writer(file.try_clone().map_err(database::Error::other)?).map_err(unwritten)?;
    file.rewind().map_err(database::Error::other)?;
    Ok(file)
}

/// Text stays text, so that nothing in it runs as a formula. Excel keeps 15 digits of a number; longer ones are text too.
fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => {
            sheet.write_string(row, column, fitting(text))?;
        }
        Cell::Number(digits) => {
            match digits.parse::<f64>() {
                Ok(number) if digits.len() <= 15 => sheet.write_number(row, column, number)?,
                _ => sheet.write_string(row, column, digits)?,
            };
        }
    }
    Ok(())
}

/// As much of a text as a cell of a workbook holds. A file of more than that Excel calls broken.
fn fitting(text: &str) -> &str {
    // No text has more units than bytes.
    if text.len() <= CELL {
        return text;
    }
    let ends = text.char_indices().scan(0, |units, (start, letter)| {
        *units += letter.len_utf16();
        (*units <= CELL).then_some(start + letter.len_utf8())
    });
    &text[..ends.last().unwrap_or(0)]
}

fn unwritten(error: XlsxError) -> Error {
    match error {
        XlsxError::RowColumnLimitError => Error::ExportTooLong,
        other => database::Error::other(other).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_charset_lacks_becomes_a_question_mark() {
        assert_eq!(GBK.decode(&encoded("万科 𠀀 é", ExportCharset::Gbk)).0, "万科 ? é");
        assert_eq!(GB18030.decode(&encoded("万科 𠀀", ExportCharset::Gb18030)).0, "万科 𠀀");
        let long = "万".repeat(100_000);
        assert_eq!(GBK.decode(&encoded(&long, ExportCharset::Gbk)).0, long);
    }

    #[test]
    fn a_cell_of_a_workbook_holds_whole_characters_up_to_its_end() {
        for (text, fits) in [
            ("a".repeat(CELL), CELL),
            ("a".repeat(CELL + 1), CELL),
            ("万".repeat(CELL), 3 * CELL),
            // Each is two units, of which the cell holds an odd number.
            ("𠀀".repeat(CELL), 4 * (CELL / 2)),
        ] {
            assert_eq!(fitting(&text).len(), fits, "{}", text.len());
        }
    }
}
