use std::time::Duration;

use chassis::Context;
use chassis::rounds::{Left, after_commits, every};
use chrono::TimeDelta;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::commands;

/// How long what another replica's commit asks for may wait.
const POLL: Duration = Duration::from_secs(1);

/// Recency and half-lives move with the days, without any event.
const DAY: TimeDelta = TimeDelta::days(1);
const LOOK_FOR_STALE: Duration = Duration::from_secs(600);
const STALE_AT_ONCE: i64 = 500;

/// Scores marked customers, soon after the commit that marked them.
pub fn rescoring(context: Context) -> BoxFuture<'static, ()> {
    after_commits(context, POLL, "rescoring", |db, now| {
        async move { commands::rescore(db, now).await.map(Left::after) }.boxed()
    })
}

/// Marks customers whose score is older than a day.
pub fn ageing(context: Context) -> BoxFuture<'static, ()> {
    every(context, LOOK_FOR_STALE, "looking for stale scores", |db, now| {
        async move { commands::mark_stale(db, now - DAY, now, STALE_AT_ONCE).await.map(Left::after) }.boxed()
    })
}
