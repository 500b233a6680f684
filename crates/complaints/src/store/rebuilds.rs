//! How far the reckoning anew is that a change of the rules asks for: one row, so that it goes on after a restart.

use chrono::{DateTime, Utc};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::lists::open_states;
use crate::schema::{clock_rebuilds, complaints};

const ROW: i16 = 1;

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = clock_rebuilds)]
pub struct Rebuild {
    /// Closed complaints, too.
    pub everything: bool,
    pub after_id: Option<Id>,
}

/// Begins anew with the first complaint. What was to be done with closed ones is still to be done.
pub async fn want(tx: &mut Tx, at: DateTime<Utc>) -> database::Result<()> {
    let row = clock_rebuilds::table.find(ROW);
    let pending: bool =
        on!(tx, |c| { row.select(clock_rebuilds::everything.and(clock_rebuilds::is_done.eq(false))).first(c).await })?;
    let new = (
        clock_rebuilds::wanted_at.eq(Instant::from(at)),
        clock_rebuilds::everything.eq(pending),
        clock_rebuilds::after_id.eq(None::<Id>),
        clock_rebuilds::is_done.eq(false),
    );
    on!(tx, |c| diesel::update(row).set(new).execute(c).await)?;
    Ok(())
}

pub async fn is_wanted(conn: &mut Conn) -> database::Result<bool> {
    on!(conn, |c| { clock_rebuilds::table.find(ROW).select(clock_rebuilds::is_done.eq(false)).first(c).await })
}

/// What is to be done, unless it is done or another worker is at it.
pub async fn claim(tx: &mut Tx) -> database::Result<Option<Rebuild>> {
    let row = clock_rebuilds::table.find(ROW).filter(clock_rebuilds::is_done.eq(false));
    on!(
        tx,
        pg: |c| row.select(Rebuild::as_select()).for_update().skip_locked().first(c).await.optional(),
        lite: |c| row.select(Rebuild::as_select()).first(c).await.optional(),
    )
}

/// The next complaints to reckon anew, by id.
pub async fn candidates(conn: &mut Conn, rebuild: &Rebuild, limit: i64) -> database::Result<Vec<Id>> {
    let after = rebuild.after_id.unwrap_or_else(|| Id::from(uuid::Uuid::nil()));
    on!(conn, |c| {
        let mut next = complaints::table.filter(complaints::id.gt(after)).into_boxed::<Backend>();
        if !rebuild.everything {
            next = next.filter(complaints::state.eq_any(open_states()));
        }
        next.order(complaints::id).limit(limit).select(complaints::id).load(c).await
    })
}

/// The complaints up to the first that somebody else is changing; from here on nobody does until the transaction ends.
pub async fn lock_free(tx: &mut Tx, ids: &[Id]) -> database::Result<Vec<Id>> {
    let locked: Vec<Id> = on!(
        tx,
        pg: |c| {
            complaints::table
                .filter(complaints::id.eq_any(ids))
                .order(complaints::id)
                .select(complaints::id)
                .for_update()
                .skip_locked()
                .load(c)
                .await
        },
        lite: |_c| Ok(ids.to_vec()),
    )?;
    Ok(ids.iter().zip(&locked).take_while(|(id, locked)| id == locked).map(|(id, _)| *id).collect())
}

/// Waits for a complaint; to be called by who holds no other one.
pub async fn lock_one(tx: &mut Tx, id: Id) -> database::Result<Vec<Id>> {
    on!(
        tx,
        pg: |c| complaints::table.find(id).select(complaints::id).for_update().load(c).await,
        lite: |_c| Ok(vec![id]),
    )
}

pub async fn advance(tx: &mut Tx, after: Option<Id>) -> database::Result<()> {
    let row = clock_rebuilds::table.find(ROW);
    on!(tx, |c| match after {
        Some(id) => diesel::update(row).set(clock_rebuilds::after_id.eq(id)).execute(c).await,
        None => diesel::update(row).set(clock_rebuilds::is_done.eq(true)).execute(c).await,
    })?;
    Ok(())
}
