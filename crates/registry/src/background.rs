use std::time::Duration;

use chassis::Context;
use chrono::Utc;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::commands;

/// Days begin on the minute, wherever they do.
const LOOK_FOR_DUE: Duration = Duration::from_secs(30);

/// Gives the tiers that were decided for a day, soon after that day has begun where the customer is. Any number of
/// replicas may do this: each tier is given under the lock on its customer, once.
pub fn tiers(context: Context) -> BoxFuture<'static, ()> {
    async move {
        while !context.shutdown.is_cancelled() {
            match commands::give_due_tiers(&context.db, Utc::now()).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "giving due tiers failed, trying again");
                }
            }
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK_FOR_DUE) => {}
            }
        }
    }
    .boxed()
}
