//! Events already handled, so that one delivered again changes nothing.

use std::collections::HashSet;

use chrono::{TimeDelta, Utc};
use database::{Db, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::inbox;

/// A repetition later than this is still harmless: consumers also compare the aggregate's sequence.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Records the events, and answers which of them are new here. A second transaction with one of them waits for the first
/// to end.
pub(crate) async fn record(tx: &mut Tx, events: &[Uuid]) -> database::Result<HashSet<Uuid>> {
    let mut ids: Vec<Id> = events.iter().copied().map(Id::from).collect();
    // Of one order: two that record the same events do not wait for each other in a circle.
    ids.sort_unstable();
    ids.dedup();
    let now = Instant::from(Utc::now());
    let row = |id: &Id| (inbox::event_id.eq(*id), inbox::received_at.eq(now));
    macro_rules! record {
        ($rows:expr, $c:expr) => {
            diesel::insert_into(inbox::table)
                .values($rows)
                .on_conflict_do_nothing()
                .returning(inbox::event_id)
                .load::<Id>($c)
                .await
        };
    }
    let fresh = on!(tx,
        pg: |c| match ids.as_slice() {
            // The statement for one row is prepared once a connection.
            [one] => record!(row(one), c),
            all => record!(all.iter().map(row).collect::<Vec<_>>(), c),
        },
        lite: |c| {
            let mut fresh = Vec::with_capacity(ids.len());
            for id in &ids {
                fresh.extend(record!(row(id), c)?);
            }
            Ok(fresh)
        },
    )?;
    Ok(fresh.into_iter().map(Id::get).collect())
}

/// Whether the event has been handled.
///
/// # Errors
/// When the database cannot be read.
pub async fn contains(db: &Db, event_id: Uuid) -> database::Result<bool> {
    let mut conn = db.read().await?;
    let found: Option<Id> =
        on!(conn, |c| inbox::table.find(Id::from(event_id)).select(inbox::event_id).first(c).await.optional())?;
    Ok(found.is_some())
}

pub(crate) async fn prune(db: &Db) -> database::Result<usize> {
    let limit = Instant::from(Utc::now() - KEPT);
    let mut tx = db.begin().await?;
    let pruned = on!(tx, |c| diesel::delete(inbox::table.filter(inbox::received_at.lt(limit))).execute(c).await)?;
    tx.commit().await?;
    Ok(pruned)
}
