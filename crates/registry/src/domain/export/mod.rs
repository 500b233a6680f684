//! Lists as rows of a file. What is exported of customers can be imported again.

mod contacts;
mod customers;
mod lists;

use std::collections::HashSet;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

pub use contacts::ContactColumn;
pub use customers::CustomerColumn;
pub use lists::{
    Called, DUPLICATES, EMPLOYEES, EmployeeLine, MEMBERS, MemberLine, POSITIONS, PROPOSALS, PositionLine, ProposalLine,
    QUALIFICATIONS, QualificationLine, ShareOfLine, VENDOR_SHARES, VENDORS, VendorLine,
};

use super::Faults;

/// A column of a file: its name, and how its cell is read from what a row is of.
pub type Column<T> = (&'static str, fn(&T) -> Cell);

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    /// A plain decimal number.
    Number(String),
}

impl Cell {
    fn optional(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Text(text.to_owned()))
    }

    /// Several texts, as they are read again.
    fn list(texts: impl Iterator<Item = String>) -> Self {
        let joined = texts.collect::<Vec<_>>().join(";");
        if joined.is_empty() { Self::Empty } else { Self::Text(joined) }
    }

    /// The value of a custom field, as it is read again.
    fn custom(value: &Value) -> Self {
        match value {
            Value::Null => Self::Empty,
            Value::Bool(truth) => Self::Text(truth.to_string()),
            Value::Number(number) => Self::Number(number.to_string()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(choices) => Self::list(choices.iter().filter_map(Value::as_str).map(str::to_owned)),
            Value::Object(money) => {
                let part = |name| money.get(name).and_then(Value::as_str).unwrap_or_default();
                Self::Text(format!("{} {}", part("amount"), part("currency")))
            }
        }
    }

    fn number(number: Option<impl ToString>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number.to_string()))
    }

    /// A day, an id, a word of a vocabulary.
    fn plain(thing: Option<impl ToString>) -> Self {
        thing.map_or(Self::Empty, |thing| Self::Text(thing.to_string()))
    }

    fn instant(at: DateTime<Utc>) -> Self {
        Self::Text(at.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// Those of the columns with these names, comma-separated and in their order; all without names.
pub fn columns<T>(all: &[Column<T>], names: Option<&str>) -> Result<Vec<Column<T>>, Faults> {
    match names {
        Some(names) => chosen(names, |name| all.iter().find(|(known, _)| *known == name).copied()),
        None => Ok(all.to_vec()),
    }
}

/// The columns with these names, comma-separated, in their order.
fn chosen<C>(names: &str, called: impl Fn(&str) -> Option<C>) -> Result<Vec<C>, Faults> {
    let (mut columns, mut seen, mut faults) = (Vec::new(), HashSet::new(), Faults::default());
    for name in names.split(',').map(str::trim) {
        match called(name) {
            None => faults.add("?columns", "unknown-column", format!("there is no column `{name}`")),
            Some(_) if !seen.insert(name) => {
                faults.add("?columns", "not-unique", format!("column `{name}` is there twice"));
            }
            Some(column) => columns.push(column),
        }
    }
    faults.or(columns)
}
