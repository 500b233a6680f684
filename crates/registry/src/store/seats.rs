use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, DecisionRole, OfCustomers, Position, PositionId, PositionQuery};

use super::Word;
use super::batch::insert_rows;
use crate::domain::PositionDetails;
use crate::schema::positions;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = positions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PositionRow {
    pub id: Id,
    pub customer_id: Id,
    pub title: String,
    pub level: Option<i32>,
    pub reports_to: Option<Id>,
    pub decision_role: Option<Word<DecisionRole>>,
    pub vote_weight: Option<i32>,
    pub closed_on: Option<NaiveDate>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl PositionRow {
    /// A new seat's row, version 1.
    pub fn new(id: PositionId, customer: Id, details: &PositionDetails, at: Instant) -> Self {
        Self {
            id: id.into(),
            customer_id: customer,
            title: details.seat.title.clone(),
            level: details.seat.level,
            reports_to: details.seat.reports_to.map(Id::from),
            decision_role: details.seat.decision_role.map(Word),
            vote_weight: details.seat.vote_weight,
            closed_on: details.closed_on,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// The row that follows `before` when the seat becomes what `details` say.
    pub fn next(before: &Position, details: &PositionDetails, at: Instant) -> Self {
        Self {
            version: before.version + 1,
            created_at: before.created_at.into(),
            ..Self::new(before.id, before.customer_id.into(), details, at)
        }
    }
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
            closed_on: row.closed_on,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

pub async fn insert_positions(tx: &mut Tx, rows: &[PositionRow]) -> Result<()> {
    insert_rows!(tx, positions, rows)
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_position(tx: &mut Tx, row: &PositionRow) -> Result<bool> {
    let before = positions::table.filter(positions::id.eq(row.id)).filter(positions::version.eq(row.version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(row).execute(c).await)?;
    Ok(changed == 1)
}

pub async fn find_position(conn: &mut Conn, id: PositionId) -> Result<Option<PositionRow>> {
    let one = positions::table.find(Id::from(id));
    on!(conn, |c| one.select(PositionRow::as_select()).first(c).await.optional())
}

/// Every seat that the customer has or had, the oldest first.
pub async fn positions_of(conn: &mut Conn, customer: Id) -> Result<Vec<PositionRow>> {
    let all =
        positions::table.filter(positions::customer_id.eq(customer)).order((positions::created_at, positions::id));
    on!(conn, |c| all.select(PositionRow::as_select()).load(c).await)
}

pub async fn titles_of(conn: &mut Conn, ids: &[Id]) -> Result<Vec<(Id, String)>> {
    let some = positions::table.filter(positions::id.eq_any(ids)).select((positions::id, positions::title));
    on!(conn, |c| some.load(c).await)
}

/// Expands to a boxed query of the seats that a [`PositionQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &PositionQuery = $wanted;
        let mut query = positions::table.into_boxed::<Backend>();
        if let Some(day) = wanted.as_of {
            query = query.filter(positions::closed_on.is_null().or(positions::closed_on.gt(day)));
        }
        if let Some(any) = &wanted.decision_role {
            query = query.filter(positions::decision_role.eq_any(any.0.iter().map(|role| role.as_str())));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_positions(
    conn: &mut Conn,
    customer: CustomerId,
    wanted: &PositionQuery,
    page: &PageRequest,
) -> Result<Vec<PositionRow>> {
    on!(conn, |c| {
        let own = filtered!(wanted).filter(positions::customer_id.eq(Id::from(customer)));
        let query = keyset!(own, page, positions, { "created_at" => created_at: Instant });
        query.select(PositionRow::as_select()).load(c).await
    })
}

pub async fn count_positions(conn: &mut Conn, customer: CustomerId, wanted: &PositionQuery) -> Result<i64> {
    on!(conn, |c| {
        filtered!(wanted).filter(positions::customer_id.eq(Id::from(customer))).count().get_result(c).await
    })
}

/// The next of the seats asked for by id, for going through all of them.
pub async fn positions_asked_after(
    conn: &mut Conn,
    of: &OfCustomers,
    wanted: &PositionQuery,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<PositionRow>> {
    on!(conn, |c| {
        let mut query = filtered!(wanted);
        if let Some(any) = &of.customer_id {
            query = query.filter(positions::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(after) = after {
            query = query.filter(positions::id.gt(after));
        }
        query.order(positions::id).limit(most).select(PositionRow::as_select()).load(c).await
    })
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
