use std::collections::HashSet;

use chassis::audit;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{
    Customer, CustomerId, EmployeeId, HandoverTick, NewCustomer, NewTransfer, Transfer, TransferId, TransferItem,
    TransferState, TransfersStarted, v1,
};
use uuid::Uuid;
use wire::Reference;

use super::account_teams::active_employee;
use super::customers::{load, rewrite};
use crate::domain::{Faults, Handover, local_day};
use crate::error::{Error, Result};
use crate::facts::transfer_fact;
use crate::store::{self, OpenItemRow, TransferItemRow, TransferRow, Word};

/// Customers that one request starts transfers for.
const MOST_AT_ONCE: usize = 500;

/// Who does something to a transfer.
pub struct Hand<'a> {
    /// What the caller logs in by: the code of the employee he is.
    pub login: &'a str,
    /// Whether he may act for others.
    pub manages: bool,
}

/// Starts to hand a customer over, with all that is owed to it now on the checklist.
pub async fn create_transfer(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    new: NewTransfer,
) -> Result<Transfer> {
    let id: TransferId = act.new_id().into();
    let mut tx = db.begin().await?;
    let customer = load(&mut tx, customer).await?;
    // A request repeated after a crash between the commit and its answer meets its own transfer.
    if let Some(row) = store::find_transfer(&mut tx, id).await? {
        return whole(&mut tx, row).await;
    }
    let row = start(&mut tx, act, id, &customer, new).await?;
    let transfer = whole(&mut tx, row).await?;
    tx.commit().await?;
    Ok(transfer)
}

/// Starts transfers of all customers of one who leaves, each in a transaction of its own: done again, it goes on. One that
/// cannot be started keeps no other from it.
///
/// # Errors
/// What was wrong with the first, where none could be started.
pub async fn create_employee_transfers(
    db: &Db,
    act: &Act,
    from: &Reference<EmployeeId>,
    new: NewTransfer,
) -> Result<TransfersStarted> {
    let mut conn = db.read().await?;
    let leaving = store::find_employee(&mut conn, from).await?;
    let leaving = leaving.ok_or_else(|| Error::EmployeeNotFound(from.to_string()))?;
    let owned = store::owned_by(&mut conn, &leaving.code).await?;
    drop(conn);
    let mut done = TransfersStarted { started: 0, under_way: 0, refused: 0, left: owned.len() };
    let mut first_refusal = None;
    for customer in &owned {
        if done.started == MOST_AT_ONCE {
            break;
        }
        done.left -= 1;
        let mut tx = db.begin().await?;
        let customer = load(&mut tx, &Reference::Id(*customer)).await?;
        // Given to another meanwhile, or merged into another's.
        if customer.owner.as_deref() != Some(leaving.code.as_str()) {
            continue;
        }
        match start(&mut tx, act, TransferId::new(), &customer, new.clone()).await {
            Ok(_) => {
                tx.commit().await?;
                done.started += 1;
            }
            Err(Error::TransferUnderWay(_)) => done.under_way += 1,
            Err(error @ Error::Invalid(_)) => {
                done.refused += 1;
                first_refusal.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    match first_refusal {
        Some(error) if done.started + done.under_way == 0 => Err(error),
        _ => Ok(done),
    }
}

async fn start(tx: &mut Tx, act: &Act, id: TransferId, customer: &Customer, new: NewTransfer) -> Result<TransferRow> {
    if let Some(open) = store::open_transfer(tx, customer.id).await? {
        return Err(Error::TransferUnderWay(open));
    }
    let today = local_day::day_at(act.at, &customer.time_zone);
    let effective_on = new.effective_on.unwrap_or(today);
    let mut faults = Faults::default();
    let mut reason = new.reason;
    faults.text("/reason", &mut reason, 2000, &[]);
    if effective_on < today {
        faults.add("/effective_on", "out-of-range", "has passed where the customer is");
    }
    let to = active_employee(tx, &new.to, effective_on, "/to", &mut faults).await?;
    if to.as_ref().is_some_and(|to| customer.owner.as_deref() == Some(to.code.as_str())) {
        faults.add("/to", "owner-already", "owns the customer already");
    }
    faults.or(())?;
    let Some(to) = to else { return Err(Error::EmployeeNotFound(new.to.to_string())) };
    let row = TransferRow {
        id: id.into(),
        customer_id: customer.id.into(),
        from_owner: customer.owner.clone(),
        to_owner: to.code,
        reason,
        effective_on,
        state: Word(TransferState::Open),
        started_by: act.actor.clone(),
        ended_by: None,
        ended_at: None,
        sequence: None,
        version: 1,
        created_at: act.at.into(),
        updated_at: act.at.into(),
    };
    store::insert_transfer(tx, &row).await?;
    let owed = store::open_items_of(tx, customer.id).await?;
    let items: Vec<_> = owed.into_iter().map(|item| unticked(row.id, item)).collect();
    store::insert_transfer_items(tx, &items).await?;
    audit::record(tx, act, "transfer.started", "transfer", id.into()).await?;
    Ok(row)
}

fn unticked(transfer: Id, item: OpenItemRow) -> TransferItemRow {
    TransferItemRow {
        id: Uuid::now_v7().into(),
        transfer_id: transfer,
        kind: item.kind,
        item_id: item.item_id,
        label: item.label,
        owner: item.owner,
        due_at: item.due_at,
        outcome: None,
        note: None,
        ticked_by: None,
        ticked_at: None,
    }
}

/// Notes what becomes of some of the items; said again, the last word counts.
pub async fn tick_transfer(
    db: &Db,
    act: &Act,
    id: TransferId,
    hand: Hand<'_>,
    ticks: Vec<HandoverTick>,
) -> Result<Transfer> {
    let mut tx = db.begin().await?;
    let (_, mut row, items) = locked(&mut tx, id).await?;
    handover(&row, &items).may_act(hand.login, hand.manages)?;
    let mut faults = Faults::default();
    let mut ticked = Vec::with_capacity(ticks.len());
    for (index, mut tick) in ticks.into_iter().enumerate() {
        faults.optional_text(&format!("/ticks/{index}/note"), &mut tick.note, 2000, &[]);
        let item = items.iter().find(|item| item.kind.0 == tick.kind && item.item_id == Id::from(tick.item_id));
        match item.cloned() {
            None => faults.add(&format!("/ticks/{index}/item_id"), "unknown-item", "is not on the checklist"),
            Some(item) => ticked.push(TransferItemRow {
                outcome: Some(Word(tick.outcome)),
                note: tick.note,
                ticked_by: Some(act.actor.clone()),
                ticked_at: Some(act.at.into()),
                ..item
            }),
        }
    }
    faults.or(())?;
    for item in &ticked {
        store::update_transfer_item(&mut tx, item).await?;
    }
    row.version += 1;
    row.updated_at = act.at.into();
    store::update_transfer(&mut tx, &row).await?;
    audit::record(&mut tx, act, "transfer.ticked", "transfer", id.into()).await?;
    let transfer = whole(&mut tx, row).await?;
    tx.commit().await?;
    Ok(transfer)
}

/// Gives the customer its new owner, once everything that was owed has an outcome or is no longer owed.
pub async fn complete_transfer(db: &Db, act: &Act, id: TransferId, hand: Hand<'_>) -> Result<Transfer> {
    let mut tx = db.begin().await?;
    let (mut customer, row, items) = locked(&mut tx, id).await?;
    let mut handover = handover(&row, &items);
    handover.may_act(hand.login, hand.manages)?;
    let ids: Vec<Id> = items.iter().map(|item| item.item_id).collect();
    let settled: HashSet<_> = store::settled_among(&mut tx, &ids).await?.into_iter().collect();
    let today = local_day::day_at(act.at, &customer.time_zone);
    if handover.complete(today, customer.owner.as_deref(), &settled)? {
        let wanted = NewCustomer { owner: Some(row.to_owner.clone()), ..NewCustomer::from(&customer) };
        customer = rewrite(&mut tx, act, customer, wanted, Some(id)).await?;
    }
    let row = ended(act, row, TransferState::Completed, Some(customer.version));
    store::update_transfer(&mut tx, &row).await?;
    audit::record(&mut tx, act, "transfer.completed", "transfer", id.into()).await?;
    if let Some(fact) = transfer_fact(&row) {
        outbox::enqueue(&mut tx, act, &v1::CustomerTransferred(fact)).await?;
    }
    let transfer = whole(&mut tx, row).await?;
    tx.commit().await?;
    Ok(transfer)
}

/// Ends a transfer without effect: by the new owner, who does not take the customer, or by whoever started it.
pub async fn cancel_transfer(db: &Db, act: &Act, id: TransferId, hand: Hand<'_>) -> Result<Transfer> {
    let mut tx = db.begin().await?;
    let (_, row, items) = locked(&mut tx, id).await?;
    handover(&row, &items).may_act(hand.login, hand.manages || row.started_by == act.actor)?;
    let row = ended(act, row, TransferState::Cancelled, None);
    store::update_transfer(&mut tx, &row).await?;
    audit::record(&mut tx, act, "transfer.cancelled", "transfer", id.into()).await?;
    let transfer = whole(&mut tx, row).await?;
    tx.commit().await?;
    Ok(transfer)
}

fn ended(act: &Act, row: TransferRow, state: TransferState, sequence: Option<i64>) -> TransferRow {
    TransferRow {
        state: Word(state),
        ended_by: Some(act.actor.clone()),
        ended_at: Some(act.at.into()),
        sequence,
        version: row.version + 1,
        updated_at: act.at.into(),
        ..row
    }
}

fn handover(row: &TransferRow, items: &[TransferItemRow]) -> Handover {
    let item = |item: &TransferItemRow| ((item.kind.0, item.item_id.get()), item.outcome.map(|word| word.0));
    Handover {
        from_owner: row.from_owner.clone(),
        to_owner: row.to_owner.clone(),
        effective_on: row.effective_on,
        state: row.state.0,
        checklist: items.iter().map(item).collect(),
    }
}

/// The customer first, as everywhere; then its transfer as it is once the customer is locked.
async fn locked(tx: &mut Tx, id: TransferId) -> Result<(Customer, TransferRow, Vec<TransferItemRow>)> {
    let missing = || Error::TransferNotFound(id.to_string());
    let customer = store::find_transfer(tx, id).await?.ok_or_else(missing)?.customer_id;
    let customer = load(tx, &Reference::Id(customer.get())).await?;
    let row = store::find_transfer(tx, id).await?.ok_or_else(missing)?;
    // It waits with its customer until the merge is undone.
    if row.customer_id != Id::from(customer.id) {
        return Err(Error::AlreadyMerged(customer.id));
    }
    let items = store::transfer_items_of(tx, &[row.id]).await?;
    Ok((customer, row, items))
}

async fn whole(tx: &mut Tx, row: TransferRow) -> Result<Transfer> {
    let items = store::transfer_items_of(tx, &[row.id]).await?;
    Ok(row.with(items.into_iter().map(TransferItem::from).collect()))
}
