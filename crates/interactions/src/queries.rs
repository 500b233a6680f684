use database::{Conn, Db, Id, PageRequest};
use interactions_contract::{Interaction, InteractionId, InteractionQuery};
use registry_contract::{AnyOf, CustomerId};
use wire::Reference;

use crate::error::Error;
use crate::store::interactions::Filter;
use crate::store::{customers, interactions};

pub async fn interaction(db: &Db, reference: &Reference<InteractionId>) -> Result<Interaction, Error> {
    let mut conn = db.read().await?;
    let found = interactions::find(&mut conn, reference).await?;
    found.ok_or_else(|| Error::InteractionNotFound(reference.to_string()))
}

/// A page with one row more than asked for where there is a next page, and the number of all rows where that is asked
/// for.
pub async fn interactions(
    db: &Db,
    query: InteractionQuery,
    page: &PageRequest,
) -> Result<(Vec<Interaction>, Option<i64>), Error> {
    let mut conn = db.read().await?;
    let customers = match &query.customer_id {
        Some(references) => Some(resolve(&mut conn, references).await?),
        None => None,
    };
    let filter = Filter { customers, query };
    let rows = interactions::list(&mut conn, &filter, page).await?;
    let count = if page.count { Some(interactions::count(&mut conn, &filter).await?) } else { None };
    Ok((rows, count))
}

/// A code nobody has matches nothing.
async fn resolve(conn: &mut Conn, references: &AnyOf<Reference<CustomerId>>) -> Result<Vec<Id>, Error> {
    let mut ids = Vec::new();
    let mut codes = Vec::new();
    for reference in &references.0 {
        match reference {
            Reference::Id(id) => ids.push(Id::from(*id)),
            Reference::Code(code) => codes.push(code.as_str()),
        }
    }
    ids.extend(customers::by_code(conn, codes).await?.into_values());
    Ok(ids)
}
