use database::{Db, PageRequest};
use registry_contract::{CustomerId, Holding, HoldingId, HoldingQuery, Position, PositionId, PositionQuery};
use wire::Reference;

use super::Listed;
use super::customers::customer_id;
use crate::error::{Error, Result};
use crate::store::{self, HeldBy};

pub async fn get_position(db: &Db, id: PositionId) -> Result<Position> {
    let row = store::find_position(&mut db.read().await?, id).await?;
    row.map(Position::from).ok_or_else(|| Error::PositionNotFound(id.to_string()))
}

pub async fn get_holding(db: &Db, id: HoldingId) -> Result<Holding> {
    let row = store::find_holding(&mut db.read().await?, id).await?;
    row.map(Holding::from).ok_or_else(|| Error::HoldingNotFound(id.to_string()))
}

/// The seats of one customer.
pub async fn list_positions(
    db: &Db,
    customer: &Reference<CustomerId>,
    wanted: &PositionQuery,
    page: &PageRequest,
) -> Result<Listed<Position>> {
    let mut conn = db.read().await?;
    let customer = customer_id(&mut conn, customer).await?;
    let rows = store::list_positions(&mut conn, customer, wanted, page).await?;
    let count = match page.count {
        true => Some(store::count_positions(&mut conn, customer, wanted).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Position::from).collect(), count })
}

/// The seats that one contact holds, held or will hold; or who holds, held or will hold one seat.
pub async fn list_holdings(
    db: &Db,
    held_by: HeldBy,
    wanted: &HoldingQuery,
    page: &PageRequest,
) -> Result<Listed<Holding>> {
    let mut conn = db.read().await?;
    match held_by {
        HeldBy::Contact(id) if store::find_contact(&mut conn, id).await?.is_none() => {
            return Err(Error::ContactNotFound(id.to_string()));
        }
        HeldBy::Position(id) if store::find_position(&mut conn, id).await?.is_none() => {
            return Err(Error::PositionNotFound(id.to_string()));
        }
        HeldBy::Contact(_) | HeldBy::Position(_) => {}
    }
    let rows = store::list_holdings(&mut conn, held_by, wanted, page).await?;
    let count = match page.count {
        true => Some(store::count_holdings(&mut conn, held_by, wanted).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Holding::from).collect(), count })
}
