//! What the registry's events told us of customers.

use std::collections::{HashMap, HashSet};

use database::{Conn, Id, Tx, on};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use registry_contract::v1::CustomerFact;

use crate::schema::known_customers;

#[derive(Insertable)]
#[diesel(table_name = known_customers)]
struct KnownCustomerRow<'a> {
    customer_id: Id,
    sequence: i64,
    code: &'a str,
    tier: &'a str,
    owner: Option<&'a str>,
}

/// Keeps the fact unless a newer one is kept already.
pub async fn keep(tx: &mut Tx, fact: &CustomerFact) -> database::Result<()> {
    use diesel::query_dsl::methods::FilterDsl as _;

    let row = KnownCustomerRow {
        customer_id: fact.customer_id.into(),
        sequence: fact.sequence,
        code: &fact.code,
        tier: fact.tier.as_str(),
        owner: fact.owner.as_deref(),
    };
    on!(tx, |c| {
        diesel::insert_into(known_customers::table)
            .values(&row)
            .on_conflict(known_customers::customer_id)
            .do_update()
            .set((
                known_customers::sequence.eq(excluded(known_customers::sequence)),
                known_customers::code.eq(excluded(known_customers::code)),
                known_customers::tier.eq(excluded(known_customers::tier)),
                known_customers::owner.eq(excluded(known_customers::owner)),
            ))
            .filter(known_customers::sequence.lt(excluded(known_customers::sequence)))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Keeps that the customer is no more. The row stays, without a code, so that what is told late does not bring it back.
pub async fn withdraw(tx: &mut Tx, fact: CustomerFact) -> database::Result<()> {
    keep(tx, &CustomerFact { code: String::new(), ..fact }).await
}

/// Those of the customers that the registry told us of.
pub async fn known(conn: &mut Conn, ids: Vec<Id>) -> database::Result<HashSet<Id>> {
    let known: Vec<Id> = on!(conn, |c| {
        known_customers::table
            .filter(known_customers::customer_id.eq_any(&ids))
            .filter(known_customers::code.ne(""))
            .select(known_customers::customer_id)
            .load(c)
            .await
    })?;
    Ok(known.into_iter().collect())
}

/// The same, and they stay what they are until the transaction ends.
pub async fn hold(tx: &mut Tx, ids: Vec<Id>) -> database::Result<HashSet<Id>> {
    let some = known_customers::table
        .filter(known_customers::customer_id.eq_any(&ids))
        .filter(known_customers::code.ne(""))
        .order(known_customers::customer_id)
        .select(known_customers::customer_id);
    let known: Vec<Id> = on!(tx, pg: |c| some.for_share().load(c).await, lite: |c| some.load(c).await)?;
    Ok(known.into_iter().collect())
}

/// Waits for whoever holds the customer, and keeps others from it until the transaction ends.
pub async fn lock(tx: &mut Tx, id: Id) -> database::Result<()> {
    let one = known_customers::table.find(id).select(known_customers::customer_id);
    let _known: Option<Id> = on!(tx, pg: |c| one.for_update().first(c).await.optional(), lite: |_c| Ok(None))?;
    Ok(())
}

/// The customers with these codes, as far as there are any.
pub async fn by_code(conn: &mut Conn, codes: Vec<&str>) -> database::Result<HashMap<String, Id>> {
    if codes.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(String, Id)> = on!(conn, |c| {
        known_customers::table
            .filter(known_customers::code.eq_any(&codes))
            .select((known_customers::code, known_customers::customer_id))
            .load(c)
            .await
    })?;
    Ok(found.into_iter().collect())
}
