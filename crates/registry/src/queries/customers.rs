use database::{Conn, Db, PageRequest};
use registry_contract::{Customer, CustomerId, CustomerQuery};
use wire::Reference;

use super::Listed;
use crate::domain::Sight;
use crate::error::{Error, Result};
use crate::store::{self, Narrowed};

pub async fn get_customer(db: &Db, reference: &Reference<CustomerId>) -> Result<Customer> {
    let mut conn = db.read().await?;
    let rows = store::find_customer(&mut conn, reference).await?.into_iter().collect();
    let customer = store::complete(&mut conn, rows).await?.pop();
    customer.ok_or_else(|| Error::CustomerNotFound(reference.to_string()))
}

/// In an order of its fields; what `q` finds by how well it fits comes from [`search_customers`](super::search_customers).
pub async fn list_customers(
    db: &Db,
    wanted: &CustomerQuery,
    sight: Sight,
    page: &PageRequest,
) -> Result<Listed<Customer>> {
    let mut conn = db.read().await?;
    let narrowed = narrowed(&mut conn, wanted).await?;
    let rows = store::list_customers(&mut conn, wanted, &narrowed, sight, page).await?;
    let items = store::complete(&mut conn, rows).await?;
    let count = match page.count {
        true => Some(store::count_customers(&mut conn, wanted, &narrowed, sight).await?),
        false => None,
    };
    Ok(Listed { items, count })
}

/// Which customer the reference names.
pub async fn customer_id(conn: &mut Conn, reference: &Reference<CustomerId>) -> Result<CustomerId> {
    let found = store::find_customer(conn, reference).await?;
    Ok(found.ok_or_else(|| Error::CustomerNotFound(reference.to_string()))?.id.get())
}

/// What the filters mean, those by custom fields too, now that it is known which fields there are.
pub(super) async fn narrowed(conn: &mut Conn, wanted: &CustomerQuery) -> Result<Narrowed> {
    let tests = match wanted.custom.0.is_empty() {
        true => Vec::new(),
        false => {
            let tests = store::definitions(conn).await?.tests(&wanted.custom);
            tests.map_err(|faults| Error::QueryInvalid(faults.into_vec()))?
        }
    };
    Ok(store::narrowed(conn, wanted, tests).await?)
}
