//! Which customers were merged into which.

use database::{Conn, Id, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, Redirects};

use crate::schema::{interactions, merged_customers, moved_interactions};

/// Keeps what the registry told, unless something later is kept already.
pub async fn keep(tx: &mut Tx, merged: CustomerId, into: Option<CustomerId>, sequence: i64) -> database::Result<bool> {
    let id = Id::from(merged);
    let told = || (merged_customers::into_id.eq(into.map(Id::from)), merged_customers::sequence.eq(sequence));
    let inserted = on!(tx, |c| diesel::insert_into(merged_customers::table)
        .values((merged_customers::customer_id.eq(id), told()))
        .on_conflict_do_nothing()
        .execute(c)
        .await)?;
    if inserted == 1 {
        return Ok(true);
    }
    let earlier = merged_customers::table.find(id).filter(merged_customers::sequence.lt(sequence));
    let changed = on!(tx, |c| diesel::update(earlier).set(told()).execute(c).await)?;
    Ok(changed == 1)
}

/// Keeps merges as they are until the transaction ends, so that the next one finds and moves what is written by these.
pub async fn hold(tx: &mut Tx) -> database::Result<()> {
    on!(tx,
        pg: |c| diesel::sql_query("SELECT pg_advisory_xact_lock_shared(hashtext('merged_customers'))").execute(c).await,
        lite: |_c| Ok(0),
    )?;
    Ok(())
}

/// All of them, held still until the transaction ends: merges are few, and two at once would not see each other's moves.
pub async fn all(tx: &mut Tx) -> database::Result<Redirects> {
    on!(tx,
        pg: |c| diesel::sql_query("SELECT pg_advisory_xact_lock(hashtext('merged_customers'))").execute(c).await,
        lite: |_c| Ok(0),
    )?;
    let rows: Vec<(Id, Option<Id>)> = on!(tx, |c| {
        merged_customers::table.select((merged_customers::customer_id, merged_customers::into_id)).load(c).await
    })?;
    Ok(rows.into_iter().filter_map(|(id, into)| Some((id.get(), into?.get()))).collect())
}

/// Those that lead on from these customers.
pub async fn from(conn: &mut Conn, customers: &[Id]) -> database::Result<Redirects> {
    let mut found: Vec<(Id, Id)> = Vec::new();
    let mut next: Vec<Id> = customers.to_vec();
    while !next.is_empty() {
        let rows: Vec<(Id, Option<Id>)> = on!(conn, |c| {
            merged_customers::table
                .filter(merged_customers::customer_id.eq_any(&next))
                .filter(merged_customers::into_id.is_not_null())
                .select((merged_customers::customer_id, merged_customers::into_id))
                .load(c)
                .await
        })?;
        let new: Vec<(Id, Id)> = rows.into_iter().filter_map(|(id, into)| Some((id, into?))).collect();
        next = new.iter().map(|(_, into)| *into).filter(|id| found.iter().all(|(known, _)| known != id)).collect();
        found.extend(new);
    }
    Ok(found.into_iter().map(|(id, into)| (id.get(), into.get())).collect())
}

/// What is to go from one customer to another because its origin was merged, or is itself again; locked with its customer.
pub async fn to_move(tx: &mut Tx, origin: CustomerId, from: CustomerId) -> database::Result<Vec<Id>> {
    let (origin, from) = (Id::from(origin), Id::from(from));
    if origin == from {
        let own: Vec<Id> = on!(tx, |c| {
            interactions::table.filter(interactions::customer_id.eq(from)).select(interactions::id).load(c).await
        })?;
        for id in own {
            let row = (moved_interactions::interaction_id.eq(id), moved_interactions::origin_id.eq(origin));
            // What came from another origin keeps it.
            on!(tx, |c| diesel::insert_into(moved_interactions::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(c)
                .await)?;
        }
    }
    // What somebody has given to yet another customer since is left there.
    on!(tx, |c| {
        moved_interactions::table
            .inner_join(interactions::table.on(interactions::id.eq(moved_interactions::interaction_id)))
            .filter(moved_interactions::origin_id.eq(origin))
            .filter(interactions::customer_id.eq(from))
            .order(interactions::id)
            .select(interactions::id)
            .load(c)
            .await
    })
}

/// The origin has its own back.
pub async fn forget(tx: &mut Tx, origin: CustomerId) -> database::Result<()> {
    let own = moved_interactions::table.filter(moved_interactions::origin_id.eq(Id::from(origin)));
    on!(tx, |c| diesel::delete(own).execute(c).await)?;
    Ok(())
}
