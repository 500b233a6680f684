use std::time::Duration;

use chassis::Context;
use chrono::Utc;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::commands;

/// Other replicas' commits are not heard of here.
const POLL: Duration = Duration::from_secs(15);
/// Somebody holds what is due; it is looked at again.
const AGAIN: Duration = Duration::from_millis(200);
/// Complaints to a transaction: a killed one has little to do again.
const AT_ONCE: i64 = 20;

/// Takes the steps of escalation as they fall due. It asks for the next due time and sleeps until then, or until a commit
/// that may have changed it.
pub fn escalating(context: Context) -> BoxFuture<'static, ()> {
    async move {
        let mut commits = context.db.commits();
        while !context.shutdown.is_cancelled() {
            commits.mark_unchanged();
            let rest = match commands::fire_escalations(&context.db, Utc::now(), AT_ONCE).await {
                Ok(0) => until_next(&context).await,
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "escalating failed, trying again");
                    POLL
                }
            };
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                _ = commits.changed() => {}
                () = tokio::time::sleep(rest) => {}
            }
        }
    }
    .boxed()
}

async fn until_next(context: &Context) -> Duration {
    match commands::next_escalation(&context.db).await {
        Ok(Some(next)) => (next - Utc::now()).to_std().unwrap_or_default().clamp(AGAIN, POLL),
        Ok(None) | Err(_) => POLL,
    }
}

/// Reckons clocks anew, batch by batch, after a change of the rules.
pub fn rebuilding(context: Context) -> BoxFuture<'static, ()> {
    async move {
        let mut commits = context.db.commits();
        while !context.shutdown.is_cancelled() {
            commits.mark_unchanged();
            match commands::rebuild_clocks(&context.db, Utc::now()).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "reckoning anew failed, trying again")
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
