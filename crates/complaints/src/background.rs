use std::time::Duration;

use chassis::Context;
use chrono::Utc;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::commands;

/// Other replicas' commits are not heard of here.
const POLL: Duration = Duration::from_secs(5);

/// Looks at customers that are due, soon after the commit that made them so.
pub fn watching(context: Context) -> BoxFuture<'static, ()> {
    async move {
        let mut commits = context.db.commits();
        while !context.shutdown.is_cancelled() {
            commits.mark_unchanged();
            match commands::look_for_signals(&context.db, Utc::now()).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "looking for signals failed, trying again"
                    );
                }
            }
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                _ = commits.changed() => {}
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }
    .boxed()
}
