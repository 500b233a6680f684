use std::collections::HashMap;

use database::{Db, PageRequest};
use registry_contract::{
    CustomerId, Period, PeriodLength, ShareRecord, Vendor, VendorId, VendorStructure, VendorTrendQuery, VendorTrends,
};
use wire::Reference;

use super::Listed;
use super::customers::customer_id;
use crate::domain::{structure, trends};
use crate::error::{Error, Result};
use crate::store::{self, ShareTableRow};

pub async fn get_vendor(db: &Db, id: VendorId) -> Result<Vendor> {
    let row = store::find_vendor(&mut db.read().await?, id).await?;
    Ok(row.ok_or_else(|| Error::VendorNotFound(id.to_string()))?.try_into()?)
}

pub async fn list_vendors(db: &Db, customer: &Reference<CustomerId>, page: &PageRequest) -> Result<Listed<Vendor>> {
    let mut conn = db.read().await?;
    let customer = customer_id(&mut conn, customer).await?;
    let rows = store::list_vendors(&mut conn, customer, page).await?;
    let count = match page.count {
        true => Some(store::count_vendors(&mut conn, customer).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Vendor::try_from).collect::<database::Result<_>>()?, count })
}

pub async fn get_vendor_shares(db: &Db, customer: &Reference<CustomerId>, period: Period) -> Result<VendorStructure> {
    let mut conn = db.read().await?;
    let customer = customer_id(&mut conn, customer).await?;
    let row = store::current_share_table(&mut conn, customer, period).await?;
    let vendors = store::vendors_by_id(&mut conn, customer).await?;
    Ok(vendor_structure(customer, period, row, &vendors)?)
}

/// The structure of a period as it was recorded, or that it was not.
pub fn vendor_structure(
    customer_id: CustomerId,
    period: Period,
    row: Option<ShareTableRow>,
    vendors: &HashMap<VendorId, Vendor>,
) -> database::Result<VendorStructure> {
    let record = row.map(ShareRecord::try_from).transpose()?;
    Ok(VendorStructure {
        customer_id,
        period,
        revision: record.as_ref().map_or(0, |record| record.revision),
        recorded_at: record.as_ref().map(|record| record.recorded_at),
        lines: record.as_ref().map(|record| structure(&record.lines, vendors)).unwrap_or_default(),
        recorded_by: record.map(|record| record.recorded_by),
    })
}

/// What was recorded, of one period or of all.
pub async fn list_vendor_share_records(
    db: &Db,
    customer: &Reference<CustomerId>,
    period: Option<Period>,
    page: &PageRequest,
) -> Result<Listed<ShareRecord>> {
    let mut conn = db.read().await?;
    let customer = customer_id(&mut conn, customer).await?;
    let rows = store::list_share_tables(&mut conn, customer, period, page).await?;
    let count = match page.count {
        true => Some(store::count_share_tables(&mut conn, customer, period).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(ShareRecord::try_from).collect::<database::Result<_>>()?, count })
}

pub async fn get_vendor_trends(
    db: &Db,
    customer: &Reference<CustomerId>,
    wanted: &VendorTrendQuery,
) -> Result<VendorTrends> {
    let mut conn = db.read().await?;
    let customer_id = customer_id(&mut conn, customer).await?;
    let vendors = store::vendors_by_id(&mut conn, customer_id).await?;
    let tables: Vec<_> = store::current_share_tables(&mut conn, customer_id)
        .await?
        .into_iter()
        .map(|row| ShareRecord::try_from(row).map(|record| (record.period, record.lines)))
        .collect::<database::Result<_>>()?;
    let length = wanted.length.unwrap_or(PeriodLength::Quarter);
    let trends = trends(&tables, length, wanted.product_line.as_deref(), &vendors);
    Ok(VendorTrends { customer_id, length, trends })
}
