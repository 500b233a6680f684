use database::{Db, Instant};
use messaging::Act;
use registry_contract::{Customer, CustomerUpsert, NewCustomer};
use wire::{ExternalId, Reference};

use super::customers::{create_by_key, load, update_in};
use super::races::{ATTEMPTS, raced};
use crate::domain::Freshness;
use crate::error::{Error, Result};
use crate::store::{self, SourceKey};

#[derive(Debug)]
pub enum Upserted {
    Created(Customer),
    /// Changed, or left as it was since the record told nothing new.
    Known(Customer),
}

/// Takes what another system knows of a customer. A field that a newer record of the same source has told stays.
pub async fn upsert_external_customer(db: &Db, act: &Act, key: ExternalId, record: CustomerUpsert) -> Result<Upserted> {
    // Two sources that meet on one key make each other try again.
    let upserted = raced(ATTEMPTS, async || try_upsert(db, act, &key, record.clone()).await).await;
    if let Err(error) = &upserted
        && error.is_race()
    {
        tracing::warn!(attempts = ATTEMPTS, %error, "gave up an upsert that others kept overtaking");
    }
    upserted.map_err(Error::settled)
}

async fn try_upsert(db: &Db, act: &Act, key: &ExternalId, record: CustomerUpsert) -> Result<Upserted> {
    let mut tx = db.begin().await?;
    let at = record.source_updated_at.map(Instant::from);
    let (upserted, last, freshness) = match store::owner_of(&mut tx, key).await? {
        None => {
            let mut freshness = Freshness::default();
            // Without a name in the record the blank one is refused, with all that is wrong besides.
            let new = told(&mut freshness, key, record, NewCustomer::named(""))?;
            (Upserted::Created(create_by_key(&mut tx, act, key, new).await?), at, freshness)
        }
        Some((owner, _)) => {
            let current = load(&mut tx, &Reference::Id(owner)).await?;
            // Asked with the customer locked, since another record may have come in just before.
            let still = store::source_key(&mut tx, key).await?.filter(|still| still.owner == current.id);
            let SourceKey { last, mut freshness, .. } = still.ok_or(Error::Contended)?;
            let wanted = told(&mut freshness, key, record, NewCustomer::from(&current))?;
            (Upserted::Known(update_in(&mut tx, act, current, wanted).await?), last.max(at), freshness)
        }
    };
    if let (Some(_), Some(last)) = (at, last) {
        store::mark_source_updated(&mut tx, key, last, &freshness).await?;
    }
    tx.commit().await?;
    Ok(upserted)
}

/// What the record makes of a customer: fields that a newer one has told stay.
fn told(
    freshness: &mut Freshness,
    key: &ExternalId,
    record: CustomerUpsert,
    mut customer: NewCustomer,
) -> Result<NewCustomer> {
    let has_clock = record.source_updated_at.is_some();
    freshness.sift(record, &customer).map_err(database::Error::other)?.apply(&mut customer);
    if has_clock {
        freshness.settle_region(&mut customer);
    }
    keep(key, &mut customer);
    Ok(customer)
}

/// A record whose external ids leave out its own key does not cut the customer off from its source.
fn keep(key: &ExternalId, customer: &mut NewCustomer) {
    if !customer.external_ids.contains(key) {
        customer.external_ids.push(key.clone());
    }
}
