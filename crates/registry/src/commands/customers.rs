use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Tx};
use messaging::{Act, outbox};
use registry_contract::{Customer, CustomerId, CustomerPatch, NewCustomer, v1};
use wire::{ExternalId, Reference};

use super::registration::{refuse_taken, register, vet};
use crate::domain::{CustomerDetails, Faults, may_belong};
use crate::error::{Error, Result};
use crate::facts::customer_fact;
use crate::store::{self, CustomerRow};

pub async fn create_customer(db: &Db, act: &Act, new: NewCustomer) -> Result<Customer> {
    let id = act.new_id().into();
    match create(db, act, id, new).await {
        // A request repeated after a crash between the commit and its answer meets its own customer.
        Err(error @ (Error::ExternalIdTaken(_) | Error::Database(database::Error::Unique { .. }))) => {
            stored(db, id).await?.ok_or(error)
        }
        done => done,
    }
}

async fn create(db: &Db, act: &Act, id: CustomerId, new: NewCustomer) -> Result<Customer> {
    let mut tx = db.begin().await?;
    let customer = create_in(&mut tx, act, id, new).await?;
    tx.commit().await?;
    Ok(customer)
}

async fn stored(db: &Db, id: CustomerId) -> Result<Option<Customer>> {
    let mut conn = db.read().await?;
    let rows = store::find_customer(&mut conn, &Reference::Id(id)).await?.into_iter().collect();
    Ok(store::with_external_ids(&mut conn, rows).await?.pop())
}

pub async fn update_customer(
    db: &Db,
    act: &Act,
    reference: &Reference<CustomerId>,
    expected: IfMatch,
    patch: CustomerPatch,
) -> Result<Customer> {
    let mut tx = db.begin().await?;
    let current = load(&mut tx, reference).await?;
    expected.check(current.version)?;
    let mut wanted = NewCustomer::from(&current);
    patch.apply(&mut wanted);
    let customer = update_in(&mut tx, act, current, wanted).await?;
    tx.commit().await?;
    Ok(customer)
}

/// The customer as it is, and stays until the transaction ends.
pub(super) async fn load(tx: &mut Tx, reference: &Reference<CustomerId>) -> Result<Customer> {
    let rows = store::lock_customer(tx, reference).await?.into_iter().collect();
    let customer = store::with_external_ids(tx, rows).await?.pop();
    customer.ok_or_else(|| Error::CustomerNotFound(reference.to_string()))
}

/// Creates a customer in a transaction that may go on after a refusal: everything is checked before it writes.
pub(super) async fn create_in(tx: &mut Tx, act: &Act, id: CustomerId, new: NewCustomer) -> Result<Customer> {
    let vetted = vet(tx, vec![(id, new)], None).await?.into_iter().collect::<Result<Vec<_>>>()?;
    let created = register(tx, act, vetted).await?.pop();
    created.ok_or_else(|| Error::CustomerNotFound(id.to_string()))
}

/// The same for a customer known by a key that nobody had when asked. Whoever took the key meanwhile is not in the way:
/// the whole is to be done again.
pub(super) async fn create_by_key(tx: &mut Tx, act: &Act, key: &ExternalId, new: NewCustomer) -> Result<Customer> {
    match create_in(tx, act, act.new_id().into(), new).await {
        Err(Error::ExternalIdTaken(_)) if store::owner_of(tx, key).await?.is_some() => Err(Error::Contended),
        done => done,
    }
}

/// Makes the customer what is wanted, in a transaction that may go on after a refusal. Nothing to change changes
/// nothing, the version included.
pub(super) async fn update_in(tx: &mut Tx, act: &Act, current: Customer, wanted: NewCustomer) -> Result<Customer> {
    let moved = wanted.parent_id.filter(|_| wanted.parent_id != current.parent_id);
    let unfit = unfit_parent(tx, current.id, moved).await?;
    let details = Faults::join(CustomerDetails::parse(wanted), unfit)?;
    if *details == NewCustomer::from(&current) {
        return Ok(current);
    }
    let owners = store::owners_of(tx, &details.external_ids).await?;
    refuse_taken(current.id, &details.external_ids, &owners)?;

    let row = CustomerRow::next(&current, &details, act.at.into());
    if !store::update_customer(tx, &row).await? {
        return Err(Error::Contended);
    }
    store::delete_external_ids(tx, &without(&current.external_ids, &details.external_ids)).await?;
    let gained = without(&details.external_ids, &current.external_ids);
    store::insert_external_ids(tx, gained.iter().map(|key| (current.id, key))).await?;
    let customer = row.with(details.external_ids.clone());
    audit::record(tx, act, "customer.updated", "customer", customer.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerUpdated(customer_fact(&customer))).await?;
    Ok(customer)
}

fn without(all: &[ExternalId], others: &[ExternalId]) -> Vec<ExternalId> {
    all.iter().filter(|external| !others.contains(external)).cloned().collect()
}

pub(super) async fn unfit_parent(tx: &mut Tx, child: CustomerId, parent: Option<CustomerId>) -> Result<Faults> {
    let mut faults = Faults::default();
    let Some(parent) = parent else { return Ok(faults) };
    store::lock_hierarchy(tx).await?;
    let line = store::ancestors(tx, parent).await?;
    if !may_belong(child, parent, &line) {
        faults.add("/parent_id", "hierarchy-cycle", "belongs to this customer itself");
    } else if line.is_empty() {
        faults.add("/parent_id", "unknown-customer", "there is no such customer");
    }
    Ok(faults)
}
