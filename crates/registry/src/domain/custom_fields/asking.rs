use registry_contract::{CustomField, CustomFieldType, CustomFilters};
use serde_json::{Value, json};
use wire::Money;

use super::{Definitions, Faults, date, shape};

/// What a customer's value of a custom field must be to be listed.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomTest {
    pub key: String,
    pub condition: Condition,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Any of these.
    Is(Vec<Value>),
    /// An array with any of these in it.
    Holds(Vec<String>),
    Number(Comparison, f64),
    /// Dates compare as their texts do.
    Date(Comparison, String),
    /// Of the same currency only.
    Money(Comparison, Money),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    AtLeast,
    Above,
    AtMost,
    Below,
}

impl Comparison {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "gte" => Some(Self::AtLeast),
            "gt" => Some(Self::Above),
            "lte" => Some(Self::AtMost),
            "lt" => Some(Self::Below),
            _ => None,
        }
    }

    pub fn sql(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
        }
    }
}

impl Definitions {
    /// The filters of a query as tests, or everything that is wrong with them.
    pub fn tests(&self, filters: &CustomFilters) -> Result<Vec<CustomTest>, Faults> {
        let (mut tests, mut faults) = (Vec::new(), Faults::default());
        for (name, text) in &filters.0 {
            let (key, comparison) = match name.split_once('.') {
                Some((key, word)) => (key, Comparison::parse(word)),
                None => (name.as_str(), Some(Comparison::Equal)),
            };
            let condition = match (self.0.get(key), comparison) {
                (Some(field), Some(comparison)) => condition(field, comparison, text),
                (_, _) => Err(("unknown-parameter", "there is no such custom field".to_owned())),
            };
            match condition {
                Ok(condition) => tests.push(CustomTest { key: key.to_owned(), condition }),
                Err((code, message)) => faults.add(&format!("?custom.{name}"), code, message),
            }
        }
        faults.or(tests)
    }
}

type Misfit = (&'static str, String);

fn condition(field: &CustomField, comparison: Comparison, text: &str) -> Result<Condition, Misfit> {
    let wrong = |expected: &str| ("wrong-type", format!("must be {expected}"));
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    match (field.r#type, comparison) {
        (CustomFieldType::Number, Comparison::Equal) => {
            let numbers = parts(text).map(|part| number(part).map(|number| json!(number)));
            numbers.collect::<Option<_>>().map(Condition::Is).ok_or_else(|| wrong("a number"))
        }
        (CustomFieldType::Number, _) => {
            number(text).map(|number| Condition::Number(comparison, number)).ok_or_else(|| wrong("a number"))
        }
        (CustomFieldType::Date, Comparison::Equal) => {
            let dates = parts(text).map(|part| date(part).map(|date| json!(date)));
            dates.collect::<Option<_>>().map(Condition::Is).ok_or_else(|| wrong("a date"))
        }
        (CustomFieldType::Date, _) => {
            date(text).map(|date| Condition::Date(comparison, date.to_string())).ok_or_else(|| wrong("a date"))
        }
        (CustomFieldType::Money, _) => money(text)
            .map(|money| Condition::Money(comparison, money))
            .ok_or_else(|| wrong("an amount, as 1234.50 CNY")),
        (_, Comparison::AtLeast | Comparison::Above | Comparison::AtMost | Comparison::Below) => {
            Err(("not-allowed", format!("has no order, being of the type {}", field.r#type)))
        }
        (CustomFieldType::Text, Comparison::Equal) => Ok(Condition::Is(parts(text).map(Value::from).collect())),
        (CustomFieldType::Boolean, Comparison::Equal) => {
            let truths = parts(text).map(|part| part.parse::<bool>().ok().map(Value::from));
            truths.collect::<Option<_>>().map(Condition::Is).ok_or_else(|| wrong("true or false"))
        }
        (CustomFieldType::Choice, Comparison::Equal) => {
            chosen(field, text).map(|choices| Condition::Is(choices.into_iter().map(Value::from).collect()))
        }
        (CustomFieldType::MultiChoice, Comparison::Equal) => chosen(field, text).map(Condition::Holds),
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn money(text: &str) -> Option<Money> {
    let (amount, currency) = text.trim().split_once(' ')?;
    let money = Money::parse(amount, currency.trim().parse().ok()?).ok()?;
    shape::currency(money.currency.as_str()).is_none().then_some(money)
}

fn chosen(field: &CustomField, text: &str) -> Result<Vec<String>, Misfit> {
    let chosen: Vec<&str> = parts(text).collect();
    match super::unless_chosen(field, &chosen) {
        None => Ok(chosen.into_iter().map(str::to_owned).collect()),
        Some(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::definitions;
    use super::*;

    fn tests(name: &str, text: &str) -> Result<Condition, String> {
        let filters = CustomFilters([(name.to_owned(), text.to_owned())].into());
        match definitions().tests(&filters) {
            Ok(tests) => Ok(tests[0].condition.clone()),
            Err(faults) => Err(faults.as_slice()[0].code.clone()),
        }
    }

    #[test]
    fn filters_are_read_by_their_fields_type() {
        let money = Money::parse("1.50", wire::Currency::CNY).unwrap();
        for (name, text, expected) in [
            ("text", "a, b", Ok(Condition::Is(vec![json!("a"), json!("b")]))),
            ("text.gte", "a", Err("not-allowed")),
            ("number", "1,2.5", Ok(Condition::Is(vec![json!(1.0), json!(2.5)]))),
            ("number.lt", "1e1", Ok(Condition::Number(Comparison::Below, 10.0))),
            ("number.lt", "NaN", Err("wrong-type")),
            ("date", "2026-01-01", Ok(Condition::Is(vec![json!("2026-01-01")]))),
            ("date.gt", "2026-01-01", Ok(Condition::Date(Comparison::Above, "2026-01-01".into()))),
            ("date.gt", "tomorrow", Err("wrong-type")),
            ("boolean", "true", Ok(Condition::Is(vec![json!(true)]))),
            ("boolean", "yes", Err("wrong-type")),
            ("choice", "red,blue", Ok(Condition::Is(vec![json!("red"), json!("blue")]))),
            ("choice", "pink", Err("not-allowed")),
            ("colours", "red", Ok(Condition::Holds(vec!["red".into()]))),
            ("money.lte", "1.5 CNY", Ok(Condition::Money(Comparison::AtMost, money))),
            ("money", "1.50 CNY", Ok(Condition::Money(Comparison::Equal, money))),
            ("money", "1.50", Err("wrong-type")),
            ("old", "x", Ok(Condition::Is(vec![json!("x")]))),
            ("unknown", "x", Err("unknown-parameter")),
        ] {
            assert_eq!(tests(name, text), expected.map_err(str::to_owned), "{name}={text}");
        }
    }
}
