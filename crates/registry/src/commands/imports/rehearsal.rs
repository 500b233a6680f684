use std::collections::HashMap;

use database::Instant;
use registry_contract::{Customer, CustomerId, NewCustomer};
use wire::ExternalId;

use crate::commands::registration::{Registration, refuse_taken};
use crate::domain::CustomerDetails;
use crate::error::Result;
use crate::store::CustomerRow;

/// What a file would have made of the customers so far, were it taken in.
#[derive(Default)]
pub(super) struct Rehearsal {
    pub owners: HashMap<ExternalId, CustomerId>,
    pub customers: HashMap<CustomerId, Customer>,
    names: HashMap<String, usize>,
}

impl Rehearsal {
    pub fn create(&mut self, registration: Registration, at: Instant) -> Customer {
        let (id, details) = registration.into_parts();
        let customer = CustomerRow::new(id, String::new(), &details, at).with(details.external_ids.clone());
        *self.names.entry(customer.name.clone()).or_default() += 1;
        self.keep(customer.clone());
        customer
    }

    /// As the command of the same purpose, without writing.
    pub fn update(
        &mut self,
        current: Customer,
        wanted: NewCustomer,
        owners: &HashMap<ExternalId, CustomerId>,
        at: Instant,
    ) -> Result<Customer> {
        let details = CustomerDetails::parse(wanted)?;
        if *details == NewCustomer::from(&current) {
            return Ok(current);
        }
        refuse_taken(current.id, &details.external_ids, owners)?;
        refuse_taken(current.id, &details.external_ids, &self.owners)?;
        let customer = CustomerRow::next(&current, &details, at).with(details.external_ids.clone());
        self.keep(customer.clone());
        Ok(customer)
    }

    fn keep(&mut self, customer: Customer) {
        self.owners.extend(customer.external_ids.iter().map(|key| (key.clone(), customer.id)));
        self.customers.insert(customer.id, customer);
    }

    /// How many customers of this name the file would have created.
    pub fn called(&self, name: &str) -> usize {
        self.names.get(name).copied().unwrap_or_default()
    }
}
