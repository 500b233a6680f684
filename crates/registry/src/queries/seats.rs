use database::{Db, PageRequest};
use registry_contract::{ContactId, CustomerId, Holding, HoldingId, Position, PositionId};
use wire::Reference;

use super::Listed;
use super::customers::customer_id;
use crate::error::{Error, Result};
use crate::store;

pub async fn get_position(db: &Db, id: PositionId) -> Result<Position> {
    let row = store::find_position(&mut db.read().await?, id).await?;
    row.map(Position::from).ok_or_else(|| Error::PositionNotFound(id.to_string()))
}

pub async fn get_holding(db: &Db, id: HoldingId) -> Result<Holding> {
    let row = store::find_holding(&mut db.read().await?, id).await?;
    row.map(Holding::from).ok_or_else(|| Error::HoldingNotFound(id.to_string()))
}

/// The seats of one customer.
pub async fn list_positions(db: &Db, customer: &Reference<CustomerId>, page: &PageRequest) -> Result<Listed<Position>> {
    let mut conn = db.read().await?;
    let customer = customer_id(&mut conn, customer).await?;
    let rows = store::list_positions(&mut conn, customer, page).await?;
    let count = match page.count {
        true => Some(store::count_positions(&mut conn, customer).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Position::from).collect(), count })
}

/// The seats that one contact holds, held or will hold.
pub async fn list_holdings(db: &Db, contact: ContactId, page: &PageRequest) -> Result<Listed<Holding>> {
    let mut conn = db.read().await?;
    if store::find_contact(&mut conn, contact).await?.is_none() {
        return Err(Error::ContactNotFound(contact.to_string()));
    }
    let rows = store::list_holdings(&mut conn, contact, page).await?;
    let count = match page.count {
        true => Some(store::count_holdings(&mut conn, contact).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Holding::from).collect(), count })
}
