mod cures;
mod signals;

use std::io;

use chassis::csv;
use complaints_contract::{
    Complaint, ComplaintEntry, ComplaintId, ComplaintImport, ComplaintImportId, ComplaintQuery, ComplaintSummary,
    ImportOutcome, ImportRow, RowFault, SummaryQuery,
};
use database::{Conn, Db, Id, PageRequest};
use futures::Stream;
use registry_contract::{AnyOf, CustomerId};
use wire::Reference;

pub use cures::{
    cause, closure_rules, corrective_action, list_causes, list_complaint_actions, list_corrective_actions, pareto,
};
pub use signals::{detector, detectors, list_signals, signal};

use crate::domain;
use crate::error::Error;
use crate::store::complaints::Key;
use crate::store::imports::RefusedRow;
use crate::store::lists::{Filter, Scope};
use crate::store::{complaints, customers, history, imports, lists};

const REPORT_BATCH: i64 = 200;

/// A page with one row more than asked for where there is a next page, and the number of all rows where that is asked
/// for.
pub type Rows<T> = (Vec<T>, Option<i64>);

pub async fn complaint(db: &Db, reference: &Reference<ComplaintId>) -> Result<Complaint, Error> {
    let mut conn = db.read().await?;
    Ok(existing(&mut conn, reference).await?.into())
}

pub(crate) async fn existing(conn: &mut Conn, reference: &Reference<ComplaintId>) -> Result<domain::Complaint, Error> {
    let found = complaints::find(conn, &Key::Reference(reference.clone())).await?;
    found.ok_or_else(|| Error::ComplaintNotFound(reference.to_string()))
}

pub async fn complaints(db: &Db, query: ComplaintQuery, page: &PageRequest) -> Result<Rows<Complaint>, Error> {
    let mut conn = db.read().await?;
    let customers = resolve(&mut conn, query.customer_id.as_ref()).await?;
    let filter = Filter { customers, query };
    let rows = lists::list(&mut conn, &filter, page).await?;
    let count = if page.count { Some(lists::count(&mut conn, &filter).await?) } else { None };
    Ok((rows.into_iter().map(Into::into).collect(), count))
}

pub async fn summary(db: &Db, query: SummaryQuery) -> Result<ComplaintSummary, Error> {
    let mut conn = db.read().await?;
    let customers = resolve(&mut conn, query.customer_id.as_ref()).await?;
    Ok(lists::summary(&mut conn, &Scope { customers, external_system: query.external_system }).await?)
}

pub async fn history(
    db: &Db,
    reference: &Reference<ComplaintId>,
    page: &PageRequest,
) -> Result<Rows<ComplaintEntry>, Error> {
    let mut conn = db.read().await?;
    let complaint = existing(&mut conn, reference).await?;
    let rows = history::list(&mut conn, complaint.id, page).await?;
    Ok((rows, page.count.then_some(complaint.timeline.version)))
}

pub async fn import(db: &Db, id: ComplaintImportId) -> Result<ComplaintImport, Error> {
    let mut conn = db.read().await?;
    imports::find(&mut conn, id).await?.ok_or(Error::ImportNotFound(id))
}

pub async fn import_rows(
    db: &Db,
    id: ComplaintImportId,
    outcomes: Option<AnyOf<ImportOutcome>>,
    page: &PageRequest,
) -> Result<Rows<ImportRow>, Error> {
    import(db, id).await?;
    let mut conn = db.read().await?;
    let rows = imports::rows(&mut conn, id, outcomes.as_ref(), page).await?;
    let count = if page.count { Some(imports::count_rows(&mut conn, id, outcomes.as_ref()).await?) } else { None };
    Ok((rows, count))
}

/// The faults of an import, as lines of CSV.
pub fn import_errors(db: Db, import: ComplaintImport) -> impl Stream<Item = io::Result<String>> {
    let columns: Vec<_> = import.columns.iter().map(|column| column.column.as_str()).collect();
    csv::report(&columns, move |row| errors_after(db.clone(), import.id, row))
}

async fn errors_after(db: Db, import: ComplaintImportId, row: i64) -> database::Result<Option<(i64, String)>> {
    let rows = imports::refused_after(&mut db.read().await?, import, row, REPORT_BATCH).await?;
    Ok(rows.last().map(|last| (last.row, rows.iter().flat_map(lines).collect())))
}

fn lines(row: &RefusedRow) -> impl Iterator<Item = String> {
    let fault = |fault: &RowFault| csv::fault_line(row.row, [&fault.pointer, &fault.code, &fault.message], &row.cells);
    row.errors.iter().map(fault)
}

/// Ids of the customers a filter names; a code nobody has matches nothing.
async fn resolve(conn: &mut Conn, references: Option<&AnyOf<Reference<CustomerId>>>) -> Result<Option<Vec<Id>>, Error> {
    let Some(references) = references else { return Ok(None) };
    let mut ids = Vec::new();
    let mut codes = Vec::new();
    for reference in &references.0 {
        match reference {
            Reference::Id(id) => ids.push(Id::from(*id)),
            Reference::Code(code) => codes.push(code.as_str()),
        }
    }
    ids.extend(customers::by_code(conn, &codes).await?.into_values());
    Ok(Some(ids))
}
