//! How clocks stood when last reckoned. A cache: all of it follows from the history, the ranks and the rules.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::ComplaintId;
use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;

use crate::domain::reading::{Due, Planned, next_of};
use crate::schema::due_times;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = due_times, primary_key(id, clock, run), treat_none_as_null = true)]
pub struct DueRow {
    id: Id,
    clock: String,
    run: i32,
    policy: i64,
    target_seconds: i64,
    started_at: Instant,
    due_at: Option<Instant>,
    stopped_at: Option<Instant>,
    /// Of stopped clocks only: that of others grows.
    elapsed_seconds: Option<i64>,
    kept: Option<bool>,
    is_moot: bool,
    escalate_at: Option<Instant>,
    percent: Option<i32>,
    is_next: bool,
}

impl DueRow {
    /// The rows of a complaint whose clocks stand so.
    pub fn of(complaint: ComplaintId, dues: &[Due], plan: &[Planned]) -> Vec<Self> {
        let next = next_of(dues);
        let row = |due: &Due| {
            let key = (due.clock, due.run);
            let step = plan.iter().find(|step| (step.clock, step.run) == key);
            Self {
                id: complaint.into(),
                clock: due.clock.to_string(),
                run: due.run,
                policy: due.policy,
                target_seconds: due.target.num_seconds(),
                started_at: due.started_at.into(),
                due_at: due.due_at.map(Into::into),
                stopped_at: due.stopped.map(|(at, _)| at.into()),
                elapsed_seconds: due.stopped.map(|(_, elapsed)| elapsed.num_seconds()),
                kept: due.kept,
                is_moot: due.moot,
                escalate_at: step.map(|step| step.at.into()),
                percent: step.map(|step| step.percent),
                is_next: next.is_some_and(|next| (next.clock, next.run) == key),
            }
        };
        dues.iter().map(row).collect()
    }

    fn into_due(self) -> database::Result<Due> {
        let seconds = |seconds: Option<i64>| TimeDelta::seconds(seconds.unwrap_or_default());
        Ok(Due {
            clock: self.clock.parse().map_err(database::Error::other)?,
            run: self.run,
            policy: self.policy,
            target: TimeDelta::seconds(self.target_seconds),
            started_at: self.started_at.into(),
            due_at: self.due_at.map(Into::into),
            stopped: self.stopped_at.map(|at| (at.into(), seconds(self.elapsed_seconds))),
            moot: self.is_moot,
            kept: self.kept,
        })
    }
}

/// The rows of a complaint, by clock and run.
pub async fn of(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<DueRow>> {
    on!(conn, |c| {
        due_times::table
            .filter(due_times::id.eq(Id::from(complaint)))
            .order((due_times::clock, due_times::run))
            .select(DueRow::as_select())
            .load(c)
            .await
    })
}

/// How the clocks of the complaints stand.
pub async fn dues(conn: &mut Conn, complaints: &[Id]) -> database::Result<HashMap<Id, Vec<Due>>> {
    let rows: Vec<DueRow> = on!(conn, |c| {
        due_times::table.filter(due_times::id.eq_any(complaints)).select(DueRow::as_select()).load(c).await
    })?;
    let mut dues: HashMap<Id, Vec<Due>> = HashMap::new();
    for row in rows {
        dues.entry(row.id).or_default().push(row.into_due()?);
    }
    Ok(dues)
}

/// Writes the rows of a complaint that has none.
pub async fn insert(tx: &mut Tx, rows: &[DueRow]) -> database::Result<()> {
    on!(
        tx,
        pg: |c| diesel::insert_into(due_times::table).values(rows).execute(c).await.map(drop),
        lite: |c| {
            for row in rows {
                diesel::insert_into(due_times::table).values(row).execute(c).await?;
            }
            Ok(())
        },
    )
}

/// Writes what has changed.
pub async fn replace(tx: &mut Tx, complaint: ComplaintId, rows: &[DueRow]) -> database::Result<()> {
    let before = of(tx, complaint).await?;
    if before.is_empty() {
        return insert(tx, rows).await;
    }
    for old in &before {
        if !rows.iter().any(|row| (&row.clock, row.run) == (&old.clock, old.run)) {
            let gone = due_times::table.find((old.id, &old.clock, old.run));
            on!(tx, |c| diesel::delete(gone).execute(c).await)?;
        }
    }
    for row in rows.iter().filter(|row| !before.contains(row)) {
        on!(tx, |c| {
            diesel::insert_into(due_times::table)
                .values(row)
                .on_conflict((due_times::id, due_times::clock, due_times::run))
                .do_update()
                .set(row)
                .execute(c)
                .await
        })?;
    }
    Ok(())
}

/// When somebody is to be told next.
pub async fn next_escalation(conn: &mut Conn) -> database::Result<Option<DateTime<Utc>>> {
    let next: Option<Option<Instant>> = on!(conn, |c| {
        due_times::table
            .filter(due_times::escalate_at.is_not_null())
            .order(due_times::escalate_at)
            .select(due_times::escalate_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(next.flatten().map(Into::into))
}

/// Has nobody told before `until` of what is due of a complaint.
pub async fn put_off(tx: &mut Tx, complaint: Id, now: DateTime<Utc>, until: DateTime<Utc>) -> database::Result<()> {
    let due =
        due_times::table.filter(due_times::id.eq(complaint)).filter(due_times::escalate_at.le(Instant::from(now)));
    let later = due_times::escalate_at.eq(Some(Instant::from(until)));
    on!(tx, |c| diesel::update(due).set(later).execute(c).await)?;
    Ok(())
}

/// The query that finds who is to be told. The complaint is locked, not the row: whoever changes a complaint holds it
/// before its rows, and past those that are held another worker is at it.
pub const CLAIM_ON_POSTGRES: &str = "SELECT d.complaint_id AS id FROM due_times d
    JOIN complaints c ON c.id = d.complaint_id
    WHERE d.escalate_at <= $1 ORDER BY d.escalate_at LIMIT $2 FOR UPDATE OF c SKIP LOCKED";
pub const CLAIM_ON_SQLITE: &str = "SELECT complaint_id AS id FROM due_times
    WHERE escalate_at <= ?1 ORDER BY escalate_at LIMIT ?2";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlId)]
    id: Id,
}

/// Complaints with a step that is due, longest first; nobody else changes them until the transaction ends.
pub async fn claim(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> database::Result<Vec<ComplaintId>> {
    let now = Instant::from(now);
    let found: Vec<Found> = on!(
        tx,
        pg: |c| {
            diesel::sql_query(CLAIM_ON_POSTGRES).bind::<SqlInstant, _>(now).bind::<BigInt, _>(limit).load(c).await
        },
        lite: |c| {
            diesel::sql_query(CLAIM_ON_SQLITE).bind::<SqlInstant, _>(now).bind::<BigInt, _>(limit).load(c).await
        },
    )?;
    let mut ids: Vec<ComplaintId> = found.into_iter().map(|found| found.id.get()).collect();
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(*id));
    Ok(ids)
}
