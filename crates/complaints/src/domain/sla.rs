//! What customers are promised, and who is told when it is not kept.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use complaints_contract::{AtOnce, Clock, NewSlaPolicy, Role, SlaRow, SlaTarget};
use problem::FieldError;
use registry_contract::Tier;

use super::{Faults, Severity};

/// What a complaint is promised by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rank {
    /// Someone not known yet is served as the general tier is.
    pub tier: Option<Tier>,
    pub severity: Severity,
    pub kind: Option<String>,
}

impl Rank {
    fn tier(&self) -> Tier {
        self.tier.unwrap_or(Tier::C)
    }
}

/// How long something may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub time: TimeDelta,
    /// The calendar whose working time counts; else it is elapsed time.
    pub calendar: Option<String>,
}

impl From<&SlaTarget> for Target {
    fn from(target: &SlaTarget) -> Self {
        Self { time: TimeDelta::minutes(target.minutes), calendar: target.calendar.clone() }
    }
}

/// Whom to tell at which share of a clock's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Of the target; 0 is at once.
    pub percent: i32,
    pub recipients: Vec<Role>,
    pub propose_executive_contact: bool,
}

/// The clock that carries what is escalated at once: it runs as long as the complaint is open.
const CARRIER: Clock = Clock::Resolution;

/// A policy without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The most specific first.
    rows: Vec<SlaRow>,
    ladder: Vec<Step>,
    at_once: Vec<AtOnce>,
}

impl Policy {
    /// Names everything that is wrong: promises that are missing for some tier and severity, rows and steps given
    /// twice, calendars nobody has.
    pub fn parse(new: &NewSlaPolicy, calendars: &BTreeSet<String>) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        faults.text("/name", &new.name, 100);
        let mut seen = BTreeSet::new();
        let mut rows = Vec::with_capacity(new.rows.len());
        for (index, row) in new.rows.iter().enumerate() {
            let pointer = format!("/rows/{index}");
            let kind = faults.some_text(&format!("{pointer}/kind"), row.kind.as_deref(), 200);
            let row = SlaRow { kind: kind.map(|kind| kind.to_lowercase()), ..row.clone() };
            check_row(&pointer, &row, calendars, &mut faults);
            if !seen.insert((row.kind.clone(), row.tier.map(Tier::as_str), row.severity)) {
                faults.add(&pointer, "not-unique", "is for the same complaints as an earlier row");
            }
            rows.push(row);
        }
        rows.sort_by_key(|row| std::cmp::Reverse(weight(row)));
        let policy = Self { rows, ladder: parse_ladder(new, &mut faults), at_once: new.at_once.clone() };
        for (index, rule) in new.at_once.iter().enumerate() {
            check_recipients(&format!("/at_once/{index}"), &rule.recipients, &mut faults);
            if let Some(number) = rule.severity {
                faults.severity(&format!("/at_once/{index}/severity"), number);
            }
        }
        policy.check_gaps(&mut faults);
        faults.none_or(policy)
    }

    /// What such a complaint is promised, if anything.
    #[must_use]
    pub fn target(&self, clock: Clock, rank: &Rank) -> Option<Target> {
        let kind = rank.kind.as_deref().map(|kind| kind.trim().to_lowercase());
        let fits = |row: &&SlaRow| {
            row.kind.as_ref().is_none_or(|wanted| Some(wanted) == kind.as_ref())
                && row.tier.is_none_or(|tier| tier == rank.tier())
                && row.severity.is_none_or(|severity| severity == rank.severity.get())
        };
        self.rows.iter().filter(fits).find_map(|row| row.target(clock)).map(Target::from)
    }

    /// Who is told of such a complaint's clock, in order.
    #[must_use]
    pub fn steps(&self, clock: Clock, rank: &Rank) -> Vec<Step> {
        let fits = |rule: &&AtOnce| {
            rule.tier.is_none_or(|tier| tier == rank.tier())
                && rule.severity.is_none_or(|severity| severity == rank.severity.get())
        };
        let mut recipients: Vec<Role> = vec![];
        let mut propose_executive_contact = false;
        for rule in self.at_once.iter().filter(fits).filter(|_| clock == CARRIER) {
            recipients.extend(&rule.recipients);
            propose_executive_contact |= rule.propose_executive_contact;
        }
        recipients.sort_unstable();
        recipients.dedup();
        let at_once = (!recipients.is_empty()).then_some(Step { percent: 0, recipients, propose_executive_contact });
        at_once.into_iter().chain(self.ladder.iter().cloned()).collect()
    }

    /// Every complaint has to be acknowledged, answered and resolved in some time.
    fn check_gaps(&self, faults: &mut Faults) {
        for clock in [Clock::Acknowledge, Clock::FirstResponse, Clock::Resolution] {
            let mut gaps = vec![];
            for tier in [Tier::S, Tier::A, Tier::B, Tier::C] {
                for severity in Severity::ALL {
                    if self.target(clock, &Rank { tier: Some(tier), severity, kind: None }).is_none() {
                        gaps.push(format!("{tier}/{}", severity.get()));
                    }
                }
            }
            if !gaps.is_empty() {
                faults.add("/rows", "gap", format!("promise no {clock} to {}", gaps.join(", ")));
            }
        }
    }
}

/// Of two rows that fit, the heavier one counts.
fn weight(row: &SlaRow) -> u8 {
    u8::from(row.kind.is_some()) * 4 + u8::from(row.tier.is_some()) * 2 + u8::from(row.severity.is_some())
}

fn check_row(pointer: &str, row: &SlaRow, calendars: &BTreeSet<String>, faults: &mut Faults) {
    if let Some(number) = row.severity {
        faults.severity(&format!("{pointer}/severity"), number);
    }
    let mut empty = true;
    for clock in Clock::ALL {
        let Some(target) = row.target(*clock) else { continue };
        empty = false;
        if !(1..=576_000).contains(&target.minutes) {
            faults.add(&format!("{pointer}/{clock}/minutes"), "out-of-range", "must be from 1 to 576000");
        }
        if let Some(code) = target.calendar.as_ref().filter(|code| !calendars.contains(*code)) {
            let message = format!("there is no calendar {code:?}; make it first");
            faults.add(&format!("{pointer}/{clock}/calendar"), "calendar-unknown", message);
        }
    }
    if empty {
        faults.add(pointer, "empty", "promises nothing");
    }
}

fn check_recipients(pointer: &str, recipients: &[Role], faults: &mut Faults) {
    let pointer = format!("{pointer}/recipients");
    if recipients.is_empty() {
        faults.add(&pointer, "empty", "must name a role at least");
    }
    if recipients.iter().collect::<BTreeSet<_>>().len() < recipients.len() {
        faults.add(&pointer, "not-unique", "must not name a role twice");
    }
}

fn parse_ladder(new: &NewSlaPolicy, faults: &mut Faults) -> Vec<Step> {
    let mut ladder: Vec<Step> = vec![];
    for (index, step) in new.ladder.iter().enumerate() {
        let pointer = format!("/ladder/{index}");
        check_recipients(&pointer, &step.recipients, faults);
        if !(1..=1000).contains(&step.percent) {
            faults.add(&format!("{pointer}/percent"), "out-of-range", "must be from 1 to 1000");
        }
        if ladder.last().is_some_and(|before| before.percent >= step.percent) {
            faults.add(&format!("{pointer}/percent"), "out-of-order", "must be more than that of the step before");
        }
        let recipients = step.recipients.clone();
        ladder.push(Step { percent: step.percent, recipients, propose_executive_contact: false });
    }
    ladder
}

#[cfg(test)]
mod tests {
    use complaints_contract::LadderStep;

    use super::*;

    fn target(minutes: i64) -> Option<SlaTarget> {
        Some(SlaTarget { minutes, calendar: None })
    }

    /// Promises 1,000 minutes for anything.
    fn plain() -> NewSlaPolicy {
        let row = SlaRow {
            acknowledge: target(1000),
            first_response: target(1000),
            resolution: target(1000),
            ..SlaRow::default()
        };
        NewSlaPolicy { name: "Plain".to_owned(), rows: vec![row], ladder: vec![], at_once: vec![] }
    }

    fn rank(tier: Option<Tier>, severity: Severity, kind: Option<&str>) -> Rank {
        Rank { tier, severity, kind: kind.map(str::to_owned) }
    }

    #[test]
    fn the_most_specific_row_that_gives_the_clock_counts() {
        let mut new = plain();
        let row = |tier, severity, kind: Option<&str>, acknowledge| SlaRow {
            tier,
            severity,
            kind: kind.map(str::to_owned),
            acknowledge: target(acknowledge),
            ..SlaRow::default()
        };
        new.rows.push(row(None, Some(1), None, 1));
        new.rows.push(row(Some(Tier::S), None, None, 2));
        new.rows.push(row(Some(Tier::S), Some(1), None, 3));
        new.rows.push(row(None, None, Some("Safety recall"), 4));
        new.rows.push(SlaRow {
            acknowledge: None,
            resolution: target(5),
            ..row(Some(Tier::S), Some(1), Some("fire"), 0)
        });
        let policy = Policy::parse(&new, &BTreeSet::new()).expect("a policy");
        let (critical, minor) = (Severity::Critical, Severity::Minor);
        for (tier, severity, kind, expected) in [
            (Some(Tier::A), minor, None, 1000),
            (None, critical, None, 1),
            (Some(Tier::S), minor, None, 2),
            (Some(Tier::S), critical, Some("noise"), 3),
            (Some(Tier::S), critical, Some(" SAFETY Recall"), 4),
            (Some(Tier::S), critical, Some("fire"), 3),
        ] {
            let found = policy.target(Clock::Acknowledge, &rank(tier, severity, kind)).expect("a target");
            assert_eq!(found.time, TimeDelta::minutes(expected), "{tier:?} {severity:?} {kind:?}");
        }
        let fire = rank(Some(Tier::S), critical, Some("fire"));
        assert_eq!(policy.target(Clock::Resolution, &fire).map(|target| target.time), Some(TimeDelta::minutes(5)));
        assert_eq!(policy.target(Clock::Containment, &fire), None);
    }

    #[test]
    fn what_is_escalated_at_once_comes_before_the_ladder_and_only_on_one_clock() {
        let mut new = plain();
        new.ladder.push(LadderStep { percent: 50, recipients: vec![Role::Handler] });
        let rule = AtOnce {
            tier: Some(Tier::S),
            severity: Some(1),
            recipients: vec![Role::ExecutiveSponsor],
            propose_executive_contact: true,
        };
        new.at_once.push(rule);
        let policy = Policy::parse(&new, &BTreeSet::new()).expect("a policy");
        let percents = |clock, tier, severity| -> Vec<i32> {
            policy.steps(clock, &rank(tier, severity, None)).iter().map(|step| step.percent).collect()
        };
        assert_eq!(percents(Clock::Resolution, Some(Tier::S), Severity::Critical), [0, 50]);
        assert_eq!(percents(Clock::Acknowledge, Some(Tier::S), Severity::Critical), [50]);
        assert_eq!(percents(Clock::Resolution, Some(Tier::S), Severity::Major), [50]);
        assert_eq!(percents(Clock::Resolution, None, Severity::Critical), [50]);
    }

    #[test]
    fn every_fault_is_named() {
        let mut new = plain();
        new.rows[0].tier = Some(Tier::S);
        new.rows[0].resolution = Some(SlaTarget { minutes: 0, calendar: Some("mars".to_owned()) });
        new.rows.push(new.rows[0].clone());
        new.rows.push(SlaRow { severity: Some(7), ..SlaRow::default() });
        new.ladder = vec![
            LadderStep { percent: 75, recipients: vec![] },
            LadderStep { percent: 50, recipients: vec![Role::Lead, Role::Lead] },
        ];
        let faults = Policy::parse(&new, &BTreeSet::new()).expect_err("faults");
        let faults: Vec<_> = faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
        assert_eq!(
            faults,
            [
                "/rows/0/resolution/minutes out-of-range",
                "/rows/0/resolution/calendar calendar-unknown",
                "/rows/1/resolution/minutes out-of-range",
                "/rows/1/resolution/calendar calendar-unknown",
                "/rows/1 not-unique",
                "/rows/2/severity out-of-range",
                "/rows/2 empty",
                "/ladder/0/recipients empty",
                "/ladder/1/recipients not-unique",
                "/ladder/1/percent out-of-order",
                "/rows gap",
                "/rows gap",
                "/rows gap",
            ]
        );
    }
}
