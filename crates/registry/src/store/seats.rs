use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{ContactId, CustomerId, DecisionRole, Holding, HoldingId, Position, PositionId};

use super::Word;
use crate::schema::{holdings, positions};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = positions, treat_none_as_default_value = false)]
pub struct PositionRow {
    pub id: Id,
    pub customer_id: Id,
    pub title: String,
    pub level: Option<i32>,
    pub reports_to: Option<Id>,
    pub decision_role: Option<Word<DecisionRole>>,
    pub vote_weight: Option<i32>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl From<PositionRow> for Position {
    fn from(row: PositionRow) -> Self {
        Self {
            id: row.id.get(),
            customer_id: row.customer_id.get(),
            title: row.title,
            level: row.level,
            reports_to: row.reports_to.map(|id| id.get()),
            decision_role: row.decision_role.map(|word| word.0),
            vote_weight: row.vote_weight,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = holdings, treat_none_as_default_value = false)]
pub struct HoldingRow {
    pub id: Id,
    pub contact_id: Id,
    pub position_id: Id,
    pub customer_id: Id,
    pub from_day: NaiveDate,
    pub until_day: Option<NaiveDate>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl From<HoldingRow> for Holding {
    fn from(row: HoldingRow) -> Self {
        Self {
            id: row.id.get(),
            contact_id: row.contact_id.get(),
            position_id: row.position_id.get(),
            from: row.from_day,
            until: row.until_day,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

pub async fn insert_position(tx: &mut Tx, row: &PositionRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(positions::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn find_position(conn: &mut Conn, id: PositionId) -> Result<Option<PositionRow>> {
    let one = positions::table.find(Id::from(id));
    on!(conn, |c| one.select(PositionRow::as_select()).first(c).await.optional())
}

/// One row more than the page holds.
pub async fn list_positions(conn: &mut Conn, customer: CustomerId, page: &PageRequest) -> Result<Vec<PositionRow>> {
    on!(conn, |c| {
        let query = positions::table.filter(positions::customer_id.eq(Id::from(customer))).into_boxed::<Backend>();
        let query = keyset!(query, page, positions, { "created_at" => created_at: Instant });
        query.select(PositionRow::as_select()).load(c).await
    })
}

pub async fn count_positions(conn: &mut Conn, customer: CustomerId) -> Result<i64> {
    let query = positions::table.filter(positions::customer_id.eq(Id::from(customer))).count();
    on!(conn, |c| query.get_result(c).await)
}

/// The next seats by id, for going through all of them.
pub async fn positions_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<PositionRow>> {
    on!(conn, |c| {
        let mut query = positions::table.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(positions::id.gt(after));
        }
        query.order(positions::id).limit(most).select(PositionRow::as_select()).load(c).await
    })
}

pub async fn insert_holding(tx: &mut Tx, row: &HoldingRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(holdings::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn find_holding(conn: &mut Conn, id: HoldingId) -> Result<Option<HoldingRow>> {
    let one = holdings::table.find(Id::from(id));
    on!(conn, |c| one.select(HoldingRow::as_select()).first(c).await.optional())
}

/// One row more than the page holds.
pub async fn list_holdings(conn: &mut Conn, contact: ContactId, page: &PageRequest) -> Result<Vec<HoldingRow>> {
    on!(conn, |c| {
        let query = holdings::table.filter(holdings::contact_id.eq(Id::from(contact))).into_boxed::<Backend>();
        let query = keyset!(query, page, holdings, { "created_at" => created_at: Instant });
        query.select(HoldingRow::as_select()).load(c).await
    })
}

pub async fn count_holdings(conn: &mut Conn, contact: ContactId) -> Result<i64> {
    let query = holdings::table.filter(holdings::contact_id.eq(Id::from(contact))).count();
    on!(conn, |c| query.get_result(c).await)
}

/// The next holdings by id, for going through all of them.
pub async fn holdings_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<HoldingRow>> {
    on!(conn, |c| {
        let mut query = holdings::table.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(holdings::id.gt(after));
        }
        query.order(holdings::id).limit(most).select(HoldingRow::as_select()).load(c).await
    })
}
