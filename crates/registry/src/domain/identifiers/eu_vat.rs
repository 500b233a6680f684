//! VAT numbers of the European Union: form and, where the member state's algorithm is published, check digits (European
//! Commission, VIES FAQ question 11 for the forms; the national algorithms are named at each).

use super::lei::mod_97;
use super::{Misfit, has_check};

/// Forms of the part behind the prefix: `9` a digit, `A` a letter, `*` either, `+` either or one of `+*`; anything else
/// itself.
const FORMS: &[(&str, &[&str])] = &[
    ("AT", &["U99999999"]),
    ("BE", &["9999999999"]),
    ("BG", &["999999999", "9999999999"]),
    ("CY", &["99999999A"]),
    ("CZ", &["99999999", "999999999", "9999999999"]),
    ("DE", &["999999999"]),
    ("DK", &["99999999"]),
    ("EE", &["999999999"]),
    ("EL", &["999999999"]),
    ("ES", &["A9999999*", "99999999A"]),
    ("FI", &["99999999"]),
    ("FR", &["**999999999"]),
    ("HR", &["99999999999"]),
    ("HU", &["99999999"]),
    ("IE", &["9+99999A", "9999999AA"]),
    ("IT", &["99999999999"]),
    ("LT", &["999999999", "999999999999"]),
    ("LU", &["99999999"]),
    ("LV", &["99999999999"]),
    ("MT", &["99999999"]),
    ("NL", &["999999999B99"]),
    ("PL", &["9999999999"]),
    ("PT", &["999999999"]),
    ("RO", &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"]),
    ("SE", &["999999999999"]),
    ("SI", &["99999999"]),
    ("SK", &["9999999999"]),
    ("XI", &["999999999", "999999999999", "AA999"]),
];

pub fn check(text: String) -> Result<String, Misfit> {
    let prefix: String = text.chars().take(2).collect();
    let Some((country, forms)) = FORMS.iter().find(|(country, _)| *country == prefix) else {
        return Err(("unknown-country", "must begin with a member state's prefix, such as DE, EL or XI".to_owned()));
    };
    let own = &text[2..];
    if !forms.iter().any(|form| has_form(own, form)) {
        let forms = forms.join(" or ");
        return Err((
            "bad-format",
            format!("must be {country} and then {forms}, 9 for any digit and A for any letter"),
        ));
    }
    if let Some((found, expected)) = checked(country, own) {
        has_check(found, expected)?;
    }
    Ok(text)
}

fn has_form(text: &str, form: &str) -> bool {
    text.chars().count() == form.chars().count()
        && text.chars().zip(form.chars()).all(|(c, wanted)| match wanted {
            '9' => c.is_ascii_digit(),
            'A' => c.is_ascii_uppercase(),
            '*' => c.is_ascii_alphanumeric(),
            '+' => c.is_ascii_alphanumeric() || matches!(c, '+' | '*'),
            literal => c == literal,
        })
}

/// The check character as it is and as it must be; none for numbers whose algorithm is not published, or not one.
fn checked(country: &str, own: &str) -> Option<(char, char)> {
    let digits: Vec<u32> = own.chars().map(|c| c.to_digit(10).unwrap_or(0)).collect();
    let last = own.chars().next_back()?;
    let body = &digits[..digits.len() - 1];
    let expected = match (country, own.len()) {
        // The Luhn sum of the seven digits behind U, with 4 added.
        ("AT", _) => (10 - (luhn(&digits[1..7]) + digits[7] + 4) % 10) % 10,
        // Two check digits: 97 less the rest of the others.
        ("BE", _) => return two(97 - number(&digits[..8]) % 97, &digits[8..]),
        ("BG", 9) => match weighted(body, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
            10 => weighted(body, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
            digit => digit,
        },
        ("CZ", 8) => (11 - weighted(body, &[8, 7, 6, 5, 4, 3, 2]) % 11) % 10,
        ("DE" | "HR", _) => mod_11_10(body),
        ("DK", _) => (11 - weighted(body, &[2, 7, 6, 5, 4, 3, 2]) % 11) % 11,
        ("EE", _) => (10 - weighted(body, &[3, 7, 1, 3, 7, 1, 3, 7]) % 10) % 10,
        ("EL", _) => weighted(body, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10,
        ("FI", _) => (11 - weighted(body, &[7, 9, 10, 5, 8, 4, 2]) % 11) % 11,
        // The key before the SIREN, in its numeric form.
        ("FR", _) if own.bytes().all(|b| b.is_ascii_digit()) => {
            return two((12 + 3 * (number(&digits[2..]) % 97)) % 97, &digits[..2]);
        }
        ("HU", _) => (10 - weighted(body, &[9, 7, 3, 1, 9, 7, 3]) % 10) % 10,
        ("IE", _) => return irish(own, &digits),
        ("IT", _) => (10 - luhn(body) % 10) % 10,
        ("LT", _) => match weighted(body, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]) % 11 {
            10 => weighted(body, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4]) % 11 % 10,
            digit => digit,
        },
        ("LU", _) => return two(number(&digits[..6]) % 89, &digits[6..]),
        // Legal persons; a natural person's number begins with a day of birth.
        ("LV", _) if digits[0] > 3 => (14 - weighted(body, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6]) % 11) % 11,
        ("MT", _) => return two(37 - weighted(&digits[..6], &[3, 4, 6, 7, 8, 9]) % 37, &digits[6..]),
        ("NL", _) if mod_97(&format!("NL{own}")) == 1 => return None,
        // Numbers from before 2020 have a check digit before the B instead.
        ("NL", _) => {
            let expected = weighted(&digits[..8], &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            return Some((own.chars().nth(8)?, digit(expected)));
        }
        ("PL", _) => weighted(body, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11,
        ("PT", _) => (11 - weighted(body, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11) % 11 % 10,
        ("RO", _) => {
            let weights = [7, 5, 3, 2, 1, 7, 5, 3, 2];
            weighted(body, &weights[weights.len() - body.len()..]) * 10 % 11 % 10
        }
        // Luhn over the organisation's number; the two digits behind it count its registrations.
        ("SE", _) => return Some((digit(digits[9]), digit((10 - luhn(&digits[..9]) % 10) % 10))),
        ("SI", _) => match 11 - weighted(body, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
            10 => 0,
            digit => digit,
        },
        // The whole is a multiple of 11.
        ("SK", _) => (11 - number(body) % 11 * 10 % 11) % 11,
        _ => return None,
    };
    Some((last, digit(expected)))
}

/// Two check digits, told by the first that differs.
fn two(expected: u32, found: &[u32]) -> Option<(char, char)> {
    let expected = [expected / 10, expected % 10];
    let differing = expected.iter().zip(found).find(|(expected, found)| expected != found);
    let (expected, found) = differing.unwrap_or((&expected[1], found.get(1)?));
    Some((digit(*found), digit(*expected)))
}

/// Irish: modulo 23 as a letter, a second letter counted with weight 9; the old form with a letter second is not checked.
fn irish(own: &str, digits: &[u32]) -> Option<(char, char)> {
    const LETTERS: &[u8; 23] = b"WABCDEFGHIJKLMNOPQRSTUV";
    let own_bytes = own.as_bytes();
    let second = own_bytes.get(1).filter(|byte| byte.is_ascii_digit()).map(|_| *own_bytes.get(8).unwrap_or(&b'W'))?;
    let second = LETTERS.iter().position(|letter| *letter == second)?;
    let sum = weighted(&digits[..7], &[8, 7, 6, 5, 4, 3, 2]) + 9 * u32::try_from(second).ok()?;
    Some((own.chars().nth(7)?, char::from(LETTERS[usize::try_from(sum % 23).ok()?])))
}

/// `?` where no digit makes the sum come out: such numbers are not given.
fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('?')
}

fn number(digits: &[u32]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + digit)
}

fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// The sum of ISO/IEC 7812-1 over digits that a check digit follows.
fn luhn(digits: &[u32]) -> u32 {
    let doubled = |(index, digit): (usize, &u32)| match index % 2 {
        0 => digit * 2 / 10 + digit * 2 % 10,
        _ => *digit,
    };
    digits.iter().rev().enumerate().map(doubled).sum()
}

/// ISO 7064 MOD 11,10.
fn mod_11_10(digits: &[u32]) -> u32 {
    let product = digits.iter().fold(10, |product, digit| match (product + digit) % 10 {
        0 => 20 % 11,
        sum => sum * 2 % 11,
    });
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers in use, or of the national authorities' examples.
    const VALID: &[&str] = &[
        "ATU13585627",
        "BE0428759497",
        "BG175074752",
        "CY10259033P",
        "CZ25123891",
        "DE136695976",
        "DK13585628",
        "EE100931558",
        "EL094259216",
        "ESB58378431",
        "FI20774740",
        "FR40303265045",
        "FR83404833048",
        "FRK7399859412",
        "HR33392005961",
        "HU12892312",
        "IE6433435F",
        "IE6433435OA",
        "IE8D79739I",
        "IT00743110157",
        "LT119511515",
        "LT100001919017",
        "LU15027442",
        "LV40003521600",
        "MT11679112",
        "NL004495445B01",
        "NL123456789B13",
        "PL8567346215",
        "PT501964843",
        "RO18547290",
        "SE556188840401",
        "SI50223054",
        "SK2022749619",
        "XI980780684",
    ];

    fn code(text: &str) -> &'static str {
        check(text.to_owned()).map_or_else(|(code, _)| code, |_| "ok")
    }

    #[test]
    fn every_country_has_numbers_that_fit() {
        for text in VALID {
            assert_eq!(code(text), "ok", "{text}");
        }
        for (country, _) in FORMS {
            assert!(VALID.iter().any(|text| text.starts_with(country)), "{country}");
        }
    }

    #[test]
    fn faults_are_told_apart() {
        for (text, expected) in [
            ("", "unknown-country"),
            ("US123456789", "unknown-country"),
            ("GR094259216", "unknown-country"),
            ("DE13669597", "bad-format"),
            ("DE13669597X", "bad-format"),
            ("ATX13585627", "bad-format"),
            ("DE136695977", "bad-check-digit"),
            ("FR41303265045", "bad-check-digit"),
            ("NL004495446B01", "bad-check-digit"),
            ("DÉ136695976", "unknown-country"),
        ] {
            assert_eq!(code(text), expected, "{text}");
        }
    }

    proptest! {
        /// The countries whose weights and modulus catch it always.
        #[test]
        fn any_one_wrong_digit_is_caught(which in 0..8_usize, at in 2..10_usize, by in 1..10_u8) {
            let text = ["BE0428759497", "DE136695976", "DK13585628", "FI20774740", "HR33392005961", "IT00743110157",
                "SE556188840401", "LU15027442"][which];
            let mut wrong = text.as_bytes().to_vec();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            prop_assert_eq!(code(&String::from_utf8(wrong).unwrap()), "bad-check-digit");
        }

        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,20}") {
            prop_assert!(check(text).is_err());
        }
    }
}
