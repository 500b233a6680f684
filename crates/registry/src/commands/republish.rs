use chassis::Context;
use chrono::Utc;
use database::{Db, Id};
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, outbox};
use registry_contract::{Contact, Position, v1};
use wire::Event;

use super::chains::{Chain, fact_of};
use crate::facts::{consent_fact, contact_fact, customer_fact, holding_fact, position_fact};
use crate::store;

const BATCH: i64 = 500;

/// Tells the state of everything again, oldest first, so that a projection that was thrown away can be rebuilt.
/// Answers how many events that took.
pub fn republish(context: Context) -> BoxFuture<'static, database::Result<u64>> {
    async move {
        let act = Act::system(Utc::now());
        let (db, act) = (&context.db, &act);
        let people = customers(db, act).await? + contacts(db, act).await? + consents(db, act).await?;
        Ok(people + positions(db, act).await? + holdings(db, act).await? + chains(db, act).await?)
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
            let fact = position_fact(&position);
            tell(&mut tx, act, position.version, fact, v1::PositionCreated, v1::PositionUpdated).await?;
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
            let (version, customer) = (row.version, row.customer_id.get());
            let fact = holding_fact(&row.into(), customer);
            tell(&mut tx, act, version, fact, v1::HoldingCreated, v1::HoldingUpdated).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn chains(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::chains_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for row in rows.into_iter().filter(|row| !row.is_left_over()) {
            let chain = Chain { customer: row.customer_id, opportunity: row.opportunity() };
            let fact = fact_of(&mut tx, chain, row.version).await?;
            outbox::enqueue(&mut tx, act, &v1::DecisionChainUpdated(fact)).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn consents(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let entries = store::consents_after(&mut tx, after, BATCH).await?;
        let Some(last) = entries.last().map(|entry| Id::from(entry.id)) else { return Ok(told) };
        for entry in &entries {
            outbox::enqueue(&mut tx, act, &v1::ConsentRecorded(consent_fact(entry))).await?;
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
