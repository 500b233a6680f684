//! When each customer is looked at by the detectors.

use chrono::{DateTime, Utc};
use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

use crate::schema::watched_customers;

/// Has the customers looked at as soon as may be, and waits for who is looking at them or moving their signals. Always in the
/// order of their ids: two transactions that mark the same ones cannot wait for each other in a circle.
pub async fn mark(tx: &mut Tx, mut customers: Vec<Id>, at: DateTime<Utc>) -> database::Result<()> {
    const POSTGRES: &str = "INSERT INTO watched_customers (customer_id, due_at) VALUES ($1, $2)
        ON CONFLICT (customer_id) DO UPDATE SET due_at = least(watched_customers.due_at, excluded.due_at)";
    const SQLITE: &str = "INSERT INTO watched_customers (customer_id, due_at) VALUES (?1, ?2)
        ON CONFLICT (customer_id) DO UPDATE
        SET due_at = min(coalesce(watched_customers.due_at, excluded.due_at), excluded.due_at)";
    customers.sort_unstable();
    customers.dedup();
    let at = Instant::from(at);
    for id in customers {
        on!(tx,
            pg: |c| diesel::sql_query(POSTGRES).bind::<SqlId, _>(id).bind::<SqlInstant, _>(at).execute(c).await,
            lite: |c| diesel::sql_query(SQLITE).bind::<SqlId, _>(id).bind::<SqlInstant, _>(at).execute(c).await,
        )?;
    }
    Ok(())
}

/// The same of those of the customers of whom there are facts; of any other there is nothing to see.
pub async fn mark_again(tx: &mut Tx, customers: &[Id], at: DateTime<Utc>) -> database::Result<()> {
    let some = watched_customers::table.filter(watched_customers::customer_id.eq_any(customers));
    let watched = some.order(watched_customers::customer_id).select(watched_customers::customer_id);
    let watched: Vec<Id> = on!(tx, pg: |c| watched.for_update().load(c).await, lite: |c| watched.load(c).await)?;
    if watched.is_empty() {
        return Ok(());
    }
    let some = watched_customers::table.filter(watched_customers::customer_id.eq_any(watched));
    let due = watched_customers::due_at.eq(Instant::from(at));
    on!(tx, |c| diesel::update(some).set(due).execute(c).await)?;
    Ok(())
}

/// The same of all of them; on PostgreSQL in the order of [`mark`].
pub async fn mark_all(tx: &mut Tx, at: DateTime<Utc>) -> database::Result<()> {
    const LOCKED: &str = "UPDATE watched_customers SET due_at = $1 WHERE customer_id IN
        (SELECT customer_id FROM watched_customers ORDER BY customer_id FOR UPDATE)";
    let at = Instant::from(at);
    on!(tx,
        pg: |c| diesel::sql_query(LOCKED).bind::<SqlInstant, _>(at).execute(c).await,
        lite: |c| diesel::update(watched_customers::table).set(watched_customers::due_at.eq(at)).execute(c).await,
    )?;
    Ok(())
}

/// When the next customer is to be looked at.
pub async fn next_due(conn: &mut Conn) -> database::Result<Option<DateTime<Utc>>> {
    let next: Option<Option<Instant>> = on!(conn, |c| {
        watched_customers::table
            .filter(watched_customers::due_at.is_not_null())
            .order(watched_customers::due_at)
            .select(watched_customers::due_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(next.flatten().map(Into::into))
}

/// The query that finds who is to be looked at.
pub const CLAIM_CUSTOMERS_ON_POSTGRES: &str = "SELECT customer_id AS id FROM watched_customers
    WHERE due_at <= $1 ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED";
pub const CLAIM_CUSTOMERS_ON_SQLITE: &str =
    "SELECT customer_id AS id FROM watched_customers WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlId)]
    id: Id,
}

/// Those due longest; on PostgreSQL past those that another replica is looking at. Nobody else looks at them, and whoever tells
/// of them waits, until the transaction ends.
pub async fn claim(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> database::Result<Vec<Id>> {
    let (postgres, sqlite) = (CLAIM_CUSTOMERS_ON_POSTGRES, CLAIM_CUSTOMERS_ON_SQLITE);
    let now = Instant::from(now);
    let found: Vec<Found> = on!(tx,
        pg: |c| diesel::sql_query(postgres).bind::<SqlInstant, _>(now).bind::<BigInt, _>(limit).load(c).await,
        lite: |c| diesel::sql_query(sqlite).bind::<SqlInstant, _>(now).bind::<BigInt, _>(limit).load(c).await,
    )?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// The claimed customer was looked at.
pub async fn settle(tx: &mut Tx, customer: Id, next: Option<DateTime<Utc>>) -> database::Result<()> {
    let row = watched_customers::table.find(customer);
    let due = watched_customers::due_at.eq(next.map(Instant::from));
    on!(tx, |c| diesel::update(row).set(due).execute(c).await)?;
    Ok(())
}

/// The claimed customer was merged into another, who is looked at instead.
pub async fn forget(tx: &mut Tx, customer: Id) -> database::Result<()> {
    on!(tx, |c| diesel::delete(watched_customers::table.find(customer)).execute(c).await)?;
    Ok(())
}
