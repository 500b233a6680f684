//! Work in bulk goes ahead of what follows from it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// For how long at most.
const LONGEST: Duration = Duration::from_secs(60);

/// What goes ahead in this process.
#[derive(Debug, Default)]
pub(crate) struct Precedence(Mutex<State>);

impl Precedence {
    pub(crate) fn is_taken(&self) -> bool {
        self.with(|state| state.is_ahead(Instant::now()))
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Work in bulk under way, until dropped.
#[derive(Debug)]
pub struct BulkWork {
    precedence: Arc<Precedence>,
    commits: Arc<watch::Sender<u64>>,
}

impl BulkWork {
    pub(crate) fn begin(precedence: Arc<Precedence>, commits: Arc<watch::Sender<u64>>) -> Self {
        precedence.with(|state| state.begin(Instant::now()));
        Self { precedence, commits }
    }
}

impl Drop for BulkWork {
    fn drop(&mut self) {
        self.precedence.with(|state| state.end(Instant::now()));
        // Those that waited for this need not find out by themselves.
        self.commits.send_modify(|count| *count += 1);
    }
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    /// Since when the work goes ahead, if it does.
    ahead_since: Option<Instant>,
    /// The others have their turn until then, however much work comes.
    others_until: Option<Instant>,
}

impl State {
    fn begin(&mut self, now: Instant) {
        self.under_way += 1;
        if self.under_way == 1 && self.others_until.is_none_or(|until| now >= until) {
            self.ahead_since = Some(now);
        }
    }

    fn end(&mut self, now: Instant) {
        self.under_way = self.under_way.saturating_sub(1);
        if self.under_way == 0
            && let Some(since) = self.ahead_since.take()
        {
            let ended = now.min(since + LONGEST);
            self.others_until = Some(ended + (ended - since));
        }
    }

    fn is_ahead(&self, now: Instant) -> bool {
        self.ahead_since.is_some_and(|since| now < since + LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(begun: Instant, seconds: u64) -> Instant {
        begun + Duration::from_secs(seconds)
    }

    #[test]
    fn work_goes_ahead_until_it_ends_or_a_minute_is_over() {
        let begun = Instant::now();
        let mut state = State::default();
        assert!(!state.is_ahead(begun));
        state.begin(begun);
        state.begin(after(begun, 30));
        let ahead = [0, 59, 60, 300].map(|seconds| state.is_ahead(after(begun, seconds)));
        assert_eq!(ahead, [true, true, false, false]);
        state.end(after(begun, 40));
        assert!(state.is_ahead(after(begun, 41)), "one of the two goes on");
        state.end(after(begun, 42));
        assert!(!state.is_ahead(after(begun, 42)));
    }

    #[test]
    fn the_others_have_their_turn_between_one_work_and_the_next() {
        let begun = Instant::now();
        let mut state = State::default();
        state.begin(begun);
        state.end(after(begun, 10));
        state.begin(after(begun, 15));
        assert!(!state.is_ahead(after(begun, 16)), "they had five seconds of ten");
        state.end(after(begun, 17));
        state.begin(after(begun, 20));
        assert!(state.is_ahead(after(begun, 21)));
        // They had theirs from the minute on.
        state.end(after(begun, 200));
        state.begin(after(begun, 201));
        assert!(state.is_ahead(after(begun, 202)));
    }
}
