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
    after_commits::<database::Error>(context, POLL, "escalating", |db, now| {
        async move {
            match commands::fire_escalations(db, now, AT_ONCE).await? {
                0 => commands::next_escalation(db).await.map(left),
                _ => Ok(Left::Something),
            }
        }
        .boxed()
    })
}

/// Looks at customers for implicit complaints as they fall due.
pub fn watching(context: Context) -> BoxFuture<'static, ()> {
    after_commits::<database::Error>(context, POLL, "looking for implicit complaints", |db, now| {
        async move {
            match commands::look_for_signals(db, now, AT_ONCE).await? {
                0 => commands::next_look(db).await.map(left),
                _ => Ok(Left::Something),
            }
        }
        .boxed()
    })
}

/// Reckons clocks anew, batch by batch, after a change of the rules.
pub fn rebuilding(context: Context) -> BoxFuture<'static, ()> {
    after_commits(context, POLL, "reckoning anew", |db, now| {
        async move { commands::rebuild_clocks(db, now).await.map(Left::after) }.boxed()
    })
}

fn left(next: Option<DateTime<Utc>>) -> Left {
    next.map_or(Left::Nothing, Left::NothingBefore)
}
