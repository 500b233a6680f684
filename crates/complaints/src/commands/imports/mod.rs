use std::collections::BTreeMap;

use chassis::audit;
use chassis::csv::{CsvFile, FileRow};
use complaints_contract::{
    ComplaintId, ComplaintImport, ComplaintImportId, Count, ImportOutcome, ImportState, NewComplaint, RowFault,
    StartComplaintImport,
};
use database::{Db, Tx};
use messaging::Act;
use problem::FieldError;
use tokio::io::AsyncRead;

use super::clocks::Rules;
use super::customers::{Customers, Names};
use super::intake::{is_race, parse, take_in};
use crate::domain::Authority;
use crate::domain::import::{Mapping, read};
use crate::error::Error;
use crate::store::imports::{self, RowRecord};

/// Rows per transaction: enough to pay for the commit, few enough for others to get their turn.
const BATCH: usize = 200;
/// Another request that took the same key makes the batch start anew; more than a few times is no accident.
const ATTEMPTS: u32 = 4;

/// Takes in a CSV file as it arrives and answers when its last row is dealt with. A row that cannot be taken is kept
/// with its errors and spoils no other; a file that breaks off keeps what came before.
pub async fn import_complaints(
    db: &Db,
    act: &Act,
    how: StartComplaintImport,
    file: impl AsyncRead + Send + Unpin + 'static,
) -> Result<ComplaintImport, Error> {
    let id = ComplaintImportId::from(act.new_id());
    let act = Act::new(act.actor.clone(), act.traceparent.clone(), act.at).in_bulk();
    // A thread of its own: on SQLite every statement runs where it stands.
    db.offload(move |db| async move { Ok(run(&db, &act, id, how, file).await) }).await?
}

async fn run(
    db: &Db,
    act: &Act,
    id: ComplaintImportId,
    how: StartComplaintImport,
    file: impl AsyncRead + Send + Unpin,
) -> Result<ComplaintImport, Error> {
    // The request was repeated: after its end and before its answer was kept, or because it did not come to an end.
    let before = imports::find(&mut db.read().await?, id).await?;
    if let Some(done) = before.as_ref().filter(|before| before.state == ImportState::Completed) {
        return Ok(done.clone());
    }
    let (mut file, headers) = CsvFile::open(file).await?;
    let mapping = Mapping::read(headers, &how).map_err(Error::FileInvalid)?;
    let mut import = match before {
        Some(unfinished) => resume(db, unfinished).await?,
        None => begin(db, act, id, &mapping).await?,
    };
    match take_rows(db, act, &mapping, &mut import, &mut file).await {
        Ok(fault) => finish(db, act, import, fault).await,
        Err(error) => {
            let reason = format!("the database failed after {} rows; send the file again", import.rows);
            if let Err(also) = finish(db, act, import, Some(reason)).await {
                tracing::warn!(error = %also, "an import that failed cannot be told so; it stays as running");
            }
            Err(error.into())
        }
    }
}

/// All rows to the end of the file, or until why it could not be read on.
async fn take_rows<R: AsyncRead + Send + Unpin>(
    db: &Db,
    act: &Act,
    mapping: &Mapping,
    import: &mut ComplaintImport,
    file: &mut CsvFile<R>,
) -> database::Result<Option<String>> {
    let mut batch: Vec<FileRow> = Vec::with_capacity(BATCH);
    // Rows that an earlier try of the same request has taken: rows without a key would be taken twice.
    let mut taken = import.rows;
    loop {
        let next = file.next().await;
        let end = match next {
            Ok(Some(_)) if taken > 0 => {
                taken -= 1;
                None
            }
            Ok(Some(row)) => {
                batch.push(row);
                None
            }
            Ok(None) => Some(None),
            Err(fault) => Some(Some(fault)),
        };
        if batch.len() == BATCH || end.is_some() {
            *import = take_batch(db, act, mapping, import, &batch).await?;
            batch.clear();
        }
        if let Some(fault) = end {
            return Ok(fault);
        }
    }
}

/// Takes an import up again that was left unfinished, by a crash or because the file broke off.
async fn resume(db: &Db, unfinished: ComplaintImport) -> database::Result<ComplaintImport> {
    let version = unfinished.version + 1;
    let import =
        ComplaintImport { state: ImportState::Running, reason: None, finished_at: None, version, ..unfinished };
    let mut tx = db.begin().await?;
    imports::replace(&mut tx, &import).await?;
    tx.commit().await?;
    Ok(import)
}

async fn begin(db: &Db, act: &Act, id: ComplaintImportId, mapping: &Mapping) -> Result<ComplaintImport, Error> {
    let import = ComplaintImport {
        id,
        state: ImportState::Running,
        reason: None,
        columns: mapping.columns(),
        rows: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        refused: 0,
        by_channel: vec![],
        by: act.actor.clone(),
        started_at: act.at,
        finished_at: None,
        version: 1,
    };
    let mut tx = db.begin().await?;
    imports::insert(&mut tx, &import).await?;
    audit::record(&mut tx, act, "complaint-import.started", "complaint-import", import.id.into()).await?;
    tx.commit().await?;
    Ok(import)
}

async fn finish(db: &Db, act: &Act, import: ComplaintImport, reason: Option<String>) -> Result<ComplaintImport, Error> {
    let state = if reason.is_some() { ImportState::Interrupted } else { ImportState::Completed };
    // The act's own time may be another than the clock's, as in a replay of the past.
    let finished_at = Some(wire::truncate(chrono::Utc::now()).max(act.at));
    let import = ComplaintImport { state, reason, finished_at, version: import.version + 1, ..import };
    let mut tx = db.begin().await?;
    imports::replace(&mut tx, &import).await?;
    tx.commit().await?;
    Ok(import)
}

/// Takes in some rows and writes how far the import is, in one transaction.
async fn take_batch(
    db: &Db,
    act: &Act,
    mapping: &Mapping,
    import: &ComplaintImport,
    rows: &[FileRow],
) -> database::Result<ComplaintImport> {
    let mut attempt = 1;
    loop {
        match take_once(db, act, mapping, import.clone(), rows).await {
            Err(error) if is_race(&error) && attempt < ATTEMPTS => attempt += 1,
            taken => return taken,
        }
    }
}

async fn take_once(
    db: &Db,
    act: &Act,
    mapping: &Mapping,
    mut import: ComplaintImport,
    rows: &[FileRow],
) -> database::Result<ComplaintImport> {
    let read: Vec<Reading> = rows.iter().map(|row| read(mapping, &row.cells)).collect();
    let mut tx = db.begin().await?;
    let customers = Customers::load(&mut tx, &Names::of(read.iter().map(|(new, _)| new))).await?;
    let rules = Rules::default();
    let mut by_channel: BTreeMap<String, i64> =
        import.by_channel.drain(..).map(|channel| (channel.value, channel.count)).collect();
    let mut records = Vec::with_capacity(rows.len());
    for (row, reading) in rows.iter().zip(&read) {
        let done = take_row(&mut tx, act, &rules, &customers, row, reading).await?;
        import.rows += 1;
        *tally(&mut import, done.outcome) += 1;
        if done.complaint.is_some() {
            *by_channel.entry(reading.0.channel.to_string()).or_default() += 1;
        }
        let cells = if done.complaint.is_some() { &[] } else { row.cells.as_slice() };
        records.push(RowRecord::new(import.id, row.number, done.outcome, done.complaint, &done.errors, cells)?);
    }
    imports::add_rows(&mut tx, records).await?;
    import.by_channel = by_channel.into_iter().map(|(value, count)| Count { value, count }).collect();
    import.version += 1;
    imports::replace(&mut tx, &import).await?;
    tx.commit().await?;
    Ok(import)
}

fn tally(import: &mut ComplaintImport, outcome: ImportOutcome) -> &mut i64 {
    match outcome {
        ImportOutcome::Created => &mut import.created,
        ImportOutcome::Updated => &mut import.updated,
        ImportOutcome::Unchanged => &mut import.unchanged,
        ImportOutcome::Refused => &mut import.refused,
    }
}

/// What a row says, and which of its cells cannot be understood.
type Reading = (NewComplaint, Vec<FieldError>);

struct Done {
    outcome: ImportOutcome,
    complaint: Option<ComplaintId>,
    errors: Vec<RowFault>,
}

/// What is wrong with the row as such goes before what its cells say: they may stand in the wrong columns.
async fn take_row(
    tx: &mut Tx,
    act: &Act,
    rules: &Rules,
    customers: &Customers,
    row: &FileRow,
    (new, unclear): &Reading,
) -> database::Result<Done> {
    if !row.faults.is_empty() {
        return Ok(refused(row.faults.clone()));
    }
    match parse(new, customers, act, &Authority::House) {
        Ok((named, draft)) if unclear.is_empty() => {
            // Whoever imports is trusted with all of the file; of the house, nothing is hidden.
            let taken = take_in(tx, act, rules, &Authority::House, ComplaintId::new(), named, &draft).await?;
            let (complaint, outcome) = taken.ok_or(database::Error::NotFound)?;
            Ok(Done { outcome, complaint: Some(complaint.id), errors: vec![] })
        }
        parsed => Ok(refused(unclear.iter().cloned().chain(parsed.err().unwrap_or_default()))),
    }
}

fn refused(faults: impl IntoIterator<Item = FieldError>) -> Done {
    let fault = |fault: FieldError| RowFault { pointer: fault.pointer, code: fault.code, message: fault.message };
    Done { outcome: ImportOutcome::Refused, complaint: None, errors: faults.into_iter().map(fault).collect() }
}
