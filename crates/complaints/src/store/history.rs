//! What happened to complaints: only ever added to. Where somebody is forgotten, what names him goes out of the words.

use complaints_contract::{ComplaintEntry, ComplaintId};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use messaging::Act;
use uuid::Uuid;

use crate::domain::moments::Step;
use crate::domain::{Entry, Marks, Past};
use crate::schema::history;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = history)]
struct EntryRow {
    id: Id,
    complaint_id: Id,
    seq: i64,
    what: String,
    from_state: Option<String>,
    to_state: String,
    at: Instant,
    recorded_at: Instant,
    actor: String,
    note_to_customer: Option<String>,
    reason: Option<String>,
    resolution: Option<String>,
    fields: String,
    from_customer: Option<String>,
}

/// Adds entries, the last of them with the id given. One statement on PostgreSQL; SQLite has no round trips to save.
pub async fn add(
    tx: &mut Tx,
    complaint: ComplaintId,
    entries: Vec<Entry>,
    last_id: Uuid,
    act: &Act,
) -> database::Result<()> {
    let last = entries.len().saturating_sub(1);
    let id = |place: usize| if place == last { last_id } else { Uuid::now_v7() };
    let rows: Vec<EntryRow> =
        entries.into_iter().enumerate().map(|(place, entry)| EntryRow::new(id(place), complaint, entry, act)).collect();
    on!(
        tx,
        pg: |c| diesel::insert_into(history::table).values(&rows).execute(c).await.map(drop),
        lite: |c| {
            for row in &rows {
                diesel::insert_into(history::table).values(row).execute(c).await?;
            }
            Ok(())
        },
    )
}

/// What happened and when, oldest first.
pub async fn steps(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<Step>> {
    let rows: Vec<(i64, String, String, Instant, Option<String>)> = on!(conn, |c| {
        history::table
            .filter(history::complaint_id.eq(Id::from(complaint)))
            .order(history::seq)
            .select((history::seq, history::what, history::to_state, history::at, history::note_to_customer))
            .load(c)
            .await
    })?;
    rows.into_iter()
        .map(|(seq, what, to, at, note)| {
            let what = what.parse().map_err(database::Error::other)?;
            let to = to.parse().map_err(database::Error::other)?;
            Ok(Step { seq, past: Past { what, to, at: at.into(), noted: note.is_some() } })
        })
        .collect()
}

/// Takes out of what people wrote what names somebody. What happened stays as it was.
pub async fn strip(tx: &mut Tx, complaint: ComplaintId, marks: &Marks) -> database::Result<()> {
    type Words = (Id, Option<String>, Option<String>, Option<String>, Option<String>);
    let entries: Vec<Words> = on!(tx, |c| {
        history::table
            .filter(history::complaint_id.eq(Id::from(complaint)))
            .select((
                history::id,
                history::note_to_customer,
                history::reason,
                history::resolution,
                history::from_customer,
            ))
            .load(c)
            .await
    })?;
    for (id, note, reason, resolution, said) in entries {
        let before = [note, reason, resolution, said];
        let after = before.clone().map(|words| words.map(|words| marks.left_of(&words)));
        if after == before {
            continue;
        }
        let [note, reason, resolution, said] = after;
        let left = (
            history::note_to_customer.eq(note),
            history::reason.eq(reason),
            history::resolution.eq(resolution),
            history::from_customer.eq(said),
        );
        on!(tx, |c| diesel::update(history::table.find(id)).set(left).execute(c).await)?;
    }
    Ok(())
}

pub async fn contains(tx: &mut Tx, id: Uuid) -> database::Result<bool> {
    let found: Option<Id> =
        on!(tx, |c| { history::table.find(Id::from(id)).select(history::id).first(c).await.optional() })?;
    Ok(found.is_some())
}

/// One entry more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(
    conn: &mut Conn,
    complaint: ComplaintId,
    page: &PageRequest,
) -> database::Result<Vec<ComplaintEntry>> {
    let rows: Vec<EntryRow> = on!(conn, |c| {
        let query = history::table.filter(history::complaint_id.eq(Id::from(complaint))).into_boxed::<Backend>();
        let query = keyset!(query.select(EntryRow::as_select()), page, history, { "seq" => seq: i64 });
        query.load(c).await
    })?;
    rows.into_iter().map(EntryRow::into_entry).collect()
}

impl EntryRow {
    fn new(id: Uuid, complaint: ComplaintId, entry: Entry, act: &Act) -> Self {
        Self {
            id: id.into(),
            complaint_id: complaint.into(),
            seq: entry.seq,
            what: entry.what.to_string(),
            from_state: entry.from.map(|state| state.to_string()),
            to_state: entry.to.to_string(),
            at: entry.at.into(),
            recorded_at: act.at.into(),
            actor: act.actor.clone(),
            note_to_customer: entry.note_to_customer,
            reason: entry.reason,
            resolution: entry.resolution,
            fields: entry.fields.join(","),
            from_customer: entry.from_customer,
        }
    }

    fn into_entry(self) -> database::Result<ComplaintEntry> {
        Ok(ComplaintEntry {
            id: self.id.get(),
            seq: self.seq,
            what: self.what.parse().map_err(database::Error::other)?,
            from: self.from_state.map(|state| state.parse()).transpose().map_err(database::Error::other)?,
            to: self.to_state.parse().map_err(database::Error::other)?,
            at: self.at.into(),
            recorded_at: self.recorded_at.into(),
            by: self.actor,
            note_to_customer: self.note_to_customer,
            reason: self.reason,
            from_customer: self.from_customer,
            resolution: self.resolution,
            fields: self.fields.split(',').filter(|field| !field.is_empty()).map(str::to_owned).collect(),
        })
    }
}
