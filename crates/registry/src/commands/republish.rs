use chassis::Context;
use chrono::Utc;
use database::{Db, Id};
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, outbox};
use registry_contract::{Contact, Position, Qualification, ShareRecord, TeamMember, v1};
use wire::Event;

use super::chains::{Chain, fact_of};
use crate::domain::structure;
use crate::facts::{
    consent_fact, contact_fact, customer_fact, employee_fact, holding_fact, position_fact, profile_fact,
    qualification_fact, team_member_fact, tiering_fact, transfer_fact, vendor_shares_fact,
};
use crate::store;

const BATCH: i64 = 500;

/// Tells the state of everything again, oldest first, so that a projection that was thrown away can be rebuilt.
/// Answers how many events that took.
pub fn republish(context: Context) -> BoxFuture<'static, database::Result<u64>> {
    async move {
        let act = Act::system(Utc::now()).in_bulk();
        let (db, act) = (&context.db, &act);
        let registry = customers(db, act).await? + contacts(db, act).await? + consents(db, act).await?;
        let seats = positions(db, act).await? + holdings(db, act).await? + chains(db, act).await?;
        let known = profiles(db, act).await? + vendor_shares(db, act).await? + qualifications(db, act).await?;
        let decided = tier_changes(db, act).await? + transfers(db, act).await? + merges(db, act).await?;
        let staff = employees(db, act).await? + team_members(db, act).await?;
        Ok(registry + seats + known + decided + staff)
    }
    .boxed()
}

async fn customers(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::customers_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for customer in store::complete(&mut tx, rows).await? {
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
            if contact.erased_at.is_some() {
                outbox::enqueue(&mut tx, act, &v1::ContactErased(contact_fact(&contact))).await?;
                told += 1;
            }
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
        for row in rows {
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

async fn profiles(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::approved_profiles_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for fact in rows.iter().filter_map(profile_fact) {
            outbox::enqueue(&mut tx, act, &v1::ProfileApproved(fact)).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

/// All records, corrected ones too: consumers keep the newest.
async fn vendor_shares(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::share_tables_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for row in rows {
            let customer = row.customer_id.get();
            let vendors = store::vendors_by_id(&mut tx, customer).await?;
            let record = ShareRecord::try_from(row)?;
            let lines = structure(&record.lines, &vendors);
            let fact = vendor_shares_fact(customer, record.period, record.revision, &lines);
            outbox::enqueue(&mut tx, act, &v1::VendorSharesRecorded(fact)).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn qualifications(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::decided_qualifications_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for row in rows {
            if let Some(fact) = qualification_fact(&Qualification::try_from(row)?) {
                outbox::enqueue(&mut tx, act, &v1::CustomerQualified(fact)).await?;
                told += 1;
            }
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn tier_changes(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::tier_changes_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|(change, _)| change.id) else { return Ok(told) };
        for (change, proposal) in rows {
            outbox::enqueue(&mut tx, act, &v1::CustomerTiered(tiering_fact(&change, &proposal))).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn transfers(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::completed_transfers_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for fact in rows.iter().filter_map(transfer_fact) {
            outbox::enqueue(&mut tx, act, &v1::CustomerTransferred(fact)).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn employees(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        // Whoever renames a team meanwhile tells of it after this.
        store::lock_staff(&mut tx).await?;
        let rows = store::employees_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|(row, _)| row.id) else { return Ok(told) };
        for (row, team) in rows {
            let fact = employee_fact(&row.with(vec![]), team.as_ref());
            outbox::enqueue(&mut tx, act, &v1::EmployeeChanged(fact)).await?;
            told += 1;
        }
        tx.commit().await?;
        after = Some(last);
    }
}

async fn team_members(db: &Db, act: &Act) -> database::Result<u64> {
    let (mut told, mut after): (u64, Option<Id>) = (0, None);
    loop {
        let mut tx = db.begin().await?;
        let rows = store::team_members_after(&mut tx, after, BATCH).await?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(told) };
        for member in rows.into_iter().map(TeamMember::from) {
            outbox::enqueue(&mut tx, act, &v1::TeamMemberChanged(team_member_fact(&member))).await?;
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
