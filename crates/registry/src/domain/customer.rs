use std::collections::HashSet;
use std::ops::Deref;

use registry_contract::{CustomValues, Customer, CustomerKind, NewCustomer};
use wire::{ExternalId, Money};

use super::faults::Faults;
use super::{identifiers, regions, shape};

/// External ids that one customer has at most, and identifiers.
pub(super) const MOST_KEYS: usize = 20;

/// What is known of a customer, held against every rule that needs no database.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerDetails(NewCustomer);

impl CustomerDetails {
    /// Trims what is text and names every fault at once.
    pub fn parse(mut new: NewCustomer) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        faults.text("/name", &mut new.name, 200, &[]);
        faults.optional_text("/short_name", &mut new.short_name, 100, &[]);
        roles(&mut new);
        faults.optional_text("/industry", &mut new.industry, 100, &[]);
        faults.optional_text("/industry_code", &mut new.industry_code, 20, &[shape::industry_code]);
        faults.optional_text("/country", &mut new.country, 2, &[shape::country]);
        faults.optional_text("/region", &mut new.region, 100, &[]);
        region_code(&mut faults, &mut new);
        faults.optional_text("/city", &mut new.city, 100, &[]);
        faults.optional_text("/address", &mut new.address, 500, &[]);
        faults.optional_text("/website", &mut new.website, 300, &[shape::website]);
        faults.optional_text("/phone", &mut new.phone, 50, &[shape::phone]);
        faults.text("/language", &mut new.language, 35, &[shape::language]);
        faults.text("/time_zone", &mut new.time_zone, 50, &[shape::time_zone]);
        faults.text("/currency", &mut new.currency, 3, &[shape::currency]);
        faults.optional_text("/owner", &mut new.owner, 100, &[]);
        revenue(&mut faults, new.annual_revenue.as_ref());
        faults.range("/employees", new.employees, 0, 100_000_000);
        faults.range("/founded_year", new.founded_year, 500, 2200);
        faults.optional_text("/tax_id", &mut new.tax_id, 50, &[]);
        identifiers::parse(&mut faults, &mut new.identifiers);
        external_ids(&mut faults, &mut new.external_ids);
        faults.or(Self(new))
    }

    /// What is stored already: rules made since then do not judge it again.
    pub fn stored(customer: NewCustomer) -> Self {
        Self(customer)
    }
}

impl Deref for CustomerDetails {
    type Target = NewCustomer;

    fn deref(&self) -> &NewCustomer {
        &self.0
    }
}

/// A set, in the order of the vocabulary. The kind may be among them: it comes and goes by itself.
fn roles(new: &mut NewCustomer) {
    new.roles.sort_unstable();
    new.roles.dedup();
}

fn region_code(faults: &mut Faults, new: &mut NewCustomer) {
    faults.optional_text("/region_code", &mut new.region_code, 6, &[]);
    let Some(code) = new.region_code.as_deref().filter(|code| !code.is_empty()) else { return };
    match new.country.as_deref() {
        None => faults.add("/region_code", "missing-country", "needs the country that it is a part of"),
        Some(country) if !regions::is_region_of(country, code) => {
            faults.add("/region_code", "unknown-region", "is no ISO 3166-2 subdivision of the country");
        }
        Some(_) => {}
    }
}

fn revenue(faults: &mut Faults, revenue: Option<&Money>) {
    let Some(revenue) = revenue else { return };
    if revenue.minor < 0 {
        faults.add("/annual_revenue/amount", "out-of-range", "must not be negative");
    }
    if let Some((code, message)) = shape::currency(revenue.currency.as_str()) {
        faults.add("/annual_revenue/currency", code, message);
    }
}

pub(super) fn external_ids(faults: &mut Faults, ids: &mut [ExternalId]) {
    if ids.len() > MOST_KEYS {
        faults.add("/external_ids", "too-many", format!("has more than {MOST_KEYS} items"));
    }
    let mut seen = HashSet::new();
    for (index, external) in ids.iter_mut().enumerate() {
        faults.text(&format!("/external_ids/{index}/system"), &mut external.system, 50, &[shape::external_system]);
        faults.text(&format!("/external_ids/{index}/id"), &mut external.id, 200, &[]);
        if !seen.insert(external.clone()) {
            faults.add(&format!("/external_ids/{index}"), "not-unique", "is there twice");
        }
    }
}

/// The customer for those who may not see persons: what of a consumer is his own business is left out.
pub fn without_personal(customer: Customer) -> Customer {
    if customer.kind != CustomerKind::Consumer {
        return customer;
    }
    let (identifiers, custom_fields) = (Vec::new(), CustomValues::new());
    Customer { address: None, phone: None, tax_id: None, identifiers, custom_fields, ..customer }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(change: impl FnOnce(&mut NewCustomer)) -> Vec<(String, String)> {
        let mut new = NewCustomer::named("深圳示例科技有限公司");
        change(&mut new);
        match CustomerDetails::parse(new) {
            Ok(_) => vec![],
            Err(faults) => faults.into_vec().into_iter().map(|fault| (fault.pointer, fault.code)).collect(),
        }
    }

    fn one(pointer: &str, code: &str) -> Vec<(String, String)> {
        vec![(pointer.to_owned(), code.to_owned())]
    }

    #[test]
    fn each_fault_is_named() {
        let external = |system: &str, id: &str| ExternalId { system: system.into(), id: id.into() };
        assert_eq!(faults(|_| {}), []);
        assert_eq!(faults(|c| c.name = "  ".into()), one("/name", "blank"));
        assert_eq!(faults(|c| c.name = "长".repeat(201)), one("/name", "too-long"));
        assert_eq!(faults(|c| c.name = "长".repeat(200)), []);
        assert_eq!(faults(|c| c.name = "a\0b".into()), one("/name", "control-character"));
        assert_eq!(faults(|c| c.country = Some("XX".into())), one("/country", "unknown-country"));
        assert_eq!(faults(|c| c.currency = "RMB".into()), one("/currency", "unknown-currency"));
        let region = |country: Option<&str>, code: &str| {
            faults(|c| (c.country, c.region_code) = (country.map(str::to_owned), Some(code.to_owned())))
        };
        assert_eq!(region(Some("CN"), "CN-GD"), []);
        assert_eq!(region(Some("DE"), "CN-GD"), one("/region_code", "unknown-region"));
        assert_eq!(region(None, "CN-GD"), one("/region_code", "missing-country"));
        assert_eq!(faults(|c| c.industry_code = Some("gbt4754:I65".into())), []);
        assert_eq!(faults(|c| c.industry_code = Some("gbt4754:C65".into())), one("/industry_code", "unknown-industry"));
        assert_eq!(faults(|c| c.time_zone = "Asia/Shenzhen".into()), one("/time_zone", "unknown-time-zone"));
        assert_eq!(faults(|c| c.employees = Some(-1)), one("/employees", "out-of-range"));
        assert_eq!(faults(|c| c.founded_year = Some(2201)), one("/founded_year", "out-of-range"));
        let loss = Money { minor: -1, currency: wire::Currency::CNY };
        assert_eq!(faults(|c| c.annual_revenue = Some(loss)), one("/annual_revenue/amount", "out-of-range"));
        assert_eq!(
            faults(|c| c.external_ids = vec![external("sap", "1"), external("sap", "1")]),
            one("/external_ids/1", "not-unique")
        );
        assert_eq!(
            faults(|c| c.external_ids = vec![external("SAP", "1")]),
            one("/external_ids/0/system", "bad-format")
        );
    }

    #[test]
    fn all_faults_come_at_once_in_the_order_of_the_fields() {
        let found = faults(|c| {
            c.tax_id = Some(String::new());
            c.phone = Some("none".into());
            c.website = Some("example.com".into());
            c.time_zone = "Shanghai".into();
            c.language = "chinese".into();
        });
        let pointers: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/website", "/phone", "/language", "/time_zone", "/tax_id"]);
    }

    #[test]
    fn text_is_trimmed() {
        let mut new = NewCustomer::named("  万科Ａ ");
        new.short_name = Some(" VK ".into());
        let details = CustomerDetails::parse(new).expect("is right");
        assert_eq!((details.name.as_str(), details.short_name.as_deref()), ("万科Ａ", Some("VK")));
    }

    #[test]
    fn roles_are_a_set() {
        use registry_contract::CustomerKind::{Buyer, ChannelPartner, Enterprise, Intermediary};
        let mut new = NewCustomer::named("Acme");
        new.roles = vec![ChannelPartner, Enterprise, Intermediary, ChannelPartner, Buyer];
        let details = CustomerDetails::parse(new).expect("is right");
        assert_eq!(details.roles, [Buyer, Enterprise, Intermediary, ChannelPartner]);
    }
}
