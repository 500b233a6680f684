use std::collections::HashMap;

use database::{Conn, Error, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, OfCustomers, Period, ShareRecord, Vendor, VendorId, VendorKind};
use serde_json::Value;

use super::Word;
use crate::domain::VendorDetails;
use crate::schema::{vendor_share_tables, vendors};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = vendors, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VendorRow {
    pub id: Id,
    pub customer_id: Id,
    pub kind: Word<VendorKind>,
    pub name: String,
    pub strengths: Value,
    pub weaknesses: Value,
    pub relations: Value,
    pub note: Option<String>,
    pub same_as: Option<Id>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl VendorRow {
    /// A new vendor's row, version 1.
    pub fn new(id: VendorId, customer: Id, details: &VendorDetails, at: Instant) -> Result<Self> {
        Ok(Self {
            id: id.into(),
            customer_id: customer,
            kind: Word(details.kind),
            name: details.name.clone(),
            strengths: serde_json::to_value(&details.strengths).map_err(Error::other)?,
            weaknesses: serde_json::to_value(&details.weaknesses).map_err(Error::other)?,
            relations: serde_json::to_value(&details.relations).map_err(Error::other)?,
            note: details.note.clone(),
            same_as: None,
            version: 1,
            created_at: at,
            updated_at: at,
        })
    }

    /// The row that follows `before` when the vendor becomes what `details` say, and the same as that other one.
    pub fn next(before: &Vendor, details: &VendorDetails, same_as: Option<VendorId>, at: Instant) -> Result<Self> {
        Ok(Self {
            same_as: same_as.map(Id::from),
            version: before.version + 1,
            created_at: before.created_at.into(),
            ..Self::new(before.id, before.customer_id.into(), details, at)?
        })
    }
}

impl TryFrom<VendorRow> for Vendor {
    type Error = Error;

    fn try_from(row: VendorRow) -> Result<Self> {
        Ok(Self {
            id: row.id.get(),
            customer_id: row.customer_id.get(),
            kind: row.kind.0,
            name: row.name,
            strengths: serde_json::from_value(row.strengths).map_err(Error::other)?,
            weaknesses: serde_json::from_value(row.weaknesses).map_err(Error::other)?,
            relations: serde_json::from_value(row.relations).map_err(Error::other)?,
            note: row.note,
            same_as: row.same_as.map(|id| id.get()),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = vendor_share_tables, treat_none_as_default_value = false)]
pub struct ShareTableRow {
    pub id: Id,
    pub customer_id: Id,
    pub period: Word<Period>,
    pub revision: i64,
    pub lines: Value,
    pub recorded_by: String,
    pub recorded_at: Instant,
}

impl TryFrom<ShareTableRow> for ShareRecord {
    type Error = Error;

    fn try_from(row: ShareTableRow) -> Result<Self> {
        Ok(Self {
            id: row.id.get(),
            period: row.period.0,
            revision: row.revision,
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at.into(),
            lines: serde_json::from_value(row.lines).map_err(Error::other)?,
        })
    }
}

pub async fn insert_vendor(tx: &mut Tx, row: &VendorRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(vendors::table).values(row).execute(c).await)?;
    Ok(())
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_vendor(tx: &mut Tx, row: &VendorRow) -> Result<bool> {
    let before = vendors::table.filter(vendors::id.eq(row.id)).filter(vendors::version.eq(row.version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(row).execute(c).await)?;
    Ok(changed == 1)
}

pub async fn find_vendor(conn: &mut Conn, id: VendorId) -> Result<Option<VendorRow>> {
    let one = vendors::table.find(Id::from(id));
    on!(conn, |c| one.select(VendorRow::as_select()).first(c).await.optional())
}

/// All vendors of a customer.
pub async fn vendors_by_id(conn: &mut Conn, customer: CustomerId) -> Result<HashMap<VendorId, Vendor>> {
    Ok(vendors_of(conn, &[customer.into()]).await?.into_iter().map(|vendor| (vendor.id, vendor)).collect())
}

/// All vendors of these customers.
pub async fn vendors_of(conn: &mut Conn, customers: &[Id]) -> Result<Vec<Vendor>> {
    let all = vendors::table.filter(vendors::customer_id.eq_any(customers));
    let rows: Vec<VendorRow> = on!(conn, |c| all.select(VendorRow::as_select()).load(c).await)?;
    rows.into_iter().map(Vendor::try_from).collect()
}

/// What each of the vendors is called.
pub async fn vendors_called(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<VendorId, String>> {
    let some = vendors::table.filter(vendors::id.eq_any(ids)).select((vendors::id, vendors::name));
    let found: Vec<(Id, String)> = on!(conn, |c| some.load(c).await)?;
    Ok(found.into_iter().map(|(id, name)| (id.get(), name)).collect())
}

/// The next vendors by id, of all customers or of some, for going through all of them.
pub async fn vendors_of_after(
    conn: &mut Conn,
    of: &OfCustomers,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<VendorRow>> {
    on!(conn, |c| {
        let mut query = vendors::table.into_boxed::<Backend>();
        if let Some(any) = &of.customer_id {
            query = query.filter(vendors::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(after) = after {
            query = query.filter(vendors::id.gt(after));
        }
        query.order(vendors::id).limit(most).select(VendorRow::as_select()).load(c).await
    })
}

/// One row more than the page holds.
pub async fn list_vendors(conn: &mut Conn, customer: CustomerId, page: &PageRequest) -> Result<Vec<VendorRow>> {
    on!(conn, |c| {
        let query = vendors::table.filter(vendors::customer_id.eq(Id::from(customer))).into_boxed::<Backend>();
        let query = keyset!(query, page, vendors, { "name" => name: String, "created_at" => created_at: Instant });
        query.select(VendorRow::as_select()).load(c).await
    })
}

pub async fn count_vendors(conn: &mut Conn, customer: CustomerId) -> Result<i64> {
    let query = vendors::table.filter(vendors::customer_id.eq(Id::from(customer))).count();
    on!(conn, |c| query.get_result(c).await)
}

pub async fn insert_share_table(tx: &mut Tx, row: &ShareTableRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(vendor_share_tables::table).values(row).execute(c).await)?;
    Ok(())
}

/// What counts for a period.
pub async fn current_share_table(
    conn: &mut Conn,
    customer: CustomerId,
    period: Period,
) -> Result<Option<ShareTableRow>> {
    let newest = vendor_share_tables::table
        .filter(vendor_share_tables::customer_id.eq(Id::from(customer)))
        .filter(vendor_share_tables::period.eq(period.to_string()))
        .order((vendor_share_tables::revision.desc(), vendor_share_tables::id.desc()))
        .limit(1);
    on!(conn, |c| newest.select(ShareTableRow::as_select()).first(c).await.optional())
}

/// What counts for each period of a customer, in no order of time.
pub async fn current_share_tables(conn: &mut Conn, customer: CustomerId) -> Result<Vec<ShareTableRow>> {
    let all = vendor_share_tables::table.filter(vendor_share_tables::customer_id.eq(Id::from(customer))).order((
        vendor_share_tables::period,
        vendor_share_tables::revision.desc(),
        vendor_share_tables::id.desc(),
    ));
    let mut rows: Vec<ShareTableRow> = on!(conn, |c| all.select(ShareTableRow::as_select()).load(c).await)?;
    rows.dedup_by_key(|row| row.period);
    Ok(rows)
}

/// All that was recorded of a customer, corrected or not.
pub async fn share_tables_of(conn: &mut Conn, customer: CustomerId) -> Result<Vec<ShareTableRow>> {
    let all = vendor_share_tables::table.filter(vendor_share_tables::customer_id.eq(Id::from(customer)));
    on!(conn, |c| all.select(ShareTableRow::as_select()).load(c).await)
}

/// Expands to a boxed query of what was recorded for a period, or for any; inside `on!`.
macro_rules! records {
    ($customer:expr, $period:expr) => {{
        let mut query = vendor_share_tables::table
            .filter(vendor_share_tables::customer_id.eq(Id::from($customer)))
            .into_boxed::<Backend>();
        if let Some(period) = $period {
            query = query.filter(vendor_share_tables::period.eq(period.to_string()));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_share_tables(
    conn: &mut Conn,
    customer: CustomerId,
    period: Option<Period>,
    page: &PageRequest,
) -> Result<Vec<ShareTableRow>> {
    on!(conn, |c| {
        let query = keyset!(records!(customer, period), page, vendor_share_tables, {
            "recorded_at" => recorded_at: Instant,
        });
        query.select(ShareTableRow::as_select()).load(c).await
    })
}

pub async fn count_share_tables(conn: &mut Conn, customer: CustomerId, period: Option<Period>) -> Result<i64> {
    on!(conn, |c| records!(customer, period).count().get_result(c).await)
}

/// The next tables by id, for going through all of them.
pub async fn share_tables_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<ShareTableRow>> {
    on!(conn, |c| {
        let mut query = vendor_share_tables::table.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(vendor_share_tables::id.gt(after));
        }
        query.order(vendor_share_tables::id).limit(most).select(ShareTableRow::as_select()).load(c).await
    })
}

/// That nothing was recorded later for the same period of the same customer.
const COUNTS: &str = "NOT EXISTS (
    SELECT 1 FROM vendor_share_tables AS later
    WHERE later.customer_id = vendor_share_tables.customer_id AND later.period = vendor_share_tables.period
      AND (later.revision, later.id) > (vendor_share_tables.revision, vendor_share_tables.id))";

/// The same of those that count, of all customers or of some.
pub async fn current_share_tables_after(
    conn: &mut Conn,
    of: &OfCustomers,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<ShareTableRow>> {
    on!(conn, |c| {
        let mut query = vendor_share_tables::table.filter(sql::<Bool>(COUNTS)).into_boxed::<Backend>();
        if let Some(any) = &of.customer_id {
            query = query.filter(vendor_share_tables::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(after) = after {
            query = query.filter(vendor_share_tables::id.gt(after));
        }
        query.order(vendor_share_tables::id).limit(most).select(ShareTableRow::as_select()).load(c).await
    })
}
