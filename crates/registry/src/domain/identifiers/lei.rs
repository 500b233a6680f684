//! The Legal Entity Identifier, ISO 17442: 18 capitals or digits, then two check digits by ISO 7064 MOD 97-10.

use super::{Misfit, has_length, has_only};

pub fn check(text: String) -> Result<String, Misfit> {
    has_length(&text, 20)?;
    has_only(&text, "digits and capitals", |c| c.is_ascii_digit() || c.is_ascii_uppercase())?;
    has_only(&text[18..], "digits in its last two places", |c| c.is_ascii_digit())?;
    let expected = format!("{:02}", 98 - mod_97(&format!("{}00", &text[..18])));
    match text[18..] == expected {
        true => Ok(text),
        false => {
            Err(("bad-check-digit", format!("is mistyped: the check digits must be {expected}, not {}", &text[18..])))
        }
    }
}

/// The number that the text is when A counts 10 and Z 35, modulo 97 (ISO 7064).
pub(super) fn mod_97(text: &str) -> u32 {
    text.chars().filter_map(|c| c.to_digit(36)).fold(0, |rest, digit| {
        let shift = if digit < 10 { 10 } else { 100 };
        (rest * shift + digit) % 97
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn identifiers_of_entities() {
        for (text, expected) in [
            ("213800KUD8LAJWSQ9D15", "ok"),
            ("5493001KJTIIGC8Y1R12", "ok"),
            ("HWUPKR0MPOU8FGXBT394", "ok"),
            ("HWUPKR0MPOU8FGXBT349", "bad-check-digit"),
            ("HWUPKR0MPOU8FGXBT39", "wrong-length"),
            ("HWUPKR0MPOU8FGXBT3A4", "bad-alphabet"),
            ("HWUPKR0MPOU8FGXBÜ394", "bad-alphabet"),
        ] {
            let found = check(text.to_owned()).map_or_else(|(code, _)| code, |_| "ok");
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        /// 97 is prime, and characters of one class differ by less than it.
        #[test]
        fn any_one_wrong_digit_or_letter_is_caught(first in "[0-9A-Z]{18}", at in 0..18_usize, by in 1..10_u8) {
            let lei = format!("{first}{:02}", 98 - mod_97(&format!("{first}00")));
            prop_assert_eq!(check(lei.clone()), Ok(lei.clone()));
            let mut wrong = lei.into_bytes();
            wrong[at] = match wrong[at] {
                digit @ b'0'..=b'9' => b'0' + (digit - b'0' + by) % 10,
                letter => b'A' + (letter - b'A' + by) % 26,
            };
            prop_assert!(check(String::from_utf8(wrong).unwrap()).is_err());
        }
    }
}
