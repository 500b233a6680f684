use std::collections::HashMap;

use chassis::audit;
use chassis::http::IfMatch;
use chrono::{DateTime, Utc};
use database::{Db, Id, Tx};
use messaging::Act;
use registry_contract::{Duplicate, DuplicateId, DuplicatePatch, DuplicateState};
use serde_json::Value;

use crate::domain::Sight;
use crate::domain::duplicates::{Likeness, PROPOSED, Traits, compare};
use crate::error::{Error, Result};
use crate::queries;
use crate::store::{self, PairRow, Word};

/// Customers compared in one transaction: few, so that nobody who changes one of them waits for long.
const BATCH: i64 = 20;

/// Says what a person found a pair to be.
pub async fn update_duplicate(
    db: &Db,
    act: &Act,
    id: DuplicateId,
    sight: Sight,
    expected: IfMatch,
    patch: DuplicatePatch,
) -> Result<Duplicate> {
    let mut tx = db.begin().await?;
    let before = store::find_pair(&mut tx, id, sight).await?.ok_or_else(|| Error::DuplicateNotFound(id.to_string()))?;
    expected.check(before.version)?;
    if before.state.0 == patch.state {
        return Ok(queries::duplicates_of(&mut tx, vec![before]).await?.remove(0));
    }
    let state = Word(patch.state);
    let row = PairRow { state, version: before.version + 1, updated_at: act.at.into(), ..before };
    if !store::update_pair(&mut tx, &row).await? {
        return Err(Error::Contended);
    }
    audit::record(&mut tx, act, &format!("duplicate.{}", patch.state), "duplicate", id.into()).await?;
    let duplicate = queries::duplicates_of(&mut tx, vec![row]).await?.remove(0);
    tx.commit().await?;
    Ok(duplicate)
}

/// Compares the next queued customers with those that share a trait with them, and says how many they were. While a file is
/// taken in, its customers wait for its end: somebody waits for the file, and nobody for what they are like.
pub async fn compare_queued(db: &Db) -> database::Result<usize> {
    let mut conn = db.read().await?;
    if !store::is_queued_for_comparison(&mut conn).await? || store::is_importing(&mut conn, Utc::now().into()).await? {
        return Ok(0);
    }
    drop(conn);
    let mut tx = db.begin().await?;
    store::lock_comparisons(&mut tx).await?;
    let ids = store::take_queued_for_comparison(&mut tx, BATCH).await?;
    let traits = queries::traits_of(&mut tx, &ids).await?;
    for (id, own) in &traits {
        store::replace_duplicate_keys(&mut tx, *id, &own.keys()).await?;
    }
    for (id, own) in &traits {
        settle(&mut tx, *id, own, Utc::now()).await?;
    }
    tx.commit().await?;
    Ok(ids.len())
}

/// Brings the customer's pairs up to date: found ones are kept, those that are none any more go, and what a person has
/// dismissed stays dismissed.
async fn settle(tx: &mut Tx, id: Id, own: &Traits, at: DateTime<Utc>) -> database::Result<()> {
    let others: Vec<Id> = store::sharing(tx, &own.keys()).await?.into_iter().filter(|other| *other != id).collect();
    let mut likely: HashMap<Id, Likeness> = queries::traits_of(tx, &others)
        .await?
        .into_iter()
        .map(|(other, traits)| (other, compare(own, &traits)))
        .filter(|(_, likeness)| likeness.score >= PROPOSED)
        .collect();
    let mut gone = Vec::new();
    for pair in store::pairs_of(tx, id).await? {
        let other = if pair.first_id == id { pair.second_id } else { pair.first_id };
        match likely.remove(&other) {
            Some(likeness) => rescore(tx, pair, &likeness, at).await?,
            None if pair.state.0 == DuplicateState::Open => gone.push(pair.id),
            None => {}
        }
    }
    store::delete_pairs(tx, &gone).await?;
    let mut found: Vec<_> = likely.into_iter().collect();
    found.sort_by_key(|(other, _)| *other);
    for (other, likeness) in found {
        store::insert_pair(tx, &pair(id.min(other), id.max(other), &likeness, at)?).await?;
    }
    Ok(())
}

async fn rescore(tx: &mut Tx, before: PairRow, likeness: &Likeness, at: DateTime<Utc>) -> database::Result<()> {
    let reasons = reasons(likeness)?;
    if before.score != likeness.score || before.reasons != reasons {
        let version = before.version + 1;
        let row = PairRow { score: likeness.score, reasons, version, updated_at: at.into(), ..before };
        // Overtaken by a person's verdict: the next change of either customer settles the score.
        store::update_pair(tx, &row).await?;
    }
    Ok(())
}

fn pair(first: Id, second: Id, likeness: &Likeness, at: DateTime<Utc>) -> database::Result<PairRow> {
    Ok(PairRow {
        id: DuplicateId::new().into(),
        first_id: first,
        second_id: second,
        score: likeness.score,
        reasons: reasons(likeness)?,
        state: Word(DuplicateState::Open),
        version: 1,
        created_at: at.into(),
        updated_at: at.into(),
    })
}

fn reasons(likeness: &Likeness) -> database::Result<Value> {
    serde_json::to_value(&likeness.reasons).map_err(database::Error::other)
}
