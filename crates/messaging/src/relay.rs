use std::time::{Duration, Instant};

use database::{Backend, Db};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{Bus, BusError, Endpoint, Message, Published, consumer::pause, outbox, retries::Backoff};

/// Looks for events that another process has written, or whose wake-up was missed.
const POLL: Duration = Duration::from_secs(1);

const MEASURE_EVERY: Duration = Duration::from_secs(5);

/// How long a stopping relay tries to publish what is left; the rest waits in the outbox for the next start.
const FAREWELL: Duration = Duration::from_secs(3);

/// Publishes the outbox until told to stop: at every commit, and every second as a fallback.
///
/// Any number of relays may run against one database.
pub async fn run_relay(end: Endpoint, stop: CancellationToken) {
    let work = async {
        tokio::join!(relay(&end, &stop), measure(&end, &stop));
        flush(&end).await.is_ok()
    };
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(FAREWELL).await;
    };
    let is_empty = tokio::select! {
        is_empty = work => is_empty,
        () = deadline => false,
    };
    if !is_empty {
        info!(service = end.service, "stopped with events left in the outbox");
    }
}

async fn relay(end: &Endpoint, stop: &CancellationToken) {
    let mut commits = end.db.commits();
    let mut backoff = Backoff::default();
    while !stop.is_cancelled() {
        commits.borrow_and_update();
        match step(end).await {
            Ok(0) => {
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = commits.changed() => {}
                    () = tokio::time::sleep(POLL) => {}
                }
                continue;
            }
            Ok(_) if !backoff.is_fresh() => {
                info!(service = end.service, "publishing again");
                backoff.reset();
            }
            Ok(_) => {}
            Err(error) => {
                if backoff.is_fresh() {
                    warn!(service = end.service, %error, "cannot publish, events wait in the outbox");
                }
                pause(backoff.next(), stop).await;
            }
        }
    }
}

async fn step(end: &Endpoint) -> Result<usize, BusError> {
    let count = publish_batch(&end.db, &end.bus).await?;
    end.metrics.published.inc_by(count as u64);
    Ok(count)
}

async fn flush(end: &Endpoint) -> Result<(), BusError> {
    while step(end).await? > 0 {}
    Ok(())
}

async fn measure(end: &Endpoint, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match outbox::backlog(&end.db).await {
            Ok(backlog) => end.metrics.show(backlog),
            Err(error) => warn!(service = end.service, %error, "cannot measure the outbox"),
        }
        pause(MEASURE_EVERY, stop).await;
    }
}

/// Publishes the next events that no other relay is publishing, and deletes what the bus has confirmed.
async fn publish_batch(db: &Db, bus: &Bus) -> Result<usize, BusError> {
    match db.backend() {
        Backend::Postgres => publish_locked(db, bus).await,
        Backend::Sqlite => publish_unlocked(db, bus).await,
    }
}

/// The transaction stays open while the broker confirms, which is what keeps the rows from other relays: when this
/// process dies they are free at once. Writers are not held up by it.
async fn publish_locked(db: &Db, bus: &Bus) -> Result<usize, BusError> {
    // Most wake-ups find nothing: they need no transaction.
    if outbox::peek(db, 1).await?.is_empty() {
        return Ok(0);
    }
    let mut tx = db.begin().await?;
    let rows = outbox::claim(db, &mut tx).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let (positions, published) = publish(bus, rows).await;
    outbox::delete(&mut tx, &positions).await?;
    tx.commit().await?;
    published.failure.map_or(Ok(positions.len()), Err)
}

/// SQLite has one writer, so nothing is held while the bus confirms. Two relays of one process may publish an event
/// twice; consumers handle it once.
async fn publish_unlocked(db: &Db, bus: &Bus) -> Result<usize, BusError> {
    let rows = outbox::peek(db, outbox::BATCH).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let (positions, published) = publish(bus, rows).await;
    if !positions.is_empty() {
        let mut tx = db.begin().await?;
        outbox::delete(&mut tx, &positions).await?;
        tx.commit().await?;
    }
    published.failure.map_or(Ok(positions.len()), Err)
}

async fn publish(bus: &Bus, rows: Vec<outbox::Row>) -> (Vec<i64>, Published) {
    let positions: Vec<i64> = rows.iter().map(|row| row.position).collect();
    let messages: Vec<Message> = rows.into_iter().map(Message::from).collect();
    let published = bus.publish(&messages).await;
    let confirmed = published.confirmed.iter().map(|index| positions[*index]).collect();
    (confirmed, published)
}

/// Publishes until the outbox is empty, together with whatever relays run: for tests.
///
/// # Errors
/// When the database fails, or the bus cannot be reached for half a minute.
pub async fn drain_outbox(db: &Db, bus: &Bus) -> Result<(), BusError> {
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut poll = tokio::time::interval(Duration::from_millis(10));
    while outbox::backlog(db).await?.events > 0 {
        match publish_batch(db, bus).await {
            // Another relay holds what is left.
            Ok(0) => drop(poll.tick().await),
            Ok(_) => {}
            Err(error) if Instant::now() > deadline => return Err(error),
            Err(_) => drop(poll.tick().await),
        }
    }
    Ok(())
}
