use chassis::audit;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{ContactId, CustomerId, Holding, HoldingId, NewHolding, NewPosition, Position, PositionId, v1};
use wire::Reference;

use crate::domain::{Faults, HoldingDetails, PositionDetails};
use crate::error::{Error, Result};
use crate::facts::{holding_fact, position_fact};
use crate::store::{self, HoldingRow, PositionRow, Word};

pub async fn create_position(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    new: NewPosition,
) -> Result<Position> {
    let id = act.new_id().into();
    match try_position(db, act, id, customer, new).await {
        // A request repeated after a crash between the commit and its answer meets its own seat.
        Err(error) if error.is_race() => {
            let stored = store::find_position(&mut db.read().await?, id).await?;
            stored.map(Position::from).ok_or(error)
        }
        done => done,
    }
}

async fn try_position(
    db: &Db,
    act: &Act,
    id: PositionId,
    customer: &Reference<CustomerId>,
    new: NewPosition,
) -> Result<Position> {
    let mut tx = db.begin().await?;
    let found = store::find_customer(&mut tx, customer).await?;
    let customer = found.ok_or_else(|| Error::CustomerNotFound(customer.to_string()))?.id;
    let unknown = unknown_position(&mut tx, "/reports_to", new.reports_to, customer).await?;
    let details = Faults::join(PositionDetails::parse(new), unknown)?;
    let row = PositionRow {
        id: id.into(),
        customer_id: customer,
        title: details.title.clone(),
        level: details.level,
        reports_to: details.reports_to.map(Id::from),
        decision_role: details.decision_role.map(Word),
        vote_weight: details.vote_weight,
        version: 1,
        created_at: act.at.into(),
        updated_at: act.at.into(),
    };
    store::insert_position(&mut tx, &row).await?;
    let position = Position::from(row);
    audit::record(&mut tx, act, "position.created", "position", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::PositionCreated(position_fact(&position))).await?;
    tx.commit().await?;
    Ok(position)
}

pub async fn create_holding(db: &Db, act: &Act, contact: ContactId, new: NewHolding) -> Result<Holding> {
    let id = act.new_id().into();
    match try_holding(db, act, id, contact, new).await {
        // A request repeated after a crash between the commit and its answer meets its own holding.
        Err(error) if error.is_race() => {
            let stored = store::find_holding(&mut db.read().await?, id).await?;
            stored.map(Holding::from).ok_or(error)
        }
        done => done,
    }
}

async fn try_holding(db: &Db, act: &Act, id: HoldingId, contact: ContactId, new: NewHolding) -> Result<Holding> {
    let mut tx = db.begin().await?;
    let found = store::find_contact(&mut tx, contact).await?;
    let customer = found.ok_or_else(|| Error::ContactNotFound(contact.to_string()))?.customer_id;
    let unknown = unknown_position(&mut tx, "/position_id", Some(new.position_id), customer).await?;
    let details = Faults::join(HoldingDetails::parse(new), unknown)?;
    let row = HoldingRow {
        id: id.into(),
        contact_id: contact.into(),
        position_id: details.position_id.into(),
        customer_id: customer,
        from_day: details.from,
        until_day: details.until,
        version: 1,
        created_at: act.at.into(),
        updated_at: act.at.into(),
    };
    store::insert_holding(&mut tx, &row).await?;
    let holding = Holding::from(row);
    audit::record(&mut tx, act, "holding.created", "holding", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::HoldingCreated(holding_fact(&holding, customer.get()))).await?;
    tx.commit().await?;
    Ok(holding)
}

/// A seat of another customer is as unknown as none.
pub(super) async fn unknown_position(
    tx: &mut Tx,
    pointer: &str,
    id: Option<PositionId>,
    customer: Id,
) -> Result<Faults> {
    let mut faults = Faults::default();
    let Some(id) = id else { return Ok(faults) };
    if store::find_position(tx, id).await?.is_none_or(|row| row.customer_id != customer) {
        faults.add(pointer, "unknown-position", "this customer has no such position");
    }
    Ok(faults)
}
