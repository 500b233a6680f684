use chrono::{DateTime, Utc};
use complaints_contract::{Happening, State, Transition};

use super::{NotAllowed, next};

/// One thing that happened to a complaint. Entries are only ever added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub seq: i64,
    pub what: Happening,
    pub from: Option<State>,
    pub to: State,
    pub at: DateTime<Utc>,
    pub note_to_customer: Option<String>,
    pub reason: Option<String>,
    /// How the complaint was resolved, at the step that resolved it.
    pub resolution: Option<String>,
    pub fields: Vec<&'static str>,
}

/// What a complaint's history adds up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    pub state: State,
    pub received_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub first_responded_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub reopened_count: i32,
    /// When it last moved: it never moves before that again.
    pub moved_at: DateTime<Utc>,
    /// Entries so far.
    pub version: i64,
}

impl Timeline {
    /// The first entry, and what it adds up to.
    #[must_use]
    pub fn open(received_at: DateTime<Utc>) -> (Self, Entry) {
        let timeline = Self {
            state: State::Received,
            received_at,
            acknowledged_at: None,
            first_responded_at: None,
            resolved_at: None,
            closed_at: None,
            reopened_count: 0,
            moved_at: received_at,
            version: 1,
        };
        let entry = Entry {
            seq: 1,
            what: Happening::Opened,
            from: None,
            to: State::Received,
            at: received_at,
            note_to_customer: None,
            reason: None,
            resolution: None,
            fields: vec![],
        };
        (timeline, entry)
    }

    /// Moves on to where the transition leads. Clocks of our own machines may differ a little, so an instant before the
    /// latest move is taken to be that move's.
    pub fn move_on(&mut self, transition: Transition, at: DateTime<Utc>) -> Result<Entry, NotAllowed> {
        let to = next(self.state, transition).ok_or(NotAllowed { state: self.state, transition })?;
        Ok(self.add(transition.into(), to, at.max(self.moved_at)))
    }

    /// Notes something that does not move the complaint.
    pub fn note(&mut self, what: Happening, at: DateTime<Utc>) -> Entry {
        self.add(what, self.state, at)
    }

    fn add(&mut self, what: Happening, to: State, at: DateTime<Utc>) -> Entry {
        let entry = Entry {
            seq: self.version + 1,
            what,
            from: Some(self.state),
            to,
            at,
            note_to_customer: None,
            reason: None,
            resolution: None,
            fields: vec![],
        };
        self.absorb(entry.what, entry.to, entry.at);
        entry
    }

    fn absorb(&mut self, what: Happening, to: State, at: DateTime<Utc>) {
        if !matches!(what, Happening::Linked | Happening::Amended) {
            self.moved_at = at;
        }
        self.state = to;
        self.version += 1;
        match what {
            Happening::Acknowledged => self.acknowledged_at = self.acknowledged_at.or(Some(at)),
            Happening::Responded => {
                self.acknowledged_at = self.acknowledged_at.or(Some(at));
                self.first_responded_at = self.first_responded_at.or(Some(at));
            }
            Happening::Resolved => self.resolved_at = Some(at),
            Happening::Closed => self.closed_at = Some(at),
            Happening::Reopened => {
                self.resolved_at = None;
                self.closed_at = None;
                self.reopened_count += 1;
            }
            Happening::Opened | Happening::Assessed | Happening::Withdrawn | Happening::Linked | Happening::Amended => {
            }
        }
    }

    /// What the history, oldest first, adds up to; nothing where it does not begin with an intake.
    #[must_use]
    pub fn fold(history: impl IntoIterator<Item = (Happening, State, DateTime<Utc>)>) -> Option<Self> {
        let mut history = history.into_iter();
        let (Happening::Opened, State::Received, received_at) = history.next()? else { return None };
        let (mut timeline, _) = Self::open(received_at);
        for (what, to, at) in history {
            timeline.absorb(what, to, at);
        }
        Some(timeline)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    fn received() -> DateTime<Utc> {
        "2026-03-04T01:30:00Z".parse().expect("an instant")
    }

    fn transitions() -> impl Strategy<Value = Vec<(Transition, i64)>> {
        let one = (prop::sample::select(Transition::ALL), -600_i64..100_000);
        prop::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn the_state_is_the_fold_of_the_history_and_time_never_runs_back(attempts in transitions()) {
            let (mut timeline, first) = Timeline::open(received());
            let mut history = vec![first];
            let mut now = received();
            for (transition, seconds) in attempts {
                now += TimeDelta::seconds(seconds);
                let before = timeline.clone();
                match timeline.move_on(transition, now) {
                    Ok(entry) => history.push(entry),
                    Err(refused) => {
                        prop_assert_eq!(refused.state, before.state);
                        prop_assert_eq!(&timeline, &before);
                    }
                }
            }
            let folded = Timeline::fold(history.iter().map(|entry| (entry.what, entry.to, entry.at)));
            prop_assert_eq!(folded.as_ref(), Some(&timeline));
            prop_assert_eq!(timeline.version, history.len() as i64);
            for (one, two) in history.iter().zip(&history[1..]) {
                prop_assert!(one.at <= two.at);
                prop_assert_eq!(Some(one.to), two.from);
                prop_assert_eq!(one.seq + 1, two.seq);
            }
            let dates = [
                Some(timeline.received_at),
                timeline.acknowledged_at,
                timeline.first_responded_at,
                timeline.resolved_at,
                timeline.closed_at,
            ];
            let dates: Vec<_> = dates.into_iter().flatten().collect();
            prop_assert!(dates.is_sorted());
            prop_assert_eq!(timeline.closed_at.is_some(), timeline.state == State::Closed);
        }
    }

    #[test]
    fn a_response_acknowledges_too() {
        let (mut timeline, _) = Timeline::open(received());
        let at = received() + TimeDelta::hours(1);
        timeline.move_on(Transition::Respond, at).expect("allowed");
        assert_eq!((timeline.acknowledged_at, timeline.first_responded_at), (Some(at), Some(at)));
    }

    #[test]
    fn reopening_takes_the_settlement_back() {
        let (mut timeline, _) = Timeline::open(received());
        for transition in [Transition::Respond, Transition::Resolve, Transition::Close, Transition::Reopen] {
            timeline.move_on(transition, received()).expect("allowed");
        }
        assert_eq!((timeline.resolved_at, timeline.closed_at, timeline.reopened_count), (None, None, 1));
        assert_eq!(timeline.state, State::Investigating);
    }
}
