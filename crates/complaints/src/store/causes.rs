//! Causes of complaints.

use complaints_contract::{Cause, CauseCategory, CauseId, CauseState, ComplaintId, ParetoBy, ParetoQuery};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::sight::seen;
use crate::domain::Occurrence;
use crate::domain::Sight;
use crate::schema::{causes, complaints};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = causes, treat_none_as_null = true)]
struct CauseRow {
    id: Id,
    complaint_id: Id,
    parent_id: Option<Id>,
    depth: i32,
    category: String,
    label: Option<String>,
    text: String,
    state: String,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

impl From<&Cause> for CauseRow {
    fn from(cause: &Cause) -> Self {
        Self {
            id: cause.id.into(),
            complaint_id: cause.complaint_id.into(),
            parent_id: cause.parent_id.map(Id::from),
            depth: cause.depth,
            category: cause.category.to_string(),
            label: cause.label.clone(),
            text: cause.text.clone(),
            state: cause.state.to_string(),
            version: cause.version,
            created_at: cause.created_at.into(),
            updated_at: cause.updated_at.into(),
        }
    }
}

impl TryFrom<CauseRow> for Cause {
    type Error = database::Error;

    fn try_from(row: CauseRow) -> database::Result<Self> {
        Ok(Self {
            id: row.id.get(),
            complaint_id: row.complaint_id.get(),
            parent_id: row.parent_id.map(|id| id.get()),
            depth: row.depth,
            category: row.category.parse().map_err(database::Error::other)?,
            label: row.label,
            text: row.text,
            state: row.state.parse().map_err(database::Error::other)?,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

pub async fn insert(tx: &mut Tx, cause: &Cause) -> database::Result<()> {
    let row = CauseRow::from(cause);
    on!(tx, |c| diesel::insert_into(causes::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Writes a cause whose complaint the transaction has locked.
pub async fn replace(tx: &mut Tx, cause: &Cause) -> database::Result<()> {
    let row = CauseRow::from(cause);
    on!(tx, |c| diesel::update(causes::table.find(row.id)).set(&row).execute(c).await)?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: CauseId) -> database::Result<Option<Cause>> {
    let one = causes::table.find(Id::from(id));
    let row: Option<CauseRow> = on!(conn, |c| one.select(CauseRow::as_select()).first(c).await.optional())?;
    row.map(Cause::try_from).transpose()
}

pub async fn all_of(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<Cause>> {
    let own = causes::table.filter(causes::complaint_id.eq(Id::from(complaint)));
    let rows: Vec<CauseRow> = on!(conn, |c| own.select(CauseRow::as_select()).order(causes::id).load(c).await)?;
    rows.into_iter().map(Cause::try_from).collect()
}

/// One row more than the page holds.
pub async fn list(conn: &mut Conn, complaint: ComplaintId, page: &PageRequest) -> database::Result<Vec<Cause>> {
    let rows: Vec<CauseRow> = on!(conn, |c| {
        let query = causes::table.filter(causes::complaint_id.eq(Id::from(complaint))).into_boxed::<Backend>();
        let query = keyset!(query.select(CauseRow::as_select()), page, causes, { "created_at" => created_at: Instant });
        query.load(c).await
    })?;
    rows.into_iter().map(Cause::try_from).collect()
}

pub async fn count(conn: &mut Conn, complaint: ComplaintId) -> database::Result<i64> {
    let own = causes::table.filter(causes::complaint_id.eq(Id::from(complaint)));
    on!(conn, |c| own.count().get_result(c).await)
}

/// The root causes of complaints received within the query's bounds, as they are counted.
pub async fn occurrences(
    conn: &mut Conn,
    sight: &Sight,
    by: ParetoBy,
    query: &ParetoQuery,
) -> database::Result<Vec<Occurrence>> {
    type Found = (Id, Option<Id>, String, Option<String>, Option<String>);
    let rows: Vec<Found> = on!(conn, |c| {
        let rows = causes::table
            .inner_join(complaints::table)
            .filter(causes::state.eq(CauseState::Root.as_str()))
            .select((complaints::id, complaints::customer_id, causes::category, causes::label, complaints::product))
            .into_boxed::<Backend>();
        let mut rows = seen!(rows, sight);
        if let Some(from) = query.received_from {
            rows = rows.filter(complaints::received_at.ge(Instant::from(from)));
        }
        if let Some(until) = query.received_until {
            rows = rows.filter(complaints::received_at.lt(Instant::from(until)));
        }
        rows.load(c).await
    })?;
    rows.into_iter()
        .map(|(complaint, customer, category, label, product)| {
            let category: CauseCategory = category.parse().map_err(database::Error::other)?;
            let (category, value) = match by {
                ParetoBy::Category => (Some(category), None),
                ParetoBy::Label => (Some(category), label),
                ParetoBy::Product => (None, product),
            };
            Ok(Occurrence { complaint: complaint.get(), customer: customer.map(|id| id.get()), category, value })
        })
        .collect()
}
