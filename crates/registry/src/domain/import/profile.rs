use std::collections::BTreeMap;

use registry_contract::{FileReading, NewImportProfile};

use super::fields::Field;
use super::{Mapping, Reading};
use crate::domain::{Faults, shape};

const MOST_COLUMNS: usize = 500;

/// A profile whose fields are all fields of customers.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileDetails {
    pub name: String,
    pub reading: FileReading,
}

impl ProfileDetails {
    /// Names every fault at once.
    pub fn parse(new: NewImportProfile) -> Result<Self, Faults> {
        let (mut name, reading) = new.into_parts();
        let mut faults = Faults::default();
        faults.text("/name", &mut name, 100, &[]);
        let system = reading.system.as_deref();
        if let Some((code, message)) = system.and_then(shape::external_system) {
            faults.add("/system", code, message);
        }
        if reading.columns.len() > MOST_COLUMNS {
            faults.add("/columns", "too-many", format!("has more than {MOST_COLUMNS} items"));
        }
        for (index, column) in reading.columns.iter().enumerate() {
            if reading.columns[..index].iter().any(|earlier| earlier.column == column.column) {
                faults.add(&format!("/columns/{index}/column"), "not-unique", "is there twice");
            }
            for (at, field) in column.fields.iter().enumerate() {
                known(&mut faults, &format!("/columns/{index}/fields/{at}"), field, system);
            }
        }
        faults.extend(defaults(&reading.defaults, system).err().unwrap_or_default());
        faults.or(Self { name, reading })
    }
}

fn known(faults: &mut Faults, pointer: &str, field: &str, system: Option<&str>) {
    if Field::named(field, system).is_none() {
        faults.add(pointer, "unknown-field", format!("customers have no field `{field}`"));
    }
}

/// What rows say by default, read as the cells of a row would be.
pub fn defaults(values: &BTreeMap<String, String>, system: Option<&str>) -> Result<Reading, Faults> {
    let mut faults = Faults::default();
    let mut fills = Vec::new();
    for name in values.keys() {
        match Field::named(name, system) {
            Some(Field::Parent | Field::Code | Field::ExternalId(_) | Field::ExternalIds | Field::Identifier(..)) => {
                faults.add(&format!("/defaults/{name}"), "not-allowed", "is not the same for all customers");
            }
            Some(field) => fills.push((fills.len(), field)),
            None => known(&mut faults, &format!("/defaults/{name}"), name, system),
        }
    }
    faults.or(())?;
    let cells: Vec<String> = values.values().cloned().collect();
    let (reading, found) = Reading::of(&Mapping::of_fields(fills), &cells);
    found.under("/defaults").or(reading)
}

#[cfg(test)]
mod tests {
    use registry_contract::ColumnMapping;

    use super::*;

    fn profile(columns: &[(&str, &[&str])], defaults: &[(&str, &str)], system: Option<&str>) -> Vec<(String, String)> {
        let columns = columns.iter().map(|(column, fields)| ColumnMapping {
            column: (*column).to_owned(),
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        });
        let defaults = defaults.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect();
        let (columns, system) = (columns.collect(), system.map(str::to_owned));
        let new = NewImportProfile {
            name: "ERP".to_owned(),
            columns,
            defaults,
            system,
            match_by: None,
            charset: None,
            delimiter: None,
        };
        let parsed = ProfileDetails::parse(new);
        let faults = parsed.err().unwrap_or_default().into_vec();
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    #[test]
    fn every_fault_is_named() {
        assert_eq!(
            profile(&[("Firma", &["name", "external_id"]), ("Notes", &[])], &[("country", "CN")], Some("erp")),
            []
        );
        let faults = profile(&[("A", &["shoe_size"]), ("A", &[])], &[("tier", "Z")], Some("No System"));
        let faults: Vec<_> = faults.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
        assert_eq!(
            faults,
            [
                ("/system", "bad-format"),
                ("/columns/0/fields/0", "unknown-field"),
                ("/columns/1/column", "not-unique"),
                ("/defaults/tier", "not-allowed"),
            ]
        );
        let faults = profile(&[], &[("code", "C-1"), ("shoe_size", "42")], None);
        assert_eq!(
            faults.iter().map(|(pointer, _)| pointer.as_str()).collect::<Vec<_>>(),
            ["/defaults/code", "/defaults/shoe_size"]
        );
    }
}
