use chassis::Context;
use database::Id;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, outbox};
use scoring_contract::v1::ScoreChanged;

use crate::store::scores;

/// Few enough that nobody waits long for the transaction.
const BATCH: i64 = 200;

/// Tells every score once more, as it is and with the sequence it has: who has it already ignores it.
pub fn republish(context: Context) -> BoxFuture<'static, database::Result<u64>> {
    async move {
        let mut told = 0;
        let mut last: Option<Id> = None;
        loop {
            let mut tx = context.db.begin().await?;
            let batch = scores::after(&mut tx, last, BATCH).await?;
            for score in &batch {
                outbox::enqueue(&mut tx, &Act::system(score.updated_at).in_bulk(), &ScoreChanged::from(score)).await?;
            }
            tx.commit().await?;
            match batch.last() {
                Some(score) => last = Some(score.customer_id.into()),
                None => return Ok(told),
            }
            told += batch.len() as u64;
        }
    }
    .boxed()
}
