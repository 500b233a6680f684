use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Id, Instant, Tx};
use messaging::{Act, outbox};
use registry_contract::{Customer, CustomerId, CustomerPatch, Identifier, NewCustomer, TransferId, v1};
use wire::{ExternalId, Reference};

use super::account_teams::end_owner;
use super::custom_fields::{Demand, unfit_values};
use super::lifecycles::keep_move;
use super::links::Plan;
use super::races::made;
use super::registration::{Known, Origin, Taken, Wanted, register, vet};
use super::tiers::{propose_filed_tier, propose_recorded_tier};
use crate::domain::{CustomerDetails, Faults, move_fault};
use crate::error::{Error, Result};
use crate::facts::customer_fact;
use crate::store::{self, ClassificationRow, CustomerRow, IdentifierRow, Related};

pub async fn create_customer(db: &Db, act: &Act, new: NewCustomer) -> Result<Customer> {
    let id = act.new_id().into();
    let done = create(db, act, id, new).await;
    made(done, async || stored(db, id).await).await
}

async fn create(db: &Db, act: &Act, id: CustomerId, new: NewCustomer) -> Result<Customer> {
    let mut tx = db.begin().await?;
    let customer = create_in(&mut tx, act, id, new, (Demand::Required, Origin::Request)).await?;
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
    if wanted.tier != current.tier {
        return Err(tier_by_proposal(wanted).into());
    }
    let customer = update_in(&mut tx, act, current, wanted).await.map_err(Error::settled)?;
    tx.commit().await?;
    Ok(customer)
}

/// Told with all else that is wrong.
fn tier_by_proposal(wanted: NewCustomer) -> Faults {
    let mut faults = CustomerDetails::parse(wanted).err().unwrap_or_default();
    let how = "changes by a proposal that people decide on: POST /api/v1/tier-proposals";
    faults.add("/tier", "tier-by-proposal", how);
    faults
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
    new: NewCustomer,
    (demand, origin): (Demand, Origin<'_>),
) -> Result<Customer> {
    let vetted = vet(tx, act, demand, vec![Wanted::Told(id, Box::new(new))], Known::default())
        .await?
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    let created = register(tx, act, vetted, origin).await?.pop();
    created.ok_or_else(|| Error::CustomerNotFound(id.to_string()))
}

/// A new customer's place in the hierarchy, where it has one.
pub(super) async fn place_under(
    tx: &mut Tx,
    act: &Act,
    id: CustomerId,
    parent: Option<CustomerId>,
) -> Result<(Option<Plan>, Faults)> {
    match parent {
        None => Ok((None, Faults::default())),
        Some(parent) => Plan::of_new(tx, act, id, parent).await.map(|(plan, unfit)| (Some(plan), unfit)),
    }
}

/// The same for a customer known by a key that nobody had when asked. Whoever took the key meanwhile is not in the way:
/// the whole is to be done again.
pub(super) async fn create_by_key(tx: &mut Tx, act: &Act, key: &ExternalId, new: NewCustomer) -> Result<Customer> {
    let how = (Demand::AsKnown, Origin::Record(&key.system));
    match create_in(tx, act, act.new_id().into(), new, how).await {
        Err(Error::ExternalIdTaken(_)) if store::owner_of(tx, key).await?.is_some() => Err(Error::Contended),
        done => done,
    }
}

/// Makes the customer what is wanted, in a transaction that may go on after a refusal. Nothing to change changes
/// nothing, the version included. Another tier is only proposed: people decide on it.
pub(super) async fn update_in(tx: &mut Tx, act: &Act, current: Customer, wanted: NewCustomer) -> Result<Customer> {
    let (tier, named) = (current.tier, wanted.tier);
    let customer = rewrite(tx, act, current, NewCustomer { tier, ..wanted }, None).await?;
    if named == tier { Ok(customer) } else { propose_recorded_tier(tx, act, customer, named).await }
}

/// The same for a row of a file, and whether that has proposed another tier.
pub(super) async fn update_by_row(
    tx: &mut Tx,
    act: &Act,
    current: Customer,
    wanted: NewCustomer,
    import: Id,
) -> Result<(Customer, bool)> {
    let (tier, named) = (current.tier, wanted.tier);
    let customer = rewrite(tx, act, current, NewCustomer { tier, ..wanted }, None).await?;
    if named == tier { Ok((customer, false)) } else { propose_filed_tier(tx, act, customer, named, import).await }
}

/// The same with the tier, which only a decided proposal changes. `transfer` is what changes the owner, if one does.
pub(super) async fn rewrite(
    tx: &mut Tx,
    act: &Act,
    current: Customer,
    wanted: NewCustomer,
    transfer: Option<TransferId>,
) -> Result<Customer> {
    if wanted == NewCustomer::from(&current) {
        return Ok(current);
    }
    let (plan, unfit) = match wanted.parent_id == current.parent_id {
        true => (None, Faults::default()),
        false => Plan::to(tx, act, current.id, wanted.parent_id).await.map(|(plan, unfit)| (Some(plan), unfit))?,
    };
    let Some(details) = revise(tx, &current, wanted, unfit).await? else { return Ok(current) };
    if let Some(plan) = plan {
        plan.carry_out(tx, act).await?;
    }
    write(tx, act, &current, &details, transfer).await
}

/// What is wanted of the customer, held against the rules and the database; none, if that is what it is already. Writes
/// nothing.
pub(super) async fn revise(
    tx: &mut Tx,
    current: &Customer,
    mut wanted: NewCustomer,
    mut unfit: Faults,
) -> Result<Option<CustomerDetails>> {
    unfit.extend(move_fault("/lifecycle", current.lifecycle, wanted.lifecycle));
    unfit.extend(unfit_values(tx, Some(current), &mut wanted, Demand::AsKnown).await?);
    let details = Faults::join(CustomerDetails::parse(wanted), unfit)?;
    if *details == NewCustomer::from(current) {
        return Ok(None);
    }
    Taken::among(tx, [&details], None).await?.refuse(current.id, &details)?;
    Ok(Some(details))
}

/// Writes what was checked, and tells of it. `transfer` is what changes the owner, if one does.
pub(super) async fn write(
    tx: &mut Tx,
    act: &Act,
    current: &Customer,
    details: &CustomerDetails,
    transfer: Option<TransferId>,
) -> Result<Customer> {
    let row = CustomerRow::next(current, details, act.at.into());
    if !store::update_customer(tx, &row).await? {
        return Err(Error::Contended);
    }
    if details.owner != current.owner {
        end_owner(tx, act, current, transfer).await?;
    }
    relate(tx, current, details).await?;
    let customer = row.with(Related::from(&**details))?;
    store::reindex_customers(tx, [(current, &customer)]).await?;
    store::queue_for_comparison(tx, &[customer.id.into()]).await?;
    keep_move(tx, act, customer.id, current.lifecycle, customer.lifecycle).await?;
    audit::record(tx, act, "customer.updated", "customer", customer.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerUpdated(customer_fact(&customer))).await?;
    Ok(customer)
}

/// A change of nothing but what stands in the customer's own row or follows from it: not of a key, a number, the parent, the
/// owner, the stage or the tier, which have ways of their own. Such changes are written together.
pub(super) struct Change {
    pub before: Customer,
    row: CustomerRow,
    pub after: Customer,
}

impl Change {
    pub fn is_plain(current: &Customer, wanted: &NewCustomer) -> bool {
        wanted.external_ids == current.external_ids
            && wanted.identifiers == current.identifiers
            && wanted.parent_id == current.parent_id
            && wanted.owner == current.owner
            && wanted.lifecycle == current.lifecycle
            && wanted.tier == current.tier
    }

    /// What is wanted of the customer, held against the rules; none, if that is what it is already.
    pub fn of(current: &Customer, wanted: NewCustomer, unfit: Faults, at: Instant) -> Result<Option<Self>> {
        let details = Faults::join(CustomerDetails::parse(wanted), unfit)?;
        if *details == NewCustomer::from(current) {
            return Ok(None);
        }
        let row = CustomerRow::next(current, &details, at);
        let after = row.clone().with(Related::from(&*details))?;
        Ok(Some(Self { before: current.clone(), row, after }))
    }
}

/// As [`write`], for changes that are plain and each of another customer, in as few statements as for one.
pub(super) async fn write_all(tx: &mut Tx, act: &Act, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let rows: Vec<&CustomerRow> = changes.iter().map(|change| &change.row).collect();
    if !store::update_customers(tx, &rows).await? {
        return Err(Error::Contended);
    }
    let codes = |one: &Customer| (one.industry_code.clone(), one.region_code.clone());
    let recoded = changes.iter().filter(|change| codes(&change.before) != codes(&change.after));
    let recoded: Vec<&Customer> = recoded.map(|change| &change.after).collect();
    let ids: Vec<Id> = recoded.iter().map(|one| one.id.into()).collect();
    let codes = recoded.into_iter().filter_map(|one| ClassificationRow::new(one.id, &NewCustomer::from(one)));
    store::delete_classifications(tx, &ids).await?;
    store::insert_classifications(tx, &codes.collect::<Vec<_>>()).await?;
    let pairs = changes.iter().map(|change| (&change.before, &change.after));
    store::reindex_customers(tx, pairs).await?;
    let ids: Vec<Id> = changes.iter().map(|change| change.after.id.into()).collect();
    store::queue_for_comparison(tx, &ids).await?;
    let audited = changes.iter().map(|change| change.after.id.into());
    audit::record_many(tx, act, "customer.updated", "customer", audited).await?;
    let events: Vec<_> = changes.iter().map(|change| v1::CustomerUpdated(customer_fact(&change.after))).collect();
    Ok(outbox::enqueue_many(tx, act, &events).await?)
}

/// Makes what is stored beside the customer's row what is wanted.
async fn relate(tx: &mut Tx, current: &Customer, details: &CustomerDetails) -> Result<()> {
    let id = current.id;
    store::delete_external_ids(tx, &without(&current.external_ids, &details.external_ids)).await?;
    let gained = without(&details.external_ids, &current.external_ids);
    store::insert_external_ids(tx, gained.iter().map(|key| (id, key))).await?;
    let (before, after) = (&current.identifiers, &details.identifiers);
    store::delete_identifiers(tx, &identifier_rows(id, &without(before, after))).await?;
    store::insert_identifiers(tx, &identifier_rows(id, &without(after, before))).await?;
    let codes = ClassificationRow::new(id, details);
    if codes != ClassificationRow::new(id, &NewCustomer::from(current)) {
        store::delete_classifications(tx, &[id.into()]).await?;
        store::insert_classifications(tx, codes.as_slice()).await?;
    }
    Ok(())
}

/// Tells of the customer as it is.
pub(super) async fn told(tx: &mut Tx, act: &Act, customer: &Customer) -> Result<()> {
    Ok(outbox::enqueue(tx, act, &v1::CustomerUpdated(customer_fact(customer))).await?)
}

pub(super) fn identifier_rows(customer: CustomerId, identifiers: &[Identifier]) -> Vec<IdentifierRow> {
    identifiers.iter().map(|identifier| IdentifierRow::new(customer, identifier)).collect()
}

fn without<T: Clone + PartialEq>(all: &[T], others: &[T]) -> Vec<T> {
    all.iter().filter(|one| !others.contains(one)).cloned().collect()
}
