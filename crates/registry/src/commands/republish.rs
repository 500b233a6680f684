use chassis::Context;
use chrono::Utc;
use database::{Db, Id};
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, outbox};
use registry_contract::{Contact, Position, v1};
use wire::Event;

use crate::facts::{contact_fact, customer_fact, holding_fact, position_fact};
use crate::store;

const BATCH: i64 = 500;

/// Tells the state of everything again, oldest first, so that a projection that was thrown away can be rebuilt.
/// Answers how many events that took.
pub fn republish(context: Context) -> BoxFuture<'static, database::Result<u64>> {
    async move {
        let act = Act::system(Utc::now());
        let (db, act) = (&context.db, &act);
        let things = contacts(db, act).await? + positions(db, act).await? + holdings(db, act).await?;
        Ok(customers(db, act).await? + things + merges(db, act).await?)
    }
    .boxed()
}

async fn customers(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::customers_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for customer in store::with_external_ids(&mut tx, rows).await? {
            tell(&mut tx, act, customer.version, customer_fact(&customer), v1::CustomerCreated, v1::CustomerUpdated)
                .await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn contacts(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::contacts_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for contact in rows.into_iter().map(Contact::from) {
            tell(&mut tx, act, contact.version, contact_fact(&contact), v1::ContactCreated, v1::ContactUpdated).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn positions(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::positions_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for position in rows.into_iter().map(Position::from) {
            outbox::enqueue(&mut tx, act, &v1::PositionCreated(position_fact(&position))).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn holdings(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::holdings_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for row in rows {
            let customer = row.customer_id.get();
            outbox::enqueue(&mut tx, act, &v1::HoldingCreated(holding_fact(&row.into(), customer))).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

/// After the customers, whose versions they carry.
async fn merges(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::standing_merges_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for row in rows {
            let merged = wire::Reference::Id(row.merged_id.get());
            let Some(customer) = store::find_customer_itself(&mut tx, &merged).await? else { continue };
            let fact = v1::MergeFact {
                merge_id: row.id.get(),
                merged_id: row.merged_id.get(),
                survivor_id: row.survivor_id.get(),
                sequence: customer.version,
            };
            outbox::enqueue(&mut tx, act, &v1::CustomerMerged(fact)).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

/// What was never changed was created last; everything else was updated last.
async fn tell<F, C: Event, U: Event>(
    tx: &mut database::Tx,
    act: &Act,
    version: i64,
    fact: F,
    created: fn(F) -> C,
    updated: fn(F) -> U,
) -> database::Result<()> {
    match version {
        1 => outbox::enqueue(tx, act, &created(fact)).await,
        _ => outbox::enqueue(tx, act, &updated(fact)).await,
    }
}
