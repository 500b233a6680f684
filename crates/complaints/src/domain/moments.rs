//! What of a complaint's history its clocks run by.

use chrono::{DateTime, Utc};
use complaints_contract::{Clock, Happening};

use super::Past;
use super::sla::Rank;

/// An entry of the history and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub seq: i64,
    pub past: Past,
}

/// Something in a complaint's history that matters to its clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    pub at: DateTime<Utc>,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// How every history begins.
    Received(Rank),
    /// Tier, severity or kind became another.
    Ranked(Rank),
    Acknowledged,
    /// Also acknowledges, and tells how it stands.
    Responded,
    Contained,
    /// The customer was told how it stands.
    Updated,
    WaitingForCustomer,
    Resumed,
    Resolved,
    Reopened,
    /// Closed, withdrawn or rejected: nothing is owed any more.
    Ended,
}

impl What {
    /// What an entry of the history is to the clocks, if anything. Intakes and changes of rank are told with the rank.
    #[must_use]
    pub fn of(happening: Happening) -> Option<Self> {
        match happening {
            Happening::Acknowledged => Some(Self::Acknowledged),
            Happening::Responded => Some(Self::Responded),
            Happening::Resolved => Some(Self::Resolved),
            Happening::Reopened => Some(Self::Reopened),
            Happening::Contained => Some(Self::Contained),
            Happening::Informed => Some(Self::Updated),
            Happening::WaitStarted => Some(Self::WaitingForCustomer),
            Happening::Resumed => Some(Self::Resumed),
            Happening::Closed | Happening::Withdrawn | Happening::Rejected => Some(Self::Ended),
            Happening::Opened
            | Happening::Assessed
            | Happening::InvestigationStarted
            | Happening::Accepted
            | Happening::Escalated
            | Happening::FollowedUp
            | Happening::CustomerWrote
            | Happening::Linked
            | Happening::Amended => None,
        }
    }

    /// Whether the clock of the next update knows of it already that the customer was told.
    const fn tells(&self) -> bool {
        matches!(self, Self::Responded | Self::Updated | Self::Reopened)
    }
}

/// The moments of a history: its entries by number, and its ranks by the number of the entry each came with. Moves stand
/// in the order of their numbers; what is only noted may be dated before a move that came first.
#[must_use]
pub fn moments(entries: &[Step], ranks: &[(i64, Rank, DateTime<Utc>)]) -> Vec<Moment> {
    let Some(Step { past: Past { at: received_at, .. }, .. }) = entries.first() else { return vec![] };
    let acts = entries.iter().filter_map(|step| Some((step.past.at, step.seq, 0, What::of(step.past.what)?)));
    // Whatever else was done, a note with it tells the customer how it stands.
    let told = entries.iter().filter(|step| step.past.tells());
    let told = told.filter(|step| What::of(step.past.what).is_none_or(|what| !what.tells()));
    let acts = acts.chain(told.map(|step| (step.past.at, step.seq, 2, What::Updated)));
    let ranks = ranks.iter().enumerate().map(|(place, (seq, rank, at))| match place {
        0 => (*received_at, 0, 0, What::Received(rank.clone())),
        _ => ((*at).max(*received_at), *seq, 1, What::Ranked(rank.clone())),
    });
    let mut all: Vec<_> = acts.chain(ranks).collect();
    all.sort_by_key(|(at, seq, kind, _)| (*at, *seq, *kind));
    all.into_iter().map(|(at, _, _, what)| Moment { at, what }).collect()
}

/// A history that cannot have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Nonsense {
    #[error("nothing was received yet")]
    BeforeIntake,
    #[error("it was received twice")]
    ReceivedTwice,
    #[error("it runs back in time")]
    RunsBack,
    #[error("it waits for the customer already")]
    WaitsAlready,
    #[error("it does not wait for the customer")]
    WaitsNot,
    #[error("it is over")]
    Over,
    #[error("it is not over")]
    NotOver,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// What was promised was done.
    Done,
    /// It was not done, and is not owed any more.
    Moot,
}

/// One run of a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spell {
    pub(super) clock: Clock,
    pub(super) run: i32,
    pub(super) started_at: DateTime<Utc>,
    pub(super) stopped: Option<(DateTime<Utc>, Stop)>,
}

pub(super) type Pause = (DateTime<Utc>, Option<DateTime<Utc>>);

/// What a history adds up to for the clocks. It knows no rules: those are looked up when it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spells {
    ranks: Vec<(DateTime<Utc>, Rank)>,
    pub(super) pauses: Vec<Pause>,
    pub(super) spells: Vec<Spell>,
    over: bool,
    last: DateTime<Utc>,
}

impl Spells {
    /// Adds up the history as far as it goes until `as_of`.
    pub fn of<'a>(history: impl IntoIterator<Item = &'a Moment>, as_of: DateTime<Utc>) -> Result<Self, Nonsense> {
        let mut history = history.into_iter().take_while(|moment| moment.at <= as_of);
        let first = history.next().ok_or(Nonsense::BeforeIntake)?;
        let mut spells = Self::begin(first)?;
        for moment in history {
            spells.absorb(moment)?;
        }
        Ok(spells)
    }

    pub fn begin(first: &Moment) -> Result<Self, Nonsense> {
        let What::Received(rank) = &first.what else { return Err(Nonsense::BeforeIntake) };
        let spell = |clock: &Clock| Spell { clock: *clock, run: 1, started_at: first.at, stopped: None };
        Ok(Self {
            ranks: vec![(first.at, rank.clone())],
            pauses: vec![],
            spells: Clock::ALL.iter().map(spell).collect(),
            over: false,
            last: first.at,
        })
    }

    /// Adds what came next. Acts that stop no running clock change nothing.
    pub fn absorb(&mut self, moment: &Moment) -> Result<(), Nonsense> {
        if moment.at < self.last {
            return Err(Nonsense::RunsBack);
        }
        let at = moment.at;
        match &moment.what {
            What::Received(_) => return Err(Nonsense::ReceivedTwice),
            What::Ranked(rank) => self.ranks.push((at, rank.clone())),
            What::Acknowledged => self.stop(&[Clock::Acknowledge], at, Stop::Done),
            What::Responded => {
                self.stop(&[Clock::Acknowledge, Clock::FirstResponse], at, Stop::Done);
                self.update(at);
            }
            What::Contained => self.stop(&[Clock::Containment], at, Stop::Done),
            What::Updated => self.update(at),
            What::WaitingForCustomer if self.over => return Err(Nonsense::Over),
            What::WaitingForCustomer if self.is_waiting() => return Err(Nonsense::WaitsAlready),
            What::WaitingForCustomer => self.pauses.push((at, None)),
            What::Resumed if self.is_waiting() => self.resume(at),
            What::Resumed => return Err(Nonsense::WaitsNot),
            What::Resolved if self.over => return Err(Nonsense::Over),
            What::Resolved => self.end(at, Stop::Done),
            What::Ended => self.end(at, Stop::Moot),
            What::Reopened if self.over => {
                self.over = false;
                self.start(Clock::NextUpdate, at);
                self.start(Clock::Resolution, at);
            }
            What::Reopened => return Err(Nonsense::NotOver),
        }
        self.last = at;
        Ok(())
    }

    fn is_waiting(&self) -> bool {
        self.pauses.last().is_some_and(|(_, to)| to.is_none())
    }

    fn resume(&mut self, at: DateTime<Utc>) {
        if let Some((_, to @ None)) = self.pauses.last_mut() {
            *to = Some(at);
        }
    }

    fn end(&mut self, at: DateTime<Utc>, stop: Stop) {
        self.stop(Clock::ALL, at, stop);
        self.resume(at);
        self.over = true;
    }

    fn stop(&mut self, clocks: &[Clock], at: DateTime<Utc>, stop: Stop) {
        let running = self.spells.iter_mut().filter(|spell| spell.stopped.is_none());
        for spell in running.filter(|spell| clocks.contains(&spell.clock)) {
            spell.stopped = Some((at, stop));
        }
    }

    fn update(&mut self, at: DateTime<Utc>) {
        if !self.over {
            self.stop(&[Clock::NextUpdate], at, Stop::Done);
            self.start(Clock::NextUpdate, at);
        }
    }

    fn start(&mut self, clock: Clock, at: DateTime<Utc>) {
        let runs = self.spells.iter().filter(|spell| spell.clock == clock).map(|spell| spell.run);
        let run = runs.max().unwrap_or(0) + 1;
        self.spells.push(Spell { clock, run, started_at: at, stopped: None });
    }

    /// The tier, severity and kind at an instant.
    #[must_use]
    pub fn rank(&self, at: DateTime<Utc>) -> &Rank {
        let after = self.ranks.partition_point(|(from, _)| *from <= at);
        &self.ranks[after.saturating_sub(1)].1
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use registry_contract::Tier;

    use super::*;
    use crate::domain::Severity;

    fn history(acts: &[(i64, What)]) -> Vec<Moment> {
        let start: DateTime<Utc> = "2026-03-04T01:30:00Z".parse().expect("an instant");
        acts.iter()
            .map(|(minutes, what)| Moment { at: start + TimeDelta::minutes(*minutes), what: what.clone() })
            .collect()
    }

    fn received() -> What {
        What::Received(Rank { tier: Some(Tier::S), severity: Severity::Critical, kind: None })
    }

    #[test]
    fn nonsense_is_refused() {
        use What::{Ended, Reopened, Resolved, Responded, Resumed, WaitingForCustomer};
        for (acts, expected) in [
            (vec![], Nonsense::BeforeIntake),
            (vec![(0, Responded), (1, received())], Nonsense::BeforeIntake),
            (vec![(0, received()), (1, received())], Nonsense::ReceivedTwice),
            (vec![(5, received()), (4, Responded)], Nonsense::RunsBack),
            (vec![(0, received()), (1, WaitingForCustomer), (2, WaitingForCustomer)], Nonsense::WaitsAlready),
            (vec![(0, received()), (1, Resumed)], Nonsense::WaitsNot),
            (vec![(0, received()), (1, Resolved), (2, WaitingForCustomer)], Nonsense::Over),
            (vec![(0, received()), (1, Resolved), (2, Resolved)], Nonsense::Over),
            (vec![(0, received()), (1, Reopened)], Nonsense::NotOver),
            (
                vec![(0, received()), (1, WaitingForCustomer), (2, Resolved), (3, Ended), (4, Resumed)],
                Nonsense::WaitsNot,
            ),
        ] {
            let history = history(&acts);
            assert_eq!(Spells::of(&history, DateTime::<Utc>::MAX_UTC), Err(expected), "{acts:?}");
        }
        let history = history(&[(0, received())]);
        assert_eq!(Spells::of(&history, history[0].at - TimeDelta::seconds(1)), Err(Nonsense::BeforeIntake));
    }

    #[test]
    fn a_reopening_begins_new_runs_of_what_is_owed_again() {
        let acts =
            [(0, received()), (1, What::Responded), (9, What::Resolved), (10, What::Ended), (20, What::Reopened)];
        let spells = Spells::of(&history(&acts), DateTime::<Utc>::MAX_UTC).expect("spells");
        let runs = |clock| spells.spells.iter().filter(|spell| spell.clock == clock).map(|spell| spell.run).max();
        assert_eq!(runs(Clock::Resolution), Some(2));
        assert_eq!(runs(Clock::NextUpdate), Some(3));
        assert_eq!(runs(Clock::FirstResponse), Some(1));
        let running: Vec<_> =
            spells.spells.iter().filter(|spell| spell.stopped.is_none()).map(|spell| spell.clock).collect();
        assert_eq!(running, [Clock::NextUpdate, Clock::Resolution]);
    }
}
