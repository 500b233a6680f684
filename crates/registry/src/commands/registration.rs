//! How customers come to be, one or thousands at a time: every way to create one ends here.

use std::collections::HashMap;

use chassis::audit;
use database::Tx;
use messaging::{Act, outbox};
use registry_contract::{Customer, CustomerId, NewCustomer, v1};
use wire::ExternalId;

use super::customers::unfit_parent;
use crate::domain::{CustomerDetails, Faults};
use crate::error::{Error, Result};
use crate::facts::customer_fact;
use crate::store::{self, CustomerRow};

/// A customer to be created that nothing stands in the way of.
pub(super) struct Registration {
    id: CustomerId,
    details: CustomerDetails,
}

impl Registration {
    pub fn into_parts(self) -> (CustomerId, CustomerDetails) {
        (self.id, self.details)
    }
}

/// Whether a customer may be created, or what its sender is to blame for.
pub(super) type Vetted = std::result::Result<Registration, Error>;

/// Holds each against the rules, the database, those before it and the keys that are `taken` besides. Writes nothing, so
/// that the transaction may go on whatever is refused; `Err` is the database's.
pub(super) async fn vet(
    tx: &mut Tx,
    all: Vec<(CustomerId, NewCustomer)>,
    taken: Option<&HashMap<ExternalId, CustomerId>>,
) -> Result<Vec<Vetted>> {
    let mut parsed = Vec::with_capacity(all.len());
    for (id, new) in all {
        let unfit = unfit_parent(tx, id, new.parent_id).await?;
        parsed.push((id, Faults::join(CustomerDetails::parse(new), unfit)));
    }
    let right = parsed.iter().filter_map(|(_, details)| details.as_ref().ok());
    let mut owners = store::owners_of(tx, right.flat_map(|details| &details.external_ids)).await?;
    let vetted = parsed.into_iter().map(|(id, details)| {
        let details = details?;
        refuse_taken(id, &details.external_ids, &owners)?;
        taken.map_or(Ok(()), |taken| refuse_taken(id, &details.external_ids, taken))?;
        owners.extend(details.external_ids.iter().map(|key| (key.clone(), id)));
        Ok(Registration { id, details })
    });
    Ok(vetted.collect())
}

/// Creates the customers. What comes to be together with a customer (rows of other tables, entries, events) is made here
/// and nowhere else, for all of them in as few statements as for one.
pub(super) async fn register(tx: &mut Tx, act: &Act, all: Vec<Registration>) -> Result<Vec<Customer>> {
    let numbers = database::next_numbers(tx, "customer_code", all.len()).await?;
    let row = |(one, number): (&Registration, i64)| {
        CustomerRow::new(one.id, format!("C-{number:06}"), &one.details, act.at.into())
    };
    let rows: Vec<CustomerRow> = all.iter().zip(numbers).map(row).collect();
    store::insert_customers(tx, &rows).await?;
    let customers: Vec<Customer> =
        rows.into_iter().zip(&all).map(|(row, one)| row.with(one.details.external_ids.clone())).collect();
    let keys = customers.iter().flat_map(|one| one.external_ids.iter().map(|key| (one.id, key)));
    store::insert_external_ids(tx, keys).await?;
    audit::record_many(tx, act, "customer.created", "customer", customers.iter().map(|one| one.id.into())).await?;
    let events: Vec<_> = customers.iter().map(|one| v1::CustomerCreated(customer_fact(one))).collect();
    outbox::enqueue_many(tx, act, &events).await?;
    Ok(customers)
}

/// Takes back what [`register`] made of a customer that nobody has changed since: what comes to be there is gone here. False
/// when something belongs to the customer, which then stays.
pub(super) async fn withdraw(tx: &mut Tx, act: &Act, mut customer: Customer) -> Result<bool> {
    if !store::remove_customer(tx, customer.id.into()).await? {
        return Ok(false);
    }
    customer.version += 1;
    audit::record(tx, act, "customer.withdrawn", "customer", customer.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerWithdrawn(customer_fact(&customer))).await?;
    Ok(true)
}

pub(super) fn refuse_taken(
    own: CustomerId,
    external_ids: &[ExternalId],
    owners: &HashMap<ExternalId, CustomerId>,
) -> Result<()> {
    let mut taken = Faults::default();
    for (index, key) in external_ids.iter().enumerate() {
        if owners.get(key).is_some_and(|owner| *owner != own) {
            taken.add(&format!("/external_ids/{index}"), "external-id-taken", "belongs to another customer");
        }
    }
    if taken.is_empty() { Ok(()) } else { Err(Error::ExternalIdTaken(taken.into_vec())) }
}
