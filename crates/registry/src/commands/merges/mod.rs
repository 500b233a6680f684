//! Two records of one customer made one, and two again.

mod parting;
mod places;
mod undoing;

use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::v1::{self, MergeFact};
use registry_contract::{
    Contact, ContactId, Customer, CustomerId, Holding, HoldingId, Merge, MergeId, MergeMoved, NewCustomer, NewMerge,
    Position, PositionId, TeamMember, TeamMemberId,
};
use wire::Reference;

use super::chains::{self, Chain};
use super::custom_fields::lost_values;
use super::customers::{told, write};
use super::indexing::index_anew;
use super::lifecycles;
use super::races::{ATTEMPTS, raced};
use crate::domain::{CustomerDetails, Faults, UNDO_WITHIN, Union, union};
use crate::error::{Error, Result};
use crate::facts::{contact_fact, holding_fact, position_fact, team_member_fact};
use crate::store::{self, MergeRow, PARTS, Part, SUBSIDIARIES};

pub use undoing::unmerge_customer;

/// Merges a customer into another: what belongs to it goes along, its id and code lead to the survivor from now on.
///
/// A customer is not merged into one that belongs to it, be it from a later day on; merge them the other way round, or part
/// them first.
pub async fn merge_customers(
    db: &Db,
    act: &Act,
    survivor: &Reference<CustomerId>,
    expected: IfMatch,
    new: NewMerge,
) -> Result<Merge> {
    // Those who change what goes along may be in the way.
    let merged = raced(ATTEMPTS, async || merge(db, act, survivor, expected, new.clone()).await).await;
    merged.map_err(Error::settled)
}

async fn merge(
    db: &Db,
    act: &Act,
    survivor: &Reference<CustomerId>,
    expected: IfMatch,
    new: NewMerge,
) -> Result<Merge> {
    let id = MergeId::from(act.new_id());
    let mut tx = db.begin().await?;
    store::lock_merges(&mut tx).await?;
    // The request was repeated after its commit and before its answer was kept.
    if let Some(row) = store::find_merge(&mut tx, id.into()).await? {
        return Ok(row.try_into()?);
    }
    let (survivor, merged) = both(&mut tx, survivor, &new.merged_id).await?;
    expected.check(survivor.version)?;
    let mut reason = new.reason;
    let mut faults = Faults::default();
    faults.optional_text("/reason", &mut reason, 500, &[]);
    store::lock_hierarchy(&mut tx).await?;
    let joined = places::judge(&mut tx, act, survivor.id, merged.id, &mut faults).await?;
    let union = match union(&survivor, &merged, &new.fields) {
        Ok(union) => {
            let lost = lost_values(&mut tx, &survivor.custom_fields, &union.wanted.custom_fields).await?;
            faults.extend(lost.under("/fields"));
            faults.or(union)?
        }
        Err(more) => {
            faults.extend(more);
            return Err(faults.into());
        }
    };
    let Union { wanted, stage, before, taken } = union;

    let row = MergeRow {
        id: id.into(),
        survivor_id: survivor.id.into(),
        merged_id: merged.id.into(),
        merged_code: merged.code.clone(),
        before: before.into(),
        taken: taken.into(),
        moved: serde_json::Value::Array(vec![]),
        reason,
        merged_at: act.at.into(),
        merged_by: act.actor.clone(),
        undone_at: None,
        undone_by: None,
        cut: None,
    };
    store::insert_merge(&mut tx, &row).await?;
    places::keep(&mut tx, &row, &joined).await?;
    let moved = move_along(&mut tx, act, &row).await?;
    places::split(&mut tx, act, &row, &joined).await?;
    store::set_moved(&mut tx, row.id, &moved).await?;
    store::set_merged_into(&mut tx, row.merged_id, Some(row.survivor_id), act.at.into()).await?;
    hide(&mut tx, row.merged_id).await?;
    show(&mut tx, &[row.survivor_id]).await?;
    tell_both(&mut tx, act, survivor.id, wanted, merged.id).await?;
    tell_own_chains(&mut tx, act, row.id, &[row.survivor_id]).await?;
    let mut now = itself(&mut tx, survivor.id).await?;
    if let Some(stage) = stage {
        now = lifecycles::take_over(&mut tx, act, now, &merged.code, stage).await?;
    }
    // Orders that came along may say more of it.
    lifecycles::settle(&mut tx, act, now).await?;
    let fact = fact(&row, merged.version + 1);
    audit::record(&mut tx, act, "customer.merged", "customer", merged.id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::CustomerMerged(fact)).await?;
    tx.commit().await?;
    let row = MergeRow { moved: serde_json::to_value(&moved).map_err(database::Error::other)?, ..row };
    Ok(row.try_into()?)
}

fn fact(row: &MergeRow, sequence: i64) -> MergeFact {
    MergeFact { merge_id: row.id.get(), merged_id: row.merged_id.get(), survivor_id: row.survivor_id.get(), sequence }
}

fn object(value: &serde_json::Value) -> database::Result<&serde_json::Map<String, serde_json::Value>> {
    value.as_object().ok_or_else(|| database::Error::other(std::io::Error::other("a merge without its values")))
}

/// Both customers, locked in the order of their ids, neither of them merged.
async fn both(
    tx: &mut Tx,
    survivor: &Reference<CustomerId>,
    merged: &Reference<CustomerId>,
) -> Result<(Customer, Customer)> {
    let mut ids = Vec::new();
    for reference in [survivor, merged] {
        let row = store::find_customer_itself(tx, reference).await?;
        let id: CustomerId = match row {
            Some(row) => row.id.get(),
            None if std::ptr::eq(reference, survivor) => return Err(Error::CustomerNotFound(reference.to_string())),
            None => {
                let mut faults = Faults::default();
                faults.add("/merged_id", "unknown-customer", "there is no such customer");
                return Err(faults.into());
            }
        };
        if store::standing_merge(tx, id.into()).await?.is_some() {
            return Err(Error::AlreadyMerged(store::merged_into(tx, id).await?));
        }
        ids.push(id);
    }
    both_itself(tx, ids[0], ids[1]).await
}

async fn both_itself(tx: &mut Tx, survivor: CustomerId, merged: CustomerId) -> Result<(Customer, Customer)> {
    let mut order = [survivor, merged];
    order.sort();
    for id in order {
        store::lock_customer_itself(tx, &Reference::Id(id)).await?;
    }
    Ok((itself(tx, survivor).await?, itself(tx, merged).await?))
}

async fn itself(tx: &mut Tx, id: CustomerId) -> Result<Customer> {
    let rows = store::find_customer_itself(tx, &Reference::Id(id)).await?.into_iter().collect();
    let customer = store::complete(tx, rows).await?.pop();
    customer.ok_or_else(|| Error::CustomerNotFound(id.to_string()))
}

/// The customers' own decision chains have other seats now, or hold other readings.
async fn tell_own_chains(tx: &mut Tx, act: &Act, merge: Id, customers: &[Id]) -> Result<()> {
    const OF_CHAINS: [&str; 3] = ["chain_seats", "influences", "stance_readings"];
    if !store::parts_moved(tx, merge).await?.iter().any(|part| OF_CHAINS.contains(&part.as_str())) {
        return Ok(());
    }
    for customer in customers {
        chains::changed(tx, act, Chain { customer: *customer, opportunity: None }, "decision_chain.merged").await?;
    }
    Ok(())
}

async fn move_along(tx: &mut Tx, act: &Act, row: &MergeRow) -> Result<Vec<MergeMoved>> {
    let mut moved = Vec::new();
    for part in PARTS {
        let count = part.move_along(tx, row.id, row.merged_id, row.survivor_id, act.at.into()).await?;
        if count > 0 {
            moved.push(MergeMoved { what: part.name.to_owned(), count });
        }
    }
    tell_moved(tx, act, row, row.survivor_id).await?;
    Ok(moved)
}

/// Neither found nor compared any more.
async fn hide(tx: &mut Tx, merged: Id) -> Result<()> {
    store::unindex_customers(tx, &[merged]).await?;
    Ok(store::replace_duplicate_keys(tx, merged, &[]).await?)
}

/// Found by what belongs to them now, and compared with the others by it.
async fn show(tx: &mut Tx, customers: &[Id]) -> Result<()> {
    index_anew(tx, customers).await?;
    Ok(store::queue_for_comparison(tx, customers).await?)
}

/// Tells the others of everything that went to `owner` and is known to them by events of its own.
async fn tell_moved(tx: &mut Tx, act: &Act, row: &MergeRow, owner: Id) -> Result<()> {
    // Who belongs to it again follows from the links, and is told by them.
    let by_links = |part: &&Part| part.name == SUBSIDIARIES && owner == row.merged_id;
    for part in PARTS.iter().filter(|part| part.versioned && !by_links(part)) {
        for id in store::gone_along(tx, part, row.id, owner).await? {
            tell(tx, act, part, id).await?;
        }
    }
    Ok(())
}

async fn tell(tx: &mut Tx, act: &Act, part: &Part, id: Id) -> Result<()> {
    match part.name {
        "contacts" => {
            if let Some(found) = store::find_contact(tx, ContactId::from(id.get::<uuid::Uuid>())).await? {
                outbox::enqueue(tx, act, &v1::ContactUpdated(contact_fact(&Contact::from(found)))).await?;
            }
        }
        "positions" => {
            if let Some(found) = store::find_position(tx, PositionId::from(id.get::<uuid::Uuid>())).await? {
                outbox::enqueue(tx, act, &v1::PositionUpdated(position_fact(&Position::from(found)))).await?;
            }
        }
        "holdings" => {
            if let Some(found) = store::find_holding(tx, HoldingId::from(id.get::<uuid::Uuid>())).await? {
                let customer = found.customer_id.get();
                outbox::enqueue(tx, act, &v1::HoldingUpdated(holding_fact(&Holding::from(found), customer))).await?;
            }
        }
        "opportunity_chains" => {
            if let Some(row) = store::find_chain(tx, id).await? {
                let chain = Chain { customer: row.customer_id, opportunity: row.opportunity() };
                let fact = chains::fact_of(tx, chain, row.version).await?;
                outbox::enqueue(tx, act, &v1::DecisionChainUpdated(fact)).await?;
            }
        }
        "team_members" => {
            if let Some(found) = store::find_team_member(tx, TeamMemberId::from(id.get::<uuid::Uuid>())).await? {
                outbox::enqueue(tx, act, &v1::TeamMemberChanged(team_member_fact(&TeamMember::from(found)))).await?;
            }
        }
        // Whose links they are is told with the subsidiaries.
        "links" => {}
        _ => {
            let customer = itself(tx, id.get()).await?;
            told(tx, act, &customer).await?;
        }
    }
    Ok(())
}

/// Writes what the survivor is to be beside its keys and its place, and tells of it and of the other as they are now, whether or
/// not they look changed. No value is judged: each was when it was new to the one or the other.
async fn tell_both(tx: &mut Tx, act: &Act, survivor: CustomerId, wanted: NewCustomer, other: CustomerId) -> Result<()> {
    let current = itself(tx, survivor).await?;
    let Customer { external_ids, identifiers, parent_id, .. } = current.clone();
    let wanted = NewCustomer { external_ids, identifiers, parent_id, ..wanted };
    if wanted == NewCustomer::from(&current) {
        // Its keys are others now, which is for everyone to know.
        store::touch_customer(tx, survivor, act.at.into()).await?;
        let touched = itself(tx, survivor).await?;
        told(tx, act, &touched).await?;
    } else {
        write(tx, act, &current, &CustomerDetails::stored(wanted), None).await?;
    }
    let other = itself(tx, other).await?;
    told(tx, act, &other).await
}

impl TryFrom<MergeRow> for Merge {
    type Error = database::Error;

    fn try_from(row: MergeRow) -> database::Result<Self> {
        let merged_at = chrono::DateTime::<chrono::Utc>::from(row.merged_at);
        Ok(Self {
            id: row.id.get(),
            survivor_id: row.survivor_id.get(),
            merged_id: row.merged_id.get(),
            merged_code: row.merged_code,
            fields: object(&row.taken)?.keys().cloned().collect(),
            reason: row.reason,
            moved: serde_json::from_value(row.moved).map_err(database::Error::other)?,
            cut: row.cut.map(serde_json::from_value).transpose().map_err(database::Error::other)?.unwrap_or_default(),
            merged_at,
            merged_by: row.merged_by,
            undo_until: merged_at + UNDO_WITHIN,
            undone_at: row.undone_at.map(Into::into),
            undone_by: row.undone_by,
        })
    }
}
