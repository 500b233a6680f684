use database::{Id, Result, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, NewCustomer};

use crate::schema::customer_classifications;

/// Which entries of standard lists a customer has; no row when none.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = customer_classifications, treat_none_as_default_value = false)]
pub struct ClassificationRow {
    pub customer_id: Id,
    pub industry_code: Option<String>,
    pub region_code: Option<String>,
}

impl ClassificationRow {
    pub fn new(customer: CustomerId, wanted: &NewCustomer) -> Option<Self> {
        let row = Self {
            customer_id: customer.into(),
            industry_code: wanted.industry_code.clone(),
            region_code: wanted.region_code.clone(),
        };
        (row.industry_code.is_some() || row.region_code.is_some()).then_some(row)
    }
}

pub async fn insert_classifications(tx: &mut Tx, rows: &[ClassificationRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    on!(tx,
        pg: |c| diesel::insert_into(customer_classifications::table).values(rows).execute(c).await,
        lite: |c| {
            // SQLite takes no batches through diesel; its statements cost no round trip.
            for row in rows {
                diesel::insert_into(customer_classifications::table).values(row).execute(c).await?;
            }
            Ok(rows.len())
        },
    )?;
    Ok(())
}

pub async fn delete_classifications(tx: &mut Tx, customers: &[Id]) -> Result<()> {
    if customers.is_empty() {
        return Ok(());
    }
    let some = customer_classifications::table.filter(customer_classifications::customer_id.eq_any(customers));
    on!(tx, |c| diesel::delete(some).execute(c).await)?;
    Ok(())
}
