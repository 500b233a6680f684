use database::{Db, Instant, Tx};
use messaging::Act;
use registry_contract::{Customer, CustomerUpsert, NewCustomer, Tier};
use wire::{ExternalId, Reference};

use super::customers::{create_by_key, load, update_in};
use super::lifecycles::take_recorded_stage;
use super::races::{ATTEMPTS, raced};
use super::tiers::{propose_recorded_tier, propose_told_tier};
use crate::domain::Freshness;
use crate::error::{Error, Result};
use crate::store::{self, SourceKey};

#[derive(Debug)]
pub enum Upserted {
    Created(Customer),
    /// Changed, or left as it was since the record told nothing new.
    Known(Customer),
}

/// Takes what another system knows of a customer. A field that a newer record has told stays, be it by another of the
/// customer's keys.
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
            let told = told(&mut freshness, key, record, NewCustomer::named(""))?;
            (Upserted::Created(create(&mut tx, act, key, told).await?), at, freshness)
        }
        Some((owner, _)) => {
            let current = load(&mut tx, &Reference::Id(owner)).await?;
            // Asked with the customer locked, since another record may have come in just before.
            let still = store::source_key(&mut tx, key).await?.filter(|still| still.owner == current.id);
            let SourceKey { last, freshness, .. } = still.ok_or(Error::Contended)?;
            let mut freshness = match at {
                Some(_) => beside_others(&mut tx, act, key, &current, freshness).await?,
                None => freshness,
            };
            let told = told(&mut freshness, key, record, NewCustomer::from(&current))?;
            (Upserted::Known(update(&mut tx, act, key, current, told).await?), last.max(at), freshness)
        }
    };
    // One that told nothing leaves no trace: it would pass for one from before fields had stamps of their own.
    if let (Some(_), Some(last)) = (at, last)
        && !freshness.is_blank()
    {
        store::mark_source_updated(&mut tx, key, last, &freshness).await?;
    }
    tx.commit().await?;
    Ok(upserted)
}

/// What the key's records have told, beside those of the customer's other keys.
async fn beside_others(
    tx: &mut Tx,
    act: &Act,
    key: &ExternalId,
    customer: &Customer,
    freshness: Freshness,
) -> Result<Freshness> {
    if customer.external_ids.len() < 2 {
        return Ok(freshness);
    }
    let others = store::told_by_others(tx, customer.id, key).await?.into_iter();
    // Two keys of one system go by one clock.
    Ok(freshness.beside(others.map(|(system, told)| if system == key.system { told } else { told.until(act.at) })))
}

/// What a record makes of a customer: fields that a newer one has told stay.
struct Told {
    /// All but the tier.
    wanted: NewCustomer,
    /// The tier that the newest record has.
    tier: Option<Tier>,
    /// Whether that was told before: it is asked for only if nobody has dealt with it yet.
    again: bool,
    /// Whether it says how new it is, so that an older one may follow it.
    has_clock: bool,
}

fn told(freshness: &mut Freshness, key: &ExternalId, record: CustomerUpsert, mut wanted: NewCustomer) -> Result<Told> {
    let has_clock = record.source_updated_at.is_some();
    let names_tier = record.tier.is_some();
    let mut news = freshness.sift(record, &wanted).map_err(database::Error::other)?;
    let (tier, again) = match news.tier.take() {
        // Whatever record names one asks for the newest: others may have stood in its way.
        None if has_clock && names_tier => (freshness.tier(), true),
        news => (news, false),
    };
    news.apply(&mut wanted);
    if has_clock {
        freshness.settle_region(&mut wanted);
    }
    keep(key, &mut wanted);
    Ok(Told { wanted, tier, again, has_clock })
}

/// Creating gives the tier of the record only where no older one can come, whose tier would have been the first.
async fn create(tx: &mut Tx, act: &Act, key: &ExternalId, told: Told) -> Result<Customer> {
    let Told { mut wanted, tier, again, has_clock } = told;
    let (given, proposed) = if has_clock { (None, tier) } else { (tier, None) };
    wanted.tier = given.unwrap_or(wanted.tier);
    let customer = create_by_key(tx, act, key, wanted).await?;
    with_tier(tx, act, customer, proposed, again).await
}

async fn update(tx: &mut Tx, act: &Act, key: &ExternalId, current: Customer, told: Told) -> Result<Customer> {
    let Told { mut wanted, tier, again, has_clock } = told;
    let stage = wanted.lifecycle;
    if has_clock {
        // Not held against the table of moves, by which a record would be refused until those before it have come.
        wanted.lifecycle = current.lifecycle;
    }
    let customer = update_in(tx, act, current, wanted).await?;
    let customer = take_recorded_stage(tx, act, customer, &key.system, stage).await?;
    with_tier(tx, act, customer, tier, again).await
}

/// The customer after its tier was proposed, if there is one to propose.
async fn with_tier(tx: &mut Tx, act: &Act, customer: Customer, tier: Option<Tier>, again: bool) -> Result<Customer> {
    match tier {
        Some(tier) if again => propose_told_tier(tx, act, customer, tier).await,
        Some(tier) => propose_recorded_tier(tx, act, customer, tier).await,
        None => Ok(customer),
    }
}

/// A record whose external ids leave out its own key does not cut the customer off from its source.
fn keep(key: &ExternalId, customer: &mut NewCustomer) {
    if !customer.external_ids.contains(key) {
        customer.external_ids.push(key.clone());
    }
}
