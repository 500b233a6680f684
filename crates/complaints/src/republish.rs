use chassis::Context;
use complaints_contract::v1::ComplaintAmended;
use database::Id;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, outbox};

use crate::store::complaints;

/// Few enough that nobody waits long for the transaction.
const BATCH: i64 = 200;

/// Tells every complaint once more, as it is and with the sequence it has: who has it already ignores it.
pub fn republish(context: Context) -> BoxFuture<'static, database::Result<u64>> {
    async move {
        let mut told = 0;
        let mut last: Option<Id> = None;
        loop {
            let mut tx = context.db.begin().await?;
            let batch = complaints::after(&mut tx, last, BATCH).await?;
            for complaint in &batch {
                let act = Act::system(complaint.updated_at);
                outbox::enqueue(&mut tx, &act, &ComplaintAmended(complaint.fact())).await?;
            }
            tx.commit().await?;
            match batch.last() {
                Some(complaint) => last = Some(complaint.id.into()),
                None => return Ok(told),
            }
            told += batch.len() as u64;
        }
    }
    .boxed()
}
