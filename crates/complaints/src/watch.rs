use std::time::Duration;

use chassis::Context;
use chrono::Utc;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::commands;

/// Other replicas' commits are not heard of here.
const POLL: Duration = Duration::from_secs(15);
/// Somebody else is looking at who is due; it is asked again.
const AGAIN: Duration = Duration::from_millis(200);
/// Customers to a transaction: few, because whoever tells of one of them waits for its end.
const AT_ONCE: i64 = 20;

/// Looks at customers for implicit complaints as they fall due. It asks for the next one and sleeps until then, or until a commit
/// that may have changed it.
pub fn watching(context: Context) -> BoxFuture<'static, ()> {
    async move {
        let mut commits = context.db.commits();
        while !context.shutdown.is_cancelled() {
            commits.mark_unchanged();
            let rest = match commands::look_for_signals(&context.db, Utc::now(), AT_ONCE).await {
                Ok(0) => until_next(&context).await,
                Ok(_) => continue,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "looking for implicit complaints failed, trying again");
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
    match commands::next_look(&context.db).await {
        Ok(Some(next)) => (next - Utc::now()).to_std().unwrap_or_default().clamp(AGAIN, POLL),
        Ok(None) | Err(_) => POLL,
    }
}
