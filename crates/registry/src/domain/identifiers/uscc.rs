//! The unified social credit code, GB 32100-2015: registering authority (1), class (1), region by GB/T 2260 (6), the
//! organisation's own code (9), check character (1).

use super::{Misfit, has_check, has_length, has_only};

/// Without I, O, S, V and Z, which read like digits or each other.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Authorities that register organisations (GB 32100-2015, table 1).
const AUTHORITIES: &str = "123456789ANY";

/// First two digits of GB/T 2260; 10 stands for what is registered nationwide.
#[rustfmt::skip]
const PROVINCES: &[&str] = &[
    "10", "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
    "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
];

pub fn check(text: String) -> Result<String, Misfit> {
    has_length(&text, 18)?;
    has_only(&text, "digits and capitals without I, O, S, V and Z", |c| value(c).is_some())?;
    if !text.starts_with(|c| AUTHORITIES.contains(c)) {
        return Err(("unknown-authority", format!("must begin with a registering authority, one of {AUTHORITIES}")));
    }
    if !text[2..8].bytes().all(|b| b.is_ascii_digit()) || !PROVINCES.contains(&&text[2..4]) {
        return Err(("unknown-region", "must have a region code of GB/T 2260 in characters 3 to 8".to_owned()));
    }
    has_check(text[17..].chars().next().unwrap_or_default(), check_character(&text[..17]))?;
    Ok(text)
}

/// Its place in the alphabet.
fn value(c: char) -> Option<u32> {
    ALPHABET.iter().position(|own| char::from(*own) == c)?.try_into().ok()
}

/// (31 - Σ value × 3^i mod 31) mod 31, as a character.
fn check_character(first: &str) -> char {
    let (sum, _) =
        first.chars().fold((0, 1), |(sum, weight), c| (sum + value(c).unwrap_or(0) * weight, weight * 3 % 31));
    let check = usize::try_from((31 - sum % 31) % 31).unwrap_or(0);
    char::from(ALPHABET[check])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(text: &str) -> &'static str {
        check(text.to_owned()).map_or_else(|(code, _)| code, |_| "ok")
    }

    #[test]
    fn codes_of_companies() {
        for (text, expected) in [
            ("91440300708461136T", "ok"),
            ("911000007109250324", "bad-check-digit"),
            ("91110000802100433B", "ok"),
            ("91440101231224546A", "ok"),
            ("9144030070846113", "wrong-length"),
            ("91440300708461I36T", "bad-alphabet"),
            ("B1440300708461136T", "unknown-authority"),
            ("91990300708461136T", "unknown-region"),
            ("914403A0708461136T", "unknown-region"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
        let (_, message) = check("91440300708461136X".to_owned()).expect_err("is mistyped");
        assert_eq!(message, "is mistyped: the check digit must be T, not X");
    }

    prop_compose! {
        fn valid()(authority in 0..12_usize, class in 1..10_u8, province in 0..PROVINCES.len(), county in 0..10_000_u32,
            own in proptest::collection::vec(0..31_usize, 9)) -> String {
            let own: String = own.into_iter().map(|index| char::from(ALPHABET[index])).collect();
            let first = format!("{}{class}{}{county:04}{own}", &AUTHORITIES[authority..=authority], PROVINCES[province]);
            let check = check_character(&first);
            format!("{first}{check}")
        }
    }

    proptest! {
        /// 31 is prime and no weight a multiple of it.
        #[test]
        fn any_one_wrong_character_is_caught(code in valid(), at in 0..18_usize, other in 0..31_usize) {
            prop_assert_eq!(check(code.clone()), Ok(code.clone()));
            let mut wrong = code.clone().into_bytes();
            prop_assume!(wrong[at] != ALPHABET[other]);
            wrong[at] = ALPHABET[other];
            prop_assert!(check(String::from_utf8(wrong).unwrap()).is_err());
        }

        /// The weights of neighbours differ modulo 31, also that of the last and the check character's.
        #[test]
        fn any_two_neighbours_exchanged_are_caught(code in valid(), at in 0..17_usize) {
            let mut wrong = code.into_bytes();
            prop_assume!(wrong[at] != wrong[at + 1]);
            wrong.swap(at, at + 1);
            prop_assert!(check(String::from_utf8(wrong).unwrap()).is_err());
        }
    }
}
