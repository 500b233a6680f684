mod cures;
mod feedback;
mod pareto;
mod service_levels;
mod service_report;
mod signals;

pub use pareto::{pareto, pareto_csv};
pub use service_levels::{
    all_escalations, calendar, calendars, clocks, escalations, latest_sla_policy, sla_policies, sla_policy,
};
pub use service_report::{service_report, service_report_csv};
pub use signals::{detector, detector_report, detectors, list_signals, signal};

use std::io;

use chassis::csv;
use chrono::{DateTime, Utc};
use complaints_contract::{
    Complaint, ComplaintAttachment, ComplaintEntry, ComplaintId, ComplaintImport, ComplaintImportId, ComplaintLinks,
    ComplaintQuery, ComplaintSummary, Confidential, ImportOutcome, ImportRow, RelatedComplaints, RowFault,
    SummaryQuery,
};
use database::{Conn, Db, Id, PageRequest};
use futures::Stream;
use problem::FieldError;
use registry_contract::{AnyOf, CustomerId};
use wire::Reference;

pub use cures::{
    cause, closure_rules, corrective_action, list_causes, list_complaint_actions, list_corrective_actions,
};

pub use feedback::{all_messages, message_template, message_templates, messages, ratings};

use crate::domain::{self, Authority, relate};
use crate::error::Error;
use crate::store::complaints::Key;
use crate::store::imports::RefusedRow;
use crate::store::lists::{Filter, Scope};
use crate::store::{attachments, complaints, customers, history, imports, links, lists, merges};

/// Sorts by when something is due.
pub const NEXT_DUE: &str = "next_due";

const REPORT_BATCH: i64 = 200;

/// A page with one row more than asked for where there is a next page, and the number of all rows where that is asked
/// for.
pub type Rows<T> = (Vec<T>, Option<i64>);

pub async fn complaint(db: &Db, who: &Authority, reference: &Reference<ComplaintId>) -> Result<Complaint, Error> {
    let mut conn = db.snapshot().await?;
    Ok(who.shown(existing(&mut conn, who, reference).await?))
}

/// What may not be seen is not there.
pub(crate) async fn existing(
    conn: &mut Conn,
    who: &Authority,
    reference: &Reference<ComplaintId>,
) -> Result<domain::Complaint, Error> {
    let found = complaints::find(conn, &Key::Reference(reference.clone())).await?;
    found.filter(|found| who.sees(found)).ok_or_else(|| Error::ComplaintNotFound(reference.to_string()))
}

pub async fn complaints(
    db: &Db,
    who: &Authority,
    query: ComplaintQuery,
    page: &PageRequest,
    now: DateTime<Utc>,
) -> Result<Rows<Complaint>, Error> {
    let mut conn = db.snapshot().await?;
    let customers = resolve(&mut conn, query.customer_id.as_ref()).await?;
    let filter = Filter { sight: who.sight(), customers, query, now };
    if page.sort.iter().any(|(field, _)| field == NEXT_DUE) {
        return by_due(&mut conn, who, &filter, page).await;
    }
    let rows = lists::list(&mut conn, &filter, page).await?;
    let count = if page.count { Some(lists::count(&mut conn, &filter).await?) } else { None };
    Ok((rows.into_iter().map(|row| who.shown(row)).collect(), count))
}

async fn by_due(
    conn: &mut Conn,
    who: &Authority,
    filter: &Filter,
    page: &PageRequest,
) -> Result<Rows<Complaint>, Error> {
    if page.sort.len() > 1 {
        let fault = FieldError::new("?sort", "not-allowed", "next_due is not sorted by together with another field");
        return Err(Error::Invalid(vec![fault]));
    }
    let rows = lists::list_by_due(conn, filter, page).await?;
    let count = if page.count { Some(lists::count_due(conn, filter).await?) } else { None };
    let shown = |(mut complaint, next): (domain::Complaint, _)| {
        complaint.clocks.next = Some(next);
        who.shown(complaint)
    };
    Ok((rows.into_iter().map(shown).collect(), count))
}

pub async fn summary(db: &Db, who: &Authority, query: SummaryQuery) -> Result<ComplaintSummary, Error> {
    let mut conn = db.snapshot().await?;
    let customers = resolve(&mut conn, query.customer_id.as_ref()).await?;
    let scope = Scope { sight: who.sight(), customers, external_system: query.external_system };
    Ok(lists::summary(&mut conn, &scope).await?)
}

pub async fn history(
    db: &Db,
    who: &Authority,
    reference: &Reference<ComplaintId>,
    page: &PageRequest,
) -> Result<Rows<ComplaintEntry>, Error> {
    let mut conn = db.snapshot().await?;
    let complaint = existing(&mut conn, who, reference).await?;
    let rows = history::list(&mut conn, complaint.id, page).await?;
    let rows = rows.into_iter().map(|entry| who.shown_entry(&complaint.intake, entry)).collect();
    Ok((rows, page.count.then_some(complaint.timeline.version)))
}

/// Complaints that may be about the same, best first.
pub async fn related(
    db: &Db,
    who: &Authority,
    reference: &Reference<ComplaintId>,
    days: i64,
) -> Result<RelatedComplaints, Error> {
    let mut conn = db.read().await?;
    let one = existing(&mut conn, who, reference).await?;
    let others = links::candidates(&mut conn, &one, days).await?;
    let mut items: Vec<_> =
        others.iter().filter(|other| who.sees(other)).filter_map(|other| relate(&one, other)).collect();
    items.sort_by_key(|item| std::cmp::Reverse((item.score, item.received_at)));
    Ok(RelatedComplaints { items })
}

pub async fn links(db: &Db, who: &Authority, reference: &Reference<ComplaintId>) -> Result<ComplaintLinks, Error> {
    let mut conn = db.read().await?;
    let one = existing(&mut conn, who, reference).await?;
    let links = links::of(&mut conn, one.id).await?;
    Ok(ComplaintLinks { items: links.into_iter().filter(|(_, other)| who.sees(other)).map(|(link, _)| link).collect() })
}

/// The complaint, and its files as far as the caller may see them, oldest first.
pub async fn attachments_of(
    db: &Db,
    who: &Authority,
    reference: &Reference<ComplaintId>,
) -> Result<(ComplaintId, Vec<ComplaintAttachment>), Error> {
    let mut conn = db.snapshot().await?;
    let complaint = existing(&mut conn, who, reference).await?;
    // Whoever may not read what happened may not see the pictures of it.
    let hidden = !who.reads(&complaint.intake, Confidential::Description);
    let files = if hidden { vec![] } else { attachments::of(&mut conn, complaint.id).await? };
    Ok((complaint.id, files))
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

/// Ids of the customers a filter names. A code nobody has matches nothing; a customer that was merged stands for what it was
/// merged into.
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
    Ok(Some(merges::followed(conn, &ids).await?))
}
