use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{Clock, Happening, NewSlaPolicy, SlaRow, SlaTarget, Transition};
use proptest::prelude::*;
use proptest::sample::select;
use registry_contract::Tier;

use super::Act;
use super::office::{Office, offices};
use crate::domain::reading::tests::{at, version};
use crate::domain::rulebook::Rulebook;
use crate::domain::sla::{Policy, Rank};
use crate::domain::{Entry, Severity, Timeline};

/// What policies call the only calendar.
pub(super) const CODE: &str = "office";

/// Zones, and dates shortly before they put their clocks forward or back, leave out a day, or come to a leap day.
pub(super) const PLACES: &[(&str, &str)] = &[
    ("Europe/Rome", "2026-03-27"),
    ("Europe/Rome", "2026-10-23"),
    ("Europe/Rome", "2024-02-27"),
    ("America/New_York", "2026-03-06"),
    ("America/New_York", "2026-10-30"),
    ("America/Sao_Paulo", "2018-02-16"),
    ("America/Sao_Paulo", "2018-11-02"),
    ("Australia/Lord_Howe", "2026-04-03"),
    ("Australia/Lord_Howe", "2026-10-02"),
    ("Pacific/Apia", "2011-12-28"),
    ("Asia/Shanghai", "2028-02-26"),
];

/// A complaint, and the rules in all their versions; instants are minutes since `zero`.
#[derive(Debug)]
pub(super) struct Case {
    pub zero: DateTime<Utc>,
    pub acts: Vec<Act>,
    /// Each with the number of the entry that it came with, and since when it counts.
    pub ranks: Vec<(i64, i64, Rank)>,
    pub policies: Vec<(i64, NewSlaPolicy)>,
    pub offices: Vec<(i64, Office)>,
}

impl Case {
    pub fn at(&self, minute: i64) -> DateTime<Utc> {
        self.zero + TimeDelta::minutes(minute)
    }

    pub fn rules(&self) -> Rulebook {
        let mut rules = Rulebook::default();
        for (number, (from, policy)) in (1..).zip(&self.policies) {
            let policy = Policy::parse(policy, &[CODE.to_owned()].into()).expect("a policy");
            rules.add_policy(version(number, self.at(*from), policy));
        }
        for (number, (from, office)) in (1..).zip(&self.offices) {
            rules.add_calendar(CODE, version(number, self.at(*from), office.calendar()));
        }
        rules
    }
}

pub(super) fn cases() -> impl Strategy<Value = Case> {
    select(PLACES).prop_flat_map(|(zone, date)| {
        let gaps = prop_oneof![Just(0_i64), 0..60_i64, 0..900_i64];
        let attempts = prop::collection::vec((gaps, attempts()), 0..40);
        (0..24 * 60_i64, ranks(), attempts, versions(policies()), versions(offices(zone))).prop_map(
            move |(minute, rank, attempts, policies, offices)| {
                let zero = at(&format!("{date}T00:00:00Z"));
                let (acts, ranks) = lived(zero, minute, rank, attempts);
                Case { zero, acts, ranks, policies, offices }
            },
        )
    })
}

/// What becomes of a complaint that comes in at that minute with that rank.
fn lived(
    zero: DateTime<Utc>,
    mut minute: i64,
    rank: Rank,
    attempts: Vec<(i64, Attempt)>,
) -> (Vec<Act>, Vec<(i64, i64, Rank)>) {
    let act = |entry: &Entry, minute: i64, noted: bool| Act { minute, what: entry.what, to: entry.to, noted };
    let (mut timeline, opened) = Timeline::open(zero + TimeDelta::minutes(minute));
    let (mut acts, mut ranks) = (vec![act(&opened, minute, false)], vec![(opened.seq, minute, rank)]);
    for (gap, attempt) in attempts {
        minute += gap;
        let now = zero + TimeDelta::minutes(minute);
        match attempt {
            Attempt::Move(transition, noted) => {
                let moved = timeline.move_on(transition, now).ok();
                acts.extend(moved.map(|entry| act(&entry, minute, noted)));
            }
            Attempt::Rank(rank) => {
                let entry = timeline.note(Happening::Amended, now);
                acts.push(act(&entry, minute, false));
                ranks.push((entry.seq, minute, rank));
            }
        }
    }
    (acts, ranks)
}

#[derive(Debug, Clone)]
enum Attempt {
    /// Made where the state allows it, and with a note to the customer or without.
    Move(Transition, bool),
    Rank(Rank),
}

fn attempts() -> impl Strategy<Value = Attempt> {
    use Transition::{Acknowledge, Inform, Reopen, Resolve, Respond, Resume, Wait};
    const OFTEN: &[Transition] = &[Acknowledge, Respond, Wait, Resume, Wait, Resume, Inform, Resolve, Reopen];
    let transitions = prop_oneof![4 => select(OFTEN), 1 => select(Transition::ALL)];
    let moves = (transitions, prop::bool::weighted(0.2)).prop_map(|(made, noted)| Attempt::Move(made, noted));
    prop_oneof![6 => moves, 1 => ranks().prop_map(Attempt::Rank)]
}

const TIERS: &[Tier] = &[Tier::S, Tier::B, Tier::C];

fn ranks() -> impl Strategy<Value = Rank> {
    const ISSUES: &[&str] = &["NOISE", " safety recall"];
    (prop::option::of(select(TIERS)), select(&Severity::ALL[..]), prop::option::of(select(ISSUES)))
        .prop_map(|(tier, severity, issue)| Rank { tier, severity, kind: issue.map(str::to_owned) })
}

fn policies() -> impl Strategy<Value = NewSlaPolicy> {
    const KINDS: &[&str] = &["noise", "Safety recall"];
    let target = || {
        (1..1_500_i64, any::<bool>())
            .prop_map(|(minutes, working)| SlaTarget { minutes, calendar: working.then(|| CODE.to_owned()) })
    };
    let maybe = || prop::option::of(target());
    let general = (target(), target(), target()).prop_map(|(acknowledge, first_response, resolution)| SlaRow {
        acknowledge: Some(acknowledge),
        first_response: Some(first_response),
        resolution: Some(resolution),
        ..SlaRow::default()
    });
    let whom = (prop::option::of(select(TIERS)), prop::option::of(1..=4_i16), prop::option::of(select(KINDS)));
    let targets = (maybe(), maybe(), maybe(), maybe(), maybe());
    let row = (whom, targets).prop_map(|((tier, severity, kind), targets)| {
        let (acknowledge, first_response, containment, next_update, resolution) = targets;
        let kind = kind.map(str::to_owned);
        SlaRow { tier, severity, kind, acknowledge, first_response, containment, next_update, resolution }
    });
    (general, prop::collection::vec(row, 0..8)).prop_map(|(general, others)| {
        let whom = |row: &SlaRow| (row.tier, row.severity, row.kind.clone());
        let mut rows = vec![general];
        for row in others {
            let is_new = rows.iter().all(|other| whom(other) != whom(&row));
            if is_new && Clock::ALL.iter().any(|clock| row.target(*clock).is_some()) {
                rows.push(row);
            }
        }
        NewSlaPolicy { name: "Test".to_owned(), rows, ladder: vec![], at_once: vec![] }
    })
}

/// Each counts from a minute on, the first one perhaps only when there is something to read by it.
fn versions<T: Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<(i64, T)>> {
    prop::collection::vec((0..5_000_i64, of), 1..4).prop_map(|versions| {
        let mut from = 0;
        let begun = |(later, value): (i64, T)| {
            from += later;
            (from, value)
        };
        versions.into_iter().map(begun).collect::<Vec<_>>()
    })
}
