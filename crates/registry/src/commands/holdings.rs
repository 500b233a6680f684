use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Tx};
use messaging::{Act, outbox};
use registry_contract::{ContactId, Holding, HoldingId, HoldingPatch, NewHolding, v1};
use wire::Reference;

use super::contacts::unerased_contact;
use super::races::made;
use crate::domain::{Faults, SeatHistory, Span, unfit_holding};
use crate::error::{Error, Result};
use crate::facts::holding_fact;
use crate::store::{self, HoldingRow};

pub async fn create_holding(db: &Db, act: &Act, contact: ContactId, new: NewHolding) -> Result<Holding> {
    let id = act.new_id().into();
    let done = create(db, act, id, contact, new).await;
    made(done, async || Ok(store::find_holding(&mut db.read().await?, id).await?.map(Holding::from))).await
}

async fn create(db: &Db, act: &Act, id: HoldingId, contact: ContactId, new: NewHolding) -> Result<Holding> {
    let mut tx = db.begin().await?;
    let customer = unerased_contact(&mut tx, contact).await?.customer_id;
    let row = HoldingRow::new(id, contact, customer, &new, act.at.into());
    refuse_unfit(&mut tx, &row, &new).await?;
    store::insert_holdings(&mut tx, std::slice::from_ref(&row)).await?;
    let holding = Holding::from(row);
    audit::record(&mut tx, act, "holding.created", "holding", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::HoldingCreated(holding_fact(&holding, customer.get()))).await?;
    tx.commit().await?;
    Ok(holding)
}

pub async fn update_holding(
    db: &Db,
    act: &Act,
    id: HoldingId,
    expected: IfMatch,
    patch: HoldingPatch,
) -> Result<Holding> {
    let mut tx = db.begin().await?;
    let current = locked_holding(&mut tx, id).await?;
    expected.check(current.version)?;
    let customer = current.customer_id.get();
    let before = NewHolding::from(&Holding::from(current.clone()));
    let mut wanted = before.clone();
    patch.apply(&mut wanted);
    if wanted == before {
        return Ok(current.into());
    }
    let row = current.next(&wanted, act.at.into());
    refuse_unfit(&mut tx, &row, &wanted).await?;
    if !store::update_holding(&mut tx, &row).await? {
        return Err(Error::Contended);
    }
    let holding = Holding::from(row);
    audit::record(&mut tx, act, "holding.updated", "holding", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::HoldingUpdated(holding_fact(&holding, customer))).await?;
    tx.commit().await?;
    Ok(holding)
}

/// The holding, with its customer's seats and holdings kept from other writers until the transaction ends.
async fn locked_holding(tx: &mut Tx, id: HoldingId) -> Result<HoldingRow> {
    let unknown = || Error::HoldingNotFound(id.to_string());
    let customer = store::find_holding(tx, id).await?.ok_or_else(unknown)?.customer_id;
    store::lock_customer(tx, &Reference::Id(customer.get())).await?;
    let row = store::find_holding(tx, id).await?.ok_or_else(unknown)?;
    if row.customer_id == customer { Ok(row) } else { Err(Error::Contended) }
}

/// A seat of another customer is as unknown as none.
async fn refuse_unfit(tx: &mut Tx, row: &HoldingRow, wanted: &NewHolding) -> Result<()> {
    let seat = store::find_position(tx, wanted.position_id).await?.filter(|seat| seat.customer_id == row.customer_id);
    let Some(seat) = seat else {
        let mut faults = unfit_holding(wanted, &SeatHistory::default());
        faults.add("/position_id", "unknown-position", "this customer has no such position");
        return Err(faults.into());
    };
    let others = store::holdings_in(tx, wanted.position_id).await?;
    let same_holder = others.iter().filter(|other| other.contact_id == row.contact_id && other.id != row.id);
    let span = |other: &HoldingRow| Span { from: other.from_day, until: other.until_day };
    let history = SeatHistory { closed_on: seat.closed_on, same_holder: same_holder.map(span).collect() };
    Faults::or(unfit_holding(wanted, &history), ()).map_err(Error::from)
}
