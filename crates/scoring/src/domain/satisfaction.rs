use chrono::{DateTime, Utc};
use complaints_contract::State;
use complaints_contract::v1::ComplaintFact;
use scoring_contract::ScorePolicy;

/// What satisfaction is computed from: counts, and effects in thousandths of a point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Experience {
    pub complaints: i64,
    pub open: i64,
    pub late: i64,
    pub reopened: i64,
    pub last_received_at: Option<DateTime<Utc>>,
    pub effects: Effects,
}

/// By what complaints did to the customer; all but `recovered` are zero or less.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effects {
    pub received: i64,
    pub late: i64,
    pub reopened: i64,
    pub open: i64,
    pub recovered: i64,
}

impl Effects {
    pub fn sum(&self) -> i64 {
        self.received + self.late + self.reopened + self.open + self.recovered
    }

    fn add(&mut self, other: Self) {
        self.received += other.received;
        self.late += other.late;
        self.reopened += other.reopened;
        self.open += other.open;
        self.recovered += other.recovered;
    }
}

impl Experience {
    pub fn of(complaints: &[ComplaintFact], policy: &ScorePolicy, as_of: DateTime<Utc>) -> Self {
        let mut experience = Self::default();
        for complaint in complaints {
            let standing = standing(complaint.state);
            // What is about our people is not for everyone who reads scores.
            if standing == Standing::Withdrawn || complaint.restricted {
                continue;
            }
            experience.complaints += 1;
            experience.open += i64::from(standing == Standing::Open);
            experience.late += i64::from(missed(complaint) > 0);
            experience.reopened += i64::from(complaint.reopened_count > 0);
            experience.last_received_at = experience.last_received_at.max(Some(complaint.received_at));
            experience.effects.add(effects(complaint, standing, policy, as_of));
        }
        experience
    }

    /// In thousandths of a point.
    pub fn satisfaction(&self, policy: &ScorePolicy) -> i64 {
        (policy.neutral_satisfaction * 1000 + self.effects.sum()).clamp(0, 100_000)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    Settled,
    Withdrawn,
}

fn standing(state: State) -> Standing {
    match state {
        State::Received
        | State::Acknowledged
        | State::Assessed
        | State::Investigating
        | State::Responded
        | State::Accepted
        | State::Escalated
        | State::Waiting => Standing::Open,
        // A rejection is our last word: the customer is no happier for it than for any other.
        State::Resolved | State::Closed | State::FollowedUp | State::Rejected => Standing::Settled,
        State::Withdrawn => Standing::Withdrawn,
    }
}

fn missed(complaint: &ComplaintFact) -> i64 {
    let deadlines = [complaint.in_time.acknowledge, complaint.in_time.respond, complaint.in_time.resolve];
    deadlines.into_iter().map(|kept| i64::from(kept == Some(false))).sum()
}

fn effects(complaint: &ComplaintFact, standing: Standing, policy: &ScorePolicy, as_of: DateTime<Utc>) -> Effects {
    let weights = &policy.complaints;
    let settled = standing == Standing::Settled;
    let days = if settled { (as_of - settled_at(complaint)).num_days().max(0) } else { 0 };
    let now = |effect: i64| faded(effect, days, policy.half_life_days);

    let missed = missed(complaint);
    let reopened = i64::from(complaint.reopened_count.clamp(0, 2));
    if settled && complaint.in_time.resolve == Some(true) && missed == 0 && reopened == 0 {
        return Effects { recovered: now(weights.recovered), ..Effects::default() };
    }
    let severity = if complaint.safety { 1 } else { usize::try_from(complaint.severity).unwrap_or(1).clamp(1, 4) };
    let loss = weights.loss[severity - 1];
    Effects {
        received: -now(loss),
        late: -now(loss * weights.late_percent * missed / 100),
        reopened: -now(loss * weights.reopened_percent * reopened / 100),
        open: if settled { 0 } else { -now(loss * weights.open_percent / 100) },
        recovered: 0,
    }
}

fn settled_at(complaint: &ComplaintFact) -> DateTime<Utc> {
    complaint.resolved_at.or(complaint.closed_at).unwrap_or(complaint.received_at)
}

/// Half after each half-life, in a straight line between.
fn faded(effect: i64, days: i64, half_life: i64) -> i64 {
    let halvings = u32::try_from(days / half_life).unwrap_or(u32::MAX);
    let within = effect * (2 * half_life - days % half_life) / (2 * half_life);
    within.checked_shr(halvings).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_halves_every_half_life() {
        for (days, expected) in [
            (0, 24_000),
            (90, 18_000),
            (180, 12_000),
            (270, 9_000),
            (360, 6_000),
            (720, 1_500),
            (3_600, 0),
            (1_000_000, 0),
        ] {
            assert_eq!(faded(24_000, days, 180), expected, "{days} days");
        }
    }
}
