//! What the days bring, without any event.

use std::error::Error;
use std::time::Duration;

use chassis::Context;
use chassis::rounds::{Left, every};
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::Act;

use crate::commands;
use crate::memory::Memory;

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

/// Writes down who read what is known of contacts, and at the end what the last requests read.
pub fn reads(context: Context) -> BoxFuture<'static, ()> {
    async move {
        let (db, memory) = (context.db.clone(), context.state::<Memory>().unwrap_or_default());
        let noted = memory.clone();
        every(context, Duration::from_secs(1), "writing down who read contacts", move |db, _| {
            let memory = noted.clone();
            async move { memory.reads.write_down(db).await.map(|_| Left::Nothing) }.boxed()
        })
        .await;
        if let Err(error) = memory.reads.write_down(&db).await {
            tracing::error!(error = &error as &dyn Error, "cannot write down who read contacts last");
        }
    }
    .boxed()
}

/// Throws away who read contacts more than two years ago.
pub fn forgetting(context: Context) -> BoxFuture<'static, ()> {
    every(context, Duration::from_secs(3600), "throwing away old reads", |db, now| {
        async move { commands::forget_reads(db, now).await.map(Left::after) }.boxed()
    })
}
