//! Telephone numbers as they are searched: digits, with and without the country's.

/// The digits as dialled from abroad, if the country is said, and as dialled at home without the trunk zero; none for
/// fewer than three digits.
pub fn forms(phone: &str) -> Vec<String> {
    let digits: String = super::fold(phone).chars().filter(char::is_ascii_digit).collect();
    let abroad = match digits.strip_prefix("00") {
        Some(rest) => Some(rest),
        None if phone.trim_start().starts_with(['+', '＋']) => Some(digits.as_str()),
        None => None,
    };
    let forms = match abroad {
        Some(abroad) => vec![abroad.to_owned(), at_home(&abroad[code_length(abroad)..])],
        None => vec![at_home(&digits)],
    };
    let mut forms: Vec<_> = forms.into_iter().filter(|form| form.len() >= 3).collect();
    forms.dedup();
    forms
}

/// What a number asked for may mean: also one from abroad that came without its `+`.
pub fn meant(asked: &str) -> Vec<String> {
    let mut all = forms(asked);
    if let [bare] = all.as_slice()
        && bare.len() >= 10
        && !asked.trim_start().starts_with('0')
    {
        let rest = at_home(&bare[code_length(bare)..]);
        if rest.len() >= 7 {
            all.push(rest);
        }
    }
    all
}

fn at_home(digits: &str) -> String {
    digits.strip_prefix('0').unwrap_or(digits).to_owned()
}

/// Digits of the country code a number begins with (ITU-T E.164, list of assigned codes: no code begins another).
fn code_length(digits: &str) -> usize {
    const OF_TWO: &[&str] = &[
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
        "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
        "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    let length = match digits.get(..2) {
        Some(two) if two.starts_with(['1', '7']) => 1,
        Some(two) if OF_TWO.contains(&two) => 2,
        _ => 3,
    };
    length.min(digits.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_with_and_without_their_country() {
        for (phone, expected) in [
            ("+86 755 1234-5678", vec!["8675512345678", "75512345678"]),
            ("0755-12345678", vec!["75512345678"]),
            ("0086 755 12345678", vec!["8675512345678", "75512345678"]),
            ("＋49 (0)30 1234567", vec!["490301234567", "301234567"]),
            ("+1 (212) 555-0100", vec!["12125550100", "2125550100"]),
            ("+852 2525 1234", vec!["85225251234", "25251234"]),
            ("13800138000", vec!["13800138000"]),
            ("+", vec![]),
            ("12", vec![]),
        ] {
            assert_eq!(forms(phone), expected, "{phone}");
        }
    }

    #[test]
    fn a_number_finds_its_other_ways_of_writing() {
        for (asked, kept) in [
            ("8675512345678", "0755-12345678"),
            ("+86 755 1234", "0755-12345678"),
            ("0755 1234", "+86 755 1234 5678"),
            ("755-1234", "+86 755 1234 5678"),
            ("+8613800138000", "138 0013 8000"),
            ("2125550100", "+1 212 555 0100"),
        ] {
            let kept = forms(kept);
            assert!(
                meant(asked).iter().any(|asked| kept.iter().any(|kept| kept.starts_with(asked))),
                "{asked} {kept:?}"
            );
        }
    }
}
