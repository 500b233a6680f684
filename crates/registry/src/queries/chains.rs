use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use database::{Db, Id, PageRequest};
use registry_contract::{
    CustomerId, DecisionChain, Holding, OpportunityId, Position, PositionId, StanceId, StanceQuery, StanceReading,
};
use wire::Reference;

use super::Listed;
use crate::domain::{ChainFacts, Colleague, draw, is_active, local_day};
use crate::error::{Error, Result};
use crate::store::{self, EmployeeRow};

/// The chain as of a day, today where the customer is unless said otherwise, ready to draw.
pub async fn get_decision_chain(
    db: &Db,
    customer: &Reference<CustomerId>,
    opportunity: Option<OpportunityId>,
    (as_of, now): (Option<NaiveDate>, DateTime<Utc>),
) -> Result<DecisionChain> {
    let mut conn = db.read().await?;
    let found = store::find_customer(&mut conn, customer).await?;
    let found = found.ok_or_else(|| Error::CustomerNotFound(customer.to_string()))?;
    let as_of = as_of.unwrap_or_else(|| local_day::day_at(now, &found.time_zone));
    let customer = found.id;
    let mut chains = vec![None];
    chains.extend(opportunity.map(Some));

    let positions = store::positions_of(&mut conn, customer).await?;
    let mut holdings = store::holdings_until(&mut conn, customer, as_of).await?;
    let holders: Vec<_> = holdings.iter().map(|row| row.contact_id).collect();
    let names: HashMap<Id, String> = store::names_of(&mut conn, &holders).await?.into_iter().collect();
    // Whoever was erased holds his seat on, but nobody is known there.
    holdings.retain(|row| names.contains_key(&row.contact_id));
    let settings = store::chain_seats(&mut conn, customer, &chains).await?;
    let matching: Vec<&str> = settings.iter().filter_map(|seat| seat.matching_employee.as_deref()).collect();
    let known = store::employees_by_code(&mut conn, &matching).await?;
    let colleague = |row: EmployeeRow| {
        let is_with_us = is_active(row.active_from, row.active_until, as_of);
        (row.code, Colleague { is_with_us, rank: row.rank })
    };
    let facts = ChainFacts {
        customer_id: customer.get(),
        opportunity_id: opportunity,
        as_of,
        positions: positions.into_iter().map(Position::from).collect(),
        holdings: holdings.into_iter().map(Holding::from).collect(),
        names: names.into_iter().map(|(id, name)| (id.get(), name)).collect::<HashMap<_, _>>(),
        settings,
        colleagues: known.into_iter().map(colleague).collect(),
        influences: store::influences(&mut conn, customer, &chains).await?,
        readings: store::stances(&mut conn, customer, &chains).await?,
    };
    Ok(draw(&facts))
}

pub async fn get_stance(db: &Db, id: StanceId) -> Result<StanceReading> {
    let reading = store::find_stance(&mut db.read().await?, id).await?;
    reading.ok_or_else(|| Error::StanceNotFound(id.to_string()))
}

/// What was read of the holders of one seat.
pub async fn list_stances(
    db: &Db,
    position: PositionId,
    wanted: &StanceQuery,
    page: &PageRequest,
) -> Result<Listed<StanceReading>> {
    let mut conn = db.read().await?;
    if store::find_position(&mut conn, position).await?.is_none() {
        return Err(Error::PositionNotFound(position.to_string()));
    }
    let items = store::list_stances(&mut conn, position, wanted, page).await?;
    let count = match page.count {
        true => Some(store::count_stances(&mut conn, position, wanted).await?),
        false => None,
    };
    Ok(Listed { items, count })
}
