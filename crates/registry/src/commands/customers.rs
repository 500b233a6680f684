use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Tx};
use messaging::{Act, outbox};
use registry_contract::{Customer, CustomerId, CustomerPatch, Identifier, NewCustomer, v1};
use wire::{ExternalId, Reference};

use super::custom_fields::{Demand, unfit_values};
use super::links::Plan;
use crate::domain::{CustomerDetails, Faults};
use crate::error::{Error, Result};
use crate::facts::customer_fact;
use crate::store::{self, ClassificationRow, CustomerRow, IdentifierRow, Related};

pub async fn create_customer(db: &Db, act: &Act, new: NewCustomer) -> Result<Customer> {
    let id = act.new_id().into();
    match create(db, act, id, new).await {
        // A request repeated after a crash between the commit and its answer meets its own customer.
        Err(error) if error.is_taken() || error.is_race() => stored(db, id).await?.ok_or(error.settled()),
        done => done,
    }
}

async fn create(db: &Db, act: &Act, id: CustomerId, new: NewCustomer) -> Result<Customer> {
    let mut tx = db.begin().await?;
    let customer = create_in(&mut tx, act, id, new, Demand::Required).await?;
    tx.commit().await?;
    Ok(customer)
}

async fn stored(db: &Db, id: CustomerId) -> Result<Option<Customer>> {
    let mut conn = db.read().await?;
    let rows = store::find_customer(&mut conn, &Reference::Id(id)).await?.into_iter().collect();
    Ok(store::complete(&mut conn, rows).await?.pop())
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
    let customer = update_in(&mut tx, act, current, wanted).await.map_err(Error::settled)?;
    tx.commit().await?;
    Ok(customer)
}

/// The customer as it is, and stays until the transaction ends.
pub(super) async fn load(tx: &mut Tx, reference: &Reference<CustomerId>) -> Result<Customer> {
    let rows = store::lock_customer(tx, reference).await?.into_iter().collect();
    let customer = store::complete(tx, rows).await?.pop();
    customer.ok_or_else(|| Error::CustomerNotFound(reference.to_string()))
}

/// Creates a customer in a transaction that may go on after a refusal: everything is checked before it writes.
pub(super) async fn create_in(
    tx: &mut Tx,
    act: &Act,
    id: CustomerId,
    mut new: NewCustomer,
    demand: Demand,
) -> Result<Customer> {
    let (place, mut unfit) = place_under(tx, act, id, new.parent_id).await?;
    unfit.extend(unfit_values(tx, None, &mut new, demand).await?);
    let details = Faults::join(CustomerDetails::parse(new), unfit)?;
    refuse_taken(tx, id, &details).await?;

    let number = database::next_number(tx, "customer_code").await?;
    let row = CustomerRow::new(id, format!("C-{number:06}"), &details, act.at.into());
    store::insert_customer(tx, &row).await?;
    store::insert_external_ids(tx, id, &details.external_ids).await?;
    store::insert_identifiers(tx, &identifier_rows(id, &details.identifiers)).await?;
    store::insert_classifications(tx, ClassificationRow::new(id, &details).as_slice()).await?;
    if let Some(place) = place {
        place.carry_out(tx, act).await?;
    }
    let customer = row.with(Related::from(&*details))?;
    audit::record(tx, act, "customer.created", "customer", id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerCreated(customer_fact(&customer))).await?;
    Ok(customer)
}

/// A new customer's place in the hierarchy, where it has one.
async fn place_under(
    tx: &mut Tx,
    act: &Act,
    id: CustomerId,
    parent: Option<CustomerId>,
) -> Result<(Option<Plan>, Faults)> {
    match parent {
        None => Ok((None, Faults::default())),
        Some(_) => Plan::to(tx, act, id, parent).await.map(|(plan, unfit)| (Some(plan), unfit)),
    }
}

/// The same for a customer known by a key that nobody had when asked. Whoever took the key meanwhile is not in the way:
/// the whole is to be done again.
pub(super) async fn create_by_key(tx: &mut Tx, act: &Act, key: &ExternalId, new: NewCustomer) -> Result<Customer> {
    match create_in(tx, act, act.new_id().into(), new, Demand::AsKnown).await {
        Err(Error::ExternalIdTaken(_)) if store::owner_of(tx, key).await?.is_some() => Err(Error::Contended),
        done => done,
    }
}

/// Makes the customer what is wanted, in a transaction that may go on after a refusal. Nothing to change changes
/// nothing, the version included.
pub(super) async fn update_in(tx: &mut Tx, act: &Act, current: Customer, mut wanted: NewCustomer) -> Result<Customer> {
    if wanted == NewCustomer::from(&current) {
        return Ok(current);
    }
    let (plan, mut unfit) = match wanted.parent_id == current.parent_id {
        true => (None, Faults::default()),
        false => Plan::to(tx, act, current.id, wanted.parent_id).await.map(|(plan, unfit)| (Some(plan), unfit))?,
    };
    unfit.extend(unfit_values(tx, Some(&current), &mut wanted, Demand::AsKnown).await?);
    let details = Faults::join(CustomerDetails::parse(wanted), unfit)?;
    if *details == NewCustomer::from(&current) {
        return Ok(current);
    }
    refuse_taken(tx, current.id, &details).await?;
    if let Some(plan) = plan {
        plan.carry_out(tx, act).await?;
    }
    write(tx, act, &current, &details).await
}

/// Writes what was checked, and tells of it.
pub(super) async fn write(tx: &mut Tx, act: &Act, current: &Customer, details: &CustomerDetails) -> Result<Customer> {
    let row = CustomerRow::next(current, details, act.at.into());
    if !store::update_customer(tx, &row).await? {
        return Err(Error::Contended);
    }
    relate(tx, current, details).await?;
    let customer = row.with(Related::from(&**details))?;
    audit::record(tx, act, "customer.updated", "customer", customer.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerUpdated(customer_fact(&customer))).await?;
    Ok(customer)
}

/// Makes what is stored beside the customer's row what is wanted.
async fn relate(tx: &mut Tx, current: &Customer, details: &CustomerDetails) -> Result<()> {
    let id = current.id;
    store::delete_external_ids(tx, &without(&current.external_ids, &details.external_ids)).await?;
    store::insert_external_ids(tx, id, &without(&details.external_ids, &current.external_ids)).await?;
    let (before, after) = (&current.identifiers, &details.identifiers);
    store::delete_identifiers(tx, &identifier_rows(id, &without(before, after))).await?;
    store::insert_identifiers(tx, &identifier_rows(id, &without(after, before))).await?;
    let codes = ClassificationRow::new(id, details);
    if codes != ClassificationRow::new(id, &NewCustomer::from(current)) {
        store::delete_classification(tx, id).await?;
        store::insert_classifications(tx, codes.as_slice()).await?;
    }
    Ok(())
}

fn identifier_rows(customer: CustomerId, identifiers: &[Identifier]) -> Vec<IdentifierRow> {
    identifiers.iter().map(|identifier| IdentifierRow::new(customer, identifier)).collect()
}

fn without<T: Clone + PartialEq>(all: &[T], others: &[T]) -> Vec<T> {
    all.iter().filter(|one| !others.contains(one)).cloned().collect()
}

async fn refuse_taken(tx: &mut Tx, own: CustomerId, details: &CustomerDetails) -> Result<()> {
    let mut taken = Faults::default();
    for (index, external) in details.external_ids.iter().enumerate() {
        if store::owner_of(tx, external).await?.is_some_and(|(owner, _)| owner != own) {
            taken.add(&format!("/external_ids/{index}"), "external-id-taken", "belongs to another customer");
        }
    }
    let only_identifiers = taken.is_empty();
    for (index, identifier) in details.identifiers.iter().enumerate().filter(|(_, one)| one.r#type.has_one_holder()) {
        if let Some((_, code)) = store::holder_of(tx, identifier).await?.filter(|(holder, _)| *holder != own) {
            let message = format!("belongs to the customer {code}");
            taken.add(&format!("/identifiers/{index}"), "identifier-taken", message);
        }
    }
    match (taken.is_empty(), only_identifiers) {
        (true, _) => Ok(()),
        (false, true) => Err(Error::IdentifierTaken(taken.into_vec())),
        (false, false) => Err(Error::ExternalIdTaken(taken.into_vec())),
    }
}
