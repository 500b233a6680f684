//! The clocks of a complaint as somebody tells them who has watched it minute by minute and knows nothing but the
//! documents: what `Timeline`, `Calendar` and the contract say in words, and decision 015. What happens to a complaint
//! is made by the product; how its clocks stand is told here without the code that is judged by it.

mod cases;
mod office;

use chrono::TimeDelta;
use complaints_contract::{Clock, Happening, NewSlaPolicy, SlaRow, SlaTarget, State};
use proptest::prelude::*;
use proptest::sample::Index;
use registry_contract::Tier;

use super::{Reading, clocks};
use crate::domain::Past;
use crate::domain::moments::{Spells, Step, moments};
use crate::domain::rulebook::Rulebook;
use crate::domain::sla::Rank;
use cases::{CODE, Case, cases};
use office::Watch;

/// An entry of the history, as far as clocks go by it.
#[derive(Debug, Clone, Copy)]
struct Act {
    minute: i64,
    what: Happening,
    to: State,
    noted: bool,
}

impl Act {
    fn tells(self) -> bool {
        use Happening::{Acknowledged, Informed, Rejected, Responded};
        self.noted || matches!(self.what, Acknowledged | Responded | Informed | Rejected)
    }

    /// Whether a clock begins a run with it.
    fn begins(self, clock: Clock) -> bool {
        use Happening::{Opened, Reopened};
        match clock {
            Clock::Acknowledge | Clock::FirstResponse | Clock::Containment => self.what == Opened,
            Clock::NextUpdate => matches!(self.what, Opened | Reopened) || (self.tells() && self.to.is_open()),
            Clock::Resolution => matches!(self.what, Opened | Reopened),
        }
    }

    /// Whether it stops a clock: because what was promised is done, or because it is not owed any more.
    fn stops(self, clock: Clock) -> Option<bool> {
        use Happening::{Acknowledged, Contained, Rejected, Resolved, Responded, Withdrawn};
        if matches!(self.what, Withdrawn | Rejected) {
            return Some(false);
        }
        let done = match clock {
            Clock::Acknowledge => matches!(self.what, Acknowledged | Responded | Resolved),
            Clock::FirstResponse => matches!(self.what, Responded | Resolved),
            Clock::Containment => matches!(self.what, Contained | Resolved),
            Clock::NextUpdate => self.what == Resolved || self.begins(clock),
            Clock::Resolution => self.what == Resolved,
        };
        done.then_some(true)
    }
}

/// One run of a clock; where it has stopped, when that was and whether what was promised was done.
#[derive(Debug, Clone, Copy)]
struct Run {
    clock: Clock,
    number: i32,
    from: i64,
    stop: Option<(i64, bool)>,
}

fn runs(clock: Clock, acts: &[Act]) -> Vec<Run> {
    let mut runs = vec![];
    for (place, act) in acts.iter().enumerate().filter(|(_, act)| act.begins(clock)) {
        let stop = acts[place + 1..].iter().find_map(|later| Some((later.minute, later.stops(clock)?)));
        runs.push(Run { clock, number: runs.len() as i32 + 1, from: act.minute, stop });
    }
    runs
}

fn waits(acts: &[Act], minute: i64) -> bool {
    acts.iter().rev().find(|act| act.minute <= minute).is_some_and(|act| act.to == State::Waiting)
}

/// The place of the version that counts: the last one that has begun, or the first where none has.
fn in_force<T>(versions: &[(i64, T)], minute: i64) -> usize {
    versions.iter().rposition(|(from, _)| *from <= minute).unwrap_or(0)
}

fn fits(row: &SlaRow, rank: &Rank) -> bool {
    let issue = rank.kind.as_ref().map(|kind| kind.trim().to_lowercase());
    row.tier.is_none_or(|tier| tier == rank.tier.unwrap_or(Tier::C))
        && row.severity.is_none_or(|severity| severity == rank.severity.get())
        && row.kind.as_ref().is_none_or(|kind| issue == Some(kind.to_lowercase()))
}

fn promised<'a>(policy: &'a NewSlaPolicy, clock: Clock, rank: &Rank) -> Option<&'a SlaTarget> {
    let rows = policy.rows.iter().filter(|row| fits(row, rank) && row.target(clock).is_some());
    rows.max_by_key(|row| (row.kind.is_some(), row.tier.is_some(), row.severity.is_some()))?.target(clock)
}

/// What is compared. The spans of waiting are taken out of the reading, and put in as their sum.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    reading: Reading,
    waited: TimeDelta,
    remaining: TimeDelta,
    kept: Option<bool>,
}

struct Watcher<'a> {
    case: &'a Case,
    watches: Vec<Watch<'a>>,
}

impl<'a> Watcher<'a> {
    fn of(case: &'a Case) -> Self {
        Self { case, watches: case.offices.iter().map(|(_, office)| Watch::new(office, case.zero)).collect() }
    }

    /// How the clocks stand at a minute, by what has happened until then.
    fn tell(&mut self, as_of: i64) -> Vec<Answer> {
        let acts: Vec<_> = self.case.acts.iter().copied().filter(|act| act.minute <= as_of).collect();
        let all: Vec<_> = Clock::ALL.iter().flat_map(|clock| runs(*clock, &acts)).collect();
        all.into_iter().filter_map(|run| self.tell_of(run, &acts, as_of)).collect()
    }

    fn tell_of(&mut self, run: Run, acts: &[Act], as_of: i64) -> Option<Answer> {
        let case = self.case;
        let end = run.stop.map_or(as_of, |(minute, _)| minute);
        let policy = in_force(&case.policies, end);
        let (_, _, rank) = case.ranks.iter().rfind(|(_, from, _)| *from <= end)?;
        let promise = promised(&case.policies[policy].1, run.clock, rank)?;
        let office = promise.calendar.as_ref().map(|_| in_force(&case.offices, end));
        let mut works = |minute: i64| office.is_none_or(|office| self.watches[office].works(minute));
        let (mut used, mut waited, mut due) = (0_i64, 0_i64, None);
        for minute in run.from..end {
            if waits(acts, minute) {
                waited += 1;
            } else if works(minute) {
                used += 1;
                if used == promise.minutes {
                    due = Some(minute + 1);
                }
            }
        }
        let elapsed = used;
        // What has stopped would have run on. What waits for the customer may wait for ever.
        if due.is_none() && (run.stop.is_some() || !waits(acts, end)) {
            let mut minute = end;
            while used < promise.minutes {
                used += i64::from(works(minute));
                minute += 1;
            }
            due = Some(minute);
        }
        let breached = due.is_some_and(|due| due < end);
        let reading = Reading {
            clock: run.clock,
            run: run.number,
            policy: policy as i64 + 1,
            calendar: office.map(|office| (CODE.to_owned(), office as i64 + 1)),
            target: TimeDelta::minutes(promise.minutes),
            started_at: case.at(run.from),
            due_at: due.map(|due| case.at(due)),
            stopped_at: run.stop.map(|(minute, _)| case.at(minute)),
            moot: run.stop.is_some_and(|(_, done)| !done),
            paused: vec![],
            elapsed: TimeDelta::minutes(elapsed),
            breached,
        };
        Some(Answer {
            reading,
            waited: TimeDelta::minutes(waited),
            remaining: TimeDelta::minutes((promise.minutes - elapsed).max(0)),
            kept: run.stop.and_then(|(_, done)| (breached || done).then_some(!breached)),
        })
    }
}

/// How the product says that the clocks stand.
fn read(case: &Case, rules: &Rulebook, as_of: i64) -> Vec<Answer> {
    let past = |act: &Act| Past { what: act.what, to: act.to, at: case.at(act.minute), noted: act.noted };
    let steps: Vec<_> = (1..).zip(&case.acts).map(|(seq, act)| Step { seq, past: past(act) }).collect();
    let ranks = case.ranks.iter().map(|(seq, from, rank)| (*seq, rank.clone(), case.at(*from)));
    let history = moments(&steps, &ranks.collect::<Vec<_>>());
    let as_of = case.at(as_of);
    let readings = clocks(&history, rules, as_of).expect("readings");
    let dues = Spells::of(&history, as_of).expect("spells").dues(rules, as_of);
    assert_eq!(readings.len(), dues.len());
    let answer = |(reading, kept): (Reading, Option<bool>)| {
        let end = reading.stopped_at.unwrap_or(as_of);
        Answer {
            waited: reading.paused.iter().map(|(from, to)| to.unwrap_or(end) - *from).sum(),
            remaining: reading.remaining(),
            kept,
            reading: Reading { paused: vec![], ..reading },
        }
    };
    readings.into_iter().zip(dues.iter().map(|due| due.kept)).map(answer).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn clocks_stand_as_somebody_tells_who_has_watched_every_minute(
        case in cases(),
        later in 0..8_000_i64,
        place in any::<Index>(),
    ) {
        let (rules, mut watcher) = (case.rules(), Watcher::of(&case));
        let some = case.acts[0].minute + later;
        let dues: Vec<_> = watcher.tell(some).iter().filter_map(|answer| answer.reading.due_at).collect();
        let mut asked = vec![some, place.get(&case.acts).minute];
        if !dues.is_empty() {
            let due = (*place.get(&dues) - case.zero).num_minutes();
            asked.extend([due, due + 1]);
        }
        for as_of in asked {
            prop_assert_eq!(read(&case, &rules, as_of), watcher.tell(as_of), "as of {}", case.at(as_of));
        }
    }
}
