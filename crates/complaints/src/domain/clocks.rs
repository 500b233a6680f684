use complaints_contract::{Clock, Due, v1::InTime};

use super::Timeline;
use super::reading::{self, Next};

/// How the promises to the customer stood when last reckoned, and what the complaint's source says of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clocks {
    pub due: Due,
    /// What is due next.
    pub next: Option<Next>,
    /// Whether each promise was kept, where that is over.
    kept: InTime,
    /// Whether it was handled in time, in the judgement of the system it comes from: taken instead of ours.
    pub verdict: Option<bool>,
}

impl Clocks {
    /// By the complaint's source, with nothing reckoned yet.
    #[must_use]
    pub fn judged(verdict: Option<bool>) -> Self {
        Self { verdict, ..Self::default() }
    }

    /// Takes in how every run of every clock stands; the latest of each counts.
    pub fn reckon(&mut self, dues: &[reading::Due]) {
        let latest = |clock| dues.iter().filter(|due| due.clock == clock).max_by_key(|due| due.run);
        let [acknowledge, respond, resolve] = [Clock::Acknowledge, Clock::FirstResponse, Clock::Resolution].map(latest);
        let kept = |due: Option<&reading::Due>| due.and_then(|due| due.kept);
        let by = |due: Option<&reading::Due>| due.and_then(|due| due.due_at);
        self.due = Due {
            policy: resolve.or(respond).or(acknowledge).map(|due| due.policy),
            acknowledge_by: by(acknowledge),
            respond_by: by(respond),
            resolve_by: by(resolve),
        };
        self.kept = InTime { acknowledge: kept(acknowledge), respond: kept(respond), resolve: kept(resolve) };
        self.next = reading::next_of(dues).and_then(|next| Some(Next { clock: next.clock, at: next.due_at? }));
    }

    /// Where the source has judged, its judgement stands for whatever has come about.
    #[must_use]
    pub fn in_time(&self, timeline: &Timeline) -> InTime {
        let Some(verdict) = self.verdict else { return self.kept };
        InTime {
            acknowledge: timeline.acknowledged_at.map(|_| verdict),
            respond: timeline.first_responded_at.map(|_| verdict),
            resolve: timeline.resolved_at.map(|_| verdict),
        }
    }

    /// False as soon as one promise was missed, true once all are kept.
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
    use chrono::{DateTime, TimeDelta, Utc};
    use complaints_contract::Transition;

    use super::*;

    fn received() -> DateTime<Utc> {
        "2026-03-04T01:30:00Z".parse().expect("an instant")
    }

    fn due(clock: Clock, run: i32, hours: i64, kept: Option<bool>) -> reading::Due {
        reading::Due {
            clock,
            run,
            policy: 3,
            target: TimeDelta::hours(hours),
            started_at: received(),
            due_at: Some(received() + TimeDelta::hours(hours)),
            stopped: kept.map(|_| (received(), TimeDelta::zero())),
            moot: false,
            kept,
        }
    }

    fn clocks(dues: &[reading::Due]) -> Clocks {
        let mut clocks = Clocks::default();
        clocks.reckon(dues);
        clocks
    }

    #[test]
    fn the_latest_run_of_each_clock_counts() {
        let dues = [
            due(Clock::Acknowledge, 1, 1, Some(true)),
            due(Clock::Resolution, 2, 48, None),
            due(Clock::Resolution, 1, 24, Some(false)),
            due(Clock::NextUpdate, 7, 2, None),
        ];
        let clocks = clocks(&dues);
        let by = |hours| Some(received() + TimeDelta::hours(hours));
        let expected = Due { policy: Some(3), acknowledge_by: by(1), respond_by: None, resolve_by: by(48) };
        assert_eq!(clocks.due, expected);
        assert_eq!(clocks.next, Some(Next { clock: Clock::NextUpdate, at: received() + TimeDelta::hours(2) }));
        assert_eq!(clocks.kept, InTime { acknowledge: Some(true), respond: None, resolve: None });
    }

    #[test]
    fn timely_is_false_at_the_first_miss_and_true_at_the_end() {
        use Clock::{Acknowledge, FirstResponse, Resolution};
        let (timeline, _) = Timeline::open(received());
        for (acknowledged, responded, resolved, expected) in [
            (None, None, None, None),
            (Some(true), None, None, None),
            (Some(false), None, None, Some(false)),
            (Some(true), Some(false), None, Some(false)),
            (Some(true), Some(true), Some(true), Some(true)),
            (Some(true), Some(true), Some(false), Some(false)),
        ] {
            let dues = [
                due(Acknowledge, 1, 1, acknowledged),
                due(FirstResponse, 1, 2, responded),
                due(Resolution, 1, 3, resolved),
            ];
            assert_eq!(clocks(&dues).timely(&timeline), expected);
        }
        assert_eq!(clocks(&[]).timely(&timeline), None, "nothing was promised");
    }

    #[test]
    fn the_source_has_the_last_word() {
        let mut clocks = clocks(&[due(Clock::FirstResponse, 1, 1, Some(false))]);
        clocks.verdict = Some(true);
        let (mut timeline, _) = Timeline::open(received());
        timeline.move_on(Transition::Respond, received() + TimeDelta::days(90)).expect("allowed");
        assert_eq!(clocks.timely(&timeline), Some(true));
        assert_eq!(clocks.in_time(&timeline), InTime { acknowledge: Some(true), respond: Some(true), resolve: None });
    }
}
