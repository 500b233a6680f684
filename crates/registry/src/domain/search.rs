//! Text as it is searched: case and width folded, the same on every database.

/// Lower case of every script, with full-width forms made narrow: `万科Ａ` and `万科a` meet.
pub fn fold(text: &str) -> String {
    text.chars().map(narrow).flat_map(char::to_lowercase).collect()
}

/// The full-width forms of ASCII (U+FF01 to U+FF5E) lie a constant distance above it.
pub(super) fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// A `LIKE` pattern (escape `\`) for texts that contain `part`, folded; its own wildcards mean themselves.
pub fn contains(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in fold(part.trim()).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        for (text, folded) in [
            ("Acme", "acme"),
            ("ÄÖÜ Straße", "äöü straße"),
            ("万科Ａ", "万科a"),
            ("Ａ　Ｂ！", "a b!"),
            ("ПРАВДА", "правда"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn wildcards_mean_themselves() {
        for (part, pattern) in [("50%", r"%50\%%"), ("a_b", r"%a\_b%"), (r"a\b", r"%a\\b%"), (" ＡＢ ", "%ab%")] {
            assert_eq!(contains(part), pattern);
        }
    }
}
