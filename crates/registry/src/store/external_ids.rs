use std::collections::HashMap;

use chrono::DateTime;
use database::{Conn, Id, Instant, Result, Tx, insert_all, on};
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

/// All systems that customers are known in.
pub async fn external_systems(conn: &mut Conn) -> Result<Vec<String>> {
    let systems = customer_external_ids::table.select(system).distinct().order(system);
    on!(conn, |c| systems.load(c).await)
}

/// Whose each key is; keys that are nobody's are not there.
pub async fn owners_of<'a>(
    conn: &mut Conn,
    keys: impl IntoIterator<Item = &'a ExternalId>,
) -> Result<HashMap<ExternalId, CustomerId>> {
    let mut by_system: HashMap<&str, Vec<&str>> = HashMap::new();
    for key in keys {
        by_system.entry(&key.system).or_default().push(&key.id);
    }
    let mut owners = HashMap::new();
    for (name, ids) in by_system {
        let known = customer_external_ids::table
            .filter(system.eq(name))
            .filter(external_id.eq_any(ids))
            .select((external_id, customer_id));
        let known: Vec<(String, Id)> = on!(conn, |c| known.load(c).await)?;
        let key = |id| ExternalId { system: name.to_owned(), id };
        owners.extend(known.into_iter().map(|(id, owner)| (key(id), owner.get())));
    }
    Ok(owners)
}

#[derive(Insertable)]
#[diesel(table_name = customer_external_ids)]
struct NewKey<'a> {
    system: &'a str,
    external_id: &'a str,
    customer_id: Id,
}

pub async fn insert_external_ids<'a>(
    tx: &mut Tx,
    keys: impl IntoIterator<Item = (CustomerId, &'a ExternalId)>,
) -> Result<()> {
    let row = |(owner, key): (CustomerId, &'a ExternalId)| NewKey {
        system: &key.system,
        external_id: &key.id,
        customer_id: owner.into(),
    };
    let rows: Vec<NewKey<'_>> = keys.into_iter().map(row).collect();
    insert_all!(tx, customer_external_ids, NewKey { system, external_id, customer_id }, rows.as_slice())?;
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
    Ok(Some(SourceKey { owner: owner.get(), last, freshness: as_told(told, last)? }))
}

fn as_told(told: Value, last: Option<Instant>) -> Result<Freshness> {
    let told: Freshness = serde_json::from_value(told).map_err(database::Error::other)?;
    Ok(told.or_all(last.map(DateTime::from)))
}

/// What the records of a customer's other keys have told, with their systems.
pub async fn told_by_others(
    conn: &mut Conn,
    customer: CustomerId,
    key: &ExternalId,
) -> Result<Vec<(String, Freshness)>> {
    let keys = customer_external_ids::table
        .filter(customer_id.eq(Id::from(customer)))
        .filter(source_updated_at.is_not_null())
        .order((system, external_id))
        .select((system, external_id, freshness));
    let keys: Vec<(String, String, Value)> = on!(conn, |c| keys.load(c).await)?;
    let others = keys.into_iter().filter(|(of, id, _)| (of, id) != (&key.system, &key.id));
    // What a key told before fields had stamps is not known: it keeps no other out.
    others.map(|(of, _, told)| Ok((of, serde_json::from_value(told).map_err(database::Error::other)?))).collect()
}

/// Keeps how new the newest record was, and each of the fields that records have told.
pub async fn mark_source_updated(tx: &mut Tx, key: &ExternalId, last: Instant, told: &Freshness) -> Result<()> {
    let one = customer_external_ids::table.find((&key.system, &key.id));
    let told = serde_json::to_value(told).map_err(database::Error::other)?;
    on!(tx, |c| diesel::update(one).set((source_updated_at.eq(last), freshness.eq(told))).execute(c).await)?;
    Ok(())
}
