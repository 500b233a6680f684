use chrono::NaiveDate;
use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Text};
use diesel_async::RunQueryDsl;
use registry_contract::{ContactId, ContactRead, ContactReadKind};

use super::Word;
use crate::schema::contact_reads;

/// How often somebody read what is known of a contact on a day, in one way.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_reads)]
pub struct ReadRow {
    pub id: Id,
    pub contact_id: Id,
    pub actor: String,
    pub day: NaiveDate,
    pub kind: Word<ContactReadKind>,
    pub times: i64,
    pub last_at: Instant,
}

impl From<ReadRow> for ContactRead {
    fn from(row: ReadRow) -> Self {
        Self {
            id: row.id.get(),
            contact_id: row.contact_id.get(),
            actor: row.actor,
            kind: row.kind.0,
            day: row.day,
            times: row.times,
            last_at: row.last_at.into(),
        }
    }
}

diesel::define_sql_function! {
    #[sql_name = "max"]
    fn later(one: SqlInstant, other: SqlInstant) -> SqlInstant;
}

/// Adds the rows to those of the same contact, day, actor and kind; no two of them have all that in common.
pub async fn keep_reads(tx: &mut Tx, rows: &[ReadRow]) -> Result<()> {
    on!(tx,
        pg: |c| {
            let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
            let contacts: Vec<Id> = rows.iter().map(|row| row.contact_id).collect();
            let actors: Vec<&str> = rows.iter().map(|row| row.actor.as_str()).collect();
            let days: Vec<NaiveDate> = rows.iter().map(|row| row.day).collect();
            let kinds: Vec<&str> = rows.iter().map(|row| row.kind.0.as_str()).collect();
            let times: Vec<i64> = rows.iter().map(|row| row.times).collect();
            let last: Vec<Instant> = rows.iter().map(|row| row.last_at).collect();
            diesel::sql_query(
                "INSERT INTO contact_reads AS kept (id, contact_id, actor, day, kind, times, last_at)
                 SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (contact_id, day, actor, kind) DO UPDATE
                 SET times = kept.times + excluded.times, last_at = greatest(kept.last_at, excluded.last_at)",
            )
            .bind::<Array<SqlId>, _>(ids)
            .bind::<Array<SqlId>, _>(contacts)
            .bind::<Array<Text>, _>(actors)
            .bind::<Array<Date>, _>(days)
            .bind::<Array<Text>, _>(kinds)
            .bind::<Array<BigInt>, _>(times)
            .bind::<Array<SqlInstant>, _>(last)
            .execute(c)
            .await
        },
        lite: |c| {
            let mut written = 0;
            for row in rows {
                let more = (
                    contact_reads::times.eq(contact_reads::times + row.times),
                    contact_reads::last_at.eq(later(contact_reads::last_at, row.last_at)),
                );
                written += diesel::insert_into(contact_reads::table)
                    .values(row)
                    .on_conflict((
                        contact_reads::contact_id,
                        contact_reads::day,
                        contact_reads::actor,
                        contact_reads::kind,
                    ))
                    .do_update()
                    .set(more)
                    .execute(c)
                    .await?;
            }
            Ok(written)
        },
    )?;
    Ok(())
}

/// Who read what is known of the contact, the latest first.
pub async fn reads_of(conn: &mut Conn, contact: ContactId) -> Result<Vec<ReadRow>> {
    let all = contact_reads::table
        .filter(contact_reads::contact_id.eq(Id::from(contact)))
        .order((contact_reads::last_at.desc(), contact_reads::id.desc()));
    on!(conn, |c| all.select(ReadRow::as_select()).load(c).await)
}

/// One row more than the page holds.
pub async fn list_reads(conn: &mut Conn, contact: ContactId, page: &PageRequest) -> Result<Vec<ReadRow>> {
    on!(conn, |c| {
        let of = contact_reads::table.filter(contact_reads::contact_id.eq(Id::from(contact)));
        let query = keyset!(of.into_boxed::<Backend>(), page, contact_reads, { "last_at" => last_at: Instant });
        query.select(ReadRow::as_select()).load(c).await
    })
}

pub async fn count_reads(conn: &mut Conn, contact: ContactId) -> Result<i64> {
    let of = contact_reads::table.filter(contact_reads::contact_id.eq(Id::from(contact)));
    on!(conn, |c| of.count().get_result(c).await)
}

/// Throws reads of earlier days away, so many at most; answers how many.
pub async fn delete_reads_before(tx: &mut Tx, day: NaiveDate, most: i64) -> Result<usize> {
    let old = contact_reads::table.filter(contact_reads::day.lt(day)).order(contact_reads::id).limit(most);
    let old = old.select(contact_reads::id);
    let old: Vec<Id> = on!(tx, pg: |c| old.for_update().skip_locked().load(c).await, lite: |c| old.load(c).await)?;
    let old = contact_reads::table.filter(contact_reads::id.eq_any(old));
    on!(tx, |c| diesel::delete(old).execute(c).await)
}
