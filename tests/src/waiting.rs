use std::time::{Duration, Instant};

use tokio::time::{Interval, MissedTickBehavior, interval};

/// How long anything may take that happens by itself: generous, because a loaded machine is no fault.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What is waited for happens in another process, which can only be asked.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// Trying again, until patience is over.
pub struct Tries {
    what: String,
    patience: Duration,
    begun: Instant,
    ticks: Interval,
}

impl Tries {
    /// # Panics
    /// Outside a runtime.
    pub fn new(what: impl Into<String>, patience: Duration) -> Self {
        let mut ticks = interval(ASK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { what: what.into(), patience, begun: Instant::now(), ticks }
    }

    /// Paces the tries, the first of which is due at once.
    ///
    /// # Panics
    /// When patience is over; says what was waited for and what was seen last.
    pub async fn after(&mut self, seen: String) {
        let Self { what, patience, begun, ticks } = self;
        assert!(begun.elapsed() < *patience, "waited {patience:?} for {what}; last seen: {seen}");
        ticks.tick().await;
    }
}

/// Probes until `probe` gives a value, and gives that. `Err` says what was seen instead.
pub async fn eventually<T>(what: &str, patience: Duration, mut probe: impl AsyncFnMut() -> Result<T, String>) -> T {
    let mut tries = Tries::new(what, patience);
    loop {
        match probe().await {
            Ok(value) => return value,
            Err(seen) => tries.after(seen).await,
        }
    }
}

/// Runs a future to its end where nothing can be awaited, as in `drop`: on a thread and runtime of its own.
pub(crate) fn in_the_end(what: &str, last: impl Future<Output = ()> + Send + 'static) {
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(last);
    };
    if std::thread::spawn(run).join().is_err() {
        eprintln!("not done: {what}");
    }
}
