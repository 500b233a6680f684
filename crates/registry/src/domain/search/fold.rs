//! Text as it is searched: case, width, accents and traditional characters folded, the same on every database.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Traditional characters with their simplified ones, from `TSCharacters` of OpenCC (Apache License 2.0). One by one and
/// not by phrase: what is typed so far must fold like the beginning of the whole.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let pairs = include_str!("simplified.txt").split_whitespace();
    pairs.filter_map(|pair| pair.chars().next().zip(pair.chars().nth(1))).collect()
});

/// Lower case of every script, with full-width forms made narrow, accents taken off and traditional characters made
/// simplified: `万科Ａ` and `萬科a` meet.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let lower = text.nfkc().flat_map(char::to_lowercase);
    let bare: String = lower.nfd().filter(|c| !is_combining_mark(*c)).collect();
    let mut folded = String::with_capacity(bare.len());
    for c in bare.nfc() {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            other => folded.push(SIMPLIFIED.get(&other).copied().unwrap_or(other)),
        }
    }
    folded
}

/// The folded letters and digits alone: `A & B Co.` is `abco`.
pub fn key(text: &str) -> String {
    fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether it is a Chinese character, of which each is a syllable.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '〇')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding() {
        for (text, folded) in [
            ("Acme", "acme"),
            ("ÄÖÜ Straße", "aou strasse"),
            ("Ørsted Łódź", "orsted lodz"),
            ("万科Ａ", "万科a"),
            ("萬科", "万科"),
            ("臺灣積體電路", "台湾积体电路"),
            ("Ａ　Ｂ！", "a b!"),
            ("ПРАВДА", "правда"),
            ("한국", "한국"),
            ("ｶﾞｽ", "カス"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn keys_are_letters_and_digits() {
        for (text, expected) in [
            ("*ST国华", "st国华"),
            ("A & B Co., Ltd.", "abcoltd"),
            ("C-000123", "c000123"),
            ("50% Off", "50off"),
            ("—", ""),
        ] {
            assert_eq!(key(text), expected);
        }
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,20}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
