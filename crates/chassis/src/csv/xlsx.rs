//! The first sheet of an Excel workbook, a row at a time.

mod part;

use std::fs::File;
use std::io::{BufReader, Read, Seek, copy, sink};
use std::ops::ControlFlow;

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx};
use problem::FieldError;

use self::part::Part;
use super::file::LONGEST_ROW;
use super::stored::LONGEST_CELL;
use super::{FileFault, FileRow};
use crate::validation::nul;

/// What a workbook may unpack to, in bytes; all of it is unpacked once to see, whatever its directory says.
const MOST_UNPACKED: u64 = 1 << 30;
/// The texts of all cells are held in memory while rows are read.
const MOST_TEXTS: u64 = 96 << 20;
/// In lower case: the reader finds it in any.
const TEXTS: &str = "sharedstrings.xml";
/// Honest sheets shrink to a tenth, sheets of one repeated row to a hundredth.
const MOST_SHRUNK: u64 = 250;
const MOST_ENTRIES: usize = 10_000;

/// Whether the workbook is one, whole, no larger than it looks, and can be read without being held.
pub fn inspect(file: &File) -> Result<(), FileFault> {
    let packed = file.metadata()?.len();
    let mut archive = zip::ZipArchive::new(BufReader::new(rewound(file)?)).map_err(broken)?;
    if archive.len() > MOST_ENTRIES {
        return Err(FileFault::Bomb);
    }
    let most = MOST_UNPACKED.min(packed.saturating_mul(MOST_SHRUNK));
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(broken)?;
        let name = entry.name().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        let most = if name.ends_with(TEXTS) { MOST_TEXTS.min(most - unpacked) } else { most - unpacked };
        let mut part = Part::named(&name);
        let size = match &mut part {
            Some(part) => copy(&mut entry.take(most + 1), part),
            None => copy(&mut entry.take(most + 1), &mut sink()),
        }
        .map_err(broken)?;
        if size > most {
            return Err(FileFault::Bomb);
        }
        part.map_or(Ok(()), |part| part.end()).map_err(broken)?;
        unpacked += size;
    }
    Ok(())
}

fn rewound(file: &File) -> std::io::Result<File> {
    let mut file = file.try_clone()?;
    file.rewind()?;
    Ok(file)
}

fn broken(cause: impl std::fmt::Display) -> FileFault {
    FileFault::Workbook(cause.to_string())
}

/// Hands over each row that has a cell, the header among them; row numbers are the sheet's own.
pub fn rows(file: &File, mut take: impl FnMut(FileRow) -> ControlFlow<()>) -> Result<(), FileFault> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(rewound(file)?)).map_err(broken)?;
    let sheet = book.sheet_names().into_iter().next().ok_or_else(|| broken("it has no sheet"))?;
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(broken)?;
    let mut row = Row::default();
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (number, column) = cell.get_position();
        if number < row.number {
            return Err(broken("its rows are not in their order"));
        }
        if number > row.number && row.hand_over(&mut take).is_break() {
            return Ok(());
        }
        row.number = number;
        row.put(column as usize, cell.get_value());
    }
    // The last one: whether more are wanted is no matter.
    let _wanted = row.hand_over(&mut take);
    Ok(())
}

#[derive(Default)]
struct Row {
    /// From 0.
    number: u32,
    cells: Vec<String>,
    faults: Vec<FieldError>,
    /// Bytes of all cells, those left out too.
    length: u64,
}

impl Row {
    fn put(&mut self, column: usize, value: &DataRef<'_>) {
        if column > super::MOST_COLUMNS {
            return;
        }
        if let DataRef::Error(error) = value {
            let message = format!("column {} holds {error}", column + 1);
            self.faults.push(FieldError::new("", "cell-error", message));
        }
        let text = text(value);
        if text.is_empty() {
            return;
        }
        let before = self.length;
        self.length += text.len() as u64;
        if self.length > LONGEST_ROW {
            if before <= LONGEST_ROW {
                let message = format!("is longer than {LONGEST_ROW} bytes");
                self.faults.push(FieldError::new("", "row-too-long", message));
            }
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.cells[column] = text;
    }

    fn hand_over(&mut self, take: &mut impl FnMut(FileRow) -> ControlFlow<()>) -> ControlFlow<()> {
        let (mut cells, mut faults) = (std::mem::take(&mut self.cells), std::mem::take(&mut self.faults));
        self.length = 0;
        // Excel escapes it as `_x0000_`; a database does not take it.
        if cells.iter().any(|cell| cell.contains('\0')) {
            faults.push(nul(""));
            cells.iter_mut().for_each(|cell| *cell = cell.replace('\0', "\u{fffd}"));
        }
        if cells.is_empty() {
            return ControlFlow::Continue(());
        }
        take(FileRow { number: i64::from(self.number) + 1, cells, faults })
    }
}

/// As a person reads it: a whole number without `.0`, a date as `2026-01-31`. Text stays text, leading zeros and all.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => start(text),
        DataRef::SharedString(text) => start(text),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(at) if at.is_datetime() => date(*at),
        DataRef::DateTime(duration) => duration.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// As much of a text as shows that it is too long: thousands of cells may share one that fills half the memory.
fn start(text: &str) -> String {
    let end = (LONGEST_CELL + 1..text.len()).find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(text.len())].to_owned()
}

fn date(at: ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date}T{hour:02}:{minute:02}:{second:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_many_cells_share_is_not_held_for_each() {
        let text = "长".repeat(20 << 20);
        let mut row = Row::default();
        row.put(0, &DataRef::SharedString(&text));
        assert!((LONGEST_CELL + 1..LONGEST_CELL + 4).contains(&row.cells[0].len()), "{}", row.cells[0].len());
        for column in 1..=crate::csv::MOST_COLUMNS {
            row.put(column, &DataRef::SharedString(&text));
        }
        let held: usize = row.cells.iter().map(String::capacity).sum();
        assert!(held as u64 <= LONGEST_ROW, "{held}");
        assert_eq!(row.faults.iter().map(|fault| fault.code.as_str()).collect::<Vec<_>>(), ["row-too-long"]);
    }
}
