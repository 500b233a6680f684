//! A stored file back from the database, and its rows in batches.

use std::fs::File;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;

use chassis::csv::{FileFault, FileRow, RowFile};
use database::Db;
use registry_contract::{Delimiter, FileReading, ImportId};
use tokio::sync::mpsc;

use super::BATCH;
use crate::error::Result;
use crate::store;

/// Batches that may wait to be taken: what is read while the database works.
const WAITING: usize = 2;

/// The file as it was sent, in a temporary one: Excel workbooks are read from their end, and memory would hold it whole.
pub(super) async fn spooled(db: &Db, import: ImportId) -> Result<File> {
    let mut file = tempfile::tempfile().map_err(FileFault::Io)?;
    let mut conn = db.read().await?;
    let mut number = 0;
    while let Some(piece) = store::find_piece(&mut conn, import, number).await? {
        file.write_all(&piece).map_err(FileFault::Io)?;
        number += 1;
    }
    Ok(file)
}

pub(super) fn opened(file: File, how: &FileReading) -> std::result::Result<RowFile, FileFault> {
    let delimiter = how.delimiter.map(|delimiter| match delimiter {
        Delimiter::Comma => b',',
        Delimiter::Semicolon => b';',
        Delimiter::Tab => b'\t',
    });
    RowFile::open(file, how.charset.as_deref(), delimiter)
}

/// The rows behind the row numbered `after`, read on a thread of their own. An error is the last to come.
pub(super) fn batches(file: Arc<RowFile>, after: i64) -> mpsc::Receiver<std::result::Result<Vec<FileRow>, FileFault>> {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        let mut batch = Vec::with_capacity(BATCH);
        let read = file.rows(|row| {
            if row.number > after {
                batch.push(row);
            }
            let full = batch.len() == BATCH;
            // Nobody takes any more: the import was stopped.
            if full && sender.blocking_send(Ok(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)))).is_err() {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        let last = read.map(|()| batch);
        drop(sender.blocking_send(last));
    });
    receiver
}
