use std::io;
use std::time::Duration;

use chassis::csv;
use database::{Db, PageRequest};
use futures::{Stream, stream};
use registry_contract::{CellFault, Import, ImportId, ImportRow, ImportRowQuery};

use super::Listed;
use crate::error::{Error, Result};
use crate::store;

const REPORT_BATCH: i64 = 500;
/// How often an import that another replica works on is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

pub async fn get_import(db: &Db, id: ImportId) -> Result<Import> {
    let record = store::find_import(&mut db.read().await?, id).await?;
    Ok(record.ok_or_else(|| Error::ImportNotFound(id.to_string()))?.try_into()?)
}

pub async fn list_imports(db: &Db, page: &PageRequest) -> Result<Listed<Import>> {
    let mut conn = db.read().await?;
    let records = store::list_imports(&mut conn, page).await?;
    let count = match page.count {
        true => Some(store::count_imports(&mut conn).await?),
        false => None,
    };
    Ok(Listed { items: records.into_iter().map(Import::try_from).collect::<database::Result<_>>()?, count })
}

pub async fn list_import_rows(
    db: &Db,
    id: ImportId,
    wanted: &ImportRowQuery,
    page: &PageRequest,
) -> Result<Listed<ImportRow>> {
    let mut conn = db.read().await?;
    if store::find_import(&mut conn, id).await?.is_none() {
        return Err(Error::ImportNotFound(id.to_string()));
    }
    let records = store::list_import_rows(&mut conn, id, wanted, page).await?;
    let count = match page.count {
        true => Some(store::count_import_rows(&mut conn, id, wanted).await?),
        false => None,
    };
    Ok(Listed { items: records.into_iter().map(ImportRow::try_from).collect::<database::Result<_>>()?, count })
}

/// The import as it is now and after each change, to its end.
pub fn follow_import(db: Db, id: ImportId) -> impl Stream<Item = Result<Import>> {
    let commits = db.commits();
    stream::try_unfold(Some((db, commits, 0)), move |state| async move {
        let Some((db, mut commits, seen)) = state else { return Ok::<_, Error>(None) };
        loop {
            commits.mark_unchanged();
            let import = get_import(&db, id).await?;
            if import.version > seen {
                let (version, is_final) = (import.version, import.state.is_final());
                return Ok(Some((import, (!is_final).then_some((db, commits, version)))));
            }
            // Other processes commit unheard.
            drop(tokio::time::timeout(LOOK_AGAIN, commits.changed()).await);
        }
    })
}

/// The report of what is wrong in a file as CSV, in pieces: one line a fault, its row's cells behind it.
pub fn import_errors(db: Db, import: Import) -> impl Stream<Item = io::Result<String>> {
    let columns: Vec<_> = import.columns.iter().map(|column| column.column.as_str()).collect();
    csv::report(&columns, move |row| errors_after(db.clone(), import.id, row))
}

async fn errors_after(db: Db, import: ImportId, row: i64) -> database::Result<Option<(i64, String)>> {
    let records = store::import_rows_after(&mut db.read().await?, import, row, REPORT_BATCH).await?;
    let rows: Vec<ImportRow> = records.into_iter().map(ImportRow::try_from).collect::<database::Result<_>>()?;
    Ok(rows.last().map(|last| (last.row, rows.iter().flat_map(lines).collect())))
}

fn lines(row: &ImportRow) -> impl Iterator<Item = String> {
    let fault = |fault: &CellFault| csv::fault_line(row.row, [&fault.pointer, &fault.code, &fault.message], &row.cells);
    row.errors.iter().map(fault)
}
