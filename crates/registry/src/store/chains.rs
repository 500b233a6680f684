use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{
    ChainSeat, ContactId, DecisionRole, Influence, OpportunityId, PositionId, Stance, StanceId, StanceQuery,
    StanceReading,
};
use uuid::Uuid;

use super::Word;
use super::batch::insert_rows;
use crate::schema::{chain_seats, decision_chains, influences, stance_readings};

/// Which chain of a customer: its own has an id of zeros here, since a key must not hold NULL.
fn chain_key(opportunity: Option<OpportunityId>) -> Id {
    Id::from(opportunity.map_or(Uuid::nil(), Uuid::from))
}

fn opportunity(key: Id) -> Option<OpportunityId> {
    let id: Uuid = key.get();
    (!id.is_nil()).then(|| id.into())
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = decision_chains, treat_none_as_default_value = false)]
pub struct ChainRow {
    /// The customer's for its own chain, the opportunity's for one of those.
    pub id: Id,
    pub customer_id: Id,
    opportunity_id: Id,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl ChainRow {
    pub fn opportunity(&self) -> Option<OpportunityId> {
        opportunity(self.opportunity_id)
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = chain_seats, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ChainSeatRow {
    position_id: Id,
    opportunity_id: Id,
    customer_id: Id,
    decision_role: Option<Word<DecisionRole>>,
    vote_weight: Option<i32>,
    matching_employee: Option<String>,
    updated_at: Instant,
}

impl From<&ChainSeat> for ChainSeatRow {
    fn from(seat: &ChainSeat) -> Self {
        Self {
            position_id: seat.position_id.into(),
            opportunity_id: chain_key(seat.opportunity_id),
            customer_id: seat.customer_id.into(),
            decision_role: seat.decision_role.map(Word),
            vote_weight: seat.vote_weight,
            matching_employee: seat.matching_employee.clone(),
            updated_at: seat.updated_at.into(),
        }
    }
}

impl From<ChainSeatRow> for ChainSeat {
    fn from(row: ChainSeatRow) -> Self {
        Self {
            customer_id: row.customer_id.get(),
            opportunity_id: opportunity(row.opportunity_id),
            position_id: row.position_id.get(),
            decision_role: row.decision_role.map(|word| word.0),
            vote_weight: row.vote_weight,
            matching_employee: row.matching_employee,
            updated_at: row.updated_at.into(),
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = influences)]
struct InfluenceRow {
    from_position: Id,
    to_position: Id,
    opportunity_id: Id,
    customer_id: Id,
    strength: i32,
    updated_at: Instant,
}

impl From<&Influence> for InfluenceRow {
    fn from(influence: &Influence) -> Self {
        Self {
            from_position: influence.from.into(),
            to_position: influence.to.into(),
            opportunity_id: chain_key(influence.opportunity_id),
            customer_id: influence.customer_id.into(),
            strength: influence.strength,
            updated_at: influence.updated_at.into(),
        }
    }
}

impl From<InfluenceRow> for Influence {
    fn from(row: InfluenceRow) -> Self {
        Self {
            customer_id: row.customer_id.get(),
            opportunity_id: opportunity(row.opportunity_id),
            from: row.from_position.get(),
            to: row.to_position.get(),
            strength: row.strength,
            updated_at: row.updated_at.into(),
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = stance_readings, treat_none_as_default_value = false)]
struct StanceRow {
    id: Id,
    customer_id: Id,
    position_id: Id,
    contact_id: Id,
    opportunity_id: Id,
    stance: Word<Stance>,
    read_on: NaiveDate,
    read_by: String,
    note: Option<String>,
    created_at: Instant,
}

impl From<&StanceReading> for StanceRow {
    fn from(reading: &StanceReading) -> Self {
        Self {
            id: reading.id.into(),
            customer_id: reading.customer_id.into(),
            position_id: reading.position_id.into(),
            contact_id: reading.contact_id.into(),
            opportunity_id: chain_key(reading.opportunity_id),
            stance: Word(reading.stance),
            read_on: reading.read_on,
            read_by: reading.read_by.clone(),
            note: reading.note.clone(),
            created_at: reading.created_at.into(),
        }
    }
}

impl From<StanceRow> for StanceReading {
    fn from(row: StanceRow) -> Self {
        Self {
            id: row.id.get(),
            customer_id: row.customer_id.get(),
            position_id: row.position_id.get(),
            contact_id: row.contact_id.get(),
            opportunity_id: opportunity(row.opportunity_id),
            stance: row.stance.0,
            read_on: row.read_on,
            read_by: row.read_by,
            note: row.note,
            created_at: row.created_at.into(),
        }
    }
}

pub async fn find_chain(conn: &mut Conn, id: Id) -> Result<Option<ChainRow>> {
    let one = decision_chains::table.find(id);
    on!(conn, |c| one.select(ChainRow::as_select()).first(c).await.optional())
}

/// Counts one more change of a chain, its first included; answers how many there were.
pub async fn count_change(tx: &mut Tx, customer: Id, of: Option<OpportunityId>, at: Instant) -> Result<i64> {
    let first = ChainRow {
        id: of.map_or(customer, Id::from),
        customer_id: customer,
        opportunity_id: chain_key(of),
        version: 1,
        created_at: at,
        updated_at: at,
    };
    on!(tx, |c| {
        diesel::insert_into(decision_chains::table)
            .values(&first)
            .on_conflict(decision_chains::id)
            .do_update()
            .set((decision_chains::version.eq(decision_chains::version + 1), decision_chains::updated_at.eq(at)))
            .returning(decision_chains::version)
            .get_result(c)
            .await
    })
}

/// The next chains by id, for going through all of them.
pub async fn chains_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<ChainRow>> {
    on!(conn, |c| {
        let mut query = decision_chains::table.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(decision_chains::id.gt(after));
        }
        query.order(decision_chains::id).limit(most).select(ChainRow::as_select()).load(c).await
    })
}

/// What was set of seats in these chains of the customer.
pub async fn chain_seats(conn: &mut Conn, customer: Id, of: &[Option<OpportunityId>]) -> Result<Vec<ChainSeat>> {
    let all = chain_seats::table
        .filter(chain_seats::customer_id.eq(customer))
        .filter(chain_seats::opportunity_id.eq_any(of.iter().map(|opportunity| chain_key(*opportunity))))
        .order((chain_seats::position_id, chain_seats::opportunity_id));
    let rows: Vec<ChainSeatRow> = on!(conn, |c| all.select(ChainSeatRow::as_select()).load(c).await)?;
    Ok(rows.into_iter().map(ChainSeat::from).collect())
}

/// Influence in these chains of the customer.
pub async fn influences(conn: &mut Conn, customer: Id, of: &[Option<OpportunityId>]) -> Result<Vec<Influence>> {
    let all = influences::table
        .filter(influences::customer_id.eq(customer))
        .filter(influences::opportunity_id.eq_any(of.iter().map(|opportunity| chain_key(*opportunity))))
        .order((influences::from_position, influences::to_position, influences::opportunity_id));
    let rows: Vec<InfluenceRow> = on!(conn, |c| all.select(InfluenceRow::as_select()).load(c).await)?;
    Ok(rows.into_iter().map(Influence::from).collect())
}

/// Readings for these chains of the customer.
pub async fn stances(conn: &mut Conn, customer: Id, of: &[Option<OpportunityId>]) -> Result<Vec<StanceReading>> {
    let all = stance_readings::table
        .filter(stance_readings::customer_id.eq(customer))
        .filter(stance_readings::opportunity_id.eq_any(of.iter().map(|opportunity| chain_key(*opportunity))))
        .order((stance_readings::created_at, stance_readings::id));
    let rows: Vec<StanceRow> = on!(conn, |c| all.select(StanceRow::as_select()).load(c).await)?;
    Ok(rows.into_iter().map(StanceReading::from).collect())
}

/// Readings of one person, in the order in which they were recorded.
pub async fn stances_of_contact(conn: &mut Conn, contact: ContactId) -> Result<Vec<StanceReading>> {
    let all = stance_readings::table
        .filter(stance_readings::contact_id.eq(Id::from(contact)))
        .order((stance_readings::created_at, stance_readings::id));
    let rows: Vec<StanceRow> = on!(conn, |c| all.select(StanceRow::as_select()).load(c).await)?;
    Ok(rows.into_iter().map(StanceReading::from).collect())
}

pub async fn delete_stances_of(tx: &mut Tx, contact: ContactId) -> Result<()> {
    let all = stance_readings::table.filter(stance_readings::contact_id.eq(Id::from(contact)));
    on!(tx, |c| diesel::delete(all).execute(c).await)?;
    Ok(())
}

pub async fn count_stances_of(conn: &mut Conn, customer: Id, of: Option<OpportunityId>) -> Result<i64> {
    let all = stance_readings::table
        .filter(stance_readings::customer_id.eq(customer))
        .filter(stance_readings::opportunity_id.eq(chain_key(of)))
        .count();
    on!(conn, |c| all.get_result(c).await)
}

pub async fn put_chain_seat(tx: &mut Tx, seat: &ChainSeat) -> Result<()> {
    let row = ChainSeatRow::from(seat);
    on!(tx, |c| {
        diesel::insert_into(chain_seats::table)
            .values(&row)
            .on_conflict((chain_seats::position_id, chain_seats::opportunity_id))
            .do_update()
            .set(&row)
            .execute(c)
            .await
    })?;
    Ok(())
}

/// False when nothing was set.
pub async fn delete_chain_seat(tx: &mut Tx, position: PositionId, of: Option<OpportunityId>) -> Result<bool> {
    let one = chain_seats::table.find((Id::from(position), chain_key(of)));
    Ok(on!(tx, |c| diesel::delete(one).execute(c).await)? == 1)
}

pub async fn put_influence(tx: &mut Tx, influence: &Influence) -> Result<()> {
    let row = InfluenceRow::from(influence);
    on!(tx, |c| {
        diesel::insert_into(influences::table)
            .values(&row)
            .on_conflict((influences::from_position, influences::to_position, influences::opportunity_id))
            .do_update()
            .set(&row)
            .execute(c)
            .await
    })?;
    Ok(())
}

/// False when there was none.
pub async fn delete_influence(
    tx: &mut Tx,
    from: PositionId,
    to: PositionId,
    of: Option<OpportunityId>,
) -> Result<bool> {
    let one = influences::table.find((Id::from(from), Id::from(to), chain_key(of)));
    Ok(on!(tx, |c| diesel::delete(one).execute(c).await)? == 1)
}

pub async fn insert_stances(tx: &mut Tx, readings: &[StanceReading]) -> Result<()> {
    let rows: Vec<StanceRow> = readings.iter().map(StanceRow::from).collect();
    insert_rows!(tx, stance_readings, rows.as_slice())
}

pub async fn find_stance(conn: &mut Conn, id: StanceId) -> Result<Option<StanceReading>> {
    let one = stance_readings::table.find(Id::from(id));
    let row: Option<StanceRow> = on!(conn, |c| one.select(StanceRow::as_select()).first(c).await.optional())?;
    Ok(row.map(StanceReading::from))
}

/// Expands to a boxed query of the seat's readings that a [`StanceQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($position:expr, $wanted:expr) => {{
        let wanted: &StanceQuery = $wanted;
        let of_seat = stance_readings::table.filter(stance_readings::position_id.eq(Id::from($position)));
        let mut query = of_seat.into_boxed::<Backend>();
        if let Some(contact) = wanted.contact_id {
            query = query.filter(stance_readings::contact_id.eq(Id::from(contact)));
        }
        if wanted.opportunity.is_some() {
            query = query.filter(stance_readings::opportunity_id.eq(chain_key(wanted.opportunity)));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_stances(
    conn: &mut Conn,
    position: PositionId,
    wanted: &StanceQuery,
    page: &PageRequest,
) -> Result<Vec<StanceReading>> {
    let rows: Vec<StanceRow> = on!(conn, |c| {
        let query = keyset!(filtered!(position, wanted), page, stance_readings, {
            "read_on" => read_on: NaiveDate,
            "created_at" => created_at: Instant,
        });
        query.select(StanceRow::as_select()).load(c).await
    })?;
    Ok(rows.into_iter().map(StanceReading::from).collect())
}

pub async fn count_stances(conn: &mut Conn, position: PositionId, wanted: &StanceQuery) -> Result<i64> {
    on!(conn, |c| filtered!(position, wanted).count().get_result(c).await)
}
