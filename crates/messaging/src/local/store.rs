use std::time::Duration;

use chrono::{DateTime, Utc};
use database::{Db, Instant, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{DeadLetter, Depth, Message};

diesel::table! {
    bindings (queue, event_type) {
        queue -> Text,
        event_type -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use database::sql_types::SqlInstant;

    messages (position) {
        position -> BigInt,
        queue -> Text,
        event_type -> Text,
        body -> Binary,
        published_at -> SqlInstant,
        visible_at -> SqlInstant,
        attempts -> Integer,
        deliveries -> Integer,
        dead_at -> Nullable<SqlInstant>,
        reason -> Nullable<Text>,
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages)]
pub(super) struct Row {
    pub(super) position: i64,
    pub(super) body: Vec<u8>,
    pub(super) attempts: i32,
    pub(super) deliveries: i32,
}

/// How a delivery ended.
pub(super) enum Settlement {
    Done,
    Again { attempts: u32, delay: Duration },
    Dead { attempts: u32, reason: String },
}

pub(super) async fn bindings(db: &Db) -> database::Result<Vec<(String, String)>> {
    let mut conn = db.read().await?;
    on!(conn, |c| bindings::table.load(c).await)
}

/// The queue is bound to these types and no others.
pub(super) async fn bind(db: &Db, queue: &str, types: &[&str]) -> database::Result<()> {
    let mut tx = db.begin().await?;
    on!(tx, |c| {
        diesel::delete(bindings::table.filter(bindings::queue.eq(queue))).execute(c).await?;
        for event_type in types {
            diesel::insert_into(bindings::table)
                .values((bindings::queue.eq(queue), bindings::event_type.eq(*event_type)))
                .on_conflict_do_nothing()
                .execute(c)
                .await?;
        }
        Ok(())
    })?;
    tx.commit().await
}

pub(super) async fn insert(db: &Db, routed: &[(String, &Message)]) -> database::Result<()> {
    if routed.is_empty() {
        return Ok(());
    }
    let now = Instant::from(Utc::now());
    let mut tx = db.begin().await?;
    on!(tx, |c| {
        for (queue, message) in routed {
            diesel::insert_into(messages::table)
                .values((
                    messages::queue.eq(queue),
                    messages::event_type.eq(&message.event_type),
                    messages::body.eq(&message.body),
                    messages::published_at.eq(Instant::from(message.at)),
                    messages::visible_at.eq(now),
                ))
                .execute(c)
                .await?;
        }
        Ok(())
    })?;
    tx.commit().await
}

/// The oldest visible messages that are not held, each counted as delivered once more.
pub(super) async fn claim(
    db: &Db,
    queue: &str,
    held: &[i64],
    at: DateTime<Utc>,
    limit: i64,
) -> database::Result<Vec<Row>> {
    let now = Instant::from(at);
    let waiting = |queue: &str| {
        messages::queue
            .eq(queue.to_owned())
            .and(messages::dead_at.is_null())
            .and(messages::visible_at.le(now))
            .and(messages::position.ne_all(held.to_vec()))
    };
    let mut conn = db.read().await?;
    let rows: Vec<Row> = on!(conn, |c| messages::table
        .filter(waiting(queue))
        .order((messages::visible_at, messages::position))
        .limit(limit)
        .select(Row::as_select())
        .load(c)
        .await)?;
    drop(conn);
    if rows.is_empty() {
        return Ok(rows);
    }
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let mut tx = db.begin().await?;
    on!(tx, |c| diesel::update(messages::table.filter(messages::position.eq_any(&positions)))
        .set(messages::deliveries.eq(messages::deliveries + 1))
        .execute(c)
        .await)?;
    tx.commit().await?;
    Ok(rows)
}

/// When the next message that was not visible at `since` becomes so.
pub(super) async fn next_visible(
    db: &Db,
    queue: &str,
    since: DateTime<Utc>,
) -> database::Result<Option<DateTime<Utc>>> {
    let since = Instant::from(since);
    let mut conn = db.read().await?;
    let next: Option<Instant> = on!(conn, |c| messages::table
        .filter(messages::queue.eq(queue).and(messages::dead_at.is_null()).and(messages::visible_at.gt(since)))
        .order(messages::visible_at)
        .select(messages::visible_at)
        .first(c)
        .await
        .optional())?;
    Ok(next.map(Into::into))
}

pub(super) async fn settle(db: &Db, settled: &[(i64, Settlement)]) -> database::Result<()> {
    if settled.is_empty() {
        return Ok(());
    }
    let now = Utc::now();
    let mut tx = db.begin().await?;
    on!(tx, |c| {
        for (position, settlement) in settled {
            let message = messages::table.find(position);
            match settlement {
                Settlement::Done => diesel::delete(message).execute(c).await?,
                Settlement::Again { attempts, delay } => {
                    diesel::update(message)
                        .set((
                            messages::attempts.eq(attempts.cast_signed()),
                            messages::deliveries.eq(0),
                            messages::visible_at.eq(Instant::from(now + *delay)),
                        ))
                        .execute(c)
                        .await?
                }
                Settlement::Dead { attempts, reason } => {
                    diesel::update(message)
                        .set((
                            messages::attempts.eq(attempts.cast_signed()),
                            messages::dead_at.eq(Instant::from(now)),
                            messages::reason.eq(reason),
                        ))
                        .execute(c)
                        .await?
                }
            };
        }
        Ok(())
    })?;
    tx.commit().await
}

pub(super) async fn depth(db: &Db, queue: &str) -> database::Result<Depth> {
    let now = Instant::from(Utc::now());
    let mut conn = db.read().await?;
    let (alive, ready, dead): (i64, i64, i64) = on!(conn, |c| {
        let of_queue = || messages::table.filter(messages::queue.eq(queue));
        let alive = || of_queue().filter(messages::dead_at.is_null());
        Ok((
            alive().count().get_result(c).await?,
            alive().filter(messages::visible_at.le(now)).count().get_result(c).await?,
            of_queue().filter(messages::dead_at.is_not_null()).count().get_result(c).await?,
        ))
    })?;
    Ok(Depth {
        ready: ready.unsigned_abs(),
        retrying: alive.saturating_sub(ready).unsigned_abs(),
        dead: dead.unsigned_abs(),
    })
}

pub(super) async fn dead_letters(db: &Db, queue: &str) -> database::Result<Vec<DeadLetter>> {
    type Columns = (String, Vec<u8>, Instant, i32, Option<String>);
    let mut conn = db.read().await?;
    let rows: Vec<Columns> = on!(conn, |c| messages::table
        .filter(messages::queue.eq(queue).and(messages::dead_at.is_not_null()))
        .order(messages::position)
        .select((messages::event_type, messages::body, messages::published_at, messages::attempts, messages::reason,))
        .load(c)
        .await)?;
    let letter = |(event_type, body, published_at, attempts, reason): Columns| DeadLetter {
        event_type,
        reason: reason.unwrap_or_default(),
        attempts: attempts.unsigned_abs(),
        published_at: Some(published_at.into()),
        body,
    };
    Ok(rows.into_iter().map(letter).collect())
}

pub(super) async fn redrive(db: &Db, queue: &str) -> database::Result<u64> {
    let now = Instant::from(Utc::now());
    let mut tx = db.begin().await?;
    let count = on!(tx, |c| diesel::update(
        messages::table.filter(messages::queue.eq(queue).and(messages::dead_at.is_not_null()))
    )
    .set((
        messages::dead_at.eq(None::<Instant>),
        messages::reason.eq(None::<String>),
        messages::attempts.eq(0),
        messages::deliveries.eq(0),
        messages::visible_at.eq(now),
    ))
    .execute(c)
    .await)?;
    tx.commit().await?;
    Ok(count as u64)
}

pub(super) async fn delete_queue(db: &Db, queue: &str) -> database::Result<()> {
    let mut tx = db.begin().await?;
    on!(tx, |c| {
        diesel::delete(messages::table.filter(messages::queue.eq(queue))).execute(c).await?;
        diesel::delete(bindings::table.filter(bindings::queue.eq(queue))).execute(c).await
    })?;
    tx.commit().await
}
