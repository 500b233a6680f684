//! Fields that an administrator has added to customers: what their values must be, and how lists are asked by them.

mod asking;
mod definition;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use registry_contract::{CustomField, CustomFieldType, CustomValues, FieldChoice};
use serde_json::{Value, json};
use wire::Money;

use super::faults::Faults;
use super::shape;

pub use asking::{Comparison, Condition, CustomTest};
pub use definition::CustomFieldDetails;

/// Characters of a text whose field does not say.
const USUAL_LENGTH: usize = 500;

/// The fields there are, by their keys.
#[derive(Debug, Clone, Default)]
pub struct Definitions(BTreeMap<String, CustomField>);

impl FromIterator<CustomField> for Definitions {
    fn from_iter<I: IntoIterator<Item = CustomField>>(fields: I) -> Self {
        Self(fields.into_iter().map(|field| (field.key.clone(), field)).collect())
    }
}

impl Definitions {
    /// Whether a field has this key, retired or not.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Holds what is new in `wanted` against its fields, and brings it into their form. What was there before is not judged
    /// again: its rules may be younger.
    pub fn check(&self, before: &CustomValues, wanted: &mut CustomValues, faults: &mut Faults) {
        wanted.retain(|_, value| !value.is_null());
        for (key, value) in wanted.iter_mut().filter(|(key, value)| before.get(*key) != Some(value)) {
            let pointer = format!("/custom_fields/{}", key.replace('~', "~0").replace('/', "~1"));
            match self.0.get(key) {
                None => faults.add(&pointer, "unknown-field", "there is no such custom field"),
                Some(field) if field.retired => faults.add(&pointer, "retired-field", "takes no new values"),
                Some(field) => value_of(field, &pointer, value, faults),
            }
        }
        self.keep(before, wanted, faults);
    }

    /// Names the required fields whose values would be gone.
    pub fn keep(&self, before: &CustomValues, wanted: &CustomValues, faults: &mut Faults) {
        for key in before.keys().filter(|key| !wanted.contains_key(*key)) {
            if self.0.get(key).is_some_and(is_demanded) {
                faults.add(&format!("/custom_fields/{key}"), "missing-field", "is required");
            }
        }
    }

    /// Of all fields that take values.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter(|field| !field.retired).map(|field| field.key.as_str())
    }

    /// What a cell of a file says of the field: the value of its type, or the text for [`check`](Self::check) to refuse.
    /// Choices are told by value or label, several with `;` between them, money as `1234.50 CNY`.
    pub fn read(&self, key: &str, cell: &str) -> Value {
        let text = || Value::String(cell.to_owned());
        let Some(field) = self.0.get(key) else { return text() };
        let chosen = |word: &str| {
            let called = |choice: &&FieldChoice| {
                [&choice.value, &choice.label_en, &choice.label_zh].iter().any(|own| *own == word)
            };
            let value = field.rules.choices.iter().find(called).map_or(word, |choice| &choice.value);
            Value::String(value.to_owned())
        };
        match field.r#type {
            CustomFieldType::Text | CustomFieldType::Date => text(),
            CustomFieldType::Number => {
                cell.replace(',', "").parse::<serde_json::Number>().map_or_else(|_| text(), Value::Number)
            }
            CustomFieldType::Boolean => match cell.to_lowercase().as_str() {
                "true" | "yes" | "y" | "1" | "是" => Value::Bool(true),
                "false" | "no" | "n" | "0" | "否" => Value::Bool(false),
                _ => text(),
            },
            CustomFieldType::Choice => chosen(cell),
            CustomFieldType::MultiChoice => {
                cell.split([';', '；']).map(str::trim).filter(|word| !word.is_empty()).map(chosen).collect()
            }
            CustomFieldType::Money => match cell.rsplit_once(' ') {
                Some((amount, currency)) => json!({ "amount": amount.trim().replace(',', ""), "currency": currency }),
                None => text(),
            },
        }
    }

    /// Names the required fields that a new customer lacks.
    pub fn demand(&self, values: &CustomValues, faults: &mut Faults) {
        for field in self.0.values().filter(|field| is_demanded(field)) {
            if values.get(&field.key).is_none_or(Value::is_null) {
                faults.add(&format!("/custom_fields/{}", field.key), "missing-field", "is required");
            }
        }
    }
}

fn is_demanded(field: &CustomField) -> bool {
    field.required && !field.retired
}

fn value_of(field: &CustomField, pointer: &str, value: &mut Value, faults: &mut Faults) {
    let wrong = |expected: &str| ("wrong-type", format!("must be {expected}"));
    let fault = match field.r#type {
        CustomFieldType::Text => match value {
            Value::String(text) => return text_of(field, pointer, text, faults),
            _ => Some(wrong("a text")),
        },
        CustomFieldType::Number => match value.as_f64() {
            Some(number) => number_of(field, number),
            None => Some(wrong("a number")),
        },
        CustomFieldType::Date => match value.as_str().and_then(date) {
            Some(date) => date_of(field, date),
            None => Some(wrong("a date, such as 2026-12-31")),
        },
        CustomFieldType::Boolean => (!value.is_boolean()).then(|| wrong("true or false")),
        CustomFieldType::Choice => match value.as_str() {
            Some(choice) => unless_chosen(field, &[choice]),
            None => Some(wrong("one of its choices")),
        },
        CustomFieldType::MultiChoice => choices_of(field, value),
        CustomFieldType::Money => match serde_json::from_value::<Money>(value.clone()) {
            Ok(money) => {
                *value = serde_json::to_value(money).unwrap_or_default();
                shape::currency(money.currency.as_str()).map(|(code, message)| (code, message.to_owned()))
            }
            Err(_) => Some(wrong("an amount of money, such as {\"amount\": \"1234.50\", \"currency\": \"CNY\"}")),
        },
    };
    if let Some((code, message)) = fault {
        faults.add(pointer, code, message);
    }
}

type Fault = Option<(&'static str, String)>;

fn text_of(field: &CustomField, pointer: &str, text: &mut String, faults: &mut Faults) {
    let longest = field.rules.max_length.unwrap_or(USUAL_LENGTH);
    let before = faults.as_slice().len();
    faults.text(pointer, text, longest, &[]);
    if faults.as_slice().len() > before {
        return;
    }
    if let Some(least) = field.rules.min_length.filter(|least| text.chars().count() < *least) {
        faults.add(pointer, "too-short", format!("must be at least {least} characters"));
        return;
    }
    let is_other = |pattern: &&str| !definition::whole(pattern).is_ok_and(|regex| regex.is_match(text));
    if let Some(pattern) = field.rules.pattern.as_deref().filter(is_other) {
        faults.add(pointer, "bad-format", format!("must match {pattern}"));
    }
}

fn number_of(field: &CustomField, number: f64) -> Fault {
    let message = match (field.rules.min, field.rules.max) {
        (Some(min), _) if number < min => format!("must be at least {min}"),
        (_, Some(max)) if number > max => format!("must be at most {max}"),
        _ => return None,
    };
    Some(("out-of-range", message))
}

/// `YYYY-MM-DD` and nothing else: texts of one form compare as dates do.
fn date(text: &str) -> Option<NaiveDate> {
    text.parse::<NaiveDate>().ok().filter(|date| date.to_string() == text)
}

fn date_of(field: &CustomField, date: NaiveDate) -> Fault {
    let message = match (field.rules.earliest, field.rules.latest) {
        (Some(earliest), _) if date < earliest => format!("must not be before {earliest}"),
        (_, Some(latest)) if date > latest => format!("must not be after {latest}"),
        _ => return None,
    };
    Some(("out-of-range", message))
}

fn unless_chosen(field: &CustomField, chosen: &[&str]) -> Fault {
    let known = |value: &&str| field.rules.choices.iter().any(|choice| choice.value == *value);
    let all = || field.rules.choices.iter().map(|choice| choice.value.as_str()).collect::<Vec<_>>().join(", ");
    (!chosen.iter().all(known)).then(|| ("not-allowed", format!("must be of {}", all())))
}

/// Several choices are a set, kept in the order of the field's own.
fn choices_of(field: &CustomField, value: &mut Value) -> Fault {
    let wrong = || Some(("wrong-type", "must be an array of its choices".to_owned()));
    let Some(items) = value.as_array() else { return wrong() };
    let Some(chosen) = items.iter().map(Value::as_str).collect::<Option<Vec<_>>>() else { return wrong() };
    if chosen.is_empty() {
        return Some(("too-few", "must have at least one; null takes the value away".to_owned()));
    }
    let fault = unless_chosen(field, &chosen);
    let in_order = field.rules.choices.iter().filter(|choice| chosen.contains(&choice.value.as_str()));
    let in_order: Value = in_order.map(|choice| choice.value.clone()).collect();
    if fault.is_none() {
        *value = in_order;
    }
    fault
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use registry_contract::{CustomFieldId, FieldChoice, FieldRules};
    use serde_json::json;

    use super::*;

    pub(super) fn field(key: &str, kind: CustomFieldType, rules: FieldRules) -> CustomField {
        CustomField {
            id: CustomFieldId::new(),
            key: key.to_owned(),
            label_en: key.to_owned(),
            label_zh: key.to_owned(),
            r#type: kind,
            required: false,
            rules,
            retired: false,
            version: 1,
            created_at: Utc::now(),
            updated_at: Utc::now(),
        }
    }

    pub(super) fn definitions() -> Definitions {
        use CustomFieldType::{Boolean, Choice, Date, Money, MultiChoice, Number, Text};
        let choices: Vec<FieldChoice> = ["red", "green", "blue"]
            .map(|value| FieldChoice { value: value.into(), label_en: value.into(), label_zh: value.into() })
            .into();
        let of_choices = || FieldRules { choices: choices.clone(), ..FieldRules::default() };
        let text = FieldRules {
            min_length: Some(2),
            max_length: Some(4),
            pattern: Some("[a-z]+".into()),
            ..FieldRules::default()
        };
        let number = FieldRules { min: Some(0.0), max: Some(10.5), ..FieldRules::default() };
        let date = FieldRules {
            earliest: "2026-01-01".parse().ok(),
            latest: "2026-12-31".parse().ok(),
            ..FieldRules::default()
        };
        Definitions::from_iter([
            field("text", Text, text),
            field("number", Number, number),
            field("date", Date, date),
            field("boolean", Boolean, FieldRules::default()),
            field("choice", Choice, of_choices()),
            field("colours", MultiChoice, of_choices()),
            field("money", Money, FieldRules::default()),
            CustomField { retired: true, ..field("old", Text, FieldRules::default()) },
            CustomField { required: true, ..field("must", Text, FieldRules::default()) },
        ])
    }

    fn checked(before: Value, wanted: Value) -> (Value, Vec<String>) {
        let mut faults = Faults::default();
        let mut wanted: CustomValues = serde_json::from_value(wanted).unwrap();
        definitions().check(&serde_json::from_value(before).unwrap(), &mut wanted, &mut faults);
        let faults = faults.into_vec().into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code));
        (serde_json::to_value(wanted).unwrap(), faults.collect())
    }

    #[test]
    fn values_are_held_against_their_fields() {
        for (key, value, fault) in [
            ("text", json!("abc"), ""),
            ("text", json!(7), "wrong-type"),
            ("text", json!("  "), "blank"),
            ("text", json!("a"), "too-short"),
            ("text", json!("abcde"), "too-long"),
            ("text", json!("ab1"), "bad-format"),
            ("number", json!(10.5), ""),
            ("number", json!(-1), "out-of-range"),
            ("number", json!(11), "out-of-range"),
            ("number", json!("7"), "wrong-type"),
            ("date", json!("2026-06-30"), ""),
            ("date", json!("2025-12-31"), "out-of-range"),
            ("date", json!("2027-01-01"), "out-of-range"),
            ("date", json!("2026-6-30"), "wrong-type"),
            ("date", json!("2026-02-30"), "wrong-type"),
            ("boolean", json!(false), ""),
            ("boolean", json!("false"), "wrong-type"),
            ("choice", json!("red"), ""),
            ("choice", json!("pink"), "not-allowed"),
            ("choice", json!(["red"]), "wrong-type"),
            ("colours", json!(["red"]), ""),
            ("colours", json!([]), "too-few"),
            ("colours", json!(["red", "pink"]), "not-allowed"),
            ("colours", json!(["red", 7]), "wrong-type"),
            ("money", json!({ "amount": "1.5", "currency": "CNY" }), ""),
            ("money", json!({ "amount": "1.555", "currency": "CNY" }), "wrong-type"),
            ("money", json!({ "amount": "1.5", "currency": "RMB" }), "unknown-currency"),
            ("old", json!("x"), "retired-field"),
            ("a/b", json!("x"), "unknown-field"),
        ] {
            let mut object = serde_json::Map::new();
            object.insert(key.to_owned(), value.clone());
            let (_, faults) = checked(json!({}), Value::Object(object));
            let codes: Vec<_> = faults.iter().filter_map(|fault| fault.split(' ').nth(1)).collect();
            assert_eq!(codes.join(" "), fault, "{key} {value}");
        }
        assert_eq!(checked(json!({}), json!({ "a/b": 1 })).1, ["/custom_fields/a~1b unknown-field"]);
    }

    #[test]
    fn cells_are_read_by_their_fields() {
        for (key, cell, value) in [
            ("text", "7", json!("7")),
            ("number", "1,234.5", json!(1234.5)),
            ("number", "7", json!(7)),
            ("number", "many", json!("many")),
            ("date", "2026-06-30", json!("2026-06-30")),
            ("boolean", "是", json!(true)),
            ("boolean", "No", json!(false)),
            ("boolean", "perhaps", json!("perhaps")),
            ("choice", "red", json!("red")),
            ("colours", "red; blue；", json!(["red", "blue"])),
            ("money", "1,234.50 CNY", json!({ "amount": "1234.50", "currency": "CNY" })),
            ("money", "1234.50", json!("1234.50")),
            ("unknown", "x", json!("x")),
        ] {
            assert_eq!(definitions().read(key, cell), value, "{key} {cell}");
        }
    }

    #[test]
    fn values_take_their_fields_form_and_old_ones_stay() {
        let (values, faults) = checked(
            json!({ "old": "kept", "text": "far too long" }),
            json!({ "old": "kept", "text": "far too long", "colours": ["blue", "red", "blue"], "choice": null,
                "money": { "amount": "1.5", "currency": "CNY" } }),
        );
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(
            values,
            json!({ "old": "kept", "text": "far too long", "colours": ["red", "blue"],
                "money": { "amount": "1.50", "currency": "CNY" } })
        );
        assert_eq!(checked(json!({ "must": "x" }), json!({})).1, ["/custom_fields/must missing-field"]);
        let mut faults = Faults::default();
        definitions().demand(&CustomValues::new(), &mut faults);
        assert_eq!(faults.as_slice().len(), 1);
    }
}
