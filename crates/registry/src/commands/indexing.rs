//! Writing the search terms of what was kept without them: by an earlier version, or many at once.

use std::time::Duration;

use chassis::Context;
use chassis::rounds::{Left, after_commits};
use database::{Db, Id, Tx};
use futures::FutureExt;
use futures::future::BoxFuture;
use registry_contract::Contact;

use super::duplicates::compare_queued;
use crate::store;

/// Customers in one transaction while others wait for their turn …
const BATCH: i64 = 200;
/// … and while nobody does.
const BATCH_AT_START: i64 = 5_000;
/// How long what another replica queued may wait.
const POLL: Duration = Duration::from_secs(15);

/// Before the service serves: lists and searches are complete from its first answer on. Stopped in the middle it goes on
/// where it was with the next start.
pub async fn catch_up(context: &Context) -> Result<(), Vec<String>> {
    let caught_up = async {
        while store::fill_sort_names(&context.db, BATCH_AT_START).await? {}
        while index_queued(&context.db, BATCH_AT_START).await? > 0 {}
        Ok::<_, database::Error>(())
    };
    caught_up.await.map_err(|error| vec![format!("the search index cannot be written: {error}")])
}

/// While the service serves: search terms of what was queued, as soon as its transaction has committed.
pub fn keep_indexing(context: Context) -> BoxFuture<'static, ()> {
    after_commits(context, POLL, "writing search terms", |db, _| {
        async move { index_queued(db, BATCH).await.map(Left::after) }.boxed()
    })
}

/// While the service serves: which customers may be one, after each change of one of them.
pub fn keep_comparing(context: Context) -> BoxFuture<'static, ()> {
    after_commits(context, POLL, "comparing customers", |db, _| {
        async move { compare_queued(db).await.map(Left::after) }.boxed()
    })
}

/// Writes the terms of the next queued customers and of their contacts, and says how many customers that were. Not while an
/// import goes ahead, whose end wakes this again.
async fn index_queued(db: &Db, most: i64) -> database::Result<usize> {
    if db.yields() {
        return Ok(0);
    }
    let spread = spread_arrivals(db).await?;
    if spread > 0 || !store::is_queued(&mut db.read().await?).await? {
        return Ok(spread);
    }
    let mut tx = db.begin().await?;
    let queued = store::queued(&mut tx, most).await?;
    // Whoever is changing one of them stays ahead: it keeps its place in the queue, and his commit wakes this loop again.
    let ids = store::lock_idle_customers(&mut tx, &queued).await?;
    if ids.is_empty() {
        return Ok(0);
    }
    index_anew(&mut tx, &ids).await?;
    store::unqueue(&mut tx, &ids).await?;
    tx.commit().await?;
    Ok(ids.len())
}

/// Queues the next of those that came many at once, and says how many.
async fn spread_arrivals(db: &Db) -> database::Result<usize> {
    if !store::have_arrived(&mut db.read().await?).await? {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    let spread = store::spread_arrivals(&mut tx).await?;
    // A commit wakes this loop again, which would go round and round for as long as somebody changes them.
    if spread > 0 {
        tx.commit().await?;
    }
    Ok(spread)
}

/// Writes the terms of the customers and of their contacts as they are now.
pub(super) async fn index_anew(tx: &mut Tx, ids: &[Id]) -> database::Result<()> {
    let rows = store::customers_among(tx, ids).await?;
    let customers = store::complete(tx, rows).await?;
    let contacts: Vec<Contact> = store::contacts_of_customers(tx, ids).await?.into_iter().map(Contact::from).collect();
    store::unindex_customers(tx, ids).await?;
    store::index_all(tx, &customers, &contacts).await
}
