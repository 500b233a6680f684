//! Events already handled, so that one delivered again changes nothing.

use chrono::{TimeDelta, Utc};
use database::{Db, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::inbox;

/// A repetition later than this is still harmless: consumers also compare the aggregate's sequence.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Whether the event is new here. A second transaction with the same event waits for the first to end.
pub(crate) async fn record(tx: &mut Tx, event_id: Uuid) -> database::Result<bool> {
    let row = (inbox::event_id.eq(Id::from(event_id)), inbox::received_at.eq(Instant::from(Utc::now())));
    let inserted =
        on!(tx, |c| diesel::insert_into(inbox::table).values(row).on_conflict_do_nothing().execute(c).await)?;
    Ok(inserted == 1)
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
