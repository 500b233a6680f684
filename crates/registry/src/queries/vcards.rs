use std::io;

use database::{Db, Id};
use futures::{Stream, stream};
use registry_contract::{Contact, ContactQuery, VCardVersion};

use crate::domain::write_card;
use crate::reads::Reader;
use crate::store;

const BATCH: i64 = 500;

/// The contacts as cards, in pieces, in the order in which they were created.
pub fn cards(
    db: Db,
    wanted: ContactQuery,
    version: VCardVersion,
    reader: Reader,
) -> impl Stream<Item = io::Result<String>> {
    stream::try_unfold((db, wanted, reader, None), move |(db, wanted, reader, after)| async move {
        let found = cards_after(&db, &wanted, &reader, after, version).await.map_err(io::Error::other)?;
        Ok(found.map(|(last, text)| (text, (db, wanted, reader, Some(last)))))
    })
}

async fn cards_after(
    db: &Db,
    wanted: &ContactQuery,
    reader: &Reader,
    after: Option<Id>,
    version: VCardVersion,
) -> database::Result<Option<(Id, String)>> {
    reader.settle(db).await?;
    let rows = store::contacts_among_after(&mut db.read().await?, wanted, after, BATCH).await?;
    reader.note(rows.iter().map(|row| row.id.get()));
    let last = rows.last().map(|row| row.id);
    let text = rows.into_iter().map(|row| write_card(&Contact::from(row), version)).collect();
    Ok(last.map(|last| (last, text)))
}
