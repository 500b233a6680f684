use std::io;

use database::{Db, PageRequest};
use futures::{Stream, stream};
use registry_contract::{Import, ImportId, ImportRow, ImportRowQuery};

use super::Listed;
use crate::domain::import::{REPORT_HEADER, report_line};
use crate::error::{Error, Result};
use crate::store;

const REPORT_BATCH: i64 = 500;

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

/// The report of what is wrong in a file as CSV, in pieces: one line a fault, its row's cells behind it.
pub fn import_errors(db: Db, import: Import) -> impl Stream<Item = io::Result<String>> {
    let columns = import.columns.iter().map(|column| column.column.as_str());
    let header = report_line(REPORT_HEADER.into_iter().chain(columns));
    stream::try_unfold((db, Some(0), Some(header)), move |(db, after, header)| async move {
        if let Some(header) = header {
            return Ok(Some((header, (db, after, None))));
        }
        let Some(after) = after else { return Ok(None) };
        let rows = rows_after(&db, import.id, after).await.map_err(io::Error::other)?;
        let text = rows.iter().flat_map(lines).collect();
        Ok(Some((text, (db, rows.last().map(|row| row.row), None))))
    })
}

async fn rows_after(db: &Db, import: ImportId, after: i64) -> database::Result<Vec<ImportRow>> {
    let mut conn = db.read().await?;
    let records = store::import_rows_after(&mut conn, import, after, REPORT_BATCH).await?;
    records.into_iter().map(ImportRow::try_from).collect()
}

fn lines(row: &ImportRow) -> impl Iterator<Item = String> {
    row.errors.iter().map(|fault| {
        let number = row.row.to_string();
        let fault = [number.as_str(), &fault.pointer, &fault.code, &fault.message];
        report_line(fault.into_iter().chain(row.cells.iter().map(String::as_str)))
    })
}
