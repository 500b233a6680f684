use std::collections::BTreeMap;
use std::str::FromStr;

use registry_contract::{CustomerPatch, Identifier, NewCustomer};
use wire::{Currency, ExternalId, Money};

use super::fields::Field;
use super::keys::read_keys;
use super::{Mapping, words};
use crate::domain::{Definitions, Faults, countries, identifiers};

/// What one row says of a customer. An empty cell says nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    patch: CustomerPatch,
    external_ids: Vec<ExternalId>,
    identifiers: Vec<Identifier>,
    /// Cells of custom fields by their keys.
    custom: BTreeMap<String, String>,
    /// Name or code of the customer this one belongs to.
    pub parent: Option<String>,
    pub code: Option<String>,
}

impl Reading {
    pub fn of(mapping: &Mapping, cells: &[String]) -> (Self, Faults) {
        let mut reading = Self::default();
        let mut faults = Faults::default();
        let (mut revenue, mut revenue_currency) = (None, None);
        for (column, field) in mapping.fills() {
            let Some(cell) = cells.get(column).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()) else {
                continue;
            };
            match field {
                // Its currency may stand in a later column.
                Field::AnnualRevenue => revenue = Some(cell),
                Field::AnnualRevenueCurrency => revenue_currency = Some(cell.to_uppercase()),
                field => reading.take(field, cell, &mut faults),
            }
        }
        if let Some(cell) = revenue {
            let currency = revenue_currency.as_deref().or(reading.patch.currency.as_deref());
            let currency = currency.and_then(|code| code.parse().ok()).unwrap_or(Currency::CNY);
            reading.patch.annual_revenue = money(&mut faults, &cell.replace(',', ""), currency).map(Some);
        }
        (reading, faults)
    }

    /// What the row is known by: its first external id.
    pub fn key(&self) -> Option<&ExternalId> {
        self.external_ids.first()
    }

    pub fn external_ids(&self) -> &[ExternalId] {
        &self.external_ids
    }

    /// In their standards' forms, where they have them.
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// Writes what the row says over `customer`; `fields` say what the cells of custom fields are.
    pub fn apply(self, customer: &mut NewCustomer, fields: &Definitions) {
        self.patch.apply(customer);
        let kinds: Vec<_> =
            self.identifiers.iter().map(|one| one.r#type).filter(|kind| kind.has_one_holder()).collect();
        customer.identifiers.retain(|known| !kinds.contains(&known.r#type));
        for identifier in self.identifiers {
            if !customer.identifiers.contains(&identifier) {
                customer.identifiers.push(identifier);
            }
        }
        customer.identifiers.sort();
        for (key, cell) in self.custom {
            let value = fields.read(&key, &cell);
            customer.custom_fields.insert(key, value);
        }
        for external in self.external_ids {
            if !customer.external_ids.contains(&external) {
                customer.external_ids.push(external);
            }
        }
    }

    fn take(&mut self, field: &Field, cell: &str, faults: &mut Faults) {
        let text = || cell.to_owned();
        let patch = &mut self.patch;
        match field {
            Field::Name => patch.name = Some(text()),
            Field::ShortName => patch.short_name = Some(Some(text())),
            Field::Kind => patch.kind = choice(faults, "/kind", words::read(cell, words::KINDS)),
            Field::Roles => {
                let roles = cell.split([';', '；', ',', '、']).map(str::trim).filter(|word| !word.is_empty());
                let roles = roles.map(|word| choice(faults, "/roles", words::read(word, words::KINDS)));
                patch.roles = Some(roles.collect::<Vec<_>>().into_iter().flatten().collect());
            }
            Field::Tier => patch.tier = choice(faults, "/tier", words::read_tier(cell)),
            Field::Lifecycle => patch.lifecycle = choice(faults, "/lifecycle", words::read(cell, words::STAGES)),
            Field::Industry => patch.industry = Some(Some(text())),
            Field::IndustryCode => patch.industry_code = Some(Some(text())),
            // What is no country stays, for the rules to refuse.
            Field::Country => patch.country = Some(Some(countries::find(cell).map_or_else(text, str::to_owned))),
            Field::Region => patch.region = Some(Some(text())),
            Field::RegionCode => patch.region_code = Some(Some(cell.to_uppercase())),
            Field::City => patch.city = Some(Some(text())),
            Field::Address => patch.address = Some(Some(text())),
            Field::Website => patch.website = Some(Some(text())),
            Field::Phone => patch.phone = Some(Some(text())),
            Field::Language => patch.language = Some(text()),
            Field::TimeZone => patch.time_zone = Some(text()),
            Field::Currency => patch.currency = Some(cell.to_uppercase()),
            Field::Owner => patch.owner = Some(Some(text())),
            Field::AnnualRevenue | Field::AnnualRevenueCurrency => {}
            Field::AnnualRevenueMillionUsd => {
                patch.annual_revenue = money(faults, &millions(cell), Currency::USD).map(Some);
            }
            Field::Employees => patch.employees = number(faults, "/employees", cell).map(Some),
            Field::FoundedYear => patch.founded_year = number(faults, "/founded_year", cell).map(Some),
            Field::TaxId => patch.tax_id = Some(Some(text())),
            Field::CountryOrRegion => match countries::find(cell) {
                Some(code) => patch.country = Some(Some(code.to_owned())),
                None => patch.region = Some(Some(text())),
            },
            Field::Code => self.code = Some(cell.to_uppercase()),
            Field::Parent => self.parent = Some(text()),
            Field::Identifier(kind, scheme) => {
                for value in cell.split(';').map(str::trim) {
                    let value = identifiers::form(*kind, value).unwrap_or_else(|_| value.to_owned());
                    self.identifiers.push(Identifier { r#type: *kind, scheme: scheme.clone(), value });
                }
            }
            Field::Custom(key) => {
                self.custom.insert(key.clone(), text());
            }
            Field::ExternalId(system) => self.external_ids.push(ExternalId { system: system.clone(), id: text() }),
            Field::ExternalIds => match read_keys(cell) {
                Some(keys) => self.external_ids.extend(keys),
                None => {
                    faults.add("/external_ids", "bad-format", "must be keys like `sap:4711`, with `;` between them");
                }
            },
        }
    }
}

fn choice<T, E: ToString>(faults: &mut Faults, pointer: &str, read: Result<T, E>) -> Option<T> {
    read.map_err(|error| faults.add(pointer, "not-allowed", error.to_string())).ok()
}

fn number<T: FromStr>(faults: &mut Faults, pointer: &str, cell: &str) -> Option<T> {
    let parsed = cell.replace(',', "").parse();
    parsed.map_err(|_| faults.add(pointer, "bad-format", "is no whole number")).ok()
}

fn money(faults: &mut Faults, amount: &str, currency: Currency) -> Option<Money> {
    Money::parse(amount, currency).map_err(|error| faults.add("/annual_revenue", "bad-format", error.to_string())).ok()
}

/// The decimal number a million times as large, exactly; what is no number stays none.
fn millions(amount: &str) -> String {
    let amount = amount.replace(',', "");
    let (whole, fraction) = amount.split_once('.').unwrap_or((&amount, ""));
    let shifted = fraction.len().min(6);
    if !fraction.is_char_boundary(shifted) {
        return amount;
    }
    let (up, rest) = fraction.split_at(shifted);
    let rest = if rest.is_empty() { "0" } else { rest };
    format!("{whole}{up:0<6}.{rest}")
}

#[cfg(test)]
mod tests {
    use registry_contract::{CustomerKind, IdentifierType};

    use super::*;

    fn read(headers: &str, cells: &str, system: Option<&str>) -> (NewCustomer, Option<String>, Vec<(String, String)>) {
        let split = |line: &str| line.split(';').map(str::to_owned).collect::<Vec<_>>();
        let mapping = Mapping::read(split(headers), None, system).expect("is a mapping");
        let (reading, faults) = Reading::of(&mapping, &split(cells));
        let parent = reading.parent.clone();
        let mut customer = NewCustomer::named("?");
        reading.apply(&mut customer, &Definitions::default());
        (customer, parent, faults.into_vec().into_iter().map(|fault| (fault.pointer, fault.code)).collect())
    }

    #[test]
    fn a_row_of_accounts() {
        let headers = "account;sector;year_established;revenue;employees;office_location;subsidiary_of";
        let (customer, parent, faults) =
            read(headers, "Betatech;medical;1986;647.18;1,185;Kenya;Acme Corporation", None);
        assert_eq!(faults, []);
        assert_eq!(parent.as_deref(), Some("Acme Corporation"));
        let mut expected = NewCustomer::named("Betatech");
        expected.industry = Some("medical".into());
        expected.founded_year = Some(1986);
        expected.annual_revenue = Some(Money { minor: 64_718_000_000, currency: Currency::USD });
        expected.employees = Some(1185);
        expected.country = Some("KE".into());
        assert_eq!(customer, expected);

        let (customer, parent, _) = read(headers, "Bioholding;;;;;Philipines;", None);
        assert_eq!((customer.country, customer.region.as_deref(), parent), (None, Some("Philipines"), None));
    }

    #[test]
    fn keys_keep_their_leading_zeros() {
        let (customer, ..) = read("ts_code;symbol;name;area;industry", "000001.SZ;000001;平安银行;深圳;银行", None);
        let ids: Vec<_> = customer.external_ids.iter().map(|e| (e.system.as_str(), e.id.as_str())).collect();
        assert_eq!(ids, [("ts_code", "000001.SZ"), ("symbol", "000001")]);
        assert_eq!(customer.region.as_deref(), Some("深圳"));
    }

    #[test]
    fn identifiers_take_their_form_and_replace_their_like() {
        let mapping = Mapping::read(vec!["name".into(), "uscc".into(), "identifier.other.us_ein".into()], None, None);
        let cells = ["甲", "9144 0300-708461136t", "12-3456789"].map(str::to_owned);
        let (reading, faults) = Reading::of(&mapping.expect("is a mapping"), &cells);
        assert!(faults.is_empty());
        let identifier = |kind, scheme: Option<&str>, value: &str| Identifier {
            r#type: kind,
            scheme: scheme.map(str::to_owned),
            value: value.to_owned(),
        };
        let mut customer = NewCustomer::named("?");
        customer.identifiers = vec![
            identifier(IdentifierType::EuVat, None, "DE136695976"),
            identifier(IdentifierType::Uscc, None, "91350100M000100Y43"),
        ];
        reading.apply(&mut customer, &Definitions::default());
        assert_eq!(
            customer.identifiers,
            [
                identifier(IdentifierType::EuVat, None, "DE136695976"),
                identifier(IdentifierType::Other, Some("us_ein"), "12-3456789"),
                identifier(IdentifierType::Uscc, None, "91440300708461136T"),
            ]
        );
    }

    #[test]
    fn words_of_people_are_read_as_ours() {
        let (customer, _, faults) =
            read("客户名称;客户类型;客户角色;客户等级;客户阶段", "甲;企业客户;经销商、Dealer;Ａ级;流失", None);
        assert_eq!(faults, []);
        let seen = (customer.kind.as_str(), customer.tier.as_str(), customer.lifecycle.as_str());
        assert_eq!(seen, ("enterprise", "A", "lapsed"));
        assert_eq!(customer.roles, [CustomerKind::ChannelPartner, CustomerKind::ChannelPartner]);
        let (.., faults) = read("name;客户类型;等级", "甲;合作伙伴;重点客户", None);
        let faults: Vec<_> = faults.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
        assert_eq!(faults, [("/kind", "not-allowed"), ("/tier", "not-allowed")]);
    }

    #[test]
    fn every_bad_cell_is_named() {
        let (.., faults) = read("name;tier;employees;revenue;currency;kind", "甲;X;many;1.999;usd;alien", None);
        let faults: Vec<_> = faults.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
        assert_eq!(
            faults,
            [
                ("/tier", "not-allowed"),
                ("/employees", "bad-format"),
                ("/kind", "not-allowed"),
                ("/annual_revenue", "bad-format"),
            ]
        );
    }

    #[test]
    fn millions_are_exact() {
        for (given, expected) in [
            ("1100.04", "1100040000.0"),
            ("0.000001", "0000001.0"),
            ("5", "5000000.0"),
            ("1.23456789", "1234567.89"),
            ("1,000", "1000000000.0"),
            ("n/a", "n/a000000.0"),
        ] {
            assert_eq!(millions(given), expected);
        }
    }
}
