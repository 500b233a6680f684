//! Customers whose score may no longer follow from their facts.

use chrono::{DateTime, Utc};
use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Db, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt};
use diesel_async::RunQueryDsl;

use crate::schema::dirty_customers;

/// A customer to score, and how often it had been marked when it was claimed.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = dirty_customers)]
pub struct Claim {
    pub customer_id: Id,
    mark: i64,
}

/// Expands to the marking of one customer.
macro_rules! mark {
    ($c:expr, $customer:expr, $at:expr) => {
        diesel::insert_into(dirty_customers::table)
            .values((
                dirty_customers::customer_id.eq($customer),
                dirty_customers::since.eq($at),
                dirty_customers::mark.eq(1),
            ))
            .on_conflict(dirty_customers::customer_id)
            .do_update()
            .set(dirty_customers::mark.eq(dirty_customers::mark + 1))
            .execute($c)
            .await
    };
}

/// Marks the customers, always in the order of their ids: two transactions that mark the same ones cannot wait for
/// each other in a circle.
pub async fn mark(tx: &mut Tx, mut customers: Vec<Id>, at: DateTime<Utc>) -> database::Result<()> {
    const MANY: &str = "INSERT INTO dirty_customers (customer_id, since, mark) SELECT id, $2, 1 FROM unnest($1) AS id
        ON CONFLICT (customer_id) DO UPDATE SET mark = dirty_customers.mark + 1";
    customers.sort_unstable();
    customers.dedup();
    let at = Instant::from(at);
    on!(tx,
        pg: |c| match customers.as_slice() {
            // The statement for one is prepared once a connection.
            [customer] => mark!(c, *customer, at),
            // An array is read in its order.
            all => {
                let many = diesel::sql_query(MANY).bind::<Array<SqlId>, _>(all).bind::<SqlInstant, _>(at);
                many.execute(c).await
            }
        },
        lite: |c| {
            for customer in &customers {
                mark!(c, *customer, at)?;
            }
            Ok(customers.len())
        },
    )?;
    Ok(())
}

/// Marks every customer the registry told of, and says how many.
pub async fn mark_all(tx: &mut Tx, at: DateTime<Utc>) -> database::Result<usize> {
    on!(tx, |c| {
        diesel::sql_query(
            "INSERT INTO dirty_customers (customer_id, since, mark)
             SELECT id, $1, 1 FROM customer_facts WHERE true ORDER BY id
             ON CONFLICT (customer_id) DO UPDATE SET mark = dirty_customers.mark + 1",
        )
        .bind::<SqlInstant, _>(Instant::from(at))
        .execute(c)
        .await
    })
}

/// Marks up to `limit` customers last scored before an instant, and says how many.
pub async fn mark_stale(
    tx: &mut Tx,
    scored_before: DateTime<Utc>,
    at: DateTime<Utc>,
    limit: i64,
) -> database::Result<usize> {
    on!(tx, |c| {
        diesel::sql_query(
            "INSERT INTO dirty_customers (customer_id, since, mark)
             SELECT id, $1, 1 FROM
                 (SELECT id FROM scores
                  WHERE as_of < $2 AND NOT EXISTS (SELECT 1 FROM dirty_customers WHERE customer_id = scores.id)
                  ORDER BY as_of LIMIT $3) AS stale
             WHERE true ORDER BY id
             ON CONFLICT (customer_id) DO NOTHING",
        )
        .bind::<SqlInstant, _>(Instant::from(at))
        .bind::<SqlInstant, _>(Instant::from(scored_before))
        .bind::<BigInt, _>(limit)
        .execute(c)
        .await
    })
}

pub async fn any(db: &Db) -> database::Result<bool> {
    let mut conn = db.read().await?;
    let first: Option<Id> =
        on!(conn, |c| dirty_customers::table.select(dirty_customers::customer_id).first(c).await.optional())?;
    Ok(first.is_some())
}

pub async fn is_marked(conn: &mut Conn, customer: Id) -> database::Result<bool> {
    let found: Option<Id> = on!(conn, |c| {
        dirty_customers::table.find(customer).select(dirty_customers::customer_id).first(c).await.optional()
    })?;
    Ok(found.is_some())
}

/// Those marked longest. On PostgreSQL other replicas skip them until the transaction ends, and whoever marks them
/// again waits for it.
pub async fn claim(tx: &mut Tx, limit: i64) -> database::Result<Vec<Claim>> {
    let oldest = dirty_customers::table.order(dirty_customers::since).limit(limit);
    on!(tx,
        pg: |c| oldest.select(Claim::as_select()).for_update().skip_locked().load(c).await,
        lite: |c| oldest.select(Claim::as_select()).load(c).await,
    )
}

/// The claimed customer is scored; marked again meanwhile, it stays.
pub async fn settle(tx: &mut Tx, claim: Claim) -> database::Result<()> {
    let same = dirty_customers::table.find(claim.customer_id).filter(dirty_customers::mark.eq(claim.mark));
    on!(tx, |c| diesel::delete(same).execute(c).await)?;
    Ok(())
}
