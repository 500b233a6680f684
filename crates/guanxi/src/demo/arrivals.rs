//! Customers become known, with their seats and people; later some people are followed by others.

use chrono::{DateTime, Utc};
use registry_contract::{NewContact, NewHolding, NewPosition};
use wire::Reference;

use super::stage::{ReplayError, Stage};
use super::world::{Customer, Holder, Seat, Slice, World, midnight};

/// Returns whether anybody new came.
pub async fn arrive(world: &World, slice: Slice, stage: &Stage<'_>) -> Result<bool, ReplayError> {
    let mut anybody = false;
    for customer in world.customers.iter().filter(|customer| slice.contains(customer.since)) {
        introduce(customer, stage).await?;
        anybody = true;
    }
    for customer in &world.customers {
        for seat in &customer.seats {
            for successor in seat.holders.iter().skip(1).filter(|holder| slice.contains(midnight(holder.from))) {
                appoint(customer, seat, successor, midnight(successor.from), stage).await?;
            }
        }
    }
    Ok(anybody)
}

async fn introduce(customer: &Customer, stage: &Stage<'_>) -> Result<(), ReplayError> {
    let owner = customer.new.owner.as_deref();
    let act = stage.act(owner, customer.since).reserving(customer.id.into());
    registry::create_customer(&stage.registry, &act, customer.new.clone()).await?;
    stage.bar.inc(1);
    for seat in &customer.seats {
        let act = stage.act(owner, customer.since).reserving(seat.id.into());
        let customer_id = Reference::Id(customer.id);
        registry::create_position(&stage.registry, &act, &customer_id, position(seat)).await?;
        stage.bar.inc(1);
        if let Some(first) = seat.holders.first() {
            appoint(customer, seat, first, customer.since, stage).await?;
        }
    }
    Ok(())
}

fn position(seat: &Seat) -> NewPosition {
    NewPosition {
        title: seat.title.clone(),
        level: Some(seat.level),
        reports_to: seat.reports_to,
        decision_role: Some(seat.role),
        vote_weight: Some(seat.vote_weight),
    }
}

async fn appoint(
    customer: &Customer,
    seat: &Seat,
    holder: &Holder,
    at: DateTime<Utc>,
    stage: &Stage<'_>,
) -> Result<(), ReplayError> {
    let owner = customer.new.owner.as_deref();
    let contact = NewContact {
        customer_id: customer.id,
        name: holder.name.clone(),
        title: Some(seat.title.clone()),
        email: Some(holder.email.clone()),
        phone: holder.phone.clone(),
        mobile: None,
        contact_points: vec![],
        preferred_channel: None,
        language: Some(customer.new.language.clone()),
        topics: vec![],
        note: None,
    };
    registry::create_contact(&stage.registry, &stage.act(owner, at).reserving(holder.id.into()), contact).await?;
    let holding = NewHolding { position_id: seat.id, from: holder.from, until: holder.until };
    let act = stage.act(owner, at).reserving(holder.holding_id.into());
    registry::create_holding(&stage.registry, &act, holder.id, holding).await?;
    stage.bar.inc(2);
    Ok(())
}
