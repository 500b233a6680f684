use database::{Conn, Id, Instant, Result, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::CustomerId;
use wire::ExternalId;

use crate::schema::customer_external_ids::{self, customer_id, external_id, source_updated_at, system};

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

pub async fn mark_source_updated(tx: &mut Tx, key: &ExternalId, at: Instant) -> Result<()> {
    let one = customer_external_ids::table.find((&key.system, &key.id));
    on!(tx, |c| diesel::update(one).set(source_updated_at.eq(at)).execute(c).await)?;
    Ok(())
}
