use std::collections::HashSet;

use chassis::audit;
use chrono::{DateTime, Utc};
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use problem::FieldError;
use scoring_contract::v1::ScoreChanged;
use scoring_contract::{Rescored, Rescoring, Score};

use crate::domain::{self, Computed, Facts};
use crate::error::Error;
use crate::store::{dirty, facts, scores};

/// Customers scored in one transaction: few, because whoever marks one of them waits for its end.
const BATCH: i64 = 20;

/// Marks all customers, or some, to be scored again.
pub async fn start_rescoring(db: &Db, act: &Act, which: Rescoring) -> Result<Rescored, Error> {
    let mut tx = db.begin().await?;
    let marked = match which.customer_ids {
        None => dirty::mark_all(&mut tx, act.at).await?,
        Some(customers) => {
            let ids: Vec<Id> = customers.into_iter().map(Id::from).collect();
            refuse_unknown(&mut tx, &ids).await?;
            let different = ids.iter().collect::<HashSet<_>>().len();
            dirty::mark(&mut tx, ids, act.at).await?;
            different
        }
    };
    audit::record(&mut tx, act, "rescoring.started", "rescoring", act.new_id()).await?;
    tx.commit().await?;
    Ok(Rescored { marked })
}

async fn refuse_unknown(tx: &mut Tx, ids: &[Id]) -> Result<(), Error> {
    let known: HashSet<Id> = facts::known(tx, ids).await?.into_iter().collect();
    let unknown = ids.iter().enumerate().filter(|(_, id)| !known.contains(id));
    let faults: Vec<_> = unknown
        .map(|(index, _)| {
            FieldError::new(
                format!("/customer_ids/{index}"),
                "customer-unknown",
                "no customer with this id is known here",
            )
        })
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::CustomersUnknown(faults)) }
}

/// Scores some of the marked customers for an instant, and says how many it took; none when none is marked.
pub async fn rescore(db: &Db, as_of: DateTime<Utc>) -> database::Result<usize> {
    // Looked at without a transaction, because this is asked after every commit, and SQLite has one writer.
    if !dirty::any(db).await? {
        return Ok(0);
    }
    let as_of = wire::truncate(as_of);
    let act = Act::system(as_of);
    let policy = domain::current();
    let mut tx = db.begin().await?;
    let claims = dirty::claim(&mut tx, BATCH).await?;
    let ids: Vec<Id> = claims.iter().map(|claim| claim.customer_id).collect();
    let facts = facts::of(&mut tx, &ids).await?;
    let before = scores::find_all(&mut tx, &ids).await?;
    let redirects = customer_merges::from(&mut tx, &ids).await?;
    for claim in &claims {
        // Others told of a customer before the registry did: the registry's event will mark it again.
        // A merged customer has none of its own.
        let itself = redirects.resolve(claim.customer_id.get()) == claim.customer_id.get();
        if let Some(facts) = facts.get(&claim.customer_id).filter(|_| itself) {
            let computed = domain::score(facts, &policy, as_of);
            keep(&mut tx, &act, facts, computed, before.get(&claim.customer_id)).await?;
        } else if itself && before.contains_key(&claim.customer_id) {
            // The registry has withdrawn it.
            scores::remove(&mut tx, claim.customer_id).await?;
        }
        dirty::settle(&mut tx, *claim).await?;
    }
    tx.commit().await?;
    Ok(claims.len())
}

async fn keep(
    tx: &mut Tx,
    act: &Act,
    facts: &Facts,
    computed: Computed,
    before: Option<&Score>,
) -> database::Result<()> {
    let customer = &facts.customer;
    let owner = customer.owner.as_deref();
    if before.is_some_and(|before| computed == Computed::from(before)) {
        return scores::confirm(tx, customer.customer_id.into(), act.at, owner).await;
    }
    let version = before.map_or(1, |before| before.version + 1);
    let score = scores::next(customer, computed, act.at, version);
    scores::keep(tx, &score, owner).await?;
    outbox::enqueue(tx, act, &ScoreChanged::from(&score)).await
}

/// Marks up to `limit` customers not scored since an instant, and says how many.
pub async fn mark_stale(
    db: &Db,
    scored_before: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: i64,
) -> database::Result<usize> {
    let mut tx = db.begin().await?;
    let marked = dirty::mark_stale(&mut tx, scored_before, now, limit).await?;
    if marked > 0 {
        tx.commit().await?;
    }
    Ok(marked)
}
