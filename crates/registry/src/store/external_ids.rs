use std::collections::HashMap;

use database::{Conn, Id, Instant, Result, Tx, insert_all, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{Customer, CustomerId};
use serde::Serialize;
use wire::ExternalId;

use super::CustomerRow;
use crate::schema::customer_external_ids::{self, customer_id, external_id, source_updated_at, system};

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

#[derive(Insertable, Serialize)]
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
    insert_all!(tx, customer_external_ids, rows.as_slice())?;
    Ok(())
}

pub async fn delete_external_ids(tx: &mut Tx, keys: &[ExternalId]) -> Result<()> {
    for key in keys {
        let one = customer_external_ids::table.find((&key.system, &key.id));
        on!(tx, |c| diesel::delete(one).execute(c).await)?;
    }
    Ok(())
}

pub async fn mark_source_updated(tx: &mut Tx, key: &ExternalId, at: Instant) -> Result<()> {
    let one = customer_external_ids::table.find((&key.system, &key.id));
    on!(tx, |c| diesel::update(one).set(source_updated_at.eq(at)).execute(c).await)?;
    Ok(())
}

/// The rows as whole customers, in their order.
pub async fn with_external_ids(conn: &mut Conn, rows: Vec<CustomerRow>) -> Result<Vec<Customer>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let keys = customer_external_ids::table
        .filter(customer_id.eq_any(&ids))
        .order((customer_id, system, external_id))
        .select((customer_id, system, external_id));
    let keys: Vec<(Id, String, String)> = on!(conn, |c| keys.load(c).await)?;
    let mut of: HashMap<Id, Vec<ExternalId>> = HashMap::new();
    for (owner, key_system, id) in keys {
        of.entry(owner).or_default().push(ExternalId { system: key_system, id });
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let keys = of.remove(&row.id).unwrap_or_default();
            row.with(keys)
        })
        .collect())
}
