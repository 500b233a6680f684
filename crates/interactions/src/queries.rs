use database::{Conn, Db, Id, PageRequest};
use interactions_contract::{AgendaItem, AgendaQuery, Interaction, InteractionId, InteractionQuery};
use registry_contract::{AnyOf, CustomerId};
use wire::Reference;

use crate::error::Error;
use crate::store::{customers, due_contacts, interactions, merges};

pub async fn interaction(db: &Db, reference: &Reference<InteractionId>) -> Result<Interaction, Error> {
    let mut conn = db.snapshot().await?;
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
    let mut conn = db.snapshot().await?;
    let customers = match &query.customer_id {
        Some(references) => Some(resolve(&mut conn, references).await?),
        None => None,
    };
    let filter = interactions::Filter { customers, query };
    let rows = interactions::list(&mut conn, &filter, page).await?;
    let count = if page.count { Some(interactions::count(&mut conn, &filter).await?) } else { None };
    Ok((rows, count))
}

/// A page of what is due, with one row more than asked for where there is a next page, and the number of all where that
/// is asked for; both as far as the user who looks may see. A program that looks has no `login`.
pub async fn agenda(
    db: &Db,
    query: AgendaQuery,
    login: Option<&str>,
    page: &PageRequest,
) -> Result<(Vec<AgendaItem>, Option<i64>), Error> {
    let mut conn = db.read().await?;
    let customers = match &query.customer {
        Some(references) => Some(resolve(&mut conn, references).await?),
        None => None,
    };
    let filter = due_contacts::Filter { customers, login: login.map(str::to_lowercase), query };
    let rows = due_contacts::list(&mut conn, &filter, page).await?;
    let count = if page.count { Some(due_contacts::count(&mut conn, &filter).await?) } else { None };
    Ok((rows, count))
}

/// A code nobody has matches nothing; a customer that was merged stands for what it was merged into.
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
    Ok(merges::followed(conn, &ids).await?)
}
