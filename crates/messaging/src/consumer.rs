use std::{collections::BTreeMap, panic::AssertUnwindSafe, time::Duration};

use database::{Backend, Db};
use futures::FutureExt;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, debug, error, info, info_span, warn};
use uuid::Uuid;

use crate::{
    Bus, BusError, Depth, Endpoint, Envelope, Rejected, Retries, Subscription, inbox, local, rabbit, retries::Backoff,
    subscription::Handling,
};

/// How many messages a consumer takes from its queue ahead of answering them.
pub(crate) const PREFETCH: i64 = 128;

/// How many messages share a transaction at most, if so many are there: enough to share its cost, few enough that what
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
#[derive(Debug)]
pub(crate) struct Incoming {
    envelope: Result<Envelope, Rejected>,
    failures: u32,
}

impl Incoming {
    /// One that failed so many times before.
    pub(crate) fn new(body: &[u8], failures: u32) -> Self {
        Self { envelope: Envelope::parse(body), failures }
    }

    /// Nothing where it cannot be read.
    fn event_type(&self) -> &str {
        self.envelope.as_ref().map_or("", |envelope| &envelope.r#type)
    }

    /// Whether it may be handled with others: what failed before would take them along.
    fn may_share(&self, end: &Endpoint) -> bool {
        let all_share = |envelope: &Envelope| {
            let mut own = to(end.subscriptions, &envelope.r#type).peekable();
            own.peek().is_some() && own.all(|subscription| matches!(subscription.handling, Handling::Together(_)))
        };
        self.failures == 0 && self.envelope.as_ref().is_ok_and(all_share)
    }
}

/// Messages of a type that are handled in one transaction as far as that goes, each with what its transport knows it by.
pub(crate) type Load<T> = Vec<(T, Incoming)>;

/// Puts those of a type together that may share a transaction; each other is a load by itself.
pub(crate) fn loads<T>(end: &Endpoint, messages: impl IntoIterator<Item = (T, Incoming)>) -> Vec<Load<T>> {
    let (shared, alone): (Load<T>, Load<T>) = messages.into_iter().partition(|(_, message)| message.may_share(end));
    let mut by_type: BTreeMap<String, Load<T>> = BTreeMap::new();
    for (own, message) in shared {
        by_type.entry(message.event_type().to_owned()).or_default().push((own, message));
    }
    alone.into_iter().map(|one| vec![one]).chain(by_type.into_values()).collect()
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

/// Handles all of them, which are of one type and in the order of their subjects, in one transaction, or none. Answers how
/// many had not been handled before.
///
/// # Errors
/// As [`deliver`].
pub async fn deliver_all(end: &Endpoint, envelopes: &[&Envelope]) -> Result<usize, Rejected> {
    let Some(first) = envelopes.first() else { return Ok(0) };
    debug_assert!(
        envelopes.is_sorted_by_key(|envelope| (&envelope.r#type, &envelope.subject)),
        "of one type, in order"
    );
    let handling: Vec<_> = to(end.subscriptions, &first.r#type).map(|subscription| subscription.handling).collect();
    if handling.is_empty() {
        // Not dropped: while versions of a service change over, both read the same queue.
        let reason = format!("no handler for {} in this version of {}", first.r#type, end.service);
        return Err(Rejected::Retry(reason));
    }
    let ids: Vec<Uuid> = envelopes.iter().map(|envelope| envelope.id).collect();
    let mut tx = end.db.begin().await?;
    let mut fresh = inbox::record(&mut tx, &ids).await?;
    // One that is there twice is handled once.
    let envelopes: Vec<&Envelope> = envelopes.iter().copied().filter(|envelope| fresh.remove(&envelope.id)).collect();
    if envelopes.is_empty() {
        return Ok(0);
    }
    for handling in handling {
        match handling {
            Handling::Together(handler) => handler(&mut tx, &envelopes).instrument(span(end, &envelopes)).await?,
            Handling::Alone(handler) => {
                for envelope in &envelopes {
                    handler(&mut tx, envelope).instrument(span(end, &[envelope])).await?;
                }
            }
        }
    }
    tx.commit().await?;
    Ok(envelopes.len())
}

fn to<'a>(subscriptions: &'a [Subscription], event_type: &str) -> impl Iterator<Item = &'a Subscription> {
    subscriptions.iter().filter(move |subscription| subscription.event_type == event_type)
}

/// Many share a span, which names none of them.
fn span(end: &Endpoint, envelopes: &[&Envelope]) -> Span {
    match envelopes {
        [envelope] => info_span!(
            "event",
            service = end.service,
            event.id = %envelope.id,
            event.r#type = envelope.r#type,
            traceparent = envelope.traceparent,
        ),
        all => info_span!(
            "events",
            service = end.service,
            event.r#type = all.first().map(|one| &one.r#type),
            events = all.len(),
        ),
    }
}

/// Handles the messages of a load, and says what becomes of each.
pub(crate) async fn receive<T>(
    end: &Endpoint,
    retries: &Retries,
    load: Load<T>,
    stop: &CancellationToken,
) -> Vec<(T, Verdict)> {
    let are_done = load.len() > 1 && receive_together(end, &load, stop).await;
    let mut verdicts = Vec::with_capacity(load.len());
    for (own, message) in load {
        let verdict = if are_done { Verdict::Done } else { receive_alone(end, retries, message, stop).await };
        verdicts.push((own, verdict));
    }
    verdicts
}

/// Handles all of them in one transaction. If one fails then none is handled: each is to be tried by itself, so that it holds
/// up no other.
async fn receive_together<T>(end: &Endpoint, load: &Load<T>, stop: &CancellationToken) -> bool {
    if stop.is_cancelled() {
        return false;
    }
    let mut envelopes: Vec<&Envelope> = load.iter().filter_map(|(_, message)| message.envelope.as_ref().ok()).collect();
    envelopes.sort_by(|one, next| one.subject.cmp(&next.subject));
    match attempt(end, &envelopes).await {
        Ok(handled) => {
            end.metrics.consumed.inc_by(handled as u64);
            end.metrics.repeated.inc_by((envelopes.len() - handled) as u64);
            true
        }
        Err(rejected) => {
            let kind = rejected.kind();
            debug!(service = end.service, kind, events = envelopes.len(), "handling events one by one");
            false
        }
    }
}

/// Handles a message by itself, and says what becomes of it.
async fn receive_alone(end: &Endpoint, retries: &Retries, message: Incoming, stop: &CancellationToken) -> Verdict {
    let envelope = match message.envelope {
        Ok(envelope) => envelope,
        Err(rejected) => return reject(end, retries, rejected, message.failures),
    };
    let span = span(end, &[&envelope]);
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
                    span.in_scope(|| warn!(%error, "waiting for the database"));
                }
                pause(backoff.next(), stop).await;
            }
            Err(rejected) => return span.in_scope(|| reject(end, retries, rejected, message.failures)),
        }
    }
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
