use database::{Db, PageRequest};
use registry_contract::{Customer, CustomerId, CustomerMoved, Merge, MergeId};
use wire::Reference;

use super::{Listed, customers};
use crate::error::{Error, Result};
use crate::store;

/// A customer asked for by its own id or code.
pub enum Whereabouts {
    Here(Box<Customer>),
    Moved(CustomerMoved),
}

/// The customer, or whom it has become.
pub async fn find_customer(db: &Db, reference: &Reference<CustomerId>) -> Result<Whereabouts> {
    let mut conn = db.read().await?;
    let found = store::find_customer_itself(&mut conn, reference).await?;
    let row = found.ok_or_else(|| Error::CustomerNotFound(reference.to_string()))?;
    let id: CustomerId = row.id.get();
    let merged_into = store::merged_into(&mut conn, id).await?;
    if merged_into != id {
        return Ok(Whereabouts::Moved(CustomerMoved { id, code: row.code, merged_into }));
    }
    drop(conn);
    Ok(Whereabouts::Here(Box::new(customers::get_customer(db, &Reference::Id(id)).await?)))
}

pub async fn get_merge(db: &Db, id: MergeId) -> Result<Merge> {
    let row = store::find_merge(&mut db.read().await?, id.into()).await?;
    Ok(row.ok_or_else(|| Error::MergeNotFound(id.to_string()))?.try_into()?)
}

/// The merges into a customer, or out of it.
pub async fn list_merges(db: &Db, customer: &Reference<CustomerId>, page: &PageRequest) -> Result<Listed<Merge>> {
    let mut conn = db.read().await?;
    let found = store::find_customer_itself(&mut conn, customer).await?;
    let customer = found.ok_or_else(|| Error::CustomerNotFound(customer.to_string()))?.id;
    let rows = store::list_merges(&mut conn, customer, page).await?;
    let count = match page.count {
        true => Some(store::count_merges(&mut conn, customer).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Merge::try_from).collect::<database::Result<_>>()?, count })
}
