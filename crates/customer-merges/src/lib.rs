#![doc = include_str!("../README.md")]

pub mod known;
mod moved;

use database::{Conn, Id, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, Redirects};

use schema::merged_customers;

mod schema {
    diesel::table! {
        use diesel::sql_types::*;
        use database::sql_types::SqlId;

        merged_customers (customer_id) {
            customer_id -> SqlId,
            into_id -> Nullable<SqlId>,
            sequence -> BigInt,
        }
    }
}

/// Keeps what the registry told, and says whether it is news: not where something later is kept already.
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
    database::lock_shared(tx, "merged_customers").await
}

/// All of them, held still until the transaction ends: merges are few, and two at once would not see each other's moves.
pub async fn all(tx: &mut Tx) -> database::Result<Redirects> {
    database::lock(tx, "merged_customers").await?;
    let rows: Vec<(Id, Option<Id>)> = on!(tx, |c| {
        merged_customers::table.select((merged_customers::customer_id, merged_customers::into_id)).load(c).await
    })?;
    Ok(rows.into_iter().filter_map(|(id, into)| Some((id.get(), into?.get()))).collect())
}

/// Those that lead on from these customers.
pub async fn from(conn: &mut Conn, customers: &[Id]) -> database::Result<Redirects> {
    follow(conn, customers, Way::Onward).await
}

/// What these customers have become, each itself where it was not merged.
pub async fn followed(conn: &mut Conn, customers: &[Id]) -> database::Result<Vec<Id>> {
    let redirects = from(conn, customers).await?;
    Ok(customers.iter().map(|id| redirects.resolve(id.get()).into()).collect())
}

/// Those that lead to these customers.
pub async fn origins(conn: &mut Conn, customers: &[Id]) -> database::Result<Redirects> {
    follow(conn, customers, Way::Back).await
}

#[derive(Clone, Copy)]
enum Way {
    Onward,
    Back,
}

/// Looks for the merges at these customers, then for those at their other ends, until there are no more.
async fn follow(conn: &mut Conn, customers: &[Id], way: Way) -> database::Result<Redirects> {
    let end = |(id, into): (Id, Id)| match way {
        Way::Onward => into,
        Way::Back => id,
    };
    let mut found: Vec<(Id, Id)> = Vec::new();
    let mut next = customers.to_vec();
    while !next.is_empty() {
        let new = step(conn, &next, way).await?;
        next = new.iter().map(|merge| end(*merge)).filter(|id| found.iter().all(|known| end(*known) != *id)).collect();
        found.extend(new);
    }
    Ok(found.into_iter().map(|(id, into)| (id.get(), into.get())).collect())
}

async fn step(conn: &mut Conn, at: &[Id], way: Way) -> database::Result<Vec<(Id, Id)>> {
    let merges = merged_customers::table
        .filter(merged_customers::into_id.is_not_null())
        .select((merged_customers::customer_id, merged_customers::into_id.assume_not_null()));
    on!(conn, |c| match way {
        Way::Onward => merges.filter(merged_customers::customer_id.eq_any(at)).load(c).await,
        Way::Back => merges.filter(merged_customers::into_id.eq_any(at)).load(c).await,
    })
}
