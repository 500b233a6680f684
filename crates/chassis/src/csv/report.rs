//! The report of a file's faults, as CSV that a spreadsheet may open.

use std::{future, io};

use futures::{Stream, StreamExt, stream};

/// Columns before those of the file itself.
const HEADER: [&str; 4] = ["row", "pointer", "code", "message"];

/// The report in pieces: a header with the `columns` of the file, then what `after` answers for row 0, for the row which
/// that ended with, and so on until there is no more.
pub fn report<After, Found>(
    columns: &[&str],
    after: After,
) -> impl Stream<Item = io::Result<String>> + use<After, Found>
where
    After: Fn(i64) -> Found,
    Found: Future<Output = database::Result<Option<(i64, String)>>>,
{
    let header = line(HEADER.iter().chain(columns).copied());
    let rows = stream::try_unfold((after, 0), |(after, row)| async move {
        let found = after(row).await.map_err(io::Error::other)?;
        Ok(found.map(|(last, text)| (text, (after, last))))
    });
    stream::once(future::ready(Ok(header))).chain(rows)
}

/// One fault of a row (its pointer, code and message) with the row's cells behind it.
#[must_use]
pub fn fault_line(row: i64, fault: [&str; 3], cells: &[String]) -> String {
    let row = row.to_string();
    line([row.as_str()].into_iter().chain(fault).chain(cells.iter().map(String::as_str)))
}

/// One line of CSV (RFC 4180); what a spreadsheet would run begins with an apostrophe.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = cells.into_iter().map(cell).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// What stands behind the apostrophe that [`line`] puts before a formula.
pub(super) fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| runs(text)).unwrap_or(cell)
}

fn runs(text: &str) -> bool {
    text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// A number below zero is no formula, and with an apostrophe it would be no number.
fn is_negative(text: &str) -> bool {
    let Some(number) = text.strip_prefix('-') else { return false };
    number.starts_with(|c: char| c.is_ascii_digit()) && number.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// A spreadsheet must show the cell, never run it as a formula (OWASP, CSV injection).
fn cell(text: &str) -> String {
    let runs = runs(text) && !is_negative(text);
    let guard = if runs { "'" } else { "" };
    if runs || text.contains([',', '"', '\r', '\n', ';']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use futures::TryStreamExt;

    use super::*;

    #[tokio::test]
    async fn a_report_goes_on_to_its_last_row() {
        let two = |after| async move {
            let faults =
                (after + 1..=4).take(2).map(|row| (row, fault_line(row, ["/a", "bad", "is bad"], &["x".into()])));
            Ok(faults.reduce(|(_, text), (row, more)| (row, text + &more)))
        };
        let pieces: Vec<String> = report(&["A"], two).try_collect().await.expect("a report");
        let line = |row| format!("{row},/a,bad,is bad,x\r\n");
        let expected = ["row,pointer,code,message,A\r\n".to_owned(), line(1) + &line(2), line(3) + &line(4)];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn cells_are_quoted_and_never_run() {
        for (given, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            (" @SUM(A1)", "\"' @SUM(A1)\""),
            ("－1", "\"'－1\""),
            ("-0.5", "-0.5"),
            ("-1-1", "\"'-1-1\""),
            ("-.5", "\"'-.5\""),
            ("two\nlines", "\"two\nlines\""),
            ("", ""),
        ] {
            assert_eq!(cell(given), written);
            let inner = written.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            let shown = inner.map_or(written.to_owned(), |text| text.replace("\"\"", "\""));
            assert_eq!(unguarded(&shown), given);
        }
        assert_eq!(line(["1", "a,b"]), "1,\"a,b\"\r\n");
    }
}
