//! The workers: any number, in any number of replicas, each at one import at a time.

use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use chassis::Context;
use chassis::csv::{FileFault, FileRow, RowFile};
use chrono::Utc;
use database::{Db, Tx};
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::Act;
use registry_contract::{ImportId, ImportMatch, ImportState};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::draft::Draft;
use super::order::Order;
use super::reading::{Rows, batches, fetched};
use super::rehearsal::{MOST_REHEARSED, Rehearsal};
use super::reversal;
use crate::domain::import::{Mapping, Reading};
use crate::error::{Error, Result};
use crate::memory::Memory;
use crate::store::{self, ImportRecord, JobRecord, Word};

/// How often a worker looks for jobs that others have left.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often an import is taken up without getting any further until it counts as failed.
const ATTEMPTS: i32 = 5;
/// Rows of a file at most.
const MOST_ROWS: i64 = 1_000_000;
/// Work without a commit renews the lease about as often as work with.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// Wakes a worker of this process when there is something to do.
#[derive(Debug, Default)]
pub struct Submitted(Notify);

impl Submitted {
    pub fn tell(&self) {
        self.0.notify_one();
    }
}

/// Works on imports, one after another, until the service stops.
pub fn work_on_imports(context: Context) -> BoxFuture<'static, ()> {
    async move {
        let memory = context.state::<Memory>().unwrap_or_default();
        while !context.shutdown.is_cancelled() {
            let (db, stop) = (&context.db, context.shutdown.clone());
            match work_on_next(db, stop).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "cannot look for imports"),
            }
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                () = memory.submitted.0.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
    .boxed()
}

/// Works on the next import, if there is one, until it ends or the service stops.
async fn work_on_next(db: &Db, stop: CancellationToken) -> database::Result<bool> {
    let Some(job) = store::claim_job(db).await? else { return Ok(false) };
    let ahead = db.begin_bulk();
    // A thread of its own: on SQLite every statement runs where it stands.
    db.offload(move |db| async move {
        // Counted when claimed: whom the import kills, such as by want of memory, counts nothing any more.
        if job.attempts > ATTEMPTS {
            give_up(&db, &job).await?;
            return Ok(true);
        }
        let ended = if job.phase == Phase::Revert.to_string() {
            reversal::run(&db, job.clone(), stop).await
        } else {
            take_in(&db, job.clone(), stop).await
        };
        if let Err(error) = ended {
            tracing::error!(import.id = ?job.import_id, %error, attempt = job.attempts, "an import failed");
            let mut tx = db.begin().await?;
            store::release_job(&mut tx, &job).await?;
            tx.commit().await?;
        }
        drop(ahead);
        Ok(true)
    })
    .await
}

async fn take_in(db: &Db, job: JobRecord, stop: CancellationToken) -> Result<()> {
    match Work::take_up(db, job, stop).await? {
        Some(work) => work.go_on().await,
        None => Ok(()),
    }
}

/// Leaves the import for good.
async fn give_up(db: &Db, job: &JobRecord) -> database::Result<()> {
    let mut tx = db.begin().await?;
    if store::keep_job(&mut tx, job).await?.is_some()
        && let Some(record) = store::find_import(&mut tx, job.import_id.get()).await?
    {
        tracing::error!(import.id = ?job.import_id, "an import was given up");
        let fault =
            format!("the product failed {ATTEMPTS} times in a row after {} rows; what it took stays", record.row_count);
        end(&mut tx, record, ImportState::Failed, Some(fault)).await?;
    }
    tx.commit().await
}

/// The last word on an import: its file and its job are gone with it.
pub(super) async fn end(
    tx: &mut Tx,
    before: ImportRecord,
    state: ImportState,
    fault: Option<String>,
) -> database::Result<()> {
    let (id, version) = (before.id.get(), before.version + 1);
    let record = ImportRecord { state: Word(state), fault, version, updated_at: Utc::now().into(), ..before };
    store::update_import(tx, &record).await?;
    store::delete_job(tx, id).await?;
    store::delete_pieces(tx, id).await?;
    store::delete_abandoned_pieces(tx).await
}

/// Waits for what takes long and commits nothing; `None` when another has taken the job over meanwhile.
async fn renewing<T>(db: &Db, job: &JobRecord, work: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    let mut work = pin!(work);
    loop {
        if let Ok(done) = timeout(RENEW_EVERY, work.as_mut()).await {
            return done.map(Some);
        }
        if renew(db, job).await?.is_none() {
            return Ok(None);
        }
    }
}

/// Renews the lease and nothing else; answers as [`store::keep_job`].
async fn renew(db: &Db, job: &JobRecord) -> database::Result<Option<bool>> {
    let mut tx = db.begin().await?;
    let cancelled = store::keep_job(&mut tx, job).await?;
    tx.commit().await?;
    Ok(cancelled)
}

/// What a job is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The file is read to its end.
    Check,
    Rows,
    /// Parents that rows name are found, now that every row is there to be one.
    Parents,
    /// What the rows did is taken back.
    Revert,
}

impl Phase {
    const ALL: [Self; 4] = [Self::Check, Self::Rows, Self::Parents, Self::Revert];
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Check => "check",
            Self::Rows => "rows",
            Self::Parents => "parents",
            Self::Revert => "revert",
        })
    }
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    GoOn,
    /// Somebody has cancelled the import.
    Cancelled,
    /// The service stops, or another worker has taken over.
    Leave,
}

/// An import under way.
pub(super) struct Work<'a> {
    pub db: &'a Db,
    stop: CancellationToken,
    job: JobRecord,
    phase: Phase,
    pub match_by: ImportMatch,
    pub defaults: Reading,
    pub record: ImportRecord,
    pub mapping: Mapping,
    pub rehearsal: Option<Rehearsal>,
    file: Arc<RowFile>,
    renewed: Moment,
}

impl<'a> Work<'a> {
    /// `None` when another worker has taken over before the file was ready.
    async fn take_up(db: &'a Db, job: JobRecord, stop: CancellationToken) -> Result<Option<Self>> {
        let id: ImportId = job.import_id.get();
        let record = store::find_import(&mut db.read().await?, id).await?;
        let record = record.ok_or_else(|| Error::ImportNotFound(id.to_string()))?;
        let order: Order = serde_json::from_value(job.how.clone()).map_err(database::Error::other)?;
        let fetched = renewing(db, &job, fetched(db, id, order.reading.clone())).await?;
        let Some((file, headers)) = fetched else { return Ok(None) };
        let (mapping, defaults) = (order.mapping(headers)?, order.defaults()?);
        let phase = Phase::ALL.into_iter().find(|phase| phase.to_string() == job.phase).unwrap_or(Phase::Check);
        let rehearsal = record.dry_run.then(Rehearsal::new).transpose()?;
        let file = Arc::new(file);
        let mut work = Self {
            db,
            stop,
            job,
            phase,
            match_by: order.match_by(),
            defaults,
            record,
            mapping,
            rehearsal,
            file,
            renewed: Moment::now(),
        };
        if work.rehearsal.is_some() && work.phase != Phase::Check {
            work.rehearse_anew().await?;
        }
        Ok(Some(work))
    }

    /// What a rehearsal has seen is nowhere but in memory.
    async fn rehearse_anew(&mut self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        store::delete_import_rows(&mut tx, self.record.id.get()).await?;
        let before = self.record.clone();
        let record =
            ImportRecord { row_count: 0, created: 0, updated: 0, unchanged: 0, failed: 0, warnings: 0, ..before };
        self.phase = Phase::Rows;
        self.commit(tx, record, 0).await?;
        Ok(())
    }

    async fn go_on(mut self) -> Result<()> {
        loop {
            let turn = match self.phase {
                Phase::Check => self.check().await?,
                Phase::Rows => self.take_rows().await?,
                Phase::Parents | Phase::Revert => self.settle_parents().await?,
            };
            match turn {
                Next::Phase(phase) => self.phase = phase,
                Next::Turn(Turn::GoOn) => return self.end(ImportState::Completed, None).await,
                Next::Turn(Turn::Cancelled) => return self.end(ImportState::Cancelled, None).await,
                Next::Turn(Turn::Leave) => return self.leave().await,
                Next::Broken(fault) => return self.end(ImportState::Broken, Some(fault)).await,
            }
        }
    }

    /// Reads the file to its end before its first row is taken: what is bad as a whole is not half taken in.
    async fn check(&mut self) -> Result<Next> {
        let mut record = self.record.clone();
        record.state = Word(ImportState::Checking);
        let tx = self.db.begin().await?;
        let turn = self.commit(tx, record, 0).await?;
        if turn != Turn::GoOn {
            return Ok(Next::Turn(turn));
        }
        let mut total = 0;
        let mut reading = batches(self.file.clone(), 0, |row| row);
        loop {
            let batch = match self.next(&mut reading).await? {
                Step::Rows(batch) => batch,
                Step::Over => break,
                Step::Stop(turn) => return Ok(Next::Turn(turn)),
                Step::Fault(FileFault::Io(error)) => return Err(FileFault::Io(error).into()),
                Step::Fault(fault) => return Ok(Next::Broken(fault.to_string())),
            };
            if let Some(fault) = batch.iter().find_map(undecodable) {
                return Ok(Next::Broken(fault));
            }
            total += i64::try_from(batch.len()).map_err(database::Error::other)?;
            if total > MOST_ROWS {
                return Ok(Next::Broken(format!("the file has more than {MOST_ROWS} rows; send it in parts")));
            }
            if self.rehearsal.is_some() && total > MOST_REHEARSED {
                let fault = format!("a dry run takes {MOST_REHEARSED} rows at most; send the file in parts");
                return Ok(Next::Broken(fault));
            }
        }
        if total == 0 {
            return Ok(Next::Broken("the file has no rows below its header".to_owned()));
        }
        self.record.total_rows = Some(total);
        self.record.state = Word(ImportState::Running);
        Ok(Next::Phase(Phase::Rows))
    }

    async fn take_rows(&mut self) -> Result<Next> {
        let (mapping, defaults) = (self.mapping.clone(), self.defaults.clone());
        let drafted = move |row| Draft::of(row, &mapping, &defaults);
        let mut reading = batches(self.file.clone(), self.job.position, drafted);
        loop {
            let turn = match self.next(&mut reading).await? {
                Step::Rows(batch) => self.take_batch(batch).await?,
                Step::Over => break,
                Step::Stop(turn) => turn,
                Step::Fault(fault) => return Err(fault.into()),
            };
            if turn != Turn::GoOn {
                return Ok(Next::Turn(turn));
            }
        }
        if !self.mapping.fills_parent() {
            return Ok(Next::Turn(Turn::GoOn));
        }
        self.phase = Phase::Parents;
        let (tx, record) = (self.db.begin().await?, self.record.clone());
        let turn = self.commit(tx, record, 0).await?;
        Ok(if turn == Turn::GoOn { Next::Phase(Phase::Parents) } else { Next::Turn(turn) })
    }

    async fn settle_parents(&mut self) -> Result<Next> {
        let mut reading = batches(self.file.clone(), self.job.position, |row| row);
        loop {
            let turn = match self.next(&mut reading).await? {
                Step::Rows(batch) => self.settle_batch(&batch).await?,
                Step::Over => return Ok(Next::Turn(Turn::GoOn)),
                Step::Stop(turn) => turn,
                Step::Fault(fault) => return Err(fault.into()),
            };
            if turn != Turn::GoOn {
                return Ok(Next::Turn(turn));
            }
        }
    }

    /// What follows in the file. It may be long in coming, such as behind all rows that have been taken already, or while
    /// a workbook is opened.
    async fn next<T>(&mut self, reading: &mut mpsc::Receiver<Rows<T>>) -> Result<Step<T>> {
        loop {
            if self.renewed.elapsed() >= RENEW_EVERY {
                let Some(cancelled) = renew(self.db, &self.job).await? else { return Ok(Step::Stop(Turn::Leave)) };
                self.renewed = Moment::now();
                let turn = self.turn(cancelled);
                if turn != Turn::GoOn {
                    return Ok(Step::Stop(turn));
                }
            }
            let Ok(next) = timeout(RENEW_EVERY, reading.recv()).await else { continue };
            return match next {
                Some(Ok(rows)) if rows.is_empty() => Ok(Step::Over),
                Some(Ok(rows)) => Ok(Step::Rows(rows)),
                Some(Err(fault)) => Ok(Step::Fault(fault)),
                None => Err(database::Error::other("the reader of the file has died").into()),
            };
        }
    }

    /// Commits what a batch has done together with how far that is: rows up to the one numbered `position`.
    pub(super) async fn commit(&mut self, mut tx: Tx, record: ImportRecord, position: i64) -> Result<Turn> {
        let phase = self.phase.to_string();
        // A rehearsal that is broken off has got nowhere.
        let onward = self.rehearsal.is_none() && (phase != self.job.phase || position != self.job.position);
        let attempts = if onward { 0 } else { self.job.attempts };
        let job = JobRecord { phase, position, attempts, ..self.job.clone() };
        let Some(cancelled) = store::keep_job(&mut tx, &job).await? else { return Ok(Turn::Leave) };
        let record = ImportRecord { version: self.record.version + 1, updated_at: Utc::now().into(), ..record };
        store::update_import(&mut tx, &record).await?;
        tx.commit().await?;
        (self.record, self.job, self.renewed) = (record, job, Moment::now());
        Ok(self.turn(cancelled))
    }

    fn turn(&self, cancelled: bool) -> Turn {
        match (cancelled, self.stop.is_cancelled()) {
            (true, _) => Turn::Cancelled,
            (false, true) => Turn::Leave,
            (false, false) => Turn::GoOn,
        }
    }

    /// In the name of who sent the file. The time is the batch's: who asks for changes since an instant must not miss rows
    /// that were committed after it.
    pub(super) fn act(&self) -> Act {
        Act::new(self.job.actor.clone(), self.job.traceparent.clone(), Utc::now()).in_bulk()
    }

    async fn end(self, state: ImportState, fault: Option<String>) -> Result<()> {
        let mut tx = self.db.begin().await?;
        if store::keep_job(&mut tx, &self.job).await?.is_some() {
            end(&mut tx, self.record, state, fault).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn leave(self) -> Result<()> {
        let mut tx = self.db.begin().await?;
        // That the service stops is no failure of the import.
        let job = JobRecord { attempts: 0, ..self.job };
        store::keep_job(&mut tx, &job).await?;
        store::release_job(&mut tx, &job).await?;
        Ok(tx.commit().await?)
    }
}

/// What follows in a file.
enum Step<T> {
    Rows(Vec<T>),
    Over,
    /// Why it cannot be read any further.
    Fault(FileFault),
    Stop(Turn),
}

/// What follows a phase.
enum Next {
    Phase(Phase),
    /// `GoOn`: nothing, the import is complete.
    Turn(Turn),
    Broken(String),
}

/// A charset that does not fit one row fits none.
fn undecodable(row: &FileRow) -> Option<String> {
    let fault = row.faults.iter().find(|fault| matches!(fault.code.as_str(), "not-utf-8" | "not-in-charset"))?;
    Some(format!("row {} {}; say in which charset the file is", row.number, fault.message))
}
