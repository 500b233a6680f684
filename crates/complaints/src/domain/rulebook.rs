//! Policies and calendars in all their versions, each from when it counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Calendar, sla::Policy};

/// One version of something that counts from an instant until the next version does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version<T> {
    pub number: i64,
    pub from: DateTime<Utc>,
    pub value: T,
}

/// What a clock can be read by, for any instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rulebook {
    policies: Vec<Version<Policy>>,
    calendars: BTreeMap<String, Vec<Version<Calendar>>>,
}

impl Rulebook {
    pub fn add_policy(&mut self, policy: Version<Policy>) {
        insert(&mut self.policies, policy);
    }

    pub fn add_calendar(&mut self, code: &str, calendar: Version<Calendar>) {
        insert(self.calendars.entry(code.to_owned()).or_default(), calendar);
    }

    /// Since when nothing has changed.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        let policies = self.policies.iter().map(|version| version.from);
        policies.chain(self.calendars.values().flatten().map(|version| version.from)).max()
    }

    #[must_use]
    pub fn policy(&self, at: DateTime<Utc>) -> Option<&Version<Policy>> {
        in_force(&self.policies, at)
    }

    #[must_use]
    pub fn calendar(&self, code: &str, at: DateTime<Utc>) -> Option<&Version<Calendar>> {
        in_force(self.calendars.get(code)?, at)
    }
}

fn insert<T>(versions: &mut Vec<Version<T>>, version: Version<T>) {
    let place = versions.partition_point(|other| other.number < version.number);
    versions.insert(place, version);
}

/// The first version counts for what was before it, too: there was nothing else to go by.
fn in_force<T>(versions: &[Version<T>], at: DateTime<Utc>) -> Option<&Version<T>> {
    versions.iter().rev().find(|version| version.from <= at).or(versions.first())
}
