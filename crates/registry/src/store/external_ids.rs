use chrono::DateTime;
use database::{Conn, Id, Instant, Result, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::CustomerId;
use serde_json::Value;
use wire::ExternalId;

use crate::domain::Freshness;
use crate::schema::customer_external_ids::{self, customer_id, external_id, freshness, source_updated_at, system};

/// Whose key it is, and how new what the system last told us was.
pub async fn owner_of(conn: &mut Conn, key: &ExternalId) -> Result<Option<(CustomerId, Option<Instant>)>> {
    let one = customer_external_ids::table.find((&key.system, &key.id)).select((customer_id, source_updated_at));
    let owner: Option<(Id, Option<Instant>)> = on!(conn, |c| one.first(c).await.optional())?;
    Ok(owner.map(|(id, at)| (id.get(), at)))
}

pub async fn insert_external_ids(tx: &mut Tx, customer: CustomerId, keys: &[ExternalId]) -> Result<()> {
    // One by one: SQLite takes no batches through diesel, and there are few.
    for key in keys {
        let row = (system.eq(&key.system), external_id.eq(&key.id), customer_id.eq(Id::from(customer)));
        on!(tx, |c| diesel::insert_into(customer_external_ids::table).values(row).execute(c).await)?;
    }
    Ok(())
}

pub async fn delete_external_ids(tx: &mut Tx, keys: &[ExternalId]) -> Result<()> {
    for key in keys {
        let one = customer_external_ids::table.find((&key.system, &key.id));
        on!(tx, |c| diesel::delete(one).execute(c).await)?;
    }
    Ok(())
}

/// Another system's key as its records left it.
pub struct SourceKey {
    pub owner: CustomerId,
    /// How new the newest record was.
    pub last: Option<Instant>,
    pub freshness: Freshness,
}

pub async fn source_key(conn: &mut Conn, key: &ExternalId) -> Result<Option<SourceKey>> {
    let one =
        customer_external_ids::table.find((&key.system, &key.id)).select((customer_id, source_updated_at, freshness));
    let found: Option<(Id, Option<Instant>, Value)> = on!(conn, |c| one.first(c).await.optional())?;
    let Some((owner, last, told)) = found else { return Ok(None) };
    let told: Freshness = serde_json::from_value(told).map_err(database::Error::other)?;
    Ok(Some(SourceKey { owner: owner.get(), last, freshness: told.or_all(last.map(DateTime::from)) }))
}

/// Keeps how new the newest record was, and each of the fields that records have told.
pub async fn mark_source_updated(tx: &mut Tx, key: &ExternalId, last: Instant, told: &Freshness) -> Result<()> {
    let one = customer_external_ids::table.find((&key.system, &key.id));
    let told = serde_json::to_value(told).map_err(database::Error::other)?;
    on!(tx, |c| diesel::update(one).set((source_updated_at.eq(last), freshness.eq(told))).execute(c).await)?;
    Ok(())
}
