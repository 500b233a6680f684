use database::{Conn, Db};
use registry_contract::{CustomerId, Lifecycle, LifecycleHistory, LifecyclePolicy};
use wire::Reference;

use crate::domain::{allowed, first_policy};
use crate::error::{Error, Result};
use crate::store;

pub async fn get_lifecycle(db: &Db, customer: &Reference<CustomerId>) -> Result<LifecycleHistory> {
    let mut conn = db.read().await?;
    let found = store::find_customer(&mut conn, customer).await?;
    let row = found.ok_or_else(|| Error::CustomerNotFound(customer.to_string()))?;
    Ok(lifecycle_history(&mut conn, row.id.get(), row.lifecycle.0).await?)
}

pub async fn lifecycle_history(
    conn: &mut Conn,
    customer_id: CustomerId,
    stage: Lifecycle,
) -> database::Result<LifecycleHistory> {
    let moves = store::lifecycle_moves(conn, customer_id).await?;
    Ok(LifecycleHistory { customer_id, stage, allowed: allowed(stage), moves })
}

pub async fn get_lifecycle_policy(db: &Db) -> Result<LifecyclePolicy> {
    Ok(store::lifecycle_policy(&mut db.read().await?).await?.unwrap_or_else(first_policy))
}
