use chassis::audit;
use database::{Conn, Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{
    ChainSeat, ChainSeatSettings, ContactId, CustomerId, Influence, InfluenceStrength, NewStance, OpportunityId,
    PositionId, StanceId, StanceReading, v1,
};
use wire::Reference;

use super::races::made;
use super::seats::locked_position;
use crate::domain::{Faults, Span, local_day, parse_chain_seat, parse_influence, parse_stance};
use crate::error::{Error, Result};
use crate::facts::chain_fact;
use crate::store;

/// A customer's own chain, or an opportunity's.
#[derive(Clone, Copy)]
pub(super) struct Chain {
    pub customer: Id,
    pub opportunity: Option<OpportunityId>,
}

pub async fn put_chain_seat(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    position: PositionId,
    opportunity: Option<OpportunityId>,
    settings: ChainSeatSettings,
) -> Result<ChainSeat> {
    let mut tx = db.begin().await?;
    let chain = locked_chain(&mut tx, customer, opportunity).await?;
    known_seat(&mut tx, chain, position).await?;
    let foreign = foreign(&mut tx, chain, "?opportunity").await?;
    let settings = Faults::join(parse_chain_seat(settings, opportunity), foreign)?;
    let seat = ChainSeat {
        customer_id: chain.customer.get(),
        opportunity_id: opportunity,
        position_id: position,
        decision_role: settings.decision_role,
        vote_weight: settings.vote_weight,
        matching_employee: settings.matching_employee,
        updated_at: act.at,
    };
    let set = store::chain_seats(&mut tx, chain.customer, &[opportunity]).await?;
    let as_before = |before: &&ChainSeat| ChainSeat { updated_at: act.at, ..(*before).clone() } == seat;
    if let Some(before) = set.iter().find(as_before) {
        return Ok(before.clone());
    }
    store::put_chain_seat(&mut tx, &seat).await?;
    changed(&mut tx, act, chain, "decision_chain.seat_set").await?;
    tx.commit().await?;
    Ok(seat)
}

pub async fn delete_chain_seat(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    position: PositionId,
    opportunity: Option<OpportunityId>,
) -> Result<()> {
    let mut tx = db.begin().await?;
    let chain = locked_chain(&mut tx, customer, opportunity).await?;
    known_seat(&mut tx, chain, position).await?;
    if !store::delete_chain_seat(&mut tx, position, opportunity).await? {
        return Err(Error::ChainSeatNotFound(position.to_string()));
    }
    changed(&mut tx, act, chain, "decision_chain.seat_removed").await?;
    Ok(tx.commit().await?)
}

pub async fn put_influence(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    (from, to): (PositionId, PositionId),
    opportunity: Option<OpportunityId>,
    strength: InfluenceStrength,
) -> Result<Influence> {
    let mut tx = db.begin().await?;
    let chain = locked_chain(&mut tx, customer, opportunity).await?;
    known_seat(&mut tx, chain, from).await?;
    known_seat(&mut tx, chain, to).await?;
    let foreign = foreign(&mut tx, chain, "?opportunity").await?;
    let strength = Faults::join(parse_influence(from, to, strength), foreign)?;
    let customer_id = chain.customer.get();
    let influence = Influence { customer_id, opportunity_id: opportunity, from, to, strength, updated_at: act.at };
    let set = store::influences(&mut tx, chain.customer, &[opportunity]).await?;
    let as_before = |before: &&Influence| Influence { updated_at: act.at, ..(*before).clone() } == influence;
    if let Some(before) = set.iter().find(as_before) {
        return Ok(before.clone());
    }
    store::put_influence(&mut tx, &influence).await?;
    changed(&mut tx, act, chain, "decision_chain.influence_set").await?;
    tx.commit().await?;
    Ok(influence)
}

pub async fn delete_influence(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    (from, to): (PositionId, PositionId),
    opportunity: Option<OpportunityId>,
) -> Result<()> {
    let mut tx = db.begin().await?;
    let chain = locked_chain(&mut tx, customer, opportunity).await?;
    known_seat(&mut tx, chain, from).await?;
    if !store::delete_influence(&mut tx, from, to, opportunity).await? {
        return Err(Error::InfluenceNotFound(from.to_string(), to.to_string()));
    }
    changed(&mut tx, act, chain, "decision_chain.influence_removed").await?;
    Ok(tx.commit().await?)
}

pub async fn create_stance(db: &Db, act: &Act, position: PositionId, new: NewStance) -> Result<StanceReading> {
    let id = act.new_id().into();
    let done = read(db, act, id, position, new).await;
    made(done, async || Ok(store::find_stance(&mut db.read().await?, id).await?)).await
}

async fn read(db: &Db, act: &Act, id: StanceId, position: PositionId, new: NewStance) -> Result<StanceReading> {
    let mut tx = db.begin().await?;
    let (row, time_zone) = locked_position(&mut tx, position).await?;
    let customer = row.customer_id;
    let chain = Chain { customer, opportunity: new.opportunity_id };
    let foreign = foreign(&mut tx, chain, "/opportunity_id").await?;
    // Held: an erasure comes before, or finds this.
    if store::hold_contact(&mut tx, new.contact_id).await?.is_some_and(|row| row.erased_at.is_some()) {
        return Err(Error::ContactErased);
    }
    let held = held_by(&mut tx, position, new.contact_id).await?;
    let today = local_day::day_at(act.at, &time_zone);
    let new = Faults::join(parse_stance(new, &held, today), foreign)?;
    let reading = StanceReading {
        id,
        customer_id: customer.get(),
        position_id: position,
        contact_id: new.contact_id,
        opportunity_id: new.opportunity_id,
        stance: new.stance,
        read_on: new.read_on,
        read_by: new.read_by,
        note: new.note,
        created_at: act.at,
    };
    store::insert_stances(&mut tx, std::slice::from_ref(&reading)).await?;
    changed(&mut tx, act, chain, "decision_chain.stance_read").await?;
    tx.commit().await?;
    Ok(reading)
}

async fn held_by(conn: &mut Conn, position: PositionId, contact: ContactId) -> Result<Vec<Span>> {
    let rows = store::holdings_in(conn, position).await?;
    let of_contact = rows.iter().filter(|row| row.contact_id == Id::from(contact));
    Ok(of_contact.map(|row| Span { from: row.from_day, until: row.until_day }).collect())
}

/// The chain, kept from other writers, as everything of its customer's seats, until the transaction ends.
async fn locked_chain(
    tx: &mut Tx,
    customer: &Reference<CustomerId>,
    opportunity: Option<OpportunityId>,
) -> Result<Chain> {
    let found = store::lock_customer(tx, customer).await?;
    let customer = found.ok_or_else(|| Error::CustomerNotFound(customer.to_string()))?.id;
    Ok(Chain { customer, opportunity })
}

/// A seat of another customer is as unknown as none.
async fn known_seat(conn: &mut Conn, chain: Chain, position: PositionId) -> Result<()> {
    let row = store::find_position(conn, position).await?;
    let known = row.is_some_and(|row| row.customer_id == chain.customer);
    if known { Ok(()) } else { Err(Error::PositionNotFound(position.to_string())) }
}

/// Whether the opportunity is already known as another customer's.
async fn foreign(conn: &mut Conn, chain: Chain, pointer: &str) -> Result<Faults> {
    let mut faults = Faults::default();
    let Some(opportunity) = chain.opportunity else { return Ok(faults) };
    if store::find_chain(conn, opportunity.into()).await?.is_some_and(|row| row.customer_id != chain.customer) {
        faults.add(pointer, "other-customer", "belongs to another customer");
    }
    Ok(faults)
}

/// The chain as it is, to be told.
pub(super) async fn fact_of(conn: &mut Conn, chain: Chain, sequence: i64) -> database::Result<v1::DecisionChainFact> {
    let Chain { customer, opportunity } = chain;
    let seats = store::chain_seats(conn, customer, &[opportunity]).await?;
    let influences = store::influences(conn, customer, &[opportunity]).await?;
    let readings = store::count_stances_of(conn, customer, opportunity).await?;
    Ok(chain_fact(customer.get(), opportunity, sequence, (&seats, &influences, readings)))
}

/// Counts, records and tells a change of the chain.
pub(super) async fn changed(tx: &mut Tx, act: &Act, chain: Chain, action: &str) -> Result<()> {
    let Chain { customer, opportunity } = chain;
    let sequence = store::count_change(tx, customer, opportunity, act.at.into()).await?;
    let fact = fact_of(tx, chain, sequence).await?;
    audit::record(tx, act, action, "decision_chain", fact.chain_id).await?;
    outbox::enqueue(tx, act, &v1::DecisionChainUpdated(fact)).await?;
    Ok(())
}
