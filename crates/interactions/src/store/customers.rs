//! What the registry's events told us of customers.

use std::collections::{HashMap, HashSet};

use database::{Conn, Id, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::schema::known_customers;

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

/// Who owns these customers, as far as the registry told us.
pub async fn owners(conn: &mut Conn, ids: &[Id]) -> database::Result<HashMap<Id, Option<String>>> {
    let owners: Vec<(Id, Option<String>)> = on!(conn, |c| {
        known_customers::table
            .filter(known_customers::customer_id.eq_any(ids))
            .select((known_customers::customer_id, known_customers::owner))
            .load(c)
            .await
    })?;
    Ok(owners.into_iter().collect())
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
