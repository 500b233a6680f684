use chrono::{DateTime, Utc};
use database::Tx;

use crate::domain::observed::Told;
use crate::store::{merges, observations, watched};

/// Takes in what another service tells of a customer, and has the detectors look at whom it is about. What is no newer than
/// what is known already changes nothing.
pub async fn observe(tx: &mut Tx, told: &Told, at: DateTime<Utc>) -> database::Result<()> {
    merges::hold(tx).await?;
    let changed = observations::keep(tx, told).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let redirects = merges::from(tx, &changed).await?;
    watched::mark(tx, changed.iter().map(|id| redirects.resolve(id.get()).into()).collect(), at).await
}
