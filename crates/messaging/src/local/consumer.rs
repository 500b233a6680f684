use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures::{FutureExt, StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{
    Local, lock,
    store::{self, Row, Settlement},
};
use crate::{
    BusError, Endpoint,
    bus::DELIVERY_LIMIT,
    consumer::{Incoming, PREFETCH, TOGETHER, Verdict, concurrency, loads, receive},
};

/// Upper bound of a sleep: a wake-up comes with every publication, so this only guards against a clock that is set back.
const NAP: Duration = Duration::from_secs(30);

/// Consumes until told to stop or the file fails.
pub(crate) async fn run(local: &Arc<Local>, end: &Endpoint, stop: &CancellationToken) -> Result<(), BusError> {
    let types: Vec<&str> = end.subscriptions.iter().map(|s| s.event_type).collect();
    local.declare(end.service, &types).await?;
    let mut woken = local.woken(end.service);
    while !stop.is_cancelled() {
        woken.borrow_and_update();
        let batch = Batch::claim(local.clone(), end.service).await?;
        if batch.rows.is_empty() {
            let nap = nap(local, end.service, batch.at).await?;
            tokio::select! {
                () = stop.cancelled() => {}
                _ = woken.changed() => {}
                () = tokio::time::sleep(nap) => {}
            }
        } else {
            batch.work(end, stop).await?;
        }
    }
    Ok(())
}

/// Until the first message that was not yet visible at `since`. One that was visible and not claimed is held by another
/// consumer, which wakes this one when it lets go.
async fn nap(local: &Local, queue: &str, since: DateTime<Utc>) -> Result<Duration, BusError> {
    let next = store::next_visible(&local.db, queue, since).await?;
    let wait = next.map_or(NAP, |at| (at - Utc::now()).to_std().unwrap_or_default());
    // A millisecond more: the file keeps microseconds, the clock is finer.
    Ok(wait.min(NAP) + Duration::from_millis(1))
}

/// Messages held by one consumer; let go when dropped, also when its future is dropped in the middle.
struct Batch {
    local: Arc<Local>,
    queue: &'static str,
    at: DateTime<Utc>,
    rows: Vec<Row>,
}

impl Batch {
    async fn claim(local: Arc<Local>, queue: &'static str) -> Result<Self, BusError> {
        let turn = local.claims.lock().await;
        let held: Vec<i64> = lock(&local.held).iter().copied().collect();
        let at = Utc::now();
        let rows = store::claim(&local.db, queue, &held, at, PREFETCH).await?;
        lock(&local.held).extend(rows.iter().map(|row| row.position));
        drop(turn);
        Ok(Self { local, queue, at, rows })
    }

    async fn work(&self, end: &Endpoint, stop: &CancellationToken) -> Result<(), BusError> {
        let (worn, fit): (Vec<&Row>, Vec<&Row>) = self.rows.iter().partition(|row| row.deliveries >= DELIVERY_LIMIT);
        let mut settled: Vec<_> = worn.into_iter().map(|row| (row.position, given_up(end, row))).collect();
        let incoming = |row: &Row| (row.position, Incoming::new(&row.body, row.attempts.unsigned_abs()));
        let loads = fit.chunks(TOGETHER).flat_map(|rows| loads(end, rows.iter().map(|row| incoming(row))));
        let handled: Vec<_> = loads.map(|load| receive(end, self.local.retries(), load, stop).boxed()).collect();
        let verdicts: Vec<_> = stream::iter(handled).buffer_unordered(concurrency(&end.db)).collect().await;
        settled.extend(verdicts.into_iter().flatten().filter_map(|(position, verdict)| {
            let settlement = match verdict {
                Verdict::Done => Settlement::Done,
                Verdict::Again { attempts, delay, .. } => Settlement::Again { attempts, delay },
                Verdict::Dead { attempts, reason } => Settlement::Dead { attempts, reason },
                Verdict::Stopped => return None,
            };
            Some((position, settlement))
        }));
        store::settle(&self.local.db, &settled).await?;
        Ok(())
    }
}

fn given_up(end: &Endpoint, row: &Row) -> Settlement {
    end.metrics.dead_lettered.inc();
    let reason = format!("delivered {} times without an answer", row.deliveries);
    Settlement::Dead { attempts: row.attempts.unsigned_abs(), reason }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let mut held = lock(&self.local.held);
        for row in &self.rows {
            held.remove(&row.position);
        }
        drop(held);
        self.local.wake(self.queue);
    }
}
