use chassis::audit;
use chassis::http::IfMatch;
use chrono::NaiveDate;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{CustomerId, NewPosition, Position, PositionId, PositionPatch, v1};
use wire::Reference;

use super::races::made;
use crate::domain::{Chart, Faults, PositionDetails, local_day, may_report};
use crate::error::{Error, Result};
use crate::facts::position_fact;
use crate::store::{self, PositionRow};

pub async fn create_position(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    new: NewPosition,
) -> Result<Position> {
    let id = act.new_id().into();
    let done = create(db, act, id, customer, new).await;
    made(done, async || Ok(store::find_position(&mut db.read().await?, id).await?.map(Position::from))).await
}

async fn create(
    db: &Db,
    act: &Act,
    id: PositionId,
    customer: &Reference<CustomerId>,
    new: NewPosition,
) -> Result<Position> {
    let mut tx = db.begin().await?;
    let found = store::lock_customer(&mut tx, customer).await?;
    let found = found.ok_or_else(|| Error::CustomerNotFound(customer.to_string()))?;
    let (customer, today) = (found.id, local_day::day_at(act.at, &found.time_zone));
    let unfit = unfit_superior(&mut tx, id, new.reports_to, customer, today).await?;
    let details = Faults::join(PositionDetails::parse(new, None), unfit)?;
    let row = PositionRow::new(id, customer, &details, act.at.into());
    store::insert_positions(&mut tx, std::slice::from_ref(&row)).await?;
    let position = Position::from(row);
    audit::record(&mut tx, act, "position.created", "position", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::PositionCreated(position_fact(&position))).await?;
    tx.commit().await?;
    Ok(position)
}

pub async fn update_position(
    db: &Db,
    act: &Act,
    id: PositionId,
    expected: IfMatch,
    patch: PositionPatch,
) -> Result<Position> {
    let mut tx = db.begin().await?;
    let (row, time_zone) = locked_position(&mut tx, id).await?;
    let (customer, current) = (row.customer_id, Position::from(row));
    expected.check(current.version)?;
    let (mut wanted, mut closed_on) = (NewPosition::from(&current), current.closed_on);
    patch.apply(&mut wanted, &mut closed_on);

    let moved = wanted.reports_to.filter(|_| wanted.reports_to != current.reports_to);
    let today = local_day::day_at(act.at, &time_zone);
    let mut unfit = unfit_superior(&mut tx, id, moved, customer, today).await?;
    unfit.extend(still_held(&mut tx, id, closed_on.filter(|_| closed_on != current.closed_on)).await?);
    let details = Faults::join(PositionDetails::parse(wanted, closed_on), unfit)?;
    if details.seat == NewPosition::from(&current) && details.closed_on == current.closed_on {
        return Ok(current);
    }
    let row = PositionRow::next(&current, &details, act.at.into());
    if !store::update_position(&mut tx, &row).await? {
        return Err(Error::Contended);
    }
    let position = Position::from(row);
    audit::record(&mut tx, act, "position.updated", "position", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::PositionUpdated(position_fact(&position))).await?;
    tx.commit().await?;
    Ok(position)
}

/// The seat and its customer's time zone, with the whole chart of the customer kept from other writers until the transaction
/// ends: two changes that each look right may close a circle together.
pub(super) async fn locked_position(tx: &mut Tx, id: PositionId) -> Result<(PositionRow, String)> {
    let unknown = || Error::PositionNotFound(id.to_string());
    let customer = store::find_position(tx, id).await?.ok_or_else(unknown)?.customer_id;
    let locked = store::lock_customer(tx, &Reference::Id(customer.get())).await?;
    let row = store::find_position(tx, id).await?.ok_or_else(unknown)?;
    match locked {
        Some(locked) if row.customer_id == customer => Ok((row, locked.time_zone)),
        _ => Err(Error::Contended),
    }
}

/// A seat of another customer is as unknown as none.
async fn unfit_superior(
    tx: &mut Tx,
    seat: PositionId,
    superior: Option<PositionId>,
    customer: Id,
    today: NaiveDate,
) -> Result<Faults> {
    let mut faults = Faults::default();
    let Some(superior) = superior else { return Ok(faults) };
    let rows = store::positions_of(tx, customer).await?;
    let chart: Chart = rows.iter().map(|row| (row.id.get(), row.reports_to.map(|id| id.get()))).collect();
    let fault = match rows.iter().find(|row| row.id == Id::from(superior)) {
        _ if superior == seat => Some(("reports-to-cycle", "is this position itself")),
        None => Some(("unknown-position", "this customer has no such position")),
        Some(row) if row.closed_on.is_some_and(|closed| closed <= today) => {
            Some(("position-closed", "is closed; name a position that is there"))
        }
        Some(_) if !may_report(seat, superior, &chart) => {
            Some(("reports-to-cycle", "reports to this position, directly or through others"))
        }
        Some(_) => None,
    };
    if let Some((code, message)) = fault {
        faults.add("/reports_to", code, message);
    }
    Ok(faults)
}

async fn still_held(tx: &mut Tx, id: PositionId, closed_on: Option<NaiveDate>) -> Result<Faults> {
    let mut faults = Faults::default();
    let Some(closed_on) = closed_on else { return Ok(faults) };
    let holdings = store::holdings_in(tx, id).await?;
    let beyond = holdings.iter().filter(|row| row.until_day.is_none_or(|until| until > closed_on)).count();
    if beyond > 0 {
        let message = format!("{beyond} of its holdings go on beyond that day; end them first");
        faults.add("/closed_on", "still-held", message);
    }
    Ok(faults)
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
