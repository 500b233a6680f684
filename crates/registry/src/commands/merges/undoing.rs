use chassis::audit;
use chrono::{DateTime, Utc};
use database::{Db, Id, Instant, Tx};
use messaging::{Act, outbox};
use registry_contract::{CustomerId, Merge, MergeMoved, v1};
use wire::Reference;

use super::parting::{self, Crossings};
use super::places;
use super::{both_itself, fact, itself, object, show, tell_both, tell_moved, tell_own_chains};
use crate::commands::customers::told;
use crate::commands::lifecycles;
use crate::commands::links::keep_in_step;
use crate::commands::races::{ATTEMPTS, raced};
use crate::domain::{UNDO_WITHIN, parted, rebased};
use crate::error::{Error, Result};
use crate::store::{self, MergeRow, PARTS, SUBSIDIARIES};

/// Parts of which the survivor's own go before: another's wait with it.
const WAITS: [&str; 3] = ["identifiers", "profile_versions", "vendor_share_tables"];

/// Makes a merged customer itself again, with everything that went along and still belongs to the survivor, and with what was
/// added since and is about nothing else. Whatever else was added stays with the survivor, and so do values that were changed.
/// What would then refer from the one to the other is named, or with `cut` cut.
pub async fn unmerge_customer(db: &Db, act: &Act, merged: &Reference<CustomerId>, cut: bool) -> Result<Merge> {
    raced(ATTEMPTS, async || unmerge(db, act, merged, cut).await).await.map_err(Error::settled)
}

async fn unmerge(db: &Db, act: &Act, merged: &Reference<CustomerId>, cut: bool) -> Result<Merge> {
    let mut tx = db.begin().await?;
    store::lock_merges(&mut tx).await?;
    let found = store::find_customer_itself(&mut tx, merged).await?;
    let merged = found.ok_or_else(|| Error::CustomerNotFound(merged.to_string()))?.id;
    let row = store::standing_merge(&mut tx, merged).await?.ok_or(Error::NotMerged)?;
    if DateTime::<Utc>::from(row.merged_at) + UNDO_WITHIN < act.at {
        return Err(Error::UndoTooLate);
    }
    if store::standing_merge(&mut tx, row.survivor_id).await?.is_some() {
        return Err(Error::SurvivorMerged);
    }
    let (survivor, part) = both_itself(&mut tx, row.survivor_id.get(), merged.get()).await?;
    let mut others = store::merges_into(&mut tx, row.survivor_id).await?;
    others.retain(|other| other.id != row.id);
    store::lock_hierarchy(&mut tx).await?;
    give_back(&mut tx, act, &row).await?;
    let cut = settle(&mut tx, act, &row, cut).await?;
    follow_up(&mut tx, act, &row, &others).await?;
    let back = itself(&mut tx, part.id).await?;
    keep_in_step(&mut tx, act, back).await?;
    show(&mut tx, &[row.survivor_id, row.merged_id]).await?;
    tell_moved(&mut tx, act, &row, row.merged_id).await?;
    tell_members(&mut tx, act, row.merged_id).await?;

    let wanted = parted(&survivor, object(&row.before)?, object(&row.taken)?).map_err(database::Error::other)?;
    let owner = wanted.owner.clone();
    tell_both(&mut tx, act, survivor.id, wanted, part.id).await?;
    // What came of merges that are undone by now, and of their undoing.
    let undone = others.iter().filter(|other| other.undone_at.is_some()).chain([&row]);
    let times: Vec<Instant> = undone.flat_map(|one| [Some(one.merged_at), one.undone_at]).flatten().collect();
    let ended: Vec<Instant> = times.iter().copied().chain([act.at.into()]).collect();
    store::rejoin_owner_periods(&mut tx, survivor.id, &ended, owner.as_deref()).await?;
    tell_own_chains(&mut tx, act, row.id, &[row.survivor_id, row.merged_id]).await?;
    let now = itself(&mut tx, survivor.id).await?;
    let times: Vec<_> = times.into_iter().map(DateTime::<Utc>::from).collect();
    lifecycles::take_back(&mut tx, act, now, &times).await?;
    let cut = match cut.as_slice() {
        [] => None,
        some => Some(serde_json::to_value(some).map_err(database::Error::other)?),
    };
    store::set_undone(&mut tx, row.id, act.at.into(), &act.actor, cut.clone()).await?;
    audit::record(&mut tx, act, "customer.unmerged", "customer", part.id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::CustomerUnmerged(fact(&row, part.version + 1))).await?;
    tx.commit().await?;
    Ok(MergeRow { undone_at: Some(act.at.into()), undone_by: Some(act.actor.clone()), cut, ..row }.try_into()?)
}

async fn give_back(tx: &mut Tx, act: &Act, row: &MergeRow) -> Result<()> {
    store::note_followers(tx, row).await?;
    parting::note_share_tables(tx, row).await?;
    for part in PARTS.iter().filter(|part| part.name != SUBSIDIARIES) {
        part.move_back(tx, row.id, row.survivor_id, row.merged_id, act.at.into()).await?;
    }
    // What was one vendor is two again.
    store::part_vendors(tx, (row.survivor_id, row.merged_id), act.at.into()).await?;
    store::set_merged_into(tx, row.merged_id, None, act.at.into()).await?;
    places::give_back(tx, act, row).await
}

/// What the other merges into the survivor that stand make of it: what waited with their customers for this one's comes along
/// now, and what they found is what there was before this one.
async fn follow_up(tx: &mut Tx, act: &Act, row: &MergeRow, others: &[MergeRow]) -> Result<()> {
    let (mut before, taken) = (object(&row.before)?.clone(), object(&row.taken)?);
    for other in others.iter().filter(|other| other.undone_at.is_none()) {
        for part in PARTS.iter().filter(|part| WAITS.contains(&part.name)) {
            // A number that a person has removed from the survivor meanwhile is not brought back.
            if part.name == "identifiers" && !store::brought_like(tx, row.id, part, other.merged_id).await? {
                continue;
            }
            part.move_along(tx, other.id, other.merged_id, other.survivor_id, act.at.into()).await?;
        }
        if other.merged_at > row.merged_at {
            let found = object(&other.before)?;
            if let Some(rebased) = rebased(found, &before, taken) {
                store::set_before(tx, other.id, &rebased.into()).await?;
            }
            // Of what it took itself, the next one found nothing of this one's.
            before.retain(|name, _| !found.contains_key(name));
        }
    }
    Ok(())
}

/// Refuses what cannot be parted; answers what was cut, if it may be.
async fn settle(tx: &mut Tx, act: &Act, row: &MergeRow, cut: bool) -> Result<Vec<MergeMoved>> {
    let crossings = Crossings::between(tx, (row.survivor_id, row.merged_id)).await?;
    let mut in_the_way = places::in_the_way(tx, act, row.merged_id.get()).await?;
    if !in_the_way.is_empty() {
        if !cut {
            in_the_way.extend(crossings.faults());
        }
        return Err(Error::UndoBlocked(in_the_way.into_vec()));
    }
    if crossings.is_empty() {
        return Ok(vec![]);
    }
    if !cut {
        return Err(Error::UndoCuts(crossings.faults().into_vec()));
    }
    crossings.cut(tx, act).await
}

/// Tells of everyone who belongs to the customer again.
async fn tell_members(tx: &mut Tx, act: &Act, customer: Id) -> Result<()> {
    for id in store::members_of(tx, customer).await? {
        let member = itself(tx, id.get()).await?;
        told(tx, act, &member).await?;
    }
    Ok(())
}
