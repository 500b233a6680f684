//! How many requests a caller may make.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};

/// Who requests are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    Caller(Arc<str>),
    /// Whoever has not proved who it is.
    Address(IpAddr),
}

/// Requests a second, and how many at once after a rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub per_second: NonZeroU32,
    pub burst: NonZeroU32,
}

/// What is left to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub limit: u32,
    pub remaining: u32,
    /// Seconds until all of it is back.
    pub reset: u32,
}

pub struct Limits {
    rate: Rate,
    limiter: RateLimiter<Client, DefaultKeyedStateStore<Client>, DefaultClock, StateInformationMiddleware>,
    clock: DefaultClock,
}

impl Limits {
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { rate, limiter: RateLimiter::keyed(quota).with_middleware(), clock: DefaultClock::default() }
    }

    /// Counts a request; `Err` is how long to wait.
    pub fn count(&self, client: &Client) -> Result<Standing, Duration> {
        match self.limiter.check_key(client) {
            Ok(state) => Ok(self.standing(state.remaining_burst_capacity())),
            Err(not_until) => Err(not_until.wait_time_from(self.clock.now())),
        }
    }

    /// What a client has that was just refused.
    #[must_use]
    pub fn exhausted(&self) -> Standing {
        self.standing(0)
    }

    /// Drops the clients that have rested; to be called now and then.
    pub fn forget_rested(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }

    fn standing(&self, remaining: u32) -> Standing {
        let used = self.rate.burst.get().saturating_sub(remaining);
        Standing { limit: self.rate.burst.get(), remaining, reset: used.div_ceil(self.rate.per_second.get()) }
    }
}

impl Standing {
    pub fn write(self, headers: &mut HeaderMap) {
        for (name, value) in
            [("ratelimit-limit", self.limit), ("ratelimit-remaining", self.remaining), ("ratelimit-reset", self.reset)]
        {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_burst() {
        let number = |n| NonZeroU32::new(n).unwrap();
        let limits = Limits::new(Rate { per_second: number(1), burst: number(2) });
        let (one, two) = (Client::Caller("key:1".into()), Client::Caller("key:2".into()));
        assert_eq!(limits.count(&one), Ok(Standing { limit: 2, remaining: 1, reset: 1 }));
        assert_eq!(limits.count(&one), Ok(Standing { limit: 2, remaining: 0, reset: 2 }));
        let wait = limits.count(&one).unwrap_err();
        assert!(wait <= Duration::from_secs(1) && wait > Duration::ZERO, "{wait:?}");
        assert!(limits.count(&two).is_ok());
    }
}
