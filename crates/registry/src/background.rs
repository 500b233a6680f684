//! What the days bring, without any event.

use std::time::Duration;

use chassis::Context;
use chrono::Utc;
use database::Db;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::Act;

use crate::commands;
use crate::error::Result;

/// Does a round of the work, and says how much there was.
type Round = for<'a> fn(&'a Db, &'a Act) -> BoxFuture<'a, Result<usize>>;

/// Keeps every customer's parent the one of the link that holds today.
pub fn settling(context: Context) -> BoxFuture<'static, ()> {
    every(context, Duration::from_secs(600), "settling the hierarchy", |db, act| {
        commands::settle_hierarchy(db, act).boxed()
    })
}

/// Moves customers who did not order for too long.
pub fn lapsing(context: Context) -> BoxFuture<'static, ()> {
    every(context, Duration::from_secs(3600), "looking for lapsed customers", |db, act| {
        commands::lapse_silent_customers(db, act).boxed()
    })
}

/// Gives the tiers that were decided for a day, soon after that day has begun where the customer is. Any number of
/// replicas may do this: each tier is given under the lock on its customer, once.
pub fn tiers(context: Context) -> BoxFuture<'static, ()> {
    every(context, Duration::from_secs(30), "giving due tiers", |db, act| {
        async { commands::give_due_tiers(db, act.at).await }.boxed()
    })
}

/// Round after round while there is work, then again after the pause.
fn every(context: Context, pause: Duration, what: &'static str, round: Round) -> BoxFuture<'static, ()> {
    async move {
        while !context.shutdown.is_cancelled() {
            match round(&context.db, &Act::system(Utc::now())).await {
                Ok(0) => {}
                Ok(_) => continue,
                Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "{what} failed, trying again"),
            }
            tokio::select! {
                () = context.shutdown.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
    .boxed()
}
