use chassis::Context;
use database::Id;
use futures::FutureExt;
use futures::future::BoxFuture;
use interactions_contract::v1::InteractionAmended;
use messaging::{Act, outbox};

use crate::store::interactions;

/// Few enough that nobody waits long for the transaction.
const BATCH: i64 = 200;

/// Tells every interaction once more, as it is and with the sequence it has: who has it already ignores it.
pub fn republish(context: Context) -> BoxFuture<'static, database::Result<u64>> {
    async move {
        let mut told = 0;
        let mut last: Option<Id> = None;
        loop {
            let mut tx = context.db.begin().await?;
            let batch = interactions::after(&mut tx, last, BATCH).await?;
            for interaction in &batch {
                let act = Act::system(interaction.updated_at).in_bulk();
                outbox::enqueue(&mut tx, &act, &InteractionAmended(interaction.into())).await?;
            }
            tx.commit().await?;
            match batch.last() {
                Some(interaction) => last = Some(interaction.id.into()),
                None => return Ok(told),
            }
            told += batch.len() as u64;
        }
    }
    .boxed()
}
