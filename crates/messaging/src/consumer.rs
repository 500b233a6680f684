use std::{collections::HashSet, panic::AssertUnwindSafe, time::Duration};

use database::{Backend, Db};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, debug, error, info, info_span, warn};
use uuid::Uuid;

use crate::{
    Bus, BusError, Depth, Endpoint, Envelope, Handler, Rejected, Retries, Subscription, inbox, local, rabbit,
    retries::Backoff,
};

/// How many messages a consumer takes from its queue ahead of answering them.
pub(crate) const PREFETCH: i64 = 128;

/// How many messages are handled in one transaction, if so many are there: enough to share its cost, few enough that what
/// they lock is soon free again.
pub(crate) const TOGETHER: usize = 32;

const LOOK_EVERY: Duration = Duration::from_millis(10);

const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// How many transactions handle messages at once: SQLite has one writer, and PostgreSQL's connections are wanted elsewhere too.
pub(crate) fn concurrency(db: &Db) -> usize {
    match db.backend() {
        Backend::Postgres => 4,
        Backend::Sqlite => 1,
    }
}

/// A message as a transport brings it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incoming<'a> {
    body: &'a [u8],
    failures: u32,
}

impl<'a> Incoming<'a> {
    /// One that failed so many times before.
    pub(crate) fn new(body: &'a [u8], failures: u32) -> Self {
        Self { body, failures }
    }
}

/// What a transport does with a message after [`receive`].
#[derive(Debug)]
pub(crate) enum Verdict {
    Done,
    /// To be delivered again after the delay, which is the `attempts`-th.
    Again {
        attempts: u32,
        delay: Duration,
        reason: String,
    },
    Dead {
        attempts: u32,
        reason: String,
    },
    /// Shutting down: no answer, so the message comes again.
    Stopped,
}

/// What a delivery did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    Handled,
    /// The event had been handled before: nothing was done.
    Repeated,
}

/// Consumes the service's queue until told to stop; messages under way are answered first.
pub async fn run_consumer(end: Endpoint, stop: CancellationToken) {
    tokio::join!(consume(&end, &stop), prune(&end.db, &stop));
}

async fn consume(end: &Endpoint, stop: &CancellationToken) {
    let mut backoff = Backoff::default();
    while !stop.is_cancelled() {
        let started = std::time::Instant::now();
        let outcome = match &end.bus {
            Bus::Rabbit(rabbit) => rabbit::run(rabbit, end, stop).await,
            Bus::Local(local) => local::run(local, end, stop).await,
        };
        let Err(error) = outcome else { continue };
        if started.elapsed() > Duration::from_secs(30) {
            backoff.reset();
        }
        if backoff.is_fresh() {
            warn!(service = end.service, %error, "lost the bus, connecting again");
        }
        pause(backoff.next(), stop).await;
    }
}

async fn prune(db: &Db, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match inbox::prune(db).await {
            Ok(0) => {}
            Ok(rows) => debug!(rows, "forgot old inbox entries"),
            Err(error) => warn!(%error, "cannot prune the inbox"),
        }
        pause(PRUNE_EVERY, stop).await;
    }
}

/// Handles one event now, as a delivery from the bus would: recorded and handled in one transaction, once.
///
/// # Errors
/// What the handler answered, or that the service has no handler for the type.
pub async fn deliver(end: &Endpoint, envelope: &Envelope) -> Result<Delivered, Rejected> {
    let handled = deliver_all(end, &[envelope]).await?;
    Ok(if handled == 1 { Delivered::Handled } else { Delivered::Repeated })
}

/// Handles all of them in one transaction, or none. Answers how many had not been handled before.
async fn deliver_all(end: &Endpoint, envelopes: &[&Envelope]) -> Result<usize, Rejected> {
    let mut work = Vec::with_capacity(envelopes.len());
    for envelope in envelopes {
        let handlers = handlers(end.subscriptions, &envelope.r#type);
        if handlers.is_empty() {
            // Not dropped: while versions of a service change over, both read the same queue.
            let reason = format!("no handler for {} in this version of {}", envelope.r#type, end.service);
            return Err(Rejected::Retry(reason));
        }
        work.push((*envelope, handlers));
    }
    let ids: Vec<Uuid> = envelopes.iter().map(|envelope| envelope.id).collect();
    let mut tx = end.db.begin().await?;
    let mut fresh = inbox::record(&mut tx, &ids).await?;
    let count = fresh.len();
    for (envelope, handlers) in work {
        // One that is there twice is handled once.
        if fresh.remove(&envelope.id) {
            for handler in handlers {
                handler(&mut tx, envelope).instrument(span(end, envelope)).await?;
            }
        }
    }
    if count > 0 {
        tx.commit().await?;
    }
    Ok(count)
}

fn handlers(subscriptions: &[Subscription], event_type: &str) -> Vec<Handler> {
    to(subscriptions, event_type).map(|subscription| subscription.handler).collect()
}

fn to<'a>(subscriptions: &'a [Subscription], event_type: &str) -> impl Iterator<Item = &'a Subscription> {
    subscriptions.iter().filter(move |subscription| subscription.event_type == event_type)
}

fn span(end: &Endpoint, envelope: &Envelope) -> Span {
    info_span!(
        "event",
        service = end.service,
        event.id = %envelope.id,
        event.r#type = envelope.r#type,
        traceparent = envelope.traceparent,
    )
}

/// Handles messages, in one transaction as far as that goes, and says what becomes of each.
pub(crate) async fn receive_all(
    end: &Endpoint,
    retries: &Retries,
    messages: &[Incoming<'_>],
    stop: &CancellationToken,
) -> Vec<Verdict> {
    let together = receive_together(end, messages, stop).await;
    let mut verdicts = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        verdicts.push(if together.contains(&index) {
            Verdict::Done
        } else {
            receive(end, retries, *message, stop).await
        });
    }
    verdicts
}

/// Handles those that may share a transaction, and have not failed yet, in one, and says which these were. If one of them fails
/// then none is handled here: each is to be tried by itself, so that it holds up no other.
async fn receive_together(end: &Endpoint, messages: &[Incoming<'_>], stop: &CancellationToken) -> HashSet<usize> {
    let promising = |(index, message): (usize, &Incoming<'_>)| {
        let envelope = (message.failures == 0).then(|| Envelope::parse(message.body).ok()).flatten()?;
        let mut ways = to(end.subscriptions, &envelope.r#type).map(|subscription| subscription.is_alone).peekable();
        let is_fit = ways.peek().is_some() && !ways.any(|is_alone| is_alone);
        drop(ways);
        is_fit.then_some((index, envelope))
    };
    let mut promising: Vec<(usize, Envelope)> = messages.iter().enumerate().filter_map(promising).collect();
    if promising.len() < 2 || stop.is_cancelled() {
        return HashSet::new();
    }
    promising.sort_by(|(_, one), (_, next)| one.subject.cmp(&next.subject));
    let envelopes: Vec<&Envelope> = promising.iter().map(|(_, envelope)| envelope).collect();
    match attempt(end, &envelopes).await {
        Ok(handled) => {
            end.metrics.consumed.inc_by(handled as u64);
            end.metrics.repeated.inc_by((envelopes.len() - handled) as u64);
            promising.into_iter().map(|(index, _)| index).collect()
        }
        Err(rejected) => {
            let kind = rejected.kind();
            debug!(service = end.service, kind, events = envelopes.len(), "handling events one by one");
            HashSet::new()
        }
    }
}

/// Handles a message by itself, and says what becomes of it.
async fn receive(end: &Endpoint, retries: &Retries, message: Incoming<'_>, stop: &CancellationToken) -> Verdict {
    let envelope = match Envelope::parse(message.body) {
        Ok(envelope) => envelope,
        Err(rejected) => return reject(end, retries, rejected, message.failures),
    };
    async {
        let mut backoff = Backoff::default();
        loop {
            if stop.is_cancelled() {
                return Verdict::Stopped;
            }
            match attempt(end, &[&envelope]).await {
                Ok(handled) => {
                    let counter = if handled == 1 { &end.metrics.consumed } else { &end.metrics.repeated };
                    counter.inc();
                    return Verdict::Done;
                }
                Err(Rejected::Database(error @ database::Error::Unavailable(_))) => {
                    if backoff.is_fresh() {
                        warn!(%error, "waiting for the database");
                    }
                    pause(backoff.next(), stop).await;
                }
                Err(rejected) => return reject(end, retries, rejected, message.failures),
            }
        }
    }
    .instrument(span(end, &envelope))
    .await
}

/// A handler that panics has failed like any other; its transaction is rolled back.
async fn attempt(end: &Endpoint, envelopes: &[&Envelope]) -> Result<usize, Rejected> {
    AssertUnwindSafe(deliver_all(end, envelopes))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Rejected::Retry("the handler panicked".into())))
}

/// The log tells the kind only; the reason goes with the message.
fn reject(end: &Endpoint, retries: &Retries, rejected: Rejected, failures: u32) -> Verdict {
    let attempts = failures + 1;
    let delay = match rejected {
        Rejected::Poison(_) => None,
        Rejected::Retry(_) | Rejected::Database(_) => retries.delay(attempts),
    };
    let (service, kind, reason) = (end.service, rejected.kind(), rejected.to_string());
    match delay {
        Some(delay) => {
            end.metrics.retried.inc();
            info!(service, kind, attempts, ?delay, "event failed, trying again later");
            Verdict::Again { attempts, delay, reason }
        }
        None => {
            end.metrics.dead_lettered.inc();
            error!(service, kind, attempts, "event given up");
            Verdict::Dead { attempts, reason }
        }
    }
}

/// Consumes until the service's queues hold nothing but dead letters: for tests.
///
/// # Errors
/// When the bus cannot be reached.
pub async fn drain_queue(end: &Endpoint) -> Result<(), BusError> {
    end.bus.declare(end.service, end.subscriptions).await?;
    loop {
        let stop = CancellationToken::new();
        let emptied = async {
            let outcome = until_empty(end).await;
            stop.cancel();
            outcome
        };
        let (outcome, ()) = tokio::join!(emptied, consume(end, &stop));
        outcome?;
        // What was prefetched and not begun is back by now, and what failed last is in a retry queue.
        if stays_empty(end).await? {
            return Ok(());
        }
    }
}

async fn until_empty(end: &Endpoint) -> Result<(), BusError> {
    while !stays_empty(end).await? {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// A broker does not count what is under way between two of its queues, or back into one: it is looked at repeatedly.
async fn stays_empty(end: &Endpoint) -> Result<bool, BusError> {
    let looks = match end.bus {
        Bus::Rabbit(_) => 8,
        Bus::Local(_) => 1,
    };
    let mut poll = tokio::time::interval(LOOK_EVERY);
    for _ in 0..looks {
        poll.tick().await;
        if !is_empty(end.bus.depth(end.service).await?) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_empty(depth: Depth) -> bool {
    depth.ready == 0 && depth.retrying == 0
}

pub(crate) async fn pause(delay: Duration, stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(delay) => {}
    }
}
