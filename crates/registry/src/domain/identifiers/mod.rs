//! Numbers and codes that identify organisations: their forms, and the check digits that tell a mistyped one.

mod eu_vat;
mod lei;
mod uscc;

use std::collections::HashSet;

use registry_contract::{Identifier, IdentifierType};

use super::customer::MOST_KEYS;
use super::faults::Faults;
use super::shape;

/// What is wrong with an identifier: code and message.
type Misfit = (&'static str, String);

/// Brings identifiers into their standards' forms and an order of their own, and names every fault.
pub fn parse(faults: &mut Faults, identifiers: &mut [Identifier]) {
    if identifiers.len() > MOST_KEYS {
        faults.add("/identifiers", "too-many", format!("has more than {MOST_KEYS} items"));
    }
    let mut seen = HashSet::new();
    for (index, identifier) in identifiers.iter_mut().enumerate() {
        let at = format!("/identifiers/{index}");
        scheme(faults, &at, identifier);
        let pointer = format!("{at}/value");
        faults.text(&pointer, &mut identifier.value, 50, &[]);
        match form(identifier.r#type, &identifier.value) {
            Ok(value) => identifier.value = value,
            Err((code, message)) if !identifier.value.is_empty() => faults.add(&pointer, code, message),
            Err(_) => {}
        }
        if !seen.insert(identifier.clone()) {
            faults.add(&at, "not-unique", "is there twice");
        }
    }
    identifiers.sort();
}

fn scheme(faults: &mut Faults, at: &str, identifier: &mut Identifier) {
    let pointer = format!("{at}/scheme");
    match (identifier.r#type, &mut identifier.scheme) {
        (IdentifierType::Other, None) => faults.add(&pointer, "missing-field", "is required with the type other"),
        (IdentifierType::Other, Some(scheme)) => faults.text(&pointer, scheme, 50, &[shape::external_system]),
        (_, Some(_)) => faults.add(&pointer, "not-allowed", "is for the type other only"),
        (_, None) => {}
    }
}

/// The identifier in its standard's form.
pub fn form(kind: IdentifierType, text: &str) -> Result<String, Misfit> {
    match kind {
        IdentifierType::Other => Ok(text.to_owned()),
        IdentifierType::Duns => duns(compact(text)),
        IdentifierType::EuVat => eu_vat::check(compact(text)),
        IdentifierType::Lei => lei::check(compact(text)),
        IdentifierType::Uscc => uscc::check(compact(text)),
    }
}

/// Capitals and digits as they are printed, without what is put between them for the eye.
fn compact(text: &str) -> String {
    let between = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '.' | '/' | '–');
    text.chars().map(narrow).filter(between).map(|c| c.to_ascii_uppercase()).collect()
}

/// An identifier as someone looks for it: its type, where that was given, and the forms it may be stored in.
pub struct Sought {
    pub kind: Option<IdentifierType>,
    pub values: [String; 2],
}

pub fn sought(text: &str) -> Sought {
    let typed = text.split_once(':').and_then(|(word, value)| Some((word.parse().ok()?, value)));
    let (kind, value) = match typed {
        Some((kind, value)) => (Some(kind), value),
        None => (None, text),
    };
    Sought { kind, values: [value.trim().to_owned(), compact(value)] }
}

/// Nine digits; since 2006 without a check digit (Dun & Bradstreet).
fn duns(text: String) -> Result<String, Misfit> {
    has_length(&text, 9)?;
    has_only(&text, "digits", |c| c.is_ascii_digit())?;
    Ok(text)
}

fn has_length(text: &str, length: usize) -> Result<(), Misfit> {
    match text.chars().count() {
        found if found == length => Ok(()),
        found => Err(("wrong-length", format!("must have {length} characters, has {found}"))),
    }
}

fn has_only(text: &str, what: &str, fits: impl Fn(char) -> bool) -> Result<(), Misfit> {
    match text.chars().position(|c| !fits(c)) {
        None => Ok(()),
        Some(index) => Err(("bad-alphabet", format!("must be {what} only, character {} is not", index + 1))),
    }
}

fn has_check(found: char, expected: char) -> Result<(), Misfit> {
    let message = match expected {
        same if same == found => return Ok(()),
        '?' => "is mistyped: no check digit goes with the others".to_owned(),
        other => format!("is mistyped: the check digit must be {other}, not {found}"),
    };
    Err(("bad-check-digit", message))
}

/// The full-width forms of ASCII (U+FF01 to U+FF5E) lie a constant distance above it.
fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(identifiers: &[(IdentifierType, Option<&str>, &str)]) -> Vec<(String, String)> {
        let mut all: Vec<_> = identifiers
            .iter()
            .map(|(kind, scheme, value)| Identifier {
                r#type: *kind,
                scheme: scheme.map(str::to_owned),
                value: (*value).to_owned(),
            })
            .collect();
        let mut faults = Faults::default();
        parse(&mut faults, &mut all);
        faults.into_vec().into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn every_fault_is_named_where_it_is() {
        use IdentifierType::{Duns, EuVat, Lei, Other, Uscc};
        let expected = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
        };
        assert_eq!(faults(&[(Uscc, None, "91440300708461136T"), (Other, Some("us_ein"), "12-3456789")]), []);
        assert_eq!(
            faults(&[
                (Duns, None, "15-048-378"),
                (Duns, None, "15-048-378X"),
                (EuVat, None, "FR 1"),
                (Lei, None, ""),
                (Other, None, "7"),
                (Uscc, Some("cn"), "9144 0300 7084 6113 6T"),
                (Uscc, None, "91440300708461136t"),
            ]),
            expected(&[
                ("/identifiers/0/value", "wrong-length"),
                ("/identifiers/1/value", "bad-alphabet"),
                ("/identifiers/2/value", "bad-format"),
                ("/identifiers/3/value", "blank"),
                ("/identifiers/4/scheme", "missing-field"),
                ("/identifiers/5/scheme", "not-allowed"),
            ])
        );
        assert_eq!(
            faults(&[(Uscc, None, "9144 0300 7084 6113 6T"), (Uscc, None, "９１４４０３００７０８４６１１３６ｔ")]),
            expected(&[("/identifiers/1", "not-unique")])
        );
    }

    #[test]
    fn what_is_looked_for_may_carry_its_type() {
        let typed = sought("uscc:9144-0300 708461136t");
        assert_eq!((typed.kind, typed.values[1].as_str()), (Some(IdentifierType::Uscc), "91440300708461136T"));
        let free = sought("hrb: 7");
        assert_eq!((free.kind, free.values), (None, ["hrb: 7".to_owned(), "HRB:7".to_owned()]));
    }
}
