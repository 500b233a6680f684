use chrono::{DateTime, Utc};
use complaints_contract::{ComplaintEntry, Happening, State, Transition};

use super::{Leads, NotAllowed, allowed, next};

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
    /// What the customer wrote or said.
    pub from_customer: Option<String>,
    /// How the complaint was resolved, at the step that resolved it.
    pub resolution: Option<String>,
    pub fields: Vec<&'static str>,
}

/// As much of an entry as time and state are reckoned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub what: Happening,
    pub to: State,
    pub at: DateTime<Utc>,
    /// Whether a note to the customer went with it.
    pub noted: bool,
}

impl Past {
    /// Whether the customer was told anything: by a note, or because there is no such step without telling.
    #[must_use]
    pub const fn tells(&self) -> bool {
        self.noted
            || matches!(
                self.what,
                Happening::Acknowledged | Happening::Responded | Happening::Informed | Happening::Rejected
            )
    }
}

impl From<&Entry> for Past {
    fn from(entry: &Entry) -> Self {
        Self { what: entry.what, to: entry.to, at: entry.at, noted: entry.note_to_customer.is_some() }
    }
}

impl From<&ComplaintEntry> for Past {
    fn from(entry: &ComplaintEntry) -> Self {
        Self { what: entry.what, to: entry.to, at: entry.at, noted: entry.note_to_customer.is_some() }
    }
}

/// A wait for the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    pub since: DateTime<Utc>,
    /// Where the complaint stood, and goes on.
    pub back: State,
}

/// What a complaint's history adds up to.
///
/// # What clocks read from the history
///
/// Time runs from the first entry, `opened`, whose `at` is when the complaint was received. It stands still from a
/// `wait_started` to whatever leaves the state `waiting`: `resumed`, `withdrawn` or `rejected`. Nothing else pauses.
///
/// | clock | first stopped by | runs again after |
/// |---|---|---|
/// | acknowledge | `acknowledged`, `responded`, `resolved` | never |
/// | first response | `responded`, `resolved` | never |
/// | containment | `contained`, `resolved` | never |
/// | next update | each entry that [tells](Past::tells) the customer something starts it anew | while the state is open |
/// | resolution | `resolved` | `reopened`: a new run, with a promise of its own |
///
/// `withdrawn` and `rejected` end every clock that still runs, without a verdict (a rejection is an answer all the same, and
/// dates the first one); `closed`, `followed_up`, `escalated`,
/// `accepted`, `investigation_started`, `assessed`, `customer_wrote`, `linked` and `amended` stop none. An `assessed`,
/// `linked` or `amended` entry may change what the clocks are measured by (severity, customer), for all that still runs.
/// Entries are in the order of `seq`. The `at` of entries that move a complaint, or say something about it, never runs
/// back; `linked` and `amended` carry the time at which they were written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    pub state: State,
    pub received_at: DateTime<Utc>,
    pub acknowledged_at: Option<DateTime<Utc>>,
    pub first_responded_at: Option<DateTime<Utc>>,
    pub contained_at: Option<DateTime<Utc>>,
    /// When the customer was last told anything.
    pub told_at: Option<DateTime<Utc>>,
    /// When the customer took our answer, unless something new came after.
    pub accepted_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    /// While the state is `waiting`.
    pub wait: Option<Wait>,
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
            contained_at: None,
            told_at: None,
            accepted_at: None,
            resolved_at: None,
            closed_at: None,
            wait: None,
            reopened_count: 0,
            moved_at: received_at,
            version: 1,
        };
        (timeline, Entry::new(1, Happening::Opened, None, State::Received, received_at))
    }

    /// Moves on to where the transition leads. Clocks of our own machines may differ a little, so an instant before the
    /// latest move is taken to be that move's.
    pub fn move_on(&mut self, transition: Transition, at: DateTime<Utc>) -> Result<Entry, NotAllowed> {
        let Some(leads) = next(self.state, transition) else {
            return Err(NotAllowed { state: self.state, transition, allowed: allowed(self.state).collect() });
        };
        let to = match leads {
            Leads::To(to) => to,
            Leads::Stay => self.state,
            Leads::Back => self.wait.map_or(State::Investigating, |wait| wait.back),
        };
        Ok(self.add(transition.into(), to, at.max(self.moved_at)))
    }

    /// Notes something that does not move the complaint.
    pub fn note(&mut self, what: Happening, at: DateTime<Utc>) -> Entry {
        self.add(what, self.state, at)
    }

    fn add(&mut self, what: Happening, to: State, at: DateTime<Utc>) -> Entry {
        let entry = Entry::new(self.version + 1, what, Some(self.state), to, at);
        self.absorb(&Past::from(&entry));
        entry
    }

    /// What a note to the customer with the latest entry changes.
    pub fn tell(&mut self, at: DateTime<Utc>) {
        self.told_at = self.told_at.max(Some(at));
    }

    fn absorb(&mut self, past: &Past) {
        let Past { what, to, at, .. } = *past;
        if !matches!(what, Happening::Linked | Happening::Amended) {
            self.moved_at = at;
        }
        if past.tells() {
            self.tell(at);
        }
        self.wait = match (to, self.wait) {
            (State::Waiting, None) => Some(Wait { since: at, back: self.state }),
            (State::Waiting, wait) => wait,
            _ => None,
        };
        self.state = to;
        self.version += 1;
        let answered = |timeline: &mut Self| {
            timeline.acknowledged_at = timeline.acknowledged_at.or(Some(at));
            timeline.first_responded_at = timeline.first_responded_at.or(Some(at));
        };
        match what {
            Happening::Acknowledged => self.acknowledged_at = self.acknowledged_at.or(Some(at)),
            Happening::Responded => {
                answered(self);
                self.accepted_at = None;
            }
            Happening::Rejected => answered(self),
            Happening::Accepted => self.accepted_at = Some(at),
            Happening::Escalated => self.accepted_at = None,
            Happening::Contained => self.contained_at = self.contained_at.or(Some(at)),
            Happening::Resolved => {
                answered(self);
                self.contained_at = self.contained_at.or(Some(at));
                self.resolved_at = Some(at);
            }
            Happening::Closed => self.closed_at = Some(at),
            Happening::Reopened => {
                self.accepted_at = None;
                self.resolved_at = None;
                self.closed_at = None;
                self.reopened_count += 1;
            }
            Happening::Opened
            | Happening::Assessed
            | Happening::InvestigationStarted
            | Happening::WaitStarted
            | Happening::Resumed
            | Happening::FollowedUp
            | Happening::Withdrawn
            | Happening::Informed
            | Happening::CustomerWrote
            | Happening::Linked
            | Happening::Amended => {}
        }
    }

    /// What the history, oldest first, adds up to; nothing where it does not begin with an intake.
    #[must_use]
    pub fn fold(history: impl IntoIterator<Item = Past>) -> Option<Self> {
        let mut history = history.into_iter();
        let Past { what: Happening::Opened, to: State::Received, at, .. } = history.next()? else { return None };
        let (mut timeline, _) = Self::open(at);
        for past in history {
            timeline.absorb(&past);
        }
        Some(timeline)
    }
}

impl Entry {
    fn new(seq: i64, what: Happening, from: Option<State>, to: State, at: DateTime<Utc>) -> Self {
        Self {
            seq,
            what,
            from,
            to,
            at,
            note_to_customer: None,
            reason: None,
            from_customer: None,
            resolution: None,
            fields: vec![],
        }
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
        prop::collection::vec(one, 0..60)
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
                    Ok(entry) => {
                        prop_assert!(next(before.state, transition).is_some());
                        history.push(entry);
                    }
                    Err(refused) => {
                        prop_assert_eq!(next(before.state, transition), None);
                        prop_assert_eq!(refused.state, before.state);
                        prop_assert_eq!(&timeline, &before);
                    }
                }
            }
            let folded = Timeline::fold(history.iter().map(Past::from));
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
            prop_assert_eq!(
                timeline.closed_at.is_some(),
                matches!(timeline.state, State::Closed | State::FollowedUp)
            );
            prop_assert_eq!(timeline.wait.is_some(), timeline.state == State::Waiting);
            if timeline.state == State::Accepted {
                prop_assert!(timeline.accepted_at.is_some());
            }
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

    fn after(transitions: &[Transition]) -> Timeline {
        let (mut timeline, _) = Timeline::open(received());
        for (hours, transition) in (1..).zip(transitions) {
            timeline.move_on(*transition, received() + TimeDelta::hours(hours)).expect("allowed");
        }
        timeline
    }

    #[test]
    fn a_wait_ends_where_it_began() {
        use Transition::{Acknowledge, Assess, Hear, Inform, Respond, Resume, Wait};
        for (before, back) in [
            (&[Acknowledge][..], State::Acknowledged),
            (&[Acknowledge, Assess], State::Assessed),
            (&[Respond], State::Responded),
        ] {
            let waiting = after(&[before, &[Wait, Inform, Hear]].concat());
            assert_eq!(waiting.wait.map(|wait| wait.back), Some(back));
            let since = received() + TimeDelta::hours(before.len() as i64 + 1);
            assert_eq!(
                waiting.wait.map(|wait| wait.since),
                Some(since),
                "what is said meanwhile does not begin it anew"
            );
            let resumed = after(&[before, &[Wait, Inform, Hear, Resume]].concat());
            assert_eq!((resumed.state, resumed.wait), (back, None));
        }
    }

    #[test]
    fn an_acceptance_holds_until_something_new_comes() {
        use Transition::{Accept, Escalate, Reopen, Resolve, Respond};
        assert!(after(&[Respond, Accept, Resolve]).accepted_at.is_some());
        assert_eq!(after(&[Respond, Accept, Escalate]).accepted_at, None);
        assert_eq!(after(&[Respond, Accept, Resolve, Reopen]).accepted_at, None);
        assert_eq!(after(&[Respond, Accept, Escalate, Respond]).accepted_at, None);
    }

    #[test]
    fn the_customer_is_told_by_steps_that_tell_and_by_notes() {
        use Transition::{Acknowledge, Assess, Inform};
        let hour = |hour| Some(received() + TimeDelta::hours(hour));
        assert_eq!(after(&[]).told_at, None);
        assert_eq!(after(&[Acknowledge, Assess]).told_at, hour(1));
        assert_eq!(after(&[Acknowledge, Assess, Inform]).told_at, hour(3));
        let noted = Past { what: Happening::Assessed, to: State::Assessed, at: received(), noted: true };
        assert!(noted.tells());
        assert!(!Past { noted: false, ..noted }.tells());
    }
}
