use std::collections::HashSet;

use database::{Conn, Id, Instant, PageRequest, Result, Tx, insert_all, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{
    CellFault, Import, ImportId, ImportKind, ImportRow, ImportRowId, ImportRowQuery, ImportState, RowOutcome,
};
use serde_json::Value;

use super::Word;
use crate::schema::{import_rows, imports};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ImportRecord {
    pub id: Id,
    pub kind: Word<ImportKind>,
    pub name: String,
    pub state: Word<ImportState>,
    pub mapping: Value,
    pub row_count: i64,
    pub created: i64,
    pub updated: i64,
    pub unchanged: i64,
    pub failed: i64,
    pub warnings: i64,
    pub fault: Option<String>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub dry_run: bool,
    pub format: String,
    pub charset: Option<String>,
    pub total_rows: Option<i64>,
    pub reverted: i64,
    pub kept: i64,
}

impl TryFrom<ImportRecord> for Import {
    type Error = database::Error;

    fn try_from(row: ImportRecord) -> Result<Self> {
        Ok(Self {
            id: row.id.get(),
            kind: row.kind.0,
            name: row.name,
            state: row.state.0,
            columns: serde_json::from_value(row.mapping).map_err(database::Error::other)?,
            dry_run: row.dry_run,
            format: row.format,
            charset: row.charset,
            total_rows: row.total_rows,
            rows: row.row_count,
            created: row.created,
            updated: row.updated,
            unchanged: row.unchanged,
            failed: row.failed,
            warnings: row.warnings,
            reverted: row.reverted,
            kept: row.kept,
            fault: row.fault,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_rows, treat_none_as_default_value = false)]
pub struct ImportRowRecord {
    pub id: Id,
    pub import_id: Id,
    pub row_number: i64,
    pub outcome: Word<RowOutcome>,
    pub customer_id: Option<Id>,
    pub errors: Value,
    pub cells: Value,
}

impl TryFrom<ImportRowRecord> for ImportRow {
    type Error = database::Error;

    fn try_from(row: ImportRowRecord) -> Result<Self> {
        Ok(Self {
            id: row.id.get(),
            row: row.row_number,
            outcome: row.outcome.0,
            customer_id: row.customer_id.map(|id| id.get()),
            errors: serde_json::from_value(row.errors).map_err(database::Error::other)?,
            cells: serde_json::from_value(row.cells).map_err(database::Error::other)?,
        })
    }
}

pub async fn insert_import(tx: &mut Tx, row: &ImportRecord) -> Result<()> {
    on!(tx, |c| diesel::insert_into(imports::table).values(row).execute(c).await)?;
    Ok(())
}

/// Writes the row whole, one version on: an import has one writer at a time, who holds the lease.
pub async fn update_import(tx: &mut Tx, row: &ImportRecord) -> Result<()> {
    match update_import_as_known(tx, row).await? {
        false => Err(database::Error::other("the import has been taken up by another worker")),
        true => Ok(()),
    }
}

/// The same for who holds no lease; false, with nothing written, where somebody else was first.
pub async fn update_import_as_known(tx: &mut Tx, row: &ImportRecord) -> Result<bool> {
    let before = imports::table.filter(imports::id.eq(row.id)).filter(imports::version.eq(row.version - 1));
    Ok(on!(tx, |c| diesel::update(before).set(row).execute(c).await)? > 0)
}

pub async fn find_import(conn: &mut Conn, id: ImportId) -> Result<Option<ImportRecord>> {
    let one = imports::table.find(Id::from(id));
    on!(conn, |c| one.select(ImportRecord::as_select()).first(c).await.optional())
}

/// One row more than the page holds.
pub async fn list_imports(conn: &mut Conn, page: &PageRequest) -> Result<Vec<ImportRecord>> {
    on!(conn, |c| {
        let query = imports::table.into_boxed::<Backend>();
        let query = keyset!(query, page, imports, { "created_at" => created_at: Instant });
        query.select(ImportRecord::as_select()).load(c).await
    })
}

pub async fn count_imports(conn: &mut Conn) -> Result<i64> {
    on!(conn, |c| imports::table.count().get_result(c).await)
}

pub async fn insert_import_rows(tx: &mut Tx, rows: &[ImportRowRecord]) -> Result<()> {
    insert_all!(
        tx,
        import_rows,
        ImportRowRecord { id, import_id, row_number, outcome, customer_id, errors, cells },
        rows
    )?;
    Ok(())
}

pub async fn mark_import_row(tx: &mut Tx, row: ImportRowId, outcome: RowOutcome) -> Result<()> {
    let one = import_rows::table.find(Id::from(row));
    on!(tx, |c| diesel::update(one).set(import_rows::outcome.eq(Word(outcome))).execute(c).await)?;
    Ok(())
}

pub async fn delete_import_rows(tx: &mut Tx, import: ImportId) -> Result<()> {
    let all = import_rows::table.filter(import_rows::import_id.eq(Id::from(import)));
    on!(tx, |c| diesel::delete(all).execute(c).await)?;
    Ok(())
}

/// The next rows that changed something, from the file's end; rows up to the one numbered `before`.
pub async fn revertible_rows(
    conn: &mut Conn,
    import: ImportId,
    before: i64,
    most: i64,
) -> Result<Vec<ImportRowRecord>> {
    let changing = [RowOutcome::Created.as_str(), RowOutcome::Updated.as_str()];
    let next = import_rows::table
        .filter(import_rows::import_id.eq(Id::from(import)))
        .filter(import_rows::row_number.lt(before))
        .filter(import_rows::outcome.eq_any(changing))
        .order((import_rows::row_number.desc(), import_rows::id))
        .limit(most);
    on!(conn, |c| next.select(ImportRowRecord::as_select()).load(c).await)
}

/// Marks what became of the row when the import was taken back.
pub async fn settle_import_row(tx: &mut Tx, row: Id, outcome: RowOutcome, faults: &[CellFault]) -> Result<()> {
    let errors = serde_json::to_value(faults).map_err(database::Error::other)?;
    let one = import_rows::table.find(row);
    let settled = (import_rows::outcome.eq(Word(outcome)), import_rows::errors.eq(errors));
    on!(tx, |c| diesel::update(one).set(settled).execute(c).await)?;
    Ok(())
}

/// Which of the customers the import has created.
pub async fn created_among(conn: &mut Conn, import: ImportId, customers: &[Id]) -> Result<HashSet<Id>> {
    let created = import_rows::table
        .filter(import_rows::import_id.eq(Id::from(import)))
        .filter(import_rows::outcome.eq(RowOutcome::Created.as_str()))
        .filter(import_rows::customer_id.eq_any(customers))
        .select(import_rows::customer_id);
    let created: Vec<Option<Id>> = on!(conn, |c| created.load(c).await)?;
    Ok(created.into_iter().flatten().collect())
}

/// Adds what was found out about a row only after the whole file was read.
pub async fn blame_import_row(tx: &mut Tx, row: ImportRowId, faults: &[CellFault], cells: &[String]) -> Result<()> {
    let errors = serde_json::to_value(faults).map_err(database::Error::other)?;
    let cells = serde_json::to_value(cells).map_err(database::Error::other)?;
    let one = import_rows::table.find(Id::from(row));
    let found = (import_rows::errors.eq(errors), import_rows::cells.eq(cells));
    on!(tx, |c| diesel::update(one).set(found).execute(c).await)?;
    Ok(())
}

/// Expands to a boxed query of the rows that an [`ImportRowQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($import:expr, $wanted:expr) => {{
        let wanted: &ImportRowQuery = $wanted;
        let mut query = import_rows::table.filter(import_rows::import_id.eq(Id::from($import))).into_boxed::<Backend>();
        if let Some(any) = &wanted.outcome {
            query = query.filter(import_rows::outcome.eq_any(any.0.iter().map(|outcome| outcome.as_str())));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_import_rows(
    conn: &mut Conn,
    import: ImportId,
    wanted: &ImportRowQuery,
    page: &PageRequest,
) -> Result<Vec<ImportRowRecord>> {
    on!(conn, |c| {
        let query = keyset!(filtered!(import, wanted), page, import_rows, { "row" => row_number: i64 });
        query.select(ImportRowRecord::as_select()).load(c).await
    })
}

pub async fn count_import_rows(conn: &mut Conn, import: ImportId, wanted: &ImportRowQuery) -> Result<i64> {
    on!(conn, |c| filtered!(import, wanted).count().get_result(c).await)
}

/// The next rows of an import by number, from which those with errors are reported.
pub async fn import_rows_after(
    conn: &mut Conn,
    import: ImportId,
    after: i64,
    most: i64,
) -> Result<Vec<ImportRowRecord>> {
    let next = import_rows::table
        .filter(import_rows::import_id.eq(Id::from(import)))
        .filter(import_rows::row_number.gt(after))
        .order((import_rows::row_number, import_rows::id))
        .limit(most);
    on!(conn, |c| next.select(ImportRowRecord::as_select()).load(c).await)
}
