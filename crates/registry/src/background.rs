use std::time::Duration;

use chassis::Context;
use chrono::Utc;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::Act;

use crate::commands;

/// Days pass without any event.
const LOOK_EVERY: Duration = Duration::from_secs(3600);

/// Moves customers who did not order for too long.
pub fn lapsing(context: Context) -> BoxFuture<'static, ()> {
    async move {
        while !context.shutdown.is_cancelled() {
            match commands::lapse_silent_customers(&context.db, &Act::system(Utc::now())).await {
                Ok(0) => {}
                Ok(moved) => tracing::info!(moved, "customers lapsed for want of orders"),
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "looking for lapsed customers failed")
                }
            }
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
    .boxed()
}
