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

/// The next rows of a file, as what was made of them; none are its end.
pub(super) type Rows<T> = std::result::Result<Vec<T>, FileFault>;

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

/// The rows behind the row numbered `after`, read, and made into what is wanted of them, on a thread of their own. An error is
/// the last to come; so are no rows, without which the thread has died. One batch is got ready while the one before it is
/// worked on, and no more are held.
pub(super) fn batches<T: Send + 'static>(
    file: Arc<RowFile>,
    after: i64,
    made: impl Fn(FileRow) -> T + Send + 'static,
) -> mpsc::Receiver<Rows<T>> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        let (mut batch, mut size) = (Vec::new(), 0);
        let read = file.rows(|row| {
            // Not before the batch before is taken.
            if batch.is_empty() && !is_awaited(&sender) {
                // Nobody takes any more: the import was stopped.
                return ControlFlow::Break(());
            }
            if row.number > after {
                size += weight(&row);
                batch.push(made(row));
            }
            if batch.len() < BATCH && size < FULL {
                return ControlFlow::Continue(());
            }
            size = 0;
            drop(sender.blocking_send(Ok(std::mem::take(&mut batch))));
            ControlFlow::Continue(())
        });
        let rest = (!batch.is_empty()).then_some(Ok(batch));
        for last in rest.into_iter().chain([read.map(|()| Vec::new())]) {
            drop(sender.blocking_send(last));
        }
    });
    receiver
}

/// Waits until there is room for a batch; false when there never will be.
fn is_awaited<T>(sender: &mpsc::Sender<Rows<T>>) -> bool {
    futures::executor::block_on(sender.reserve()).is_ok()
}

/// Bytes that the row takes in memory.
fn weight(row: &FileRow) -> usize {
    let cells = row.cells.iter().map(|cell| size_of::<String>() + cell.len());
    let faults = row.faults.iter().map(|fault| size_of_val(fault) + fault.message.len());
    cells.sum::<usize>() + faults.sum::<usize>()
}
