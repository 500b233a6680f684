//! Which customers were merged into which.

use database::{Conn, Id, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, Redirects};

use crate::schema::merged_customers;

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
