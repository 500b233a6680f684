use std::time::Duration;

use chassis::Context;
use chrono::Utc;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::Act;

use crate::commands;

/// Links begin and end with the day, without anybody doing anything.
const LOOK: Duration = Duration::from_secs(600);

/// Keeps every customer's parent the one of the link that holds today.
pub fn settling(context: Context) -> BoxFuture<'static, ()> {
    async move {
        while !context.shutdown.is_cancelled() {
            match commands::settle_hierarchy(&context.db, &Act::system(Utc::now())).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "settling the hierarchy failed")
                }
            }
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
    .boxed()
}
