use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{Due, v1::InTime};
use registry_contract::Tier;

use super::{Severity, Timeline};

/// Elapsed time, around the clock.
const POLICY: &str = "elapsed-1";

/// How long the customer waits at most, in minutes from when the complaint was received.
struct Targets {
    acknowledge: i64,
    respond: i64,
    resolve: i64,
}

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

const fn targets(tier: Tier, severity: Severity) -> Targets {
    use {Severity as V, Tier as T};
    let (acknowledge, respond, resolve) = match (tier, severity) {
        (T::S, V::Critical) => (15, HOUR, DAY),
        (T::S, V::Major) => (30, 4 * HOUR, 3 * DAY),
        (T::S, V::Moderate) => (HOUR, 8 * HOUR, 5 * DAY),
        (T::S, V::Minor) => (2 * HOUR, DAY, 10 * DAY),
        (T::A, V::Critical) => (30, 2 * HOUR, 2 * DAY),
        (T::A, V::Major) => (HOUR, 8 * HOUR, 5 * DAY),
        (T::A, V::Moderate) => (2 * HOUR, DAY, 8 * DAY),
        (T::A, V::Minor) => (4 * HOUR, 36 * HOUR, 12 * DAY),
        (T::B, V::Critical) => (HOUR, 4 * HOUR, 3 * DAY),
        (T::B, V::Major) => (2 * HOUR, 16 * HOUR, 7 * DAY),
        (T::B, V::Moderate) => (4 * HOUR, DAY, 10 * DAY),
        (T::B, V::Minor) => (6 * HOUR, 2 * DAY, 15 * DAY),
        (T::C, V::Critical) => (2 * HOUR, 8 * HOUR, 5 * DAY),
        (T::C, V::Major) => (4 * HOUR, DAY, 10 * DAY),
        (T::C, V::Moderate) => (6 * HOUR, 2 * DAY, 15 * DAY),
        (T::C, V::Minor) => (8 * HOUR, 3 * DAY, 20 * DAY),
    };
    Targets { acknowledge, respond, resolve }
}

/// By when the customer is owed what. Someone not known yet is served as the general tier is.
#[must_use]
pub fn due(received_at: DateTime<Utc>, tier: Option<Tier>, severity: Severity) -> Due {
    let tier = tier.unwrap_or(Tier::C);
    let targets = targets(tier, severity);
    let by = |minutes| received_at + TimeDelta::minutes(minutes);
    Due {
        policy: format!("{POLICY}/{tier}/{}", severity.get()),
        acknowledge_by: by(targets.acknowledge),
        respond_by: by(targets.respond),
        resolve_by: by(targets.resolve),
    }
}

/// What a complaint is measured by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    pub due: Due,
    /// Whether it was handled in time, in the judgement of the system it comes from: taken instead of ours.
    pub verdict: Option<bool>,
}

impl Clocks {
    #[must_use]
    pub fn in_time(&self, timeline: &Timeline) -> InTime {
        let kept = |at: Option<DateTime<Utc>>, by| at.map(|at| self.verdict.unwrap_or(at <= by));
        InTime {
            acknowledge: kept(timeline.acknowledged_at, self.due.acknowledge_by),
            respond: kept(timeline.first_responded_at, self.due.respond_by),
            resolve: kept(timeline.resolved_at, self.due.resolve_by),
        }
    }

    /// False as soon as one clock was missed, true once all are kept.
    #[must_use]
    pub fn timely(&self, timeline: &Timeline) -> Option<bool> {
        if self.verdict.is_some() {
            return self.verdict;
        }
        let InTime { acknowledge, respond, resolve } = self.in_time(timeline);
        if [acknowledge, respond, resolve].contains(&Some(false)) { Some(false) } else { resolve }
    }
}

#[cfg(test)]
mod tests {
    use complaints_contract::Transition;

    use super::*;

    fn received() -> DateTime<Utc> {
        "2026-03-04T01:30:00Z".parse().expect("an instant")
    }

    #[test]
    fn the_ends_of_the_table_are_as_promised() {
        let first = due(received(), Some(Tier::S), Severity::Critical);
        assert_eq!(first.policy, "elapsed-1/S/1");
        assert_eq!(first.acknowledge_by - received(), TimeDelta::minutes(15));
        assert_eq!(first.respond_by - received(), TimeDelta::hours(1));
        assert_eq!(first.resolve_by - received(), TimeDelta::hours(24));
        let last = due(received(), None, Severity::Minor);
        assert_eq!(last.policy, "elapsed-1/C/4");
        assert_eq!(last.acknowledge_by - received(), TimeDelta::hours(8));
        assert_eq!(last.respond_by - received(), TimeDelta::days(3));
        assert_eq!(last.resolve_by - received(), TimeDelta::days(20));
    }

    #[test]
    fn a_better_tier_or_a_graver_complaint_never_waits_longer() {
        let waits = |tier, severity| {
            let targets = targets(tier, severity);
            [targets.acknowledge, targets.respond, targets.resolve]
        };
        let no_longer = |one: [i64; 3], two: [i64; 3]| one.iter().zip(two).all(|(one, two)| *one <= two);
        let tiers = [Tier::S, Tier::A, Tier::B, Tier::C];
        for severity in Severity::ALL {
            for pair in tiers.windows(2) {
                assert!(no_longer(waits(pair[0], severity), waits(pair[1], severity)), "{pair:?} {severity:?}");
            }
        }
        for tier in tiers {
            assert!(waits(tier, Severity::Critical).is_sorted());
            for pair in Severity::ALL.windows(2) {
                assert!(no_longer(waits(tier, pair[0]), waits(tier, pair[1])), "{tier} {pair:?}");
            }
        }
    }

    #[test]
    fn timely_is_false_at_the_first_miss_and_true_at_the_end() {
        let clocks = Clocks { due: due(received(), Some(Tier::S), Severity::Critical), verdict: None };
        let (mut timeline, _) = Timeline::open(received());
        assert_eq!(clocks.timely(&timeline), None);
        timeline.move_on(Transition::Acknowledge, received() + TimeDelta::minutes(15)).expect("allowed");
        assert_eq!((clocks.in_time(&timeline).acknowledge, clocks.timely(&timeline)), (Some(true), None));

        let mut late = timeline.clone();
        late.move_on(Transition::Respond, received() + TimeDelta::minutes(61)).expect("allowed");
        assert_eq!((clocks.in_time(&late).respond, clocks.timely(&late)), (Some(false), Some(false)));

        timeline.move_on(Transition::Respond, received() + TimeDelta::minutes(60)).expect("allowed");
        timeline.move_on(Transition::Resolve, received() + TimeDelta::hours(24)).expect("allowed");
        assert_eq!(clocks.timely(&timeline), Some(true));
    }

    #[test]
    fn the_source_has_the_last_word() {
        let clocks = Clocks { due: due(received(), None, Severity::Critical), verdict: Some(true) };
        let (mut timeline, _) = Timeline::open(received());
        timeline.move_on(Transition::Respond, received() + TimeDelta::days(90)).expect("allowed");
        assert_eq!(clocks.timely(&timeline), Some(true));
        assert_eq!(clocks.in_time(&timeline), InTime { acknowledge: Some(true), respond: Some(true), resolve: None });
    }
}
