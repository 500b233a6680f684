//! Detectors of implicit complaints: pure functions of facts, rule and instant. They are rules of thumb of the field; the
//! verdicts of people tell how good each is.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{Detector, DetectorRule, Evidence, FactKind};
use registry_contract::{ContactId, Tier};
use uuid::Uuid;

#[cfg(test)]
mod properties;

const DAY: TimeDelta = TimeDelta::days(1);
/// A survey unanswered for so long counts as silence.
const ANSWER_WITHIN: TimeDelta = TimeDelta::days(14);
/// How many windows before the present one make the trend of orders.
const TREND: i32 = 4;
/// Past ten years nobody counts the days of an invoice.
const MOST_DAYS: i64 = 3_650;
/// Pieces of evidence that are kept.
pub const MOST_EVIDENCE: usize = 50;
const WHOLE: i64 = 100;

/// What other services told of a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its id in the service that told of it.
    pub reference: Uuid,
    /// When it took place; of an invoice, when it was due.
    pub at: DateTime<Utc>,
    pub contact: Option<ContactId>,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Invoice {
        paid_at: Option<DateTime<Utc>>,
    },
    /// Not held is only what the customer cancelled or declined.
    Meeting {
        held: bool,
        invited: i32,
        attended: i32,
    },
    /// Value in minor units of one currency.
    Order {
        value: i64,
    },
    Encounter,
    Manner {
        rude: bool,
    },
    Survey {
        answered_at: Option<DateTime<Utc>>,
    },
}

impl What {
    const fn kind(self) -> FactKind {
        match self {
            Self::Invoice { .. } => FactKind::Invoice,
            Self::Meeting { .. } => FactKind::Meeting,
            Self::Order { .. } => FactKind::Order,
            Self::Encounter => FactKind::Encounter,
            Self::Manner { .. } => FactKind::Manner,
            Self::Survey { .. } => FactKind::Survey,
        }
    }
}

/// That a person sits in a seat that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySeat {
    pub holding: Uuid,
    pub contact: ContactId,
    pub from: DateTime<Utc>,
    /// The first instant at which it is somebody else's.
    pub until: Option<DateTime<Utc>>,
}

/// All that a detector looks at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    pub tier: Option<Tier>,
    pub facts: Vec<Fact>,
    pub seats: Vec<KeySeat>,
}

/// What a detector found, about a customer or one of its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub contact: Option<ContactId>,
    pub measured: i64,
    /// 0 to 100.
    pub confidence: i16,
    /// The latest first.
    pub evidence: Vec<Evidence>,
    /// All that makes it worth telling once more when it is new. An order that came in is evidence of how little is ordered,
    /// but no reason to say so again.
    pub grounds: Vec<Evidence>,
}

/// How often a tier's key people are to be met.
#[must_use]
pub const fn cadence(tier: Tier) -> TimeDelta {
    match tier {
        Tier::S => TimeDelta::days(14),
        Tier::A => TimeDelta::days(30),
        Tier::B => TimeDelta::days(60),
        Tier::C => TimeDelta::days(90),
    }
}

/// How far back a detector looks by its rule, for anything but invoices that are unpaid.
#[must_use]
pub fn reach(detector: Detector, rule: &DetectorRule) -> TimeDelta {
    window(rule) * windows(detector)
}

/// How many windows a detector compares.
const fn windows(detector: Detector) -> i32 {
    match detector {
        Detector::FallingAttendance => 2,
        Detector::FallingOrders => TREND + 1,
        Detector::OverduePayments
        | Detector::CancelledMeetings
        | Detector::SilentKeyPerson
        | Detector::AbruptManner
        | Detector::SurveySilence => 1,
    }
}

fn window(rule: &DetectorRule) -> TimeDelta {
    TimeDelta::days(rule.window_days.into())
}

/// What the detector has to say at `as_of`; facts after that are not yet known. In no order of the facts it says anything else.
#[must_use]
pub fn detect(detector: Detector, rule: &DetectorRule, observed: &Observed, as_of: DateTime<Utc>) -> Vec<Finding> {
    if !rule.enabled {
        return vec![];
    }
    let past = Past { observed, window: window(rule), as_of };
    let measures = match detector {
        Detector::OverduePayments => past.overdue_payments(),
        Detector::CancelledMeetings => past.cancelled_meetings(),
        Detector::FallingAttendance => past.falling_attendance(),
        Detector::SilentKeyPerson => past.silent_people(),
        Detector::FallingOrders => past.falling_orders(),
        Detector::AbruptManner => past.abrupt_manner(),
        Detector::SurveySilence => past.survey_silence(),
    };
    let speaks = |measure: &Measure| measure.measured >= rule.threshold && measure.facts >= rule.least_facts.into();
    measures.into_iter().filter(speaks).map(|measure| measure.finding(rule.threshold)).collect()
}

/// The next instant at which the detector may have something else to say though nobody tells anything; until then only the
/// measure of one that is silent grows.
#[must_use]
pub fn next_change(
    detector: Detector,
    rule: &DetectorRule,
    observed: &Observed,
    as_of: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    if !rule.enabled {
        return None;
    }
    let past = Past { observed, window: window(rule), as_of };
    let mut instants = Vec::new();
    for fact in observed.facts.iter().filter(|fact| concerns(detector, fact.what)) {
        match fact.what {
            What::Invoice { .. } if fact.at > as_of => instants.push(fact.at + DAY),
            What::Invoice { paid_at: Some(paid_at) } if paid_at <= as_of => instants.push(paid_at + past.window),
            // Every day is a day more.
            What::Invoice { .. } => instants.push(fact.at + whole(as_of - fact.at, DAY)),
            What::Meeting { .. } | What::Order { .. } | What::Encounter | What::Manner { .. } | What::Survey { .. } => {
                // When it begins to count, and when it leaves each window.
                instants.extend((0..=windows(detector)).map(|number| fact.at + past.window * number));
            }
        }
        if let What::Survey { answered_at } = fact.what {
            instants.extend(answered_at);
            instants.push(fact.at + ANSWER_WITHIN);
        }
    }
    if detector == Detector::SilentKeyPerson {
        instants.extend(observed.seats.iter().flat_map(|seat| [Some(seat.from), seat.until]).flatten());
        instants.extend(past.silence_grows(rule.threshold));
    }
    instants.into_iter().filter(|instant| *instant > as_of).min()
}

/// So many whole steps that they are longer than what has gone by.
fn whole(gone: TimeDelta, step: TimeDelta) -> TimeDelta {
    TimeDelta::seconds(step.num_seconds() * (gone.num_seconds() / step.num_seconds() + 1))
}

const fn concerns(detector: Detector, what: What) -> bool {
    match detector {
        Detector::OverduePayments => matches!(what, What::Invoice { .. }),
        Detector::CancelledMeetings | Detector::FallingAttendance => matches!(what, What::Meeting { .. }),
        Detector::SilentKeyPerson => matches!(what, What::Encounter),
        Detector::FallingOrders => matches!(what, What::Order { .. }),
        Detector::AbruptManner => matches!(what, What::Manner { .. }),
        Detector::SurveySilence => matches!(what, What::Survey { .. }),
    }
}

/// What a detector measured.
struct Measure {
    contact: Option<ContactId>,
    measured: i64,
    /// From how many facts.
    facts: i64,
    evidence: Vec<Evidence>,
    grounds: Vec<Evidence>,
}

impl Measure {
    /// About the customer, and everything that speaks for it is worth telling.
    fn of(measured: i64, facts: usize, evidence: &[&Fact]) -> Self {
        let evidence: Vec<_> = evidence.iter().map(|fact| evidence_of(fact)).collect();
        Self { contact: None, measured, facts: count(facts), grounds: evidence.clone(), evidence }
    }

    fn finding(mut self, threshold: i64) -> Finding {
        for facts in [&mut self.evidence, &mut self.grounds] {
            facts.sort_by_key(|fact| Reverse((fact.at, fact.reference)));
        }
        self.evidence.truncate(MOST_EVIDENCE);
        Finding {
            contact: self.contact,
            measured: self.measured,
            confidence: confidence(self.measured, threshold, self.facts),
            evidence: self.evidence,
            grounds: self.grounds,
        }
    }
}

fn evidence_of(fact: &Fact) -> Evidence {
    Evidence { kind: fact.what.kind(), reference: fact.reference, at: fact.at }
}

/// 50 at the threshold, 75 at twice of it and so on towards 100; a tenth less for each fact short of five.
fn confidence(measured: i64, threshold: i64, facts: i64) -> i16 {
    let sure = i128::from(WHOLE) - i128::from(WHOLE / 2) * i128::from(threshold) / i128::from(measured.max(1));
    let known = i128::from(10 - (5 - facts.clamp(1, 5)));
    i16::try_from(sure * known / 10).unwrap_or(0).clamp(0, 100)
}

/// By how much the first ratio is below the second, in per cent and without a fraction in between.
fn fall((part, whole): (i128, i128), (part_before, whole_before): (i128, i128)) -> Option<i64> {
    if whole <= 0 || whole_before <= 0 || part_before <= 0 {
        return None;
    }
    let kept = part.checked_mul(whole_before)?.checked_mul(WHOLE.into())? / (whole * part_before);
    Some(i64::try_from(i128::from(WHOLE) - kept).unwrap_or(0).max(0))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The facts up to an instant, by windows.
struct Past<'a> {
    observed: &'a Observed,
    window: TimeDelta,
    as_of: DateTime<Utc>,
}

impl<'a> Past<'a> {
    /// Facts of the window that lies so many windows back.
    fn facts(&self, detector: Detector, back: i32) -> impl Iterator<Item = &'a Fact> {
        let (from, until) = (self.as_of - self.window * (back + 1), self.as_of - self.window * back);
        let within = move |fact: &&Fact| fact.at > from && fact.at <= until;
        self.observed.facts.iter().filter(within).filter(move |fact| concerns(detector, fact.what))
    }

    fn overdue_payments(&self) -> Vec<Measure> {
        let days_late = |fact: &&'a Fact| {
            let What::Invoice { paid_at } = fact.what else { return None };
            let settled = paid_at.filter(|paid_at| *paid_at <= self.as_of);
            let forgotten = settled.is_some_and(|paid_at| paid_at <= self.as_of - self.window);
            let days = (settled.unwrap_or(self.as_of) - fact.at).num_days().min(MOST_DAYS);
            (!forgotten && days > 0).then_some((days, *fact))
        };
        let late: Vec<_> = self.observed.facts.iter().filter_map(|fact| days_late(&fact)).collect();
        let days = late.iter().map(|(days, _)| days).sum();
        vec![Measure::of(days, late.len(), &late.iter().map(|(_, fact)| *fact).collect::<Vec<_>>())]
    }

    fn cancelled_meetings(&self) -> Vec<Measure> {
        let (held, gone): (Vec<&Fact>, Vec<&Fact>) = self
            .facts(Detector::CancelledMeetings, 0)
            .partition(|fact| matches!(fact.what, What::Meeting { held: true, .. }));
        let planned = held.len() + gone.len();
        if planned == 0 {
            return vec![];
        }
        vec![Measure::of(count(gone.len()) * WHOLE / count(planned), planned, &gone)]
    }

    fn falling_attendance(&self) -> Vec<Measure> {
        let came = |back| {
            self.facts(Detector::FallingAttendance, back).filter_map(|fact| match fact.what {
                What::Meeting { held: true, invited, attended } if invited > 0 => {
                    Some((fact, (i128::from(attended.clamp(0, invited)), i128::from(invited))))
                }
                _ => None,
            })
        };
        let sum =
            |(part, whole): (i128, i128), (_, (came, invited)): &(&Fact, (i128, i128))| (part + came, whole + invited);
        let (now, before): (Vec<_>, Vec<_>) = (came(0).collect(), came(1).collect());
        let share_before = before.iter().fold((0, 0), sum);
        let Some(measured) = fall(now.iter().fold((0, 0), sum), share_before) else { return vec![] };
        // One to which as many came as ever speaks against it.
        let worse = |(came, invited): &(i128, i128)| came * share_before.1 < share_before.0 * invited;
        let evidence: Vec<_> = now.iter().filter(|(_, share)| worse(share)).map(|(fact, _)| *fact).collect();
        vec![Measure::of(measured, now.len().min(before.len()), &evidence)]
    }

    fn falling_orders(&self) -> Vec<Measure> {
        let orders = |back| self.facts(Detector::FallingOrders, back).collect::<Vec<_>>();
        let value = |facts: &[&Fact]| -> i128 {
            facts.iter().map(|fact| if let What::Order { value } = fact.what { i128::from(value) } else { 0 }).sum()
        };
        let now = orders(0);
        // A trend needs a past that reaches back: a customer who has just begun to buy is not on the wane.
        if orders(TREND).is_empty() {
            return vec![];
        }
        let before: Vec<&Fact> = (1..=TREND).flat_map(orders).collect();
        let Some(measured) = fall((value(&now), 1), (value(&before), TREND.into())) else { return vec![] };
        let evidence: Vec<&Fact> = now.iter().chain(&before).copied().collect();
        let grounds = before.iter().map(|fact| evidence_of(fact)).collect();
        vec![Measure { grounds, ..Measure::of(measured, evidence.len(), &evidence) }]
    }

    fn abrupt_manner(&self) -> Vec<Measure> {
        let marked: Vec<_> = self.facts(Detector::AbruptManner, 0).collect();
        let weight = |fact: &&Fact| if matches!(fact.what, What::Manner { rude: true }) { 2 } else { 1 };
        vec![Measure::of(marked.iter().map(weight).sum(), marked.len(), &marked)]
    }

    fn survey_silence(&self) -> Vec<Measure> {
        let sent = || self.facts(Detector::SurveySilence, 0);
        let answered = |fact: &&Fact| matches!(fact.what, What::Survey { answered_at: Some(at) } if at <= self.as_of);
        let last_answered = sent().filter(answered).map(|fact| fact.at).max();
        let silent: Vec<_> = sent()
            .filter(|fact| !answered(fact) && fact.at + ANSWER_WITHIN <= self.as_of)
            .filter(|fact| last_answered.is_none_or(|answered| fact.at > answered))
            .collect();
        vec![Measure::of(count(silent.len()), silent.len(), &silent)]
    }

    fn silent_people(&self) -> Vec<Measure> {
        let Some(tier) = self.observed.tier else { return vec![] };
        let measure = |(seat, met, since): (&KeySeat, Vec<&Fact>, DateTime<Utc>)| {
            let measured = (self.as_of - since).num_minutes() * WHOLE / cadence(tier).num_minutes();
            let mut evidence: Vec<_> = met.iter().map(|fact| evidence_of(fact)).collect();
            evidence.push(Evidence { kind: FactKind::Holding, reference: seat.holding, at: seat.from });
            let facts = count(evidence.len());
            Measure { contact: Some(seat.contact), measured, facts, grounds: evidence.clone(), evidence }
        };
        self.key_people().map(measure).collect()
    }

    /// Who decides now: the seat held longest, the encounters of the window, and since when the person is silent.
    fn key_people(&self) -> impl Iterator<Item = (&'a KeySeat, Vec<&'a Fact>, DateTime<Utc>)> {
        let held = |seat: &&KeySeat| seat.from <= self.as_of && seat.until.is_none_or(|until| until > self.as_of);
        let mut seats: Vec<_> = self.observed.seats.iter().filter(held).collect();
        seats.sort_by_key(|seat| (seat.contact, seat.from, seat.holding));
        seats.dedup_by_key(|seat| seat.contact);
        seats.into_iter().map(move |seat| {
            let met = self.facts(Detector::SilentKeyPerson, 0).filter(|fact| fact.contact == Some(seat.contact));
            let met: Vec<_> = met.collect();
            let since = met.iter().map(|fact| fact.at).chain([seat.from, self.as_of - self.window]).max();
            (seat, met, since.unwrap_or(seat.from))
        })
    }

    /// When somebody is silent for long enough, and then once in every cadence.
    fn silence_grows(&self, threshold: i64) -> Vec<DateTime<Utc>> {
        let Some(cadence) = self.observed.tier.map(cadence) else { return vec![] };
        let enough = TimeDelta::minutes((cadence.num_minutes() * threshold + WHOLE - 1) / WHOLE);
        let grows = |(_, _, since): (&KeySeat, Vec<&Fact>, DateTime<Utc>)| {
            let gone = self.as_of - since;
            // The measure does not grow beyond the window.
            let next = if gone < enough { enough } else { whole(gone, cadence).min(self.window) };
            (next <= self.window).then(|| since + next)
        };
        self.key_people().filter_map(grows).collect()
    }
}
