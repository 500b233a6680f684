use chrono::{DateTime, Utc};
use database::{Conn, Db, Id, PageRequest};
use registry_contract::CustomerId;
use scoring_contract::{Explanation, FactsDigest, Score, ScoreQuery, ScoreRevision, facts_digest};
use wire::Reference;

use crate::error::Error;
use crate::store::facts::Version;
use crate::store::{dirty, facts, scores};

pub async fn score(db: &Db, customer: &Reference<CustomerId>) -> Result<Score, Error> {
    let mut conn = db.read().await?;
    existing(&mut conn, customer).await
}

async fn existing(conn: &mut Conn, customer: &Reference<CustomerId>) -> Result<Score, Error> {
    let score = match facts::resolve(conn, customer).await? {
        Some(id) => scores::find(conn, id).await?,
        None => None,
    };
    score.ok_or_else(|| Error::ScoreNotYet(customer.to_string()))
}

/// A page with one row more than asked for where there is a next page, and the number of all rows where that is asked
/// for.
pub async fn scores(db: &Db, query: &ScoreQuery, page: &PageRequest) -> Result<(Vec<Score>, Option<i64>), Error> {
    let mut conn = db.read().await?;
    let rows = scores::list(&mut conn, query, page).await?;
    let count = if page.count { Some(scores::count(&mut conn, query).await?) } else { None };
    Ok((rows, count))
}

/// As [`scores`], of the revisions of one customer's score.
pub async fn history(
    db: &Db,
    customer: &Reference<CustomerId>,
    page: &PageRequest,
) -> Result<(Vec<ScoreRevision>, Option<i64>), Error> {
    let mut conn = db.read().await?;
    let id = Id::from(existing(&mut conn, customer).await?.customer_id);
    let rows = scores::history(&mut conn, id, page).await?;
    let count = if page.count { Some(scores::count_history(&mut conn, id).await?) } else { None };
    Ok((rows, count))
}

pub async fn explanation(db: &Db, customer: &Reference<CustomerId>) -> Result<Explanation, Error> {
    // Score, facts and mark must be of one moment, or they would seem to contradict each other.
    let mut conn = db.snapshot().await?;
    let score = existing(&mut conn, customer).await?;
    let id = Id::from(score.customer_id);
    let facts = vec![
        digest("registry.customer", facts::customers::versions(&mut conn, id).await?),
        digest("registry.contact", facts::contacts::versions(&mut conn, id).await?),
        digest("registry.position", facts::positions::versions(&mut conn, id).await?),
        digest("registry.holding", facts::holdings::versions(&mut conn, id).await?),
        digest("interactions.interaction", facts::interactions::versions(&mut conn, id).await?),
        digest("complaints.complaint", facts::complaints::versions(&mut conn, id).await?),
    ];
    let rescoring_due = dirty::is_marked(&mut conn, id).await?;
    Ok(Explanation { score, facts, rescoring_due })
}

fn digest(source: &str, versions: Vec<Version>) -> FactsDigest {
    let latest = versions.iter().map(|(_, _, changed_at)| *changed_at).max();
    FactsDigest {
        source: source.to_owned(),
        count: i64::try_from(versions.len()).unwrap_or(i64::MAX),
        latest: latest.map(DateTime::<Utc>::from),
        digest: facts_digest(versions.into_iter().map(|(id, sequence, _)| (id.get(), sequence))),
    }
}
