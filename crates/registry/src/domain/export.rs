//! Customers as rows of a file that can be imported again.

use registry_contract::{Customer, CustomerKind};

use super::Faults;

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

    fn number(number: Option<impl ToString>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number.to_string()))
    }
}

/// A column of an exported file; most bear the name of the field they are read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    Plain(&'static str),
    /// The code of the customer this one belongs to.
    Parent,
    /// The key in the named system.
    ExternalId(String),
}

const PARENT: &str = "parent";
const EXTERNAL_ID: &str = "external_id.";

type Read = fn(&Customer) -> Cell;

#[rustfmt::skip]
const PLAIN: &[(&str, Read)] = &[
    ("code", |c| Cell::Text(c.code.clone())),
    ("name", |c| Cell::Text(c.name.clone())),
    ("short_name", |c| Cell::optional(c.short_name.as_deref())),
    ("kind", |c| Cell::Text(c.kind.to_string())),
    ("tier", |c| Cell::Text(c.tier.to_string())),
    ("lifecycle", |c| Cell::Text(c.lifecycle.to_string())),
    ("industry", |c| Cell::optional(c.industry.as_deref())),
    ("country", |c| Cell::optional(c.country.as_deref())),
    ("region", |c| Cell::optional(c.region.as_deref())),
    ("city", |c| Cell::optional(c.city.as_deref())),
    ("address", |c| Cell::optional(c.address.as_deref())),
    ("website", |c| Cell::optional(c.website.as_deref())),
    ("phone", |c| Cell::optional(c.phone.as_deref())),
    ("language", |c| Cell::Text(c.language.clone())),
    ("time_zone", |c| Cell::Text(c.time_zone.clone())),
    ("currency", |c| Cell::Text(c.currency.clone())),
    ("owner", |c| Cell::optional(c.owner.as_deref())),
    ("annual_revenue", |c| Cell::number(c.annual_revenue.map(|money| money.amount()))),
    ("annual_revenue_currency", |c| Cell::optional(c.annual_revenue.as_ref().map(|money| money.currency.as_str()))),
    ("employees", |c| Cell::number(c.employees)),
    ("founded_year", |c| Cell::number(c.founded_year)),
    ("tax_id", |c| Cell::optional(c.tax_id.as_deref())),
    ("id", |c| Cell::Text(c.id.to_string())),
    ("version", |c| Cell::number(Some(c.version))),
    ("created_at", |c| Cell::Text(c.created_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))),
    ("updated_at", |c| Cell::Text(c.updated_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))),
];

/// What of a consumer is a person's own business.
pub const PERSONAL: &[&str] = &["address", "phone", "tax_id"];

impl Column {
    /// All there are, with a column for each of the systems that any customer is known in.
    pub fn all(systems: &[String]) -> Vec<Self> {
        let external = systems.iter().map(|system| Self::ExternalId(system.clone()));
        PLAIN.iter().map(|(name, _)| Self::Plain(name)).chain([Self::Parent]).chain(external).collect()
    }

    /// The columns with these names, comma-separated, in their order.
    pub fn named(names: &str) -> Result<Vec<Self>, Faults> {
        let (mut columns, mut faults) = (Vec::new(), Faults::default());
        for name in names.split(',').map(str::trim) {
            let plain = PLAIN.iter().find(|(known, _)| *known == name).map(|(known, _)| Self::Plain(known));
            let column = plain
                .or_else(|| (name == PARENT).then_some(Self::Parent))
                .or_else(|| name.strip_prefix(EXTERNAL_ID).map(|system| Self::ExternalId(system.to_owned())));
            match column {
                None => faults.add("?columns", "unknown-column", format!("there is no column `{name}`")),
                Some(column) if columns.contains(&column) => {
                    faults.add("?columns", "not-unique", format!("column `{name}` is there twice"));
                }
                Some(column) => columns.push(column),
            }
        }
        faults.or(columns)
    }

    pub fn name(&self) -> String {
        match self {
            Self::Plain(name) => (*name).to_owned(),
            Self::Parent => PARENT.to_owned(),
            Self::ExternalId(system) => format!("{EXTERNAL_ID}{system}"),
        }
    }

    pub fn is_personal(&self) -> bool {
        matches!(self, Self::Plain(name) if PERSONAL.contains(name))
    }

    /// The cell of a customer; `parent` is its parent's code. Without the right to see persons, what is personal of a
    /// consumer is left out.
    pub fn cell(&self, customer: &Customer, parent: Option<&str>, sees_persons: bool) -> Cell {
        if self.is_personal() && customer.kind == CustomerKind::Consumer && !sees_persons {
            return Cell::Empty;
        }
        match self {
            Self::Plain(name) => {
                PLAIN.iter().find(|(known, _)| known == name).map_or(Cell::Empty, |(_, read)| read(customer))
            }
            Self::Parent => Cell::optional(parent),
            Self::ExternalId(system) => {
                let key = customer.external_ids.iter().find(|key| key.system == *system);
                Cell::optional(key.map(|key| key.id.as_str()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::import::Mapping;

    #[test]
    fn columns_are_found_by_their_names() {
        let all = Column::all(&["sap".to_owned()]);
        let names: Vec<String> = all.iter().map(Column::name).collect();
        assert_eq!(Column::named(&names.join(",")), Ok(all));
        let faults = Column::named("name,shoe_size,name,external_id.sap").expect_err("two faults").into_vec();
        assert_eq!(
            faults.iter().map(|fault| fault.code.as_str()).collect::<Vec<_>>(),
            ["unknown-column", "not-unique"]
        );
    }

    #[test]
    fn what_is_exported_is_read_as_what_it_was() {
        let names: Vec<String> = Column::all(&["sap".to_owned()]).iter().map(Column::name).collect();
        let mapping = Mapping::read(names, None, None).expect("a header of customers");
        for column in mapping.columns() {
            let own = !["id", "version", "created_at", "updated_at"].contains(&column.column.as_str());
            assert_eq!(column.fields, if own { vec![column.column.clone()] } else { vec![] });
        }
    }
}
