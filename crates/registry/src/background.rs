//! What the days bring, without any event.

use std::time::Duration;

use chassis::Context;
use chassis::rounds::{Left, every};
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::Act;

use crate::commands;

/// Keeps every customer's parent the one of the link that holds today.
pub fn settling(context: Context) -> BoxFuture<'static, ()> {
    every(context, Duration::from_secs(600), "settling the hierarchy", |db, now| {
        async move { commands::settle_hierarchy(db, &Act::system(now)).await.map(Left::after) }.boxed()
    })
}

/// Moves customers who did not order for too long.
pub fn lapsing(context: Context) -> BoxFuture<'static, ()> {
    every(context, Duration::from_secs(3600), "looking for lapsed customers", |db, now| {
        async move { commands::lapse_silent_customers(db, &Act::system(now)).await.map(Left::after) }.boxed()
    })
}

/// Gives the tiers that were decided for a day, soon after that day has begun where the customer is. Any number of
/// replicas may do this: each tier is given under the lock on its customer, once.
pub fn tiers(context: Context) -> BoxFuture<'static, ()> {
    every(context, Duration::from_secs(30), "giving due tiers", |db, now| {
        async move { commands::give_due_tiers(db, now).await.map(Left::after) }.boxed()
    })
}
