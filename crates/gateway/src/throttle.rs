//! Slows down guessing of passwords. Counts in this process only: with n replicas a guesser gets n times as many
//! tries, which is still few.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// When this many buckets are kept, those that are full again are dropped.
const MANY: usize = 10_000;

/// How many failures are free, and how long until each is forgiven.
#[derive(Clone, Copy)]
struct Allowance {
    failures: u32,
    forgiven_after: Duration,
}

/// From one address, one name: someone who mistypes is not locked out for long.
const PER_PAIR: Allowance = Allowance { failures: 10, forgiven_after: Duration::from_secs(6) };
/// One name from anywhere: a botnet learns little, and the owner is not locked out by a single stranger.
const PER_LOGIN: Allowance = Allowance { failures: 50, forgiven_after: Duration::from_secs(6) };
/// One address, any name: one password tried on everybody.
const PER_ADDRESS: Allowance = Allowance { failures: 50, forgiven_after: Duration::from_secs(2) };

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Pair(String, IpAddr),
    Login(String),
    Address(IpAddr),
}

/// Failed logins of late.
#[derive(Default)]
pub struct Throttle {
    buckets: Mutex<HashMap<Key, Bucket>>,
}

/// Failures, leaking away.
struct Bucket {
    level: f64,
    at: Instant,
}

/// An attempt that counts as failed until it is [`forgiven`](Throttle::forgive).
pub struct Attempt([(Key, Allowance); 3]);

impl Throttle {
    /// Counts an attempt before it is checked, so that many at once do not slip through; or tells how long to wait.
    pub fn attempt(&self, login: &str, address: IpAddr, now: Instant) -> Result<Attempt, Duration> {
        let login = login.to_ascii_lowercase();
        let keys = [
            (Key::Pair(login.clone(), address), PER_PAIR),
            (Key::Login(login), PER_LOGIN),
            (Key::Address(address), PER_ADDRESS),
        ];
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > MANY {
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < Duration::from_secs(600));
        }
        let wait = keys.iter().filter_map(|(key, allowance)| buckets.get(key)?.wait(*allowance, now)).max();
        if let Some(wait) = wait {
            return Err(wait);
        }
        for (key, allowance) in &keys {
            let bucket = buckets.entry(key.clone()).or_insert(Bucket { level: 0.0, at: now });
            *bucket = Bucket { level: bucket.leaked(*allowance, now) + 1.0, at: now };
        }
        Ok(Attempt(keys))
    }

    /// The attempt succeeded: it does not count.
    pub fn forgive(&self, attempt: &Attempt) {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, _) in &attempt.0 {
            if let Some(bucket) = buckets.get_mut(key) {
                bucket.level = (bucket.level - 1.0).max(0.0);
            }
        }
    }
}

impl Bucket {
    fn leaked(&self, allowance: Allowance, now: Instant) -> f64 {
        let leaks = now.duration_since(self.at).as_secs_f64() / allowance.forgiven_after.as_secs_f64();
        (self.level - leaks).max(0.0)
    }

    fn wait(&self, allowance: Allowance, now: Instant) -> Option<Duration> {
        let excess = self.leaked(allowance, now) + 1.0 - f64::from(allowance.failures);
        (excess > 0.0).then(|| allowance.forgiven_after.mul_f64(excess))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const THERE: IpAddr = IpAddr::V6(std::net::Ipv6Addr::LOCALHOST);

    #[test]
    fn failures_are_limited_and_forgiven_with_time() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..PER_PAIR.failures {
            assert!(throttle.attempt("li.wei", HERE, now).is_ok());
        }
        let wait = throttle.attempt("Li.Wei", HERE, now).err().unwrap();
        assert_eq!(wait, PER_PAIR.forgiven_after);
        assert!(throttle.attempt("li.wei", THERE, now).is_ok(), "its owner is elsewhere");
        assert!(throttle.attempt("wang", HERE, now).is_ok(), "another name");
        assert!(throttle.attempt("li.wei", HERE, now + wait).is_ok());
        assert!(throttle.attempt("li.wei", HERE, now + wait).is_err());
    }

    #[test]
    fn success_is_not_counted() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..100 {
            let attempt = throttle.attempt("li.wei", HERE, now).ok().unwrap();
            throttle.forgive(&attempt);
        }
    }

    #[test]
    fn one_password_for_everybody_is_stopped() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        let refused = (0..100).filter(|n| throttle.attempt(&format!("user{n}"), HERE, now).is_err()).count();
        assert_eq!(refused, 50);
    }
}
