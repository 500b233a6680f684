//! Customers that came many at once. One row tells of all of them until they are queued for what follows from each.

use database::{Conn, Id, Result, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::Customer;
use uuid::Uuid;

use super::search::{index_all, queue_for_search};
use super::{lock_idle_customers, queue_for_comparison};
use crate::schema::{arrivals, customers};

/// As many new customers are found as soon as they are there. The terms of more would cost the transaction several times
/// what the customers do.
const FOUND_AT_ONCE: usize = 50;

/// Has new customers found and compared with others: few of them are found at once, many soon after the commit.
pub async fn arrive(tx: &mut Tx, new: &[Customer]) -> Result<()> {
    let ids: Vec<Id> = new.iter().map(|customer| customer.id.into()).collect();
    if ids.len() > FOUND_AT_ONCE {
        return note(tx, &ids).await;
    }
    index_all(tx, new, &[]).await?;
    queue_for_comparison(tx, &ids).await
}

async fn note(tx: &mut Tx, ids: &[Id]) -> Result<()> {
    let joined: Vec<u8> = ids.iter().flat_map(|id| id.get::<Uuid>().into_bytes()).collect();
    let row = arrivals::customer_ids.eq(joined);
    on!(tx, |c| diesel::insert_into(arrivals::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn have_arrived(conn: &mut Conn) -> Result<bool> {
    let next = arrivals::table.select(arrivals::position).limit(1);
    let next: Option<i64> = on!(conn, |c| next.first(c).await.optional())?;
    Ok(next.is_some())
}

/// Queues the customers of the next row, on PostgreSQL past rows that another process has at hand, and says how many it was done
/// with. Whoever is changing one of them stays ahead: it is noted anew. One that is no longer there needs nothing. Nothing is
/// written where all of them are being changed.
pub async fn spread_arrivals(tx: &mut Tx) -> Result<usize> {
    let next = arrivals::table.order(arrivals::position).limit(1);
    let next: Option<(i64, Vec<u8>)> = on!(tx,
        pg: |c| next.for_update().skip_locked().first(c).await.optional(),
        lite: |c| next.first(c).await.optional(),
    )?;
    let Some((position, joined)) = next else { return Ok(0) };
    let ids: Vec<Id> = joined.chunks_exact(16).filter_map(|id| Uuid::from_slice(id).ok()).map(Id::from).collect();
    let idle = lock_idle_customers(tx, &ids).await?;
    let busy = if idle.len() < ids.len() { there_but(tx, &ids, &idle).await? } else { Vec::new() };
    let done = ids.len() - busy.len();
    if done == 0 {
        return Ok(0);
    }
    queue_for_search(tx, &idle).await?;
    queue_for_comparison(tx, &idle).await?;
    on!(tx, |c| diesel::delete(arrivals::table.find(position)).execute(c).await)?;
    if !busy.is_empty() {
        note(tx, &busy).await?;
    }
    Ok(done)
}

/// Those of the customers that there are, without some.
async fn there_but(tx: &mut Tx, ids: &[Id], some: &[Id]) -> Result<Vec<Id>> {
    let there = customers::table.filter(customers::id.eq_any(ids)).filter(customers::id.ne_all(some));
    on!(tx, |c| there.select(customers::id).load(c).await)
}
