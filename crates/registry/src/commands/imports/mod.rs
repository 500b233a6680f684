mod parents;
mod rows;

use chassis::audit;
use chassis::csv::{CsvFile, FileRow};
use database::{Db, Instant};
use messaging::Act;
use registry_contract::{Import, ImportId, ImportState, StartImport};
use tokio::io::AsyncRead;

use self::parents::Orphan;
use crate::domain::import::Mapping;
use crate::error::Result;
use crate::store::{self, ImportRecord, Word};

/// Rows per transaction: enough to pay for the commit, few enough for others to get their turn.
const BATCH: usize = 200;

/// Takes in a CSV file as it arrives and answers when its last row is dealt with. A row that cannot be taken is kept
/// with its errors and spoils no other; a file that breaks off keeps what came before.
pub async fn import_customers(
    db: &Db,
    act: &Act,
    how: StartImport,
    file: impl AsyncRead + Send + Unpin + 'static,
) -> Result<Import> {
    let id = act.new_id().into();
    let act = Act::new(act.actor.clone(), act.traceparent.clone(), act.at);
    // A thread of its own: on SQLite every statement runs where it stands.
    db.offload(move |db| async move { Ok(Intake::run(&db, &act, id, how, file).await) }).await?
}

/// An import under way.
struct Intake<'a> {
    db: &'a Db,
    act: &'a Act,
    mapping: Mapping,
    record: ImportRecord,
    /// Rows that name a parent, which may stand further down in the file.
    orphans: Vec<Orphan>,
}

impl Intake<'_> {
    async fn run(
        db: &Db,
        act: &Act,
        id: ImportId,
        how: StartImport,
        file: impl AsyncRead + Send + Unpin + 'static,
    ) -> Result<Import> {
        let before = store::find_import(&mut db.read().await?, id).await?;
        if let Some(done) = before.as_ref().filter(|before| before.state.0 == ImportState::Completed) {
            return Ok(done.clone().try_into()?);
        }
        let (mut file, headers) = CsvFile::open(file).await?;
        let mapping = Mapping::read(headers, how.map.as_deref(), how.system.as_deref())?;
        let record = match before {
            Some(unfinished) => resume(db, unfinished).await?,
            None => begin(db, act, id, how, &mapping).await?,
        };
        let mut intake = Intake { db, act, mapping, record, orphans: Vec::new() };
        match intake.take_all(&mut file).await {
            Ok(fault) => intake.finish(fault).await,
            Err(error) => {
                let fault = format!("the database failed after {} rows; send the file again", intake.record.row_count);
                if let Err(also) = intake.finish(Some(fault)).await {
                    tracing::warn!(error = %also, "an import that failed cannot be told so; it stays as running");
                }
                Err(error)
            }
        }
    }

    async fn take_all<R: AsyncRead + Send + Unpin>(&mut self, file: &mut CsvFile<R>) -> Result<Option<String>> {
        let fault = self.take_rows(file).await?;
        self.settle_parents().await?;
        Ok(fault)
    }

    /// All rows to the end of the file, or until why it could not be read on.
    async fn take_rows<R: AsyncRead + Send + Unpin>(&mut self, file: &mut CsvFile<R>) -> Result<Option<String>> {
        let mut batch: Vec<FileRow> = Vec::with_capacity(BATCH);
        // Rows that an earlier try of the same request has taken: rows without a key would be taken twice.
        let mut taken = usize::try_from(self.record.row_count).map_err(database::Error::other)?;
        loop {
            let next = file.next().await;
            let at_end = !matches!(next, Ok(Some(_)));
            let fault = match next {
                Ok(row) => {
                    batch.extend(row);
                    None
                }
                Err(fault) => Some(fault),
            };
            if taken > 0 && (batch.len() == BATCH.min(taken) || at_end) {
                self.recall_batch(&batch).await?;
                taken -= batch.len();
                batch.clear();
            } else if batch.len() == BATCH || at_end {
                self.take_batch(&batch).await?;
                batch.clear();
            }
            if at_end {
                return Ok(fault);
            }
        }
    }

    async fn finish(mut self, fault: Option<String>) -> Result<Import> {
        self.record.state = Word(if fault.is_some() { ImportState::Broken } else { ImportState::Completed });
        self.record.fault = fault;
        self.record.version += 1;
        let mut tx = self.db.begin().await?;
        store::update_import(&mut tx, &self.record).await?;
        tx.commit().await?;
        Ok(self.record.try_into()?)
    }
}

/// Takes an import up again that was left unfinished, by a crash or because the file broke off.
async fn resume(db: &Db, unfinished: ImportRecord) -> Result<ImportRecord> {
    let version = unfinished.version + 1;
    // Parents are settled last, so all of them will be again, and warned of then.
    let state = Word(ImportState::Running);
    let record = ImportRecord { state, fault: None, warnings: 0, version, ..unfinished };
    let mut tx = db.begin().await?;
    store::update_import(&mut tx, &record).await?;
    tx.commit().await?;
    Ok(record)
}

async fn begin(db: &Db, act: &Act, id: ImportId, how: StartImport, mapping: &Mapping) -> Result<ImportRecord> {
    let record = ImportRecord {
        id: id.into(),
        kind: Word(how.kind),
        name: how.name.unwrap_or_else(|| "customers.csv".to_owned()),
        state: Word(ImportState::Running),
        mapping: serde_json::to_value(mapping.columns()).map_err(database::Error::other)?,
        row_count: 0,
        created: 0,
        updated: 0,
        unchanged: 0,
        failed: 0,
        warnings: 0,
        fault: None,
        version: 1,
        created_at: Instant::from(act.at),
        updated_at: Instant::from(act.at),
    };
    let mut tx = db.begin().await?;
    store::insert_import(&mut tx, &record).await?;
    audit::record(&mut tx, act, "import.started", "import", id.into()).await?;
    tx.commit().await?;
    Ok(record)
}
