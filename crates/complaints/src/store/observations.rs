//! What other services told of customers, for the detectors.

use chrono::{DateTime, Utc};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::observed::{Snapshot, Told};
use crate::schema::observed_facts;

/// Keeps it unless something as new is kept already. The customers whose facts changed: the one it is of now, and the one it was
/// of before.
pub async fn keep(tx: &mut Tx, told: &Told) -> database::Result<Vec<Id>> {
    let (kind, id, customer) = (told.snapshot.kind(), Id::from(told.id), Id::from(told.customer));
    let data = serde_json::to_value(&told.snapshot).map_err(database::Error::other)?;
    let lasts_until = told.snapshot.lasts_until().map(Instant::from);
    let columns = || {
        (
            observed_facts::customer_id.eq(customer),
            observed_facts::sequence.eq(told.sequence),
            observed_facts::lasts_until.eq(lasts_until),
            observed_facts::data.eq(&data),
        )
    };
    let key = (observed_facts::kind.eq(kind), observed_facts::id.eq(id));
    // First the insert: it waits for another consumer that is inserting the same thing, so that what is read afterwards is
    // what it left.
    let inserted = on!(tx, |c| {
        diesel::insert_into(observed_facts::table).values((key, columns())).on_conflict_do_nothing().execute(c).await
    })?;
    if inserted == 1 {
        return Ok(vec![customer]);
    }
    let one = || observed_facts::table.find((kind, id));
    let query = one().select((observed_facts::sequence, observed_facts::customer_id));
    let (kept, before): (i64, Id) = on!(tx,
        pg: |c| query.for_update().first(c).await,
        lite: |c| query.first(c).await,
    )?;
    if kept >= told.sequence {
        return Ok(vec![]);
    }
    on!(tx, |c| diesel::update(one()).set(columns()).execute(c).await)?;
    Ok(vec![before, customer])
}

/// What was told of these customers that still says anything at an instant.
pub async fn of(conn: &mut Conn, customers: &[Id], since: DateTime<Utc>) -> database::Result<Vec<(Uuid, Snapshot)>> {
    let lasts = || observed_facts::lasts_until.is_null().or(observed_facts::lasts_until.ge(Instant::from(since)));
    let rows: Vec<(Id, Value)> = on!(conn, |c| {
        observed_facts::table
            .filter(observed_facts::customer_id.eq_any(customers))
            .filter(lasts())
            .select((observed_facts::id, observed_facts::data))
            .load(c)
            .await
    })?;
    let read = |(id, data): (Id, Value)| Ok((id.get(), serde_json::from_value(data).map_err(database::Error::other)?));
    rows.into_iter().map(read).collect()
}
