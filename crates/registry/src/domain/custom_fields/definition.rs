use std::collections::HashSet;
use std::ops::Deref;

use regex::{Regex, RegexBuilder};
use registry_contract::{CustomFieldType, FieldRules, NewCustomField};

use super::Faults;

/// Bytes of a compiled pattern: whoever needs more wants something else than a field.
const PATTERN_SIZE: usize = 200_000;

/// A custom field, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomFieldDetails(NewCustomField);

impl CustomFieldDetails {
    pub fn parse(mut new: NewCustomField) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/key", &mut new.key, 40, &[key]);
        faults.text("/label_en", &mut new.label_en, 100, &[]);
        faults.text("/label_zh", &mut new.label_zh, 100, &[]);
        fitting(&mut faults, new.r#type, &new.rules);
        ordered(&mut faults, &new.rules);
        choices(&mut faults, new.r#type, &mut new.rules);
        if new.rules.pattern.as_deref().is_some_and(|pattern| whole(pattern).is_err()) {
            faults.add("/rules/pattern", "bad-format", "is no regular expression, or too large a one");
        }
        faults.or(Self(new))
    }
}

impl Deref for CustomFieldDetails {
    type Target = NewCustomField;

    fn deref(&self) -> &NewCustomField {
        &self.0
    }
}

/// The pattern for a whole text. Its time grows with the text and no faster, whatever the pattern is.
pub(super) fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(PATTERN_SIZE).build()
}

fn key(text: &str) -> Option<(&'static str, &'static str)> {
    let right = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    (!right).then_some(("bad-format", "must be small letters, digits and _ only, a letter first"))
}

/// A rule that says nothing of the type is a mistake.
fn fitting(faults: &mut Faults, kind: CustomFieldType, rules: &FieldRules) {
    use CustomFieldType::{Choice, Date, MultiChoice, Number, Text};
    for (rule, is_given, kinds) in [
        ("min_length", rules.min_length.is_some(), &[Text][..]),
        ("max_length", rules.max_length.is_some(), &[Text][..]),
        ("pattern", rules.pattern.is_some(), &[Text][..]),
        ("min", rules.min.is_some(), &[Number][..]),
        ("max", rules.max.is_some(), &[Number][..]),
        ("earliest", rules.earliest.is_some(), &[Date][..]),
        ("latest", rules.latest.is_some(), &[Date][..]),
        ("choices", !rules.choices.is_empty(), &[Choice, MultiChoice][..]),
    ] {
        if is_given && !kinds.contains(&kind) {
            faults.add(&format!("/rules/{rule}"), "not-allowed", format!("is no rule for the type {kind}"));
        }
    }
}

fn ordered(faults: &mut Faults, rules: &FieldRules) {
    let crossed = |faults: &mut Faults, rule: &str, is_crossed: bool| {
        if is_crossed {
            faults.add(&format!("/rules/{rule}"), "out-of-range", "leaves no value");
        }
    };
    let longest = rules.max_length.unwrap_or(super::USUAL_LENGTH);
    crossed(faults, "min_length", rules.min_length.is_some_and(|least| least > longest));
    crossed(faults, "max", rules.min.zip(rules.max).is_some_and(|(min, max)| min > max));
    crossed(faults, "latest", rules.earliest.zip(rules.latest).is_some_and(|(earliest, latest)| earliest > latest));
}

fn choices(faults: &mut Faults, kind: CustomFieldType, rules: &mut FieldRules) {
    if matches!(kind, CustomFieldType::Choice | CustomFieldType::MultiChoice) && rules.choices.is_empty() {
        faults.add("/rules/choices", "missing-field", "is required for this type");
    }
    let mut seen = HashSet::new();
    for (index, choice) in rules.choices.iter_mut().enumerate() {
        faults.text(&format!("/rules/choices/{index}/label_en"), &mut choice.label_en, 100, &[]);
        faults.text(&format!("/rules/choices/{index}/label_zh"), &mut choice.label_zh, 100, &[]);
        if !seen.insert(choice.value.clone()) {
            faults.add(&format!("/rules/choices/{index}/value"), "not-unique", "is there twice");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn faults(kind: &str, rules: Value) -> Vec<String> {
        let new = json!({ "key": "k", "label_en": "E", "label_zh": "中", "type": kind, "rules": rules });
        let new: NewCustomField = serde_json::from_value(new).expect("a field");
        match CustomFieldDetails::parse(new) {
            Ok(_) => vec![],
            Err(faults) => {
                faults.into_vec().into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
            }
        }
    }

    #[test]
    fn rules_fit_their_type_and_leave_values() {
        let choice = |value: &str| json!({ "value": value, "label_en": "E", "label_zh": "中" });
        for (kind, rules, expected) in [
            ("text", json!({}), vec![]),
            ("text", json!({ "min_length": 3, "max_length": 3, "pattern": "[A-Z]{3}" }), vec![]),
            ("text", json!({ "min_length": 4, "max_length": 3 }), vec!["/rules/min_length out-of-range"]),
            ("text", json!({ "pattern": "(" }), vec!["/rules/pattern bad-format"]),
            ("text", json!({ "pattern": "(?:(?:a{100}){100}){100}" }), vec!["/rules/pattern bad-format"]),
            ("text", json!({ "min": 1 }), vec!["/rules/min not-allowed"]),
            ("number", json!({ "min": 2, "max": 1 }), vec!["/rules/max out-of-range"]),
            ("date", json!({ "earliest": "2026-01-02", "latest": "2026-01-01" }), vec!["/rules/latest out-of-range"]),
            ("boolean", json!({ "pattern": "x" }), vec!["/rules/pattern not-allowed"]),
            ("choice", json!({}), vec!["/rules/choices missing-field"]),
            ("choice", json!({ "choices": [choice("a"), choice("a")] }), vec!["/rules/choices/1/value not-unique"]),
            ("multi_choice", json!({ "choices": [choice("a"), choice("b")] }), vec![]),
            ("money", json!({ "choices": [choice("a")] }), vec!["/rules/choices not-allowed"]),
        ] {
            assert_eq!(faults(kind, rules.clone()), expected, "{kind} {rules}");
        }
    }
}
