use registry_contract::{ColumnMapping, ImportMatch};

use super::fields::Field;
use crate::domain::{Definitions, Faults, shape};

/// Which columns of a file fill which fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    headers: Vec<String>,
    /// Column and field, in the file's order.
    fills: Vec<(usize, Field)>,
}

impl Mapping {
    /// Reads the header row, `map` taking precedence over what the headers say by themselves.
    pub fn read(headers: Vec<String>, map: Option<&str>, system: Option<&str>) -> Result<Self, Faults> {
        Self::read_as(headers, map, &[], system)
    }

    /// The same with what a profile says of `columns`, which gives way to `map` and goes before the headers.
    pub fn read_as(
        headers: Vec<String>,
        map: Option<&str>,
        columns: &[ColumnMapping],
        system: Option<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        if let Some((code, message)) = system.and_then(shape::external_system) {
            faults.add("?system", code, message);
        }
        let mut explicit = read_map(&mut faults, &headers, map, system);
        explicit.extend(of_profile(&headers, columns, &explicit, system));
        let mut fills = Vec::new();
        for (column, header) in headers.iter().enumerate() {
            let named: Vec<_> = explicit.iter().filter(|(at, _)| *at == column).collect();
            if named.is_empty() {
                fills.extend(Field::of_header(header, &headers, system).map(|field| (column, field)));
            } else {
                fills.extend(named.into_iter().filter_map(|(_, field)| Some((column, field.clone()?))));
            }
        }
        yield_to_explicit(&mut fills, &explicit);
        check_once(&mut faults, &headers, &fills);
        if !fills.iter().any(|(_, field)| *field == Field::Name) {
            faults.add("?map", "name-unmapped", "no column fills `name`; say which does, such as map=Firm:name");
        }
        faults.or(Self { headers, fills })
    }

    /// Whether rows can be told by this.
    pub fn matches(&self, by: ImportMatch) -> Result<(), Faults> {
        let mut faults = Faults::default();
        if by == ImportMatch::Code && !self.fills.iter().any(|(_, field)| *field == Field::Code) {
            faults.add("?match", "code-unmapped", "no column fills `code`; say which does, such as map=Number:code");
        }
        let identifies = |field: &Field| matches!(field, Field::Identifier(kind, _) if kind.has_one_holder());
        if by == ImportMatch::Identifier && !self.fills.iter().any(|(_, field)| identifies(field)) {
            let how = "no column fills `identifier.uscc`, `identifier.lei` or `identifier.duns`; say which does";
            faults.add("?match", "identifier-unmapped", how);
        }
        faults.or(())
    }

    /// Whether the custom fields that columns are to fill exist.
    pub fn known_to(&self, definitions: &Definitions) -> Result<(), Faults> {
        let mut faults = Faults::default();
        for (_, field) in &self.fills {
            if matches!(field, Field::Custom(key) if !definitions.has(key)) {
                faults.add("?map", "unknown-field", format!("customers have no field `{field}`"));
            }
        }
        faults.or(())
    }

    pub fn fills_custom(&self) -> bool {
        self.fills.iter().any(|(_, field)| matches!(field, Field::Custom(_)))
    }

    pub fn fills_parent(&self) -> bool {
        self.fills.iter().any(|(_, field)| *field == Field::Parent)
    }

    /// Cells that fill these fields in this order.
    pub fn of_fields(fills: Vec<(usize, Field)>) -> Self {
        Self { headers: Vec::new(), fills }
    }

    pub fn fills(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.fills.iter().map(|(column, field)| (*column, field))
    }

    pub fn columns(&self) -> Vec<ColumnMapping> {
        let fields =
            |at| self.fills.iter().filter(|(column, _)| *column == at).map(|(_, field)| field.to_string()).collect();
        self.headers
            .iter()
            .enumerate()
            .map(|(at, header)| ColumnMapping { column: header.clone(), fields: fields(at) })
            .collect()
    }
}

/// The pairs of `map`; a pair without a field leaves its column aside.
fn read_map(
    faults: &mut Faults,
    headers: &[String],
    map: Option<&str>,
    system: Option<&str>,
) -> Vec<(usize, Option<Field>)> {
    let mut pairs = Vec::new();
    for pair in map.unwrap_or_default().split(',').filter(|pair| !pair.trim().is_empty()) {
        let Some((column, field)) = pair.rsplit_once(':') else {
            faults.add("?map", "bad-format", format!("`{pair}` is no column:field pair"));
            continue;
        };
        let (column, field) = (column.trim(), field.trim());
        let at = headers.iter().position(|header| header.trim() == column);
        if headers.iter().filter(|header| header.trim() == column).count() > 1 {
            faults.add("?map", "ambiguous-column", format!("the file has more than one column `{column}`"));
        } else if at.is_none() {
            faults.add("?map", "unknown-column", format!("the file has no column `{column}`"));
        }
        let known = Field::named(field, system);
        if known.is_none() && field == "external_id" {
            faults.add("?system", "missing-parameter", "say which system's keys the column holds");
        } else if known.is_none() && !field.is_empty() {
            faults.add("?map", "unknown-field", format!("customers have no field `{field}`"));
        }
        pairs.extend(at.map(|at| (at, known)));
    }
    pairs
}

/// Columns of a profile that the file has and `map` does not speak of.
fn of_profile(
    headers: &[String],
    columns: &[ColumnMapping],
    map: &[(usize, Option<Field>)],
    system: Option<&str>,
) -> Vec<(usize, Option<Field>)> {
    let mut pairs = Vec::new();
    for column in columns {
        let at = headers.iter().position(|header| header.trim() == column.column.trim());
        let Some(at) = at.filter(|at| map.iter().all(|(mapped, _)| mapped != at)) else { continue };
        pairs.extend(column.fields.iter().map(|field| (at, Field::named(field, system))));
        if column.fields.is_empty() {
            pairs.push((at, None));
        }
    }
    pairs
}

/// A header gives way where `map` names another column for its field.
fn yield_to_explicit(fills: &mut Vec<(usize, Field)>, explicit: &[(usize, Option<Field>)]) {
    fills.retain(|(column, field)| {
        let named_elsewhere = explicit.iter().any(|(at, named)| at != column && named.as_ref() == Some(field));
        !named_elsewhere || explicit.iter().any(|(at, named)| at == column && named.as_ref() == Some(field))
    });
}

fn check_once(faults: &mut Faults, headers: &[String], fills: &[(usize, Field)]) {
    for (index, (column, field)) in fills.iter().enumerate() {
        if let Some((first, _)) = fills[..index].iter().find(|(_, earlier)| earlier == field) {
            let (first, second) = (&headers[*first], &headers[*column]);
            faults.add("?map", "field-twice", format!("columns `{first}` and `{second}` both fill `{field}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &str, map: Option<&str>, system: Option<&str>) -> Result<String, Vec<(String, String)>> {
        let headers = headers.split(',').map(str::to_owned).collect();
        match Mapping::read(headers, map, system) {
            Ok(mapping) => Ok(mapping
                .columns()
                .into_iter()
                .map(|column| format!("{}={}", column.column, column.fields.join("+")))
                .collect::<Vec<_>>()
                .join(" ")),
            Err(faults) => Err(faults.into_vec().into_iter().map(|fault| (fault.pointer, fault.code)).collect()),
        }
    }

    fn faults(list: &[(&str, &str)]) -> Result<String, Vec<(String, String)>> {
        Err(list.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect())
    }

    #[test]
    fn a_column_may_fill_several_fields() {
        assert_eq!(
            read("ID,Company", Some("Company:name,Company:external_id"), Some("cfpb")),
            Ok("ID= Company=name+external_id.cfpb".into())
        );
    }

    #[test]
    fn map_goes_before_headers() {
        assert_eq!(read("name,firm", Some("firm:name"), None), Ok("name= firm=name".into()));
        assert_eq!(read("name,phone", Some("phone:"), None), Ok("name=name phone=".into()));
    }

    #[test]
    fn every_fault_is_named() {
        assert_eq!(read("firm,phone", None, None), faults(&[("?map", "name-unmapped")]));
        assert_eq!(
            read("name", Some("x,gone:name,name:shoe_size"), Some("No System")),
            faults(&[
                ("?system", "bad-format"),
                ("?map", "bad-format"),
                ("?map", "unknown-column"),
                ("?map", "unknown-field"),
                ("?map", "name-unmapped"),
            ])
        );
        assert_eq!(read("name,key", Some("key:external_id"), None), faults(&[("?system", "missing-parameter")]));
        assert_eq!(read("name,company", None, None), faults(&[("?map", "field-twice")]));
        assert_eq!(read("firm,firm", Some("firm:name"), None), faults(&[("?map", "ambiguous-column")]));
    }
}
