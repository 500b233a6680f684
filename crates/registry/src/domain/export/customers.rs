use registry_contract::{Customer, IdentifierType};

use super::{Cell, chosen};
use crate::domain::import::{Field, key_text};
use crate::domain::{Definitions, Faults};

/// A column of a file of customers; most bear the name of the field they are read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerColumn {
    Plain(&'static str),
    /// The code of the customer this one belongs to.
    Parent,
    /// Of the type `other` with its scheme; several with `;` between them.
    Identifier(IdentifierType, Option<String>),
    /// The first key in the named system.
    ExternalId(String),
    /// The custom field of this key.
    Custom(String),
}

/// Identifiers that every file has a column for.
const IDENTIFIERS: [IdentifierType; 4] =
    [IdentifierType::Uscc, IdentifierType::Lei, IdentifierType::Duns, IdentifierType::EuVat];

type Read = fn(&Customer) -> Cell;

#[rustfmt::skip]
const PLAIN: &[(&str, Read)] = &[
    ("code", |c| Cell::Text(c.code.clone())),
    ("name", |c| Cell::Text(c.name.clone())),
    ("short_name", |c| Cell::optional(c.short_name.as_deref())),
    ("kind", |c| Cell::Text(c.kind.to_string())),
    ("roles", |c| Cell::list(c.roles.iter().map(ToString::to_string))),
    ("tier", |c| Cell::Text(c.tier.to_string())),
    ("lifecycle", |c| Cell::Text(c.lifecycle.to_string())),
    ("industry", |c| Cell::optional(c.industry.as_deref())),
    ("industry_code", |c| Cell::optional(c.industry_code.as_deref())),
    ("country", |c| Cell::optional(c.country.as_deref())),
    ("region", |c| Cell::optional(c.region.as_deref())),
    ("region_code", |c| Cell::optional(c.region_code.as_deref())),
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
    ("external_ids", |c| Cell::list(c.external_ids.iter().map(key_text))),
    ("id", |c| Cell::Text(c.id.to_string())),
    ("version", |c| Cell::number(Some(c.version))),
    ("created_at", |c| Cell::instant(c.created_at)),
    ("updated_at", |c| Cell::instant(c.updated_at)),
];

/// What [`without_personal`](crate::domain::without_personal) takes away, besides identifiers and custom fields.
const PERSONAL: &[&str] = &["address", "phone", "tax_id"];

impl CustomerColumn {
    /// All there are, with a column for each of the systems that any customer is known in and each custom field. Identifiers
    /// of the type `other` are there by name only.
    pub fn all(systems: &[String], fields: &Definitions) -> Vec<Self> {
        let plain = PLAIN.iter().map(|(name, _)| Self::Plain(name));
        let identifiers = IDENTIFIERS.into_iter().map(|kind| Self::Identifier(kind, None));
        let external = systems.iter().map(|system| Self::ExternalId(system.clone()));
        let custom = fields.keys().map(|key| Self::Custom(key.to_owned()));
        plain.chain([Self::Parent]).chain(identifiers).chain(external).chain(custom).collect()
    }

    fn called(name: &str, fields: &Definitions) -> Option<Self> {
        if let Some((known, _)) = PLAIN.iter().find(|(known, _)| *known == name) {
            return Some(Self::Plain(known));
        }
        match Field::named(name, None)? {
            Field::Parent => Some(Self::Parent),
            Field::Identifier(kind, scheme) => Some(Self::Identifier(kind, scheme)),
            Field::ExternalId(system) => Some(Self::ExternalId(system)),
            Field::Custom(key) => fields.has(&key).then_some(Self::Custom(key)),
            _ => None,
        }
    }

    /// The columns with these names, comma-separated, in their order.
    pub fn named(names: &str, fields: &Definitions) -> Result<Vec<Self>, Faults> {
        chosen(names, |name| Self::called(name, fields))
    }

    pub fn name(&self) -> String {
        match self {
            Self::Plain(name) => (*name).to_owned(),
            Self::Parent => Field::Parent.to_string(),
            Self::Identifier(kind, scheme) => Field::Identifier(*kind, scheme.clone()).to_string(),
            Self::ExternalId(system) => Field::ExternalId(system.clone()).to_string(),
            Self::Custom(key) => Field::Custom(key.clone()).to_string(),
        }
    }

    pub fn is_personal(&self) -> bool {
        match self {
            Self::Plain(name) => PERSONAL.contains(name),
            Self::Identifier(..) => true,
            // What an administrator's fields hold of a person nobody knows.
            Self::Custom(_) => true,
            Self::Parent | Self::ExternalId(_) => false,
        }
    }

    /// The cell of a customer; `parent` is its parent's code.
    pub fn cell(&self, customer: &Customer, parent: Option<&str>) -> Cell {
        match self {
            Self::Plain(name) => {
                PLAIN.iter().find(|(known, _)| known == name).map_or(Cell::Empty, |(_, read)| read(customer))
            }
            Self::Parent => Cell::optional(parent),
            Self::Identifier(kind, scheme) => {
                let own = customer.identifiers.iter().filter(|one| one.r#type == *kind && one.scheme == *scheme);
                Cell::list(own.map(|one| one.value.clone()))
            }
            Self::Custom(key) => customer.custom_fields.get(key).map_or(Cell::Empty, Cell::custom),
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
        let fields = Definitions::default();
        let all = CustomerColumn::all(&["sap".to_owned()], &fields);
        let names: Vec<String> = all.iter().map(CustomerColumn::name).collect();
        assert_eq!(CustomerColumn::named(&names.join(","), &fields), Ok(all));
        let faults = CustomerColumn::named("name,custom.shoe_size,name,external_id.sap", &fields);
        let faults = faults.expect_err("two faults").into_vec();
        assert_eq!(
            faults.iter().map(|fault| fault.code.as_str()).collect::<Vec<_>>(),
            ["unknown-column", "not-unique"]
        );
    }

    #[test]
    fn what_is_exported_is_read_as_what_it_was() {
        let columns = CustomerColumn::all(&["sap".to_owned()], &Definitions::default());
        let names: Vec<String> = columns.iter().map(CustomerColumn::name).collect();
        let mapping = Mapping::read(names, None, None).expect("a header of customers");
        for column in mapping.columns() {
            let own = !["id", "version", "created_at", "updated_at"].contains(&column.column.as_str());
            assert_eq!(column.fields, if own { vec![column.column.clone()] } else { vec![] });
        }
    }
}
