//! Imports, and what became of their rows.

use std::collections::BTreeMap;

use complaints_contract::{
    ComplaintId, ComplaintImport, ComplaintImportId, Count, ImportColumn, ImportOutcome, ImportRow, ImportState,
    RowFault,
};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::AnyOf;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{import_rows, imports};

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_null = true)]
struct Row {
    id: Id,
    state: String,
    reason: Option<String>,
    mapping: Value,
    row_count: i64,
    created: i64,
    updated: i64,
    unchanged: i64,
    refused: i64,
    by_channel: Value,
    actor: String,
    started_at: Instant,
    finished_at: Option<Instant>,
    version: i64,
}

pub async fn insert(tx: &mut Tx, import: &ComplaintImport) -> database::Result<()> {
    let row = Row::of(import)?;
    on!(tx, |c| diesel::insert_into(imports::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Writes it whole, one version on: an import has one writer, the request that brought the file. Who was taken for
/// dead and is not goes no further.
pub async fn replace(tx: &mut Tx, import: &ComplaintImport) -> database::Result<()> {
    let row = Row::of(import)?;
    let before = imports::table.filter(imports::id.eq(row.id)).filter(imports::version.eq(row.version - 1));
    match on!(tx, |c| diesel::update(before).set(&row).execute(c).await)? {
        0 => Err(database::Error::other("the import has been taken up by another request")),
        _ => Ok(()),
    }
}

pub async fn find(conn: &mut Conn, id: ComplaintImportId) -> database::Result<Option<ComplaintImport>> {
    let row: Option<Row> =
        on!(conn, |c| { imports::table.find(Id::from(id)).select(Row::as_select()).first(c).await.optional() })?;
    row.map(Row::into_import).transpose()
}

impl Row {
    fn of(import: &ComplaintImport) -> database::Result<Self> {
        let by_channel: BTreeMap<&str, i64> =
            import.by_channel.iter().map(|channel| (channel.value.as_str(), channel.count)).collect();
        Ok(Self {
            id: import.id.into(),
            state: import.state.to_string(),
            reason: import.reason.clone(),
            mapping: json(&import.columns)?,
            row_count: import.rows,
            created: import.created,
            updated: import.updated,
            unchanged: import.unchanged,
            refused: import.refused,
            by_channel: json(&by_channel)?,
            actor: import.by.clone(),
            started_at: import.started_at.into(),
            finished_at: import.finished_at.map(Into::into),
            version: import.version,
        })
    }

    fn into_import(self) -> database::Result<ComplaintImport> {
        let by_channel: BTreeMap<String, i64> = from_json(self.by_channel)?;
        Ok(ComplaintImport {
            id: self.id.get(),
            state: self.state.parse::<ImportState>().map_err(database::Error::other)?,
            reason: self.reason,
            columns: from_json::<Vec<ImportColumn>>(self.mapping)?,
            rows: self.row_count,
            created: self.created,
            updated: self.updated,
            unchanged: self.unchanged,
            refused: self.refused,
            by_channel: by_channel.into_iter().map(|(value, count)| Count { value, count }).collect(),
            by: self.actor,
            started_at: self.started_at.into(),
            finished_at: self.finished_at.map(Into::into),
            version: self.version,
        })
    }
}

fn json(value: &impl serde::Serialize) -> database::Result<Value> {
    serde_json::to_value(value).map_err(database::Error::other)
}

fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> database::Result<T> {
    serde_json::from_value(value).map_err(database::Error::other)
}

/// What became of one row of a file.
#[derive(Debug, Insertable)]
#[diesel(table_name = import_rows)]
pub struct RowRecord {
    id: Id,
    import_id: Id,
    row_number: i64,
    outcome: &'static str,
    complaint_id: Option<Id>,
    errors: Value,
    cells: Value,
}

impl RowRecord {
    /// `cells` as they stood in the file.
    pub fn new(
        import: ComplaintImportId,
        row: i64,
        outcome: ImportOutcome,
        complaint: Option<ComplaintId>,
        errors: &[RowFault],
        cells: &[String],
    ) -> database::Result<Self> {
        Ok(Self {
            id: Uuid::now_v7().into(),
            import_id: import.into(),
            row_number: row,
            outcome: outcome.as_str(),
            complaint_id: complaint.map(Id::from),
            errors: json(&errors)?,
            cells: json(&cells)?,
        })
    }
}

/// One statement on PostgreSQL; SQLite has no round trips to save.
pub async fn add_rows(tx: &mut Tx, rows: Vec<RowRecord>) -> database::Result<()> {
    on!(
        tx,
        pg: |c| diesel::insert_into(import_rows::table).values(&rows).execute(c).await.map(drop),
        lite: |c| {
            for row in &rows {
                diesel::insert_into(import_rows::table).values(row).execute(c).await?;
            }
            Ok(())
        },
    )
}

macro_rules! of_import {
    ($id:expr, $outcomes:expr) => {{
        let mut rows = import_rows::table.filter(import_rows::import_id.eq(Id::from($id))).into_boxed::<Backend>();
        if let Some(AnyOf(outcomes)) = $outcomes {
            let words: Vec<_> = outcomes.iter().map(|outcome| outcome.as_str()).collect();
            rows = rows.filter(import_rows::outcome.eq_any(words));
        }
        rows
    }};
}

/// One row more than the page holds, so that the caller knows whether there is a next one.
pub async fn rows(
    conn: &mut Conn,
    id: ComplaintImportId,
    outcomes: Option<&AnyOf<ImportOutcome>>,
    page: &PageRequest,
) -> database::Result<Vec<ImportRow>> {
    let rows: Vec<(Id, i64, String, Option<Id>, Value)> = on!(conn, |c| {
        let query = of_import!(id, outcomes).select((
            import_rows::id,
            import_rows::row_number,
            import_rows::outcome,
            import_rows::complaint_id,
            import_rows::errors,
        ));
        let query = keyset!(query, page, import_rows, { "row" => row_number: i64 });
        query.load(c).await
    })?;
    let row = |(id, row, outcome, complaint_id, errors): (Id, i64, String, Option<Id>, Value)| {
        Ok(ImportRow {
            id: id.get(),
            row,
            outcome: outcome.parse().map_err(database::Error::other)?,
            complaint_id: complaint_id.map(Id::get),
            errors: from_json(errors)?,
        })
    };
    rows.into_iter().map(row).collect()
}

pub async fn count_rows(
    conn: &mut Conn,
    id: ComplaintImportId,
    outcomes: Option<&AnyOf<ImportOutcome>>,
) -> database::Result<i64> {
    on!(conn, |c| of_import!(id, outcomes).count().get_result(c).await)
}

/// A refused row, for the report.
pub struct RefusedRow {
    pub row: i64,
    pub errors: Vec<RowFault>,
    pub cells: Vec<String>,
}

/// The next `limit` refused rows after a row number.
pub async fn refused_after(
    conn: &mut Conn,
    id: ComplaintImportId,
    last: i64,
    limit: i64,
) -> database::Result<Vec<RefusedRow>> {
    let rows: Vec<(i64, Value, Value)> = on!(conn, |c| {
        import_rows::table
            .filter(import_rows::import_id.eq(Id::from(id)))
            .filter(import_rows::outcome.eq(ImportOutcome::Refused.as_str()))
            .filter(import_rows::row_number.gt(last))
            .order(import_rows::row_number)
            .limit(limit)
            .select((import_rows::row_number, import_rows::errors, import_rows::cells))
            .load(c)
            .await
    })?;
    let row = |(row, errors, cells)| Ok(RefusedRow { row, errors: from_json(errors)?, cells: from_json(cells)? });
    rows.into_iter().map(row).collect()
}
