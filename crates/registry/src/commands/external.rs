use database::{Db, Instant, Tx};
use messaging::Act;
use registry_contract::{Customer, CustomerId, CustomerUpsert, NewCustomer};
use wire::{ExternalId, Reference};

use super::customers::{create_by_key, load, update_in};
use crate::error::{Error, Result};
use crate::store;

/// Two sources that meet on one key make each other try again; more than a few times is no accident.
const ATTEMPTS: usize = 4;

#[derive(Debug)]
pub enum Upserted {
    Created(Customer),
    /// Changed, or left as it was since the record told nothing new.
    Known(Customer),
}

/// Takes what another system knows of a customer. A record older than the one taken before changes nothing.
pub async fn upsert_external_customer(db: &Db, act: &Act, key: ExternalId, record: CustomerUpsert) -> Result<Upserted> {
    let mut attempt = 1;
    loop {
        match try_upsert(db, act, &key, record.clone()).await {
            Err(error) if error.is_race() && attempt < ATTEMPTS => attempt += 1,
            Err(error) if error.is_race() => {
                tracing::warn!(attempt, %error, "gave up an upsert that others kept overtaking");
                return Err(Error::Contended);
            }
            done => return done,
        }
    }
}

async fn try_upsert(db: &Db, act: &Act, key: &ExternalId, record: CustomerUpsert) -> Result<Upserted> {
    let mut tx = db.begin().await?;
    let source_updated_at = record.source_updated_at.map(Instant::from);
    let upserted = match store::owner_of(&mut tx, key).await? {
        None => Upserted::Created(create(&mut tx, act, key, record).await?),
        Some((owner, _)) => {
            let current = load(&mut tx, &Reference::Id(owner)).await?;
            let taken = taken_from(&mut tx, key, current.id).await?;
            if source_updated_at.is_some_and(|at| taken.is_some_and(|taken| at < taken)) {
                return Ok(Upserted::Known(current));
            }
            let mut wanted = NewCustomer::from(&current);
            record.apply(&mut wanted);
            keep(key, &mut wanted);
            Upserted::Known(update_in(&mut tx, act, current, wanted).await?)
        }
    };
    if let Some(at) = source_updated_at {
        store::mark_source_updated(&mut tx, key, at).await?;
    }
    tx.commit().await?;
    Ok(upserted)
}

/// How new the last record was; asked with the customer locked, since another record may have come in just before.
async fn taken_from(tx: &mut Tx, key: &ExternalId, owner: CustomerId) -> Result<Option<Instant>> {
    match store::owner_of(tx, key).await? {
        Some((still, taken)) if still == owner => Ok(taken),
        _ => Err(Error::Contended),
    }
}

async fn create(tx: &mut Tx, act: &Act, key: &ExternalId, record: CustomerUpsert) -> Result<Customer> {
    // Without a name in the record the blank one is refused, with all that is wrong besides.
    let mut new = NewCustomer::named("");
    record.apply(&mut new);
    keep(key, &mut new);
    create_by_key(tx, act, key, new).await
}

/// A record whose external ids leave out its own key does not cut the customer off from its source.
fn keep(key: &ExternalId, customer: &mut NewCustomer) {
    if !customer.external_ids.contains(key) {
        customer.external_ids.push(key.clone());
    }
}
