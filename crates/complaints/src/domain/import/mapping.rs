use complaints_contract::{ImportColumn, StartComplaintImport};
use problem::FieldError;
use wire::ExternalId;

use super::fields::{CFPB_SYSTEM, Field, is_cfpb};
use crate::domain::Faults;

/// Which columns of a file fill which fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    headers: Vec<String>,
    /// By column.
    fields: Vec<Option<Field>>,
    /// Whose keys the file holds; empty only where it holds none.
    system: String,
}

impl Mapping {
    /// Reads the header row, `map` taking precedence over what the headers say by themselves.
    pub fn read(headers: Vec<String>, how: &StartComplaintImport) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let is_cfpb = is_cfpb(&headers);
        let mut fields: Vec<_> = headers.iter().map(|header| Field::of_header(header, is_cfpb)).collect();
        for (column, field) in read_map(&mut faults, &headers, how.map.as_deref().unwrap_or_default()) {
            if let Some(field) = field.filter(|field| !field.joins()) {
                fields.iter_mut().filter(|other| **other == Some(field)).for_each(|other| *other = None);
            }
            fields[column] = field;
        }
        let default_system = if is_cfpb { CFPB_SYSTEM } else { "" };
        let system = how.system.clone().unwrap_or_else(|| default_system.to_owned());
        check_system(&mut faults, &fields, &system);
        check_once(&mut faults, &headers, &fields);
        if !fields.iter().flatten().any(|field| field.joins()) {
            let message = "no column fills `subject`; say which does, such as map=Summary:subject";
            faults.add("?map", "subject-unmapped", message);
        }
        faults.none_or(Self { headers, fields, system })
    }

    pub fn columns(&self) -> Vec<ImportColumn> {
        let columns = self.headers.iter().zip(&self.fields);
        let field = |field: &Option<Field>| field.map(|field| field.name().to_owned());
        columns.map(|(header, own)| ImportColumn { column: header.clone(), field: field(own) }).collect()
    }

    /// The cells that say something, with the field each fills, in the file's order.
    pub fn filled<'a>(&'a self, cells: &'a [String]) -> impl Iterator<Item = (Field, &'a str)> {
        let said = self.fields.iter().zip(cells).filter_map(|(field, cell)| Some(((*field)?, cell.trim())));
        said.filter(|(_, cell)| !cell.is_empty())
    }

    pub fn key(&self, id: &str) -> ExternalId {
        ExternalId { system: self.system.clone(), id: id.to_owned() }
    }
}

/// The pairs of `map`; a pair without a field leaves its column out.
fn read_map(faults: &mut Faults, headers: &[String], map: &str) -> Vec<(usize, Option<Field>)> {
    let mut pairs = Vec::new();
    for pair in map.split(',').filter(|pair| !pair.trim().is_empty()) {
        let Some((column, field)) = pair.rsplit_once(':') else {
            faults.add("?map", "malformed-map", format!("`{pair}` is no column:field pair"));
            continue;
        };
        let (column, field) = (column.trim(), field.trim());
        let at = headers.iter().position(|header| header.trim() == column);
        if at.is_none() {
            faults.add("?map", "unknown-column", format!("the file has no column `{column}`"));
        }
        let known = Field::named(field);
        if known.is_none() && !field.is_empty() {
            faults.add("?map", "unknown-field", format!("complaints have no field `{field}`"));
        }
        pairs.extend(at.map(|at| (at, known)));
    }
    pairs
}

fn check_system(faults: &mut Faults, fields: &[Option<Field>], system: &str) {
    let has_keys = fields.iter().flatten().any(|field| matches!(field, Field::ExternalId | Field::CustomerExternal));
    if system.is_empty() && has_keys {
        faults.add("?system", "missing", "say which system's keys the file holds");
    } else if !system.is_empty() {
        let key = ExternalId { system: system.to_owned(), id: "any".to_owned() };
        faults.external_id("?system", &key);
    }
}

fn check_once(faults: &mut Faults, headers: &[String], fields: &[Option<Field>]) {
    for (column, field) in fields.iter().enumerate() {
        let Some(field) = field.filter(|field| !field.joins()) else { continue };
        if let Some(first) = fields[..column].iter().position(|earlier| *earlier == Some(field)) {
            let (first, second, name) = (&headers[first], &headers[column], field.name());
            faults.add("?map", "field-twice", format!("columns `{first}` and `{second}` both fill `{name}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &str, map: Option<&str>, system: Option<&str>) -> Result<String, Vec<(String, String)>> {
        let how = StartComplaintImport { map: map.map(str::to_owned), system: system.map(str::to_owned) };
        match Mapping::read(headers.split(',').map(str::to_owned).collect(), &how) {
            Ok(mapping) => {
                let pair = |column: ImportColumn| format!("{}={}", column.column, column.field.unwrap_or_default());
                Ok(mapping.columns().into_iter().map(pair).collect::<Vec<_>>().join(" "))
            }
            Err(faults) => Err(faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()),
        }
    }

    fn faults(list: &[(&str, &str)]) -> Result<String, Vec<(String, String)>> {
        Err(list.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect())
    }

    #[test]
    fn a_file_of_the_bureau_is_read_by_itself() {
        let headers = "Complaint ID,Product,Sub-product,Issue,Sub-issue,State,ZIP code,Submitted via,Date received,\
                       Date sent to company,Company,Company response,Timely response?,Consumer disputed?";
        assert_eq!(
            read(headers, None, None),
            Ok("Complaint ID=external_id Product=product Sub-product=product Issue=issue Sub-issue=issue State= \
                ZIP code= Submitted via=channel Date received=received_at Date sent to company=acknowledged_at \
                Company=customer_external Company response=company_response Timely response?=timely \
                Consumer disputed?="
                .to_owned())
        );
    }

    #[test]
    fn map_goes_before_headers() {
        assert_eq!(
            read("Summary,Status,Opened,When", Some("Status:,When:received_at"), None),
            Ok("Summary=subject Status= Opened= When=received_at".to_owned())
        );
    }

    #[test]
    fn every_fault_is_named() {
        assert_eq!(read("when,status", None, None), faults(&[("?map", "subject-unmapped")]));
        assert_eq!(
            read("title,ticket,opened,received", Some("x,gone:subject,title:size"), None),
            faults(&[
                ("?map", "malformed-map"),
                ("?map", "unknown-column"),
                ("?map", "unknown-field"),
                ("?system", "missing"),
                ("?map", "field-twice"),
                ("?map", "subject-unmapped"),
            ])
        );
    }
}
