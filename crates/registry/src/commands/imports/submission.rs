use bytes::{Bytes, BytesMut};
use chassis::audit;
use chassis::csv::RowFile;
use database::{Db, Instant};
use futures::{Stream, StreamExt};
use messaging::Act;
use registry_contract::{Import, ImportId, ImportState, StartImport};

use super::job::Phase;
use super::order::Order;
use super::reading::fetched;
use crate::domain::import::Mapping;
use crate::error::{Error, Result};
use crate::store::{self, ImportRecord, JobRecord, Word};

/// Bytes of a file at most.
const LONGEST_FILE: usize = 256 << 20;
/// Bytes of a stored piece.
const PIECE: usize = 512 << 10;

/// Stores a file as it arrives. One that does not arrive whole leaves nothing behind.
pub async fn receive_file<E>(
    db: &Db,
    import: ImportId,
    mut pieces: impl Stream<Item = std::result::Result<Bytes, E>> + Unpin,
) -> Result<()> {
    forget(db, import).await?;
    let (mut waiting, mut number, mut length) = (BytesMut::with_capacity(2 * PIECE), 0, 0);
    while let Some(piece) = pieces.next().await {
        let refused = match piece {
            Err(_) => Some(Error::FileCut),
            Ok(piece) => {
                length += piece.len();
                waiting.extend_from_slice(&piece);
                (length > LONGEST_FILE).then_some(Error::FileTooLarge { limit: LONGEST_FILE })
            }
        };
        if let Some(refused) = refused {
            forget(db, import).await?;
            return Err(refused);
        }
        if waiting.len() >= PIECE {
            keep(db, import, number, &waiting).await?;
            waiting.clear();
            number += 1;
        }
    }
    keep(db, import, number, &waiting).await
}

async fn keep(db: &Db, import: ImportId, number: i64, content: &[u8]) -> Result<()> {
    let mut tx = db.begin().await?;
    store::insert_piece(&mut tx, import, number, content).await?;
    Ok(tx.commit().await?)
}

async fn forget(db: &Db, import: ImportId) -> Result<()> {
    let mut tx = db.begin().await?;
    store::delete_pieces(&mut tx, import).await?;
    Ok(tx.commit().await?)
}

/// Looks at a stored file, and leaves it to the workers. A file whose header cannot be read as customers is refused, and
/// nothing of it is kept.
pub async fn submit_import(db: &Db, act: &Act, id: ImportId, how: StartImport) -> Result<Import> {
    let how = match Order::of(db, how).await {
        Ok(how) => how,
        Err(refused) => {
            forget(db, id).await?;
            return Err(refused);
        }
    };
    let looking = how.clone();
    let seen = db.offload(move |db| async move { Ok(look(&db, id, &looking).await) }).await?;
    let (file, mapping) = match seen {
        Ok(seen) => seen,
        Err(refused) => {
            forget(db, id).await?;
            return Err(refused);
        }
    };
    let record = received(act, id, &how, &file, &mapping)?;
    let mut tx = db.begin().await?;
    store::insert_import(&mut tx, &record).await?;
    store::insert_job(&mut tx, &job(act, id, &how)?).await?;
    audit::record(&mut tx, act, "import.started", "import", id.into()).await?;
    tx.commit().await?;
    Ok(record.try_into()?)
}

async fn look(db: &Db, id: ImportId, how: &Order) -> Result<(RowFile, Mapping)> {
    let (file, headers) = fetched(db, id, how.reading.clone()).await?;
    let mapping = how.mapping(headers)?;
    mapping.matches(how.match_by())?;
    if mapping.fills_custom() {
        mapping.known_to(&store::definitions(&mut db.read().await?).await?)?;
    }
    Ok((file, mapping))
}

fn received(act: &Act, id: ImportId, how: &Order, file: &RowFile, mapping: &Mapping) -> Result<ImportRecord> {
    Ok(ImportRecord {
        id: id.into(),
        kind: Word(how.start.kind),
        name: how.start.name.clone().unwrap_or_else(|| format!("customers.{}", file.format())),
        state: Word(ImportState::Received),
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
        dry_run: how.start.dry_run,
        format: file.format().to_owned(),
        charset: file.charset().map(str::to_lowercase),
        total_rows: None,
        reverted: 0,
        kept: 0,
    })
}

fn job(act: &Act, id: ImportId, how: &Order) -> Result<JobRecord> {
    Ok(JobRecord {
        import_id: id.into(),
        actor: act.actor.clone(),
        traceparent: act.traceparent.clone(),
        how: serde_json::to_value(how).map_err(database::Error::other)?,
        phase: Phase::Check.to_string(),
        position: 0,
        attempts: 0,
        cancelled: false,
        lease: None,
        leased_until: None,
    })
}

/// Leaves it to the workers to take an import back, as far as nobody has changed what it made since.
pub async fn revert_import(db: &Db, act: &Act, id: ImportId) -> Result<Import> {
    let mut tx = db.begin().await?;
    let record = store::find_import(&mut tx, id).await?.ok_or_else(|| Error::ImportNotFound(id.to_string()))?;
    let may = matches!(record.state.0, ImportState::Completed | ImportState::Failed | ImportState::Cancelled);
    if !may || record.dry_run {
        return Err(Error::NothingToRevert { state: record.state.0 });
    }
    let (state, version) = (Word(ImportState::Reverting), record.version + 1);
    let record = ImportRecord { state, version, updated_at: Instant::from(act.at), ..record };
    if !store::update_import_as_known(&mut tx, &record).await? {
        return Err(Error::Contended);
    }
    let job = JobRecord { phase: Phase::Revert.to_string(), ..job(act, id, &Order::default())? };
    store::insert_job(&mut tx, &job).await?;
    audit::record(&mut tx, act, "import.reverted", "import", id.into()).await?;
    tx.commit().await?;
    Ok(record.try_into()?)
}

/// Asks for an import to be stopped after the batch it is at. What was taken stays.
pub async fn cancel_import(db: &Db, act: &Act, id: ImportId) -> Result<Import> {
    let mut tx = db.begin().await?;
    let record = store::find_import(&mut tx, id).await?.ok_or_else(|| Error::ImportNotFound(id.to_string()))?;
    if !store::cancel_job(&mut tx, id).await? {
        return Err(Error::ImportEnded { state: record.state.0 });
    }
    audit::record(&mut tx, act, "import.cancelled", "import", id.into()).await?;
    tx.commit().await?;
    Ok(record.try_into()?)
}
