use std::io;

use database::{Db, Id};
use futures::{Stream, stream};
use registry_contract::{Contact, ContactQuery, VCardVersion};

use crate::domain::write_card;
use crate::store;

const BATCH: i64 = 500;

/// The contacts as cards, in pieces, in the order in which they were created.
pub fn cards(db: Db, wanted: ContactQuery, version: VCardVersion) -> impl Stream<Item = io::Result<String>> {
    stream::try_unfold((db, wanted, None), move |(db, wanted, after)| async move {
        let found = cards_after(&db, &wanted, after, version).await.map_err(io::Error::other)?;
        Ok(found.map(|(last, text)| (text, (db, wanted, Some(last)))))
    })
}

async fn cards_after(
    db: &Db,
    wanted: &ContactQuery,
    after: Option<Id>,
    version: VCardVersion,
) -> database::Result<Option<(Id, String)>> {
    let rows = store::contacts_among_after(&mut db.read().await?, wanted, after, BATCH).await?;
    let last = rows.last().map(|row| row.id);
    let text = rows.into_iter().map(|row| write_card(&Contact::from(row), version)).collect();
    Ok(last.map(|last| (last, text)))
}
