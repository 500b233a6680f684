//! A stored file back from the database, and its rows in batches.

use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use chassis::csv::{FileFault, FileRow, RowFile};
use database::Db;
use registry_contract::{Delimiter, FileReading, ImportId};
use tokio::sync::mpsc;

use super::{BATCH, FULL};
use crate::error::Result;
use crate::store;

/// Batches that may wait to be taken. With the one that is read and the one that the database works on, three are held.
const WAITING: usize = 1;

/// The next rows of a file; none are its end.
pub(super) type Rows = std::result::Result<Vec<FileRow>, FileFault>;

/// The file as it was sent, in a temporary one: Excel workbooks are read from their end, and memory would hold it whole.
async fn spooled(db: &Db, import: ImportId) -> Result<File> {
    let mut file = tempfile::tempfile().map_err(FileFault::Io)?;
    let mut number = 0;
    // A connection a piece: whoever waits for the file renews a lease by another.
    while let Some(piece) = store::find_piece(&mut db.read().await?, import, number).await? {
        file.write_all(&piece).map_err(FileFault::Io)?;
        number += 1;
    }
    Ok(file)
}

fn opened(file: File, how: &FileReading) -> std::result::Result<RowFile, FileFault> {
    let delimiter = how.delimiter.map(|delimiter| match delimiter {
        Delimiter::Comma => b',',
        Delimiter::Semicolon => b';',
        Delimiter::Tab => b'\t',
    });
    RowFile::open(file, how.charset.as_deref(), delimiter)
}

/// The file of an import and its header.
pub(super) async fn fetched(db: &Db, import: ImportId, how: FileReading) -> Result<(RowFile, Vec<String>)> {
    let file = spooled(db, import).await?;
    let look = move || {
        let file = opened(file, &how)?;
        let headers = file.headers()?;
        Ok::<_, FileFault>((file, headers))
    };
    // A thread of its own: a workbook is unpacked as a whole, and whoever waits renews a lease meanwhile.
    let seen = tokio::task::spawn_blocking(look).await.map_err(database::Error::other)?;
    Ok(seen?)
}

/// The rows behind the row numbered `after`, read on a thread of their own. An error is the last to come; so are no rows,
/// without which the thread has died.
pub(super) fn batches(file: Arc<RowFile>, after: i64) -> mpsc::Receiver<Rows> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let (mut batch, mut size) = (Vec::new(), 0);
        let read = file.rows(|row| {
            if row.number > after {
                size += weight(&row);
                batch.push(row);
            }
            if batch.len() < BATCH && size < FULL {
                return ControlFlow::Continue(());
            }
            size = 0;
            match sender.blocking_send(Ok(std::mem::take(&mut batch))) {
                Ok(()) => ControlFlow::Continue(()),
                // Nobody takes any more: the import was stopped.
                Err(_) => ControlFlow::Break(()),
            }
        });
        let rest = (!batch.is_empty()).then_some(Ok(batch));
        for last in rest.into_iter().chain([read.map(|()| Vec::new())]) {
            drop(sender.blocking_send(last));
        }
    });
    receiver
}

/// Bytes that the row takes in memory.
fn weight(row: &FileRow) -> usize {
    let cells = row.cells.iter().map(|cell| size_of::<String>() + cell.len());
    let faults = row.faults.iter().map(|fault| size_of_val(fault) + fault.message.len());
    cells.sum::<usize>() + faults.sum::<usize>()
}
