use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use interactions_contract::v1::InteractionFact;
use registry_contract::v1::PositionFact;
use registry_contract::{ContactId, PositionId};
use scoring_contract::ScorePolicy;

use super::facts::Facts;
use super::policy;

/// Clocks of phones run ahead; the interactions service takes the same.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// What engagement is computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    pub cadence: i64,
    pub people_known: i64,
    pub people_met: i64,
    pub seats_known: i64,
    pub seats_met: i64,
    pub interactions: i64,
    pub contact_days: i64,
    pub depth: i64,
    pub judged: i64,
    pub outcome_balance: i64,
    pub last_contact_at: Option<DateTime<Utc>>,
}

impl Counts {
    pub fn of(facts: &Facts, policy: &ScorePolicy, as_of: DateTime<Utc>) -> Self {
        let begin = as_of.checked_sub_days(Days::new(policy.window_days.unsigned_abs())).unwrap_or(as_of);
        let happened: Vec<_> = facts.interactions.iter().filter(|i| i.occurred_at <= as_of + AHEAD).collect();
        let counted: Vec<_> = happened.iter().copied().filter(|i| i.occurred_at > begin).collect();
        let met: HashSet<ContactId> = counted.iter().flat_map(|i| i.contact_ids.iter().copied()).collect();
        let known: HashSet<ContactId> =
            facts.contacts.iter().map(|c| c.contact_id).chain(met.iter().copied()).collect();
        let is_there = |p: &&PositionFact| p.closed_on.is_none_or(|closed| closed > as_of.date_naive());
        let seats: HashSet<PositionId> = facts
            .positions
            .iter()
            .filter(is_there)
            .filter(|p| p.decision_role.is_some())
            .map(|p| p.position_id)
            .collect();
        let by_day = deepest_by_day(&counted, policy);
        Self {
            cadence: policy::cadence(policy, facts.customer.tier),
            people_known: count(known.len()),
            people_met: count(met.len()),
            seats_known: count(seats.len()),
            seats_met: count(seats_met(facts, &seats, &met, as_of.date_naive()).len()),
            interactions: count(counted.len()),
            contact_days: count(by_day.len()),
            depth: by_day.values().sum(),
            judged: count(counted.iter().filter(|i| i.outcome.is_some()).count()),
            outcome_balance: counted.iter().filter_map(|i| i.outcome).map(|outcome| i64::from(outcome) - 2).sum(),
            last_contact_at: happened.iter().map(|i| i.occurred_at).max(),
        }
    }
}

fn deepest_by_day(interactions: &[&InteractionFact], policy: &ScorePolicy) -> BTreeMap<NaiveDate, i64> {
    let mut days = BTreeMap::new();
    for interaction in interactions {
        let depth = policy::depth(&policy.depth, interaction.means, interaction.channel);
        let deepest = days.entry(interaction.occurred_at.date_naive()).or_insert(0);
        *deepest = depth.max(*deepest);
    }
    days
}

fn seats_met(
    facts: &Facts,
    seats: &HashSet<PositionId>,
    met: &HashSet<ContactId>,
    today: NaiveDate,
) -> BTreeSet<PositionId> {
    facts
        .holdings
        .iter()
        .filter(|h| h.from <= today && h.until.is_none_or(|until| today < until))
        .filter(|h| seats.contains(&h.position_id) && met.contains(&h.contact_id))
        .map(|h| h.position_id)
        .collect()
}

/// The five parts, in thousandths of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    pub breadth: i64,
    pub frequency: i64,
    pub recency: i64,
    pub depth: i64,
    pub outcome: i64,
}

impl Parts {
    pub fn of(counts: &Counts, policy: &ScorePolicy, as_of: DateTime<Utc>) -> Self {
        let full = &policy.engagement;
        Self {
            breadth: breadth(counts, policy),
            frequency: share(full.frequency, counts.contact_days, counts.cadence),
            recency: recency(counts, policy, as_of),
            depth: share(full.depth, counts.depth, counts.cadence * policy.depth.routine),
            outcome: outcome(counts, full.outcome),
        }
    }

    pub fn sum(&self) -> i64 {
        self.breadth + self.frequency + self.recency + self.depth + self.outcome
    }
}

fn breadth(counts: &Counts, policy: &ScorePolicy) -> i64 {
    let full = &policy.engagement;
    if counts.seats_known == 0 {
        return share(full.breadth, counts.people_met, counts.people_known);
    }
    share(full.breadth - full.seats, counts.people_met, counts.people_known)
        + share(full.seats, counts.seats_met, counts.seats_known)
}

fn recency(counts: &Counts, policy: &ScorePolicy, as_of: DateTime<Utc>) -> i64 {
    let Some(last) = counts.last_contact_at else { return 0 };
    let window = TimeDelta::days(policy.window_days).num_seconds();
    let interval = window / counts.cadence.max(1);
    let age = (as_of - last).num_seconds().max(0);
    if age <= interval {
        return policy.engagement.recency * 1000;
    }
    share(policy.engagement.recency, (window - age).max(0), window - interval)
}

fn outcome(counts: &Counts, full: i64) -> i64 {
    if counts.interactions == 0 {
        return 0;
    }
    let half = full * 500;
    let enough = (counts.cadence / 2).max(1);
    half + half * counts.outcome_balance.clamp(-enough, enough) / enough
}

/// `full` points for the whole, in thousandths; nothing of nothing.
fn share(full: i64, part: i64, whole: i64) -> i64 {
    if whole <= 0 { 0 } else { full * 1000 * part.min(whole) / whole }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
