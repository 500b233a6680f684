//! The gateway's own configuration.

use std::{collections::BTreeMap, env, fs, num::NonZeroU32, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use chassis::Key;
use chrono::TimeDelta;

use crate::{limits::Rate, services::Service};

const RATE_LIMIT: &str = "500";
const RATE_BURST: &str = "1000";
const VISITOR_LIMIT: &str = "1";
const VISITOR_BURST: &str = "20";
const SESSION_HOURS: &str = "12";
const ANSWER_SECONDS: &str = "30";
const REFRESH_SECONDS: &str = "10";

pub const KEYS: &[Key] = &[
    Key::required("registry_url", "where the registry service is, such as http://registry:8080"),
    Key::required("interactions_url", "where the interactions service is"),
    Key::required("complaints_url", "where the complaints service is"),
    Key::required("scoring_url", "where the scoring service is"),
    Key::required("token_seed", "32 random bytes in base64: what internal tokens are signed with").secret(),
    Key::optional(
        "bootstrap_api_key",
        "the first administrator's key, at least 16 characters; taken over at the first start only",
    )
    .secret(),
    Key::with_default("rate_limit", "requests a second that a caller may make in the long run", RATE_LIMIT),
    Key::with_default("rate_burst", "requests that a caller may make at once", RATE_BURST),
    Key::with_default(
        "visitor_limit",
        "requests a second to services that one address may make without a login in the long run",
        VISITOR_LIMIT,
    ),
    Key::with_default("visitor_burst", "requests to services that one address may make so at once", VISITOR_BURST),
    Key::with_default("session_hours", "how long a session lasts", SESSION_HOURS),
    Key::with_default("answer_seconds", "within which a service must begin to answer", ANSWER_SECONDS),
    Key::with_default("refresh_seconds", "how often services are asked what they serve", REFRESH_SECONDS),
];

/// The same key for all ways of running, so that one line starts everything.
const BOOTSTRAP_VARIABLE: &str = "GUANXI_BOOTSTRAP_API_KEY";

pub struct Config {
    pub services: Vec<Service>,
    pub token_seed: [u8; 32],
    pub bootstrap_api_key: Option<String>,
    pub rate: Rate,
    /// Of whoever calls a service's public operations without a credential.
    pub visitor_rate: Rate,
    pub session_lifetime: TimeDelta,
    pub answer_within: Duration,
    pub refresh_every: Duration,
}

impl Config {
    /// Reads the values of [`KEYS`], or tells everything that is wrong with them.
    pub fn parse(values: &BTreeMap<String, String>) -> Result<Self, Vec<String>> {
        let mut reader = Reader { values, mistakes: vec![] };
        let config = Self {
            services: reader.services(),
            token_seed: reader.token_seed(),
            bootstrap_api_key: reader.bootstrap_api_key(),
            rate: Rate {
                per_second: reader.number("rate_limit", RATE_LIMIT),
                burst: reader.number("rate_burst", RATE_BURST),
            },
            visitor_rate: Rate {
                per_second: reader.number("visitor_limit", VISITOR_LIMIT),
                burst: reader.number("visitor_burst", VISITOR_BURST),
            },
            session_lifetime: TimeDelta::hours(reader.number("session_hours", SESSION_HOURS).get().into()),
            answer_within: reader.seconds("answer_seconds", ANSWER_SECONDS),
            refresh_every: reader.seconds("refresh_seconds", REFRESH_SECONDS),
        };
        if reader.mistakes.is_empty() { Ok(config) } else { Err(reader.mistakes) }
    }
}

struct Reader<'a> {
    values: &'a BTreeMap<String, String>,
    mistakes: Vec<String>,
}

impl Reader<'_> {
    fn services(&mut self) -> Vec<Service> {
        crate::SERVICES
            .iter()
            .map(|&(name, contract)| Service { name, url: self.url(&format!("{name}_url")), contract })
            .collect()
    }

    fn url(&mut self, key: &str) -> String {
        let text = self.values.get(key).map(String::as_str).unwrap_or_default();
        match reqwest::Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
                text.trim_end_matches('/').to_owned()
            }
            _ => {
                self.mistakes.push(format!("{key} must be an address such as http://registry:8080, not {text:?}"));
                String::new()
            }
        }
    }

    fn token_seed(&mut self) -> [u8; 32] {
        let text = self.values.get("token_seed").map(String::as_str).unwrap_or_default();
        let seed = BASE64_STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        if seed.is_none() {
            self.mistakes.push("token_seed must be 32 bytes in base64".to_owned());
        }
        seed.unwrap_or_default()
    }

    fn bootstrap_api_key(&mut self) -> Option<String> {
        let key = match self.values.get("bootstrap_api_key") {
            Some(key) => Some(key.clone()),
            None => self.environment(BOOTSTRAP_VARIABLE),
        };
        let key = key.map(|key| key.trim().to_owned()).filter(|key| !key.is_empty())?;
        if crate::bootstrap::is_key(&key) {
            return Some(key);
        }
        self.mistakes.push("the bootstrap key must have at least 16 visible ASCII characters".to_owned());
        None
    }

    fn environment(&mut self, variable: &str) -> Option<String> {
        if let Ok(value) = env::var(variable) {
            return Some(value);
        }
        let path = env::var(format!("{variable}_FILE")).ok()?;
        fs::read_to_string(&path).map_err(|error| self.mistakes.push(format!("{variable}_FILE: {path}: {error}"))).ok()
    }

    fn number(&mut self, key: &str, default: &str) -> NonZeroU32 {
        let text = self.values.get(key).map_or(default, String::as_str);
        text.parse().unwrap_or_else(|_| {
            self.mistakes.push(format!("{key} must be a number from 1, not {text:?}"));
            NonZeroU32::MIN
        })
    }

    fn seconds(&mut self, key: &str, default: &str) -> Duration {
        Duration::from_secs(self.number(key, default).get().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let complete = [
            ("registry_url", "http://registry:8080/"),
            ("interactions_url", "http://interactions:8080"),
            ("complaints_url", "http://complaints:8080"),
            ("scoring_url", "https://scoring.internal"),
            ("token_seed", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ];
        complete.iter().chain(pairs).map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn what_is_left_out_has_a_default() {
        let config = Config::parse(&values(&[("rate_limit", "7")])).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        assert_eq!(config.services[0].url, "http://registry:8080");
        assert_eq!(config.rate.per_second.get(), 7);
        assert_eq!(config.rate.burst.get(), 1000);
        assert_eq!(config.session_lifetime, TimeDelta::hours(12));
    }

    #[test]
    fn all_mistakes_are_told_and_no_secret_with_them() {
        let wrong = values(&[
            ("registry_url", "registry"),
            ("token_seed", "hunter2"),
            ("bootstrap_api_key", "hunter2"),
            ("rate_limit", "0"),
        ]);
        let mistakes = Config::parse(&wrong).err().unwrap();
        assert_eq!(
            mistakes,
            [
                "registry_url must be an address such as http://registry:8080, not \"registry\"",
                "token_seed must be 32 bytes in base64",
                "the bootstrap key must have at least 16 visible ASCII characters",
                "rate_limit must be a number from 1, not \"0\"",
            ]
        );
    }
}
