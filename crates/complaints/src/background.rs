//! What falls due without any event.

use std::time::Duration;

use chassis::Context;
use chassis::rounds::{Left, after_commits};
use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::commands;

/// How long what another replica's commit asks for may wait.
const POLL: Duration = Duration::from_secs(15);
/// To a transaction: a killed one has little to do again, and whoever tells of one of them waits for its end.
const AT_ONCE: i64 = 20;

/// Takes the steps of escalation as they fall due.
pub fn escalating(context: Context) -> BoxFuture<'static, ()> {
    after_commits(context, POLL, "escalating", |db, now| {
        as_due(now, commands::next_escalation(db), commands::fire_escalations(db, now, AT_ONCE)).boxed()
    })
}

/// Looks at customers for implicit complaints as they fall due.
pub fn watching(context: Context) -> BoxFuture<'static, ()> {
    after_commits(context, POLL, "looking for implicit complaints", |db, now| {
        as_due(now, commands::next_look(db), commands::look_for_signals(db, now, AT_ONCE)).boxed()
    })
}

/// Reckons clocks anew, batch by batch, after a change of the rules.
pub fn rebuilding(context: Context) -> BoxFuture<'static, ()> {
    after_commits(context, POLL, "reckoning anew", |db, now| {
        async move { commands::rebuild_clocks(db, now).await.map(Left::after) }.boxed()
    })
}

/// Works only where something is due: whether it is, is asked after every commit, without a transaction, because SQLite has one
/// writer. What is due and cannot be done is in the hands of another replica.
async fn as_due(
    now: DateTime<Utc>,
    next: impl Future<Output = database::Result<Option<DateTime<Utc>>>>,
    work: impl Future<Output = database::Result<usize>>,
) -> database::Result<Left> {
    match next.await? {
        Some(due) if due <= now && work.await? > 0 => Ok(Left::Something),
        Some(due) => Ok(Left::NothingBefore(due)),
        None => Ok(Left::Nothing),
    }
}
