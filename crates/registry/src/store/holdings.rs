use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{ContactId, Holding, HoldingId, HoldingQuery, NewHolding, PositionId};

use super::batch::insert_rows;
use crate::schema::holdings;

/// Whose holdings are listed.
#[derive(Debug, Clone, Copy)]
pub enum HeldBy {
    Contact(ContactId),
    Position(PositionId),
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = holdings, treat_none_as_null = true, treat_none_as_default_value = false)]
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

impl HoldingRow {
    /// A new holding's row, version 1.
    pub fn new(id: HoldingId, contact: ContactId, customer: Id, new: &NewHolding, at: Instant) -> Self {
        Self {
            id: id.into(),
            contact_id: contact.into(),
            position_id: new.position_id.into(),
            customer_id: customer,
            from_day: new.from,
            until_day: new.until,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// The row that follows when the holding becomes what `new` says.
    pub fn next(&self, new: &NewHolding, at: Instant) -> Self {
        Self {
            version: self.version + 1,
            created_at: self.created_at,
            ..Self::new(self.id.get(), self.contact_id.get(), self.customer_id, new, at)
        }
    }
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

pub async fn insert_holdings(tx: &mut Tx, rows: &[HoldingRow]) -> Result<()> {
    insert_rows!(tx, holdings, rows)
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_holding(tx: &mut Tx, row: &HoldingRow) -> Result<bool> {
    let before = holdings::table.filter(holdings::id.eq(row.id)).filter(holdings::version.eq(row.version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(row).execute(c).await)?;
    Ok(changed == 1)
}

pub async fn find_holding(conn: &mut Conn, id: HoldingId) -> Result<Option<HoldingRow>> {
    let one = holdings::table.find(Id::from(id));
    on!(conn, |c| one.select(HoldingRow::as_select()).first(c).await.optional())
}

/// All holdings of one contact, whenever.
pub async fn holdings_of(conn: &mut Conn, contact: ContactId) -> Result<Vec<HoldingRow>> {
    let all =
        holdings::table.filter(holdings::contact_id.eq(Id::from(contact))).order((holdings::from_day, holdings::id));
    on!(conn, |c| all.select(HoldingRow::as_select()).load(c).await)
}

/// All holdings of one seat, whenever.
pub async fn holdings_in(conn: &mut Conn, position: PositionId) -> Result<Vec<HoldingRow>> {
    let all =
        holdings::table.filter(holdings::position_id.eq(Id::from(position))).order((holdings::from_day, holdings::id));
    on!(conn, |c| all.select(HoldingRow::as_select()).load(c).await)
}

/// All holdings of the customer's seats that had begun by this day.
pub async fn holdings_until(conn: &mut Conn, customer: Id, day: NaiveDate) -> Result<Vec<HoldingRow>> {
    let all = holdings::table
        .filter(holdings::customer_id.eq(customer))
        .filter(holdings::from_day.le(day))
        .order((holdings::from_day, holdings::id));
    on!(conn, |c| all.select(HoldingRow::as_select()).load(c).await)
}

/// Expands to a boxed query of the holdings that a [`HoldingQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($held_by:expr, $wanted:expr) => {{
        let wanted: &HoldingQuery = $wanted;
        let mut query = holdings::table.into_boxed::<Backend>();
        query = match $held_by {
            HeldBy::Contact(id) => query.filter(holdings::contact_id.eq(Id::from(id))),
            HeldBy::Position(id) => query.filter(holdings::position_id.eq(Id::from(id))),
        };
        if let Some(day) = wanted.as_of {
            query = query
                .filter(holdings::from_day.le(day))
                .filter(holdings::until_day.is_null().or(holdings::until_day.gt(day)));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_holdings(
    conn: &mut Conn,
    held_by: HeldBy,
    wanted: &HoldingQuery,
    page: &PageRequest,
) -> Result<Vec<HoldingRow>> {
    on!(conn, |c| {
        let query = keyset!(filtered!(held_by, wanted), page, holdings, {
            "from" => from_day: NaiveDate,
            "created_at" => created_at: Instant,
        });
        query.select(HoldingRow::as_select()).load(c).await
    })
}

pub async fn count_holdings(conn: &mut Conn, held_by: HeldBy, wanted: &HoldingQuery) -> Result<i64> {
    on!(conn, |c| filtered!(held_by, wanted).count().get_result(c).await)
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
