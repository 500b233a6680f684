//! The report of a file's faults, as CSV that a spreadsheet may open.

/// Columns before those of the file itself.
pub const HEADER: [&str; 4] = ["row", "pointer", "code", "message"];

/// One line of CSV (RFC 4180).
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = cells.into_iter().map(cell).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// A spreadsheet must show the cell, never run it as a formula (OWASP, CSV injection).
fn cell(text: &str) -> String {
    let runs = text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let guard = if runs { "'" } else { "" };
    if runs || text.contains([',', '"', '\r', '\n', ';']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_run() {
        for (given, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\""),
            (" @SUM(A1)", "\"' @SUM(A1)\""),
            ("－1", "\"'－1\""),
            ("two\nlines", "\"two\nlines\""),
            ("", ""),
        ] {
            assert_eq!(cell(given), written);
        }
        assert_eq!(line(["1", "a,b"]), "1,\"a,b\"\r\n");
    }
}
