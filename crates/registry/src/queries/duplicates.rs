use std::collections::HashMap;

use database::{Conn, Db, Id, PageRequest};
use registry_contract::{
    Duplicate, DuplicateCandidate, DuplicateCandidates, DuplicateCustomer, DuplicateId, DuplicateQuery, NewCustomer,
};

use super::Listed;
use crate::domain::duplicates::{PROPOSED, Reached, Traits, compare};
use crate::domain::{CustomerDetails, Sight};
use crate::error::{Error, Result};
use crate::store::{self, CustomerRow, PairRow};

const MOST_CANDIDATES: usize = 20;

pub async fn get_duplicate(db: &Db, id: DuplicateId, sight: Sight) -> Result<Duplicate> {
    let mut conn = db.read().await?;
    let row = store::find_pair(&mut conn, id, sight).await?.ok_or_else(|| Error::DuplicateNotFound(id.to_string()))?;
    Ok(duplicates_of(&mut conn, vec![row]).await?.remove(0))
}

pub async fn list_duplicates(
    db: &Db,
    wanted: &DuplicateQuery,
    sight: Sight,
    page: &PageRequest,
) -> Result<Listed<Duplicate>> {
    let mut conn = db.read().await?;
    let rows = store::list_pairs(&mut conn, wanted, sight, page).await?;
    let items = duplicates_of(&mut conn, rows).await?;
    let count = match page.count {
        true => Some(store::count_pairs(&mut conn, wanted, sight).await?),
        false => None,
    };
    Ok(Listed { items, count })
}

/// Whom a customer about to be created may be already, as far as the caller may know.
pub async fn check_duplicates(db: &Db, new: NewCustomer, sight: Sight) -> Result<DuplicateCandidates> {
    let details = CustomerDetails::parse(new)?;
    let own = Traits::of(&details, &Reached::default());
    let mut conn = db.read().await?;
    let others: Vec<Id> = store::sharing(&mut conn, &own.keys()).await?.into_iter().collect();
    let mut likely: Vec<_> = traits_of(&mut conn, &others)
        .await?
        .into_iter()
        .map(|(id, traits)| (id, compare(&own, &traits.seen_by(sight))))
        .filter(|(_, likeness)| likeness.score >= PROPOSED)
        .collect();
    likely.sort_by(|(a, one), (b, other)| other.score.cmp(&one.score).then(a.cmp(b)));
    likely.truncate(MOST_CANDIDATES);
    let ids: Vec<Id> = likely.iter().map(|(id, _)| *id).collect();
    let customers = customers(&mut conn, &ids).await?;
    let candidate = |(id, likeness): (Id, crate::domain::duplicates::Likeness)| {
        let customer = customers.get(&id)?.clone();
        Some(DuplicateCandidate { customer, score: likeness.score, reasons: likeness.reasons })
    };
    Ok(DuplicateCandidates { items: likely.into_iter().filter_map(candidate).collect() })
}

/// The customers as they are compared, by id.
pub async fn traits_of(conn: &mut Conn, ids: &[Id]) -> database::Result<Vec<(Id, Traits)>> {
    let rows = store::customers_among(conn, ids).await?;
    let customers = store::complete(conn, rows).await?;
    let reached = store::reached_by(conn, ids).await?;
    let mut traits: Vec<_> = customers
        .iter()
        .map(|customer| {
            let id = Id::from(customer.id);
            let nobody = Reached::default();
            (id, Traits::of(&NewCustomer::from(customer), reached.get(&id).unwrap_or(&nobody)))
        })
        .collect();
    traits.sort_by_key(|(id, _)| *id);
    Ok(traits)
}

/// The rows as whole pairs, in their order.
pub async fn duplicates_of(conn: &mut Conn, rows: Vec<PairRow>) -> Result<Vec<Duplicate>> {
    let ids: Vec<Id> = rows.iter().flat_map(|row| [row.first_id, row.second_id]).collect();
    let customers = customers(conn, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let both = [row.first_id, row.second_id].iter().filter_map(|id| customers.get(id).cloned()).collect();
            Ok(Duplicate {
                id: row.id.get(),
                customers: both,
                score: row.score,
                reasons: serde_json::from_value(row.reasons).map_err(database::Error::other)?,
                state: row.state.0,
                version: row.version,
                created_at: row.created_at.into(),
                updated_at: row.updated_at.into(),
            })
        })
        .collect()
}

async fn customers(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, DuplicateCustomer>> {
    let rows: Vec<CustomerRow> = store::customers_among(conn, ids).await?;
    let customer = |row: CustomerRow| (row.id, DuplicateCustomer { id: row.id.get(), code: row.code, name: row.name });
    Ok(rows.into_iter().map(customer).collect())
}
