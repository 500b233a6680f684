use std::time::Duration;

/// How long a failed event waits before each further try; after the last one it is a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries(Vec<Duration>);

impl Retries {
    #[must_use]
    pub fn new(delays: Vec<Duration>) -> Self {
        Self(delays)
    }

    /// The wait after the `failures`-th failure, or none when it was the last.
    #[must_use]
    pub fn delay(&self, failures: u32) -> Option<Duration> {
        let index = usize::try_from(failures).ok()?.checked_sub(1)?;
        self.0.get(index).copied()
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Comma-separated milliseconds, as in the `retry` parameter of a bus address.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.split(',').map(|part| part.parse().ok().map(Duration::from_millis)).collect::<Option<Vec<_>>>().map(Self)
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self([1, 5, 30, 120, 600].map(Duration::from_secs).to_vec())
    }
}

/// Waiting between attempts to reach something that is down: doubling, up to 5 seconds.
#[derive(Debug, Default)]
pub(crate) struct Backoff(u32);

impl Backoff {
    pub(crate) fn next(&mut self) -> Duration {
        let delay = Duration::from_millis(100 << self.0.min(7)).min(Duration::from_secs(5));
        self.0 = self.0.saturating_add(1);
        delay
    }

    pub(crate) fn reset(&mut self) {
        self.0 = 0;
    }

    /// The first failure of an outage is worth a warning, the following ones are not.
    pub(crate) fn is_fresh(&self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_end_after_the_last() {
        let retries = Retries::parse("10,200").unwrap();
        assert_eq!(retries.delay(0), None);
        assert_eq!(retries.delay(1), Some(Duration::from_millis(10)));
        assert_eq!(retries.delay(2), Some(Duration::from_millis(200)));
        assert_eq!(retries.delay(3), None);
        assert_eq!(Retries::parse("10,x"), None);
    }

    #[test]
    fn backoff_grows_to_five_seconds() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next(), Duration::from_millis(100));
        assert_eq!(backoff.next(), Duration::from_millis(200));
        let last = (0..50).map(|_| backoff.next()).last();
        assert_eq!(last, Some(Duration::from_secs(5)));
    }
}
