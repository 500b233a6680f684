use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Tx};
use messaging::{Act, outbox};
use registry_contract::{Customer, CustomerId, CustomerPatch, NewCustomer, v1};
use wire::{ExternalId, Reference};

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
    let unfit = unfit_parent(tx, id, new.parent_id).await?;
    let details = Faults::join(CustomerDetails::parse(new), unfit)?;
    refuse_taken(tx, id, &details.external_ids).await?;

    let number = database::next_number(tx, "customer_code").await?;
    let row = CustomerRow::new(id, format!("C-{number:06}"), &details, act.at.into());
    store::insert_customer(tx, &row).await?;
    store::insert_external_ids(tx, id, &details.external_ids).await?;
    let customer = row.with(details.external_ids.clone());
    audit::record(tx, act, "customer.created", "customer", id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerCreated(customer_fact(&customer))).await?;
    Ok(customer)
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
    refuse_taken(tx, current.id, &details.external_ids).await?;

    let row = CustomerRow::next(&current, &details, act.at.into());
    if !store::update_customer(tx, &row).await? {
        return Err(Error::Contended);
    }
    store::delete_external_ids(tx, &without(&current.external_ids, &details.external_ids)).await?;
    store::insert_external_ids(tx, current.id, &without(&details.external_ids, &current.external_ids)).await?;
    let customer = row.with(details.external_ids.clone());
    audit::record(tx, act, "customer.updated", "customer", customer.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerUpdated(customer_fact(&customer))).await?;
    Ok(customer)
}

/// Tells of the customer as it is.
pub(super) async fn told(tx: &mut Tx, act: &Act, customer: &Customer) -> Result<()> {
    Ok(outbox::enqueue(tx, act, &v1::CustomerUpdated(customer_fact(customer))).await?)
}

fn without(all: &[ExternalId], others: &[ExternalId]) -> Vec<ExternalId> {
    all.iter().filter(|external| !others.contains(external)).cloned().collect()
}

async fn unfit_parent(tx: &mut Tx, child: CustomerId, parent: Option<CustomerId>) -> Result<Faults> {
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

async fn refuse_taken(tx: &mut Tx, own: CustomerId, external_ids: &[ExternalId]) -> Result<()> {
    let mut taken = Faults::default();
    for (index, external) in external_ids.iter().enumerate() {
        if store::owner_of(tx, external).await?.is_some_and(|(owner, _)| owner != own) {
            taken.add(&format!("/external_ids/{index}"), "external-id-taken", "belongs to another customer");
        }
    }
    if taken.is_empty() { Ok(()) } else { Err(Error::ExternalIdTaken(taken.into_vec())) }
}
