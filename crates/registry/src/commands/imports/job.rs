//! The workers: any number, in any number of replicas, each at one import at a time.

use std::fmt;
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
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::order::Order;
use super::reading::{batches, opened, spooled};
use super::rehearsal::Rehearsal;
use super::reversal;
use crate::domain::import::{Mapping, Reading};
use crate::error::{Error, Result};
use crate::store::{self, ImportRecord, JobRecord, Word};

/// How often a worker looks for jobs that others have left.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Failures of the database in a row until an import counts as failed.
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
        let submitted = context.state::<Submitted>().unwrap_or_default();
        while !context.shutdown.is_cancelled() {
            let (db, stop) = (&context.db, context.shutdown.clone());
            match work_on_next(db, stop).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "cannot look for imports"),
            }
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                () = submitted.0.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
    .boxed()
}

/// Works on the next import, if there is one, until it ends or the service stops.
async fn work_on_next(db: &Db, stop: CancellationToken) -> database::Result<bool> {
    let Some(job) = store::claim_job(db).await? else { return Ok(false) };
    // A thread of its own: on SQLite every statement runs where it stands.
    db.offload(move |db| async move {
        let ended = if job.phase == Phase::Revert.to_string() {
            reversal::run(&db, job.clone(), stop).await
        } else {
            take_in(&db, job.clone(), stop).await
        };
        if let Err(error) = ended {
            tracing::error!(import.id = ?job.import_id, %error, attempt = job.attempts + 1, "an import failed");
            give_up(&db, &job).await?;
        }
        Ok(true)
    })
    .await
}

async fn take_in(db: &Db, job: JobRecord, stop: CancellationToken) -> Result<()> {
    Work::take_up(db, job, stop).await?.go_on().await
}

/// Leaves the import to be tried again, or for good.
async fn give_up(db: &Db, job: &JobRecord) -> database::Result<()> {
    let mut tx = db.begin().await?;
    if job.attempts + 1 < ATTEMPTS {
        store::release_job(&mut tx, job, job.attempts + 1).await?;
    } else if let Some(record) = store::find_import(&mut tx, job.import_id.get()).await? {
        let fault = format!("the product failed after {} rows; what it took stays", record.row_count);
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
    async fn take_up(db: &'a Db, job: JobRecord, stop: CancellationToken) -> Result<Self> {
        let id: ImportId = job.import_id.get();
        let record = store::find_import(&mut db.read().await?, id).await?;
        let record = record.ok_or_else(|| Error::ImportNotFound(id.to_string()))?;
        let order: Order = serde_json::from_value(job.how.clone()).map_err(database::Error::other)?;
        let file = opened(spooled(db, id).await?, &order.reading)?;
        let (mapping, defaults) = (order.mapping(file.headers()?)?, order.defaults()?);
        let phase = Phase::ALL.into_iter().find(|phase| phase.to_string() == job.phase).unwrap_or(Phase::Check);
        let rehearsal = record.dry_run.then(Rehearsal::default);
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
        Ok(work)
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
        let mut reading = batches(self.file.clone(), 0);
        while let Some(batch) = reading.recv().await {
            let batch = match batch {
                Ok(batch) => batch,
                Err(FileFault::Io(error)) => return Err(FileFault::Io(error).into()),
                Err(fault) => return Ok(Next::Broken(fault.to_string())),
            };
            if let Some(fault) = batch.iter().find_map(undecodable) {
                return Ok(Next::Broken(fault));
            }
            total += i64::try_from(batch.len()).map_err(database::Error::other)?;
            if total > MOST_ROWS {
                return Ok(Next::Broken(format!("the file has more than {MOST_ROWS} rows; send it in parts")));
            }
            if self.renewed.elapsed() > RENEW_EVERY {
                let (tx, record) = (self.db.begin().await?, self.record.clone());
                let turn = self.commit(tx, record, 0).await?;
                if turn != Turn::GoOn {
                    return Ok(Next::Turn(turn));
                }
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
        let mut reading = batches(self.file.clone(), self.job.position);
        while let Some(batch) = reading.recv().await {
            let turn = self.take_batch(&batch?).await?;
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
        let mut reading = batches(self.file.clone(), self.job.position);
        while let Some(batch) = reading.recv().await {
            let turn = self.settle_batch(&batch?).await?;
            if turn != Turn::GoOn {
                return Ok(Next::Turn(turn));
            }
        }
        Ok(Next::Turn(Turn::GoOn))
    }

    /// Commits what a batch has done together with how far that is: rows up to the one numbered `position`.
    pub(super) async fn commit(&mut self, mut tx: Tx, record: ImportRecord, position: i64) -> Result<Turn> {
        let job = JobRecord { phase: self.phase.to_string(), position, ..self.job.clone() };
        let Some(cancelled) = store::keep_job(&mut tx, &job).await? else { return Ok(Turn::Leave) };
        let record = ImportRecord { version: self.record.version + 1, updated_at: Utc::now().into(), ..record };
        store::update_import(&mut tx, &record).await?;
        tx.commit().await?;
        (self.record, self.job, self.renewed) = (record, job, Moment::now());
        Ok(match (cancelled, self.stop.is_cancelled()) {
            (true, _) => Turn::Cancelled,
            (false, true) => Turn::Leave,
            (false, false) => Turn::GoOn,
        })
    }

    /// In the name of who sent the file. The time is the batch's: who asks for changes since an instant must not miss rows
    /// that were committed after it.
    pub(super) fn act(&self) -> Act {
        Act::new(self.job.actor.clone(), self.job.traceparent.clone(), Utc::now())
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
        store::release_job(&mut tx, &self.job, 0).await?;
        Ok(tx.commit().await?)
    }
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
