use std::time::Duration;

use chassis::Context;
use chrono::{TimeDelta, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::commands;

/// Other replicas' commits are not heard of here.
const POLL: Duration = Duration::from_secs(1);

/// Recency and half-lives move with the days, without any event.
const DAY: TimeDelta = TimeDelta::days(1);
const LOOK_FOR_STALE: Duration = Duration::from_secs(600);
const STALE_AT_ONCE: i64 = 500;

/// Scores marked customers, soon after the commit that marked them.
pub fn rescoring(context: Context) -> BoxFuture<'static, ()> {
    async move {
        let mut commits = context.db.commits();
        while !context.shutdown.is_cancelled() {
            commits.mark_unchanged();
            match commands::rescore(&context.db, Utc::now()).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "rescoring failed, trying again")
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

/// Marks customers whose score is older than a day.
pub fn ageing(context: Context) -> BoxFuture<'static, ()> {
    async move {
        while !context.shutdown.is_cancelled() {
            let now = Utc::now();
            match commands::mark_stale(&context.db, now - DAY, now, STALE_AT_ONCE).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "looking for stale scores failed")
                }
            }
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                () = tokio::time::sleep(LOOK_FOR_STALE) => {}
            }
        }
    }
    .boxed()
}
