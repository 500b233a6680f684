//! Detectors of implicit complaints: pure functions of facts, rule and instant. Rules of thumb of the field; each person's
//! verdict tells how good they are.

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{Detector, DetectorRule, Evidence, FactKind};
use registry_contract::{ContactId, Tier};
use uuid::Uuid;

/// A survey unanswered for so long counts as silence.
const ANSWER_WITHIN: TimeDelta = TimeDelta::days(14);
/// How many windows before the present one make the trend of orders.
const TREND: i32 = 4;
const MOST_EVIDENCE: usize = 20;
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
    /// By whom it did not come about is what counts: only what the customer cancelled or declined is told as such.
    Meeting {
        held: bool,
        invited: i32,
        attended: i32,
    },
    /// Value in minor units of the customer's currency.
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
    #[must_use]
    pub const fn kind(&self) -> FactKind {
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

/// A person who sits in a seat that decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPerson {
    pub contact: ContactId,
    /// Since when the seat is hers.
    pub since: DateTime<Utc>,
}

/// All that a detector looks at.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    pub tier: Option<Tier>,
    pub facts: Vec<Fact>,
    pub key_people: Vec<KeyPerson>,
}

/// What a detector found, about a customer or one of its people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub contact: Option<ContactId>,
    pub measured: i64,
    pub confidence: i16,
    /// Latest first.
    pub evidence: Vec<Evidence>,
}

/// The rule that a detector starts with.
#[must_use]
pub const fn default_rule(detector: Detector) -> DetectorRule {
    let (window_days, threshold, least_facts) = match detector {
        Detector::OverduePayments => (90, 2, 2),
        Detector::CancelledMeetings => (90, 50, 2),
        Detector::FallingAttendance => (90, 30, 2),
        Detector::SilentKeyPerson => (180, 200, 1),
        Detector::FallingOrders => (90, 30, 4),
        Detector::AbruptManner => (60, 2, 1),
        Detector::SurveySilence => (180, 2, 2),
    };
    DetectorRule { enabled: true, window_days, threshold, least_facts }
}

/// How often a tier's key people are to be met, in days (domain.md, section 2, "Cadence").
#[must_use]
pub const fn cadence_days(tier: Tier) -> i64 {
    match tier {
        Tier::S => 14,
        Tier::A => 30,
        Tier::B => 60,
        Tier::C => 90,
    }
}

/// What the detector has to say at `as_of`; facts after that are not yet known.
#[must_use]
pub fn detect(detector: Detector, rule: &DetectorRule, observed: &Observed, as_of: DateTime<Utc>) -> Vec<Finding> {
    if !rule.enabled {
        return vec![];
    }
    let window = TimeDelta::days(rule.window_days.into());
    let within = |from: DateTime<Utc>, until: DateTime<Utc>| {
        observed.facts.iter().filter(move |fact| fact.at > from && fact.at <= until)
    };
    let recent = || within(as_of - window, as_of);
    let found = match detector {
        Detector::OverduePayments => {
            let late = recent().filter(|fact| match fact.what {
                What::Invoice { paid_at } => paid_at.is_none_or(|paid| paid > fact.at),
                _ => false,
            });
            counted(late, |_| 1)
        }
        Detector::AbruptManner => {
            let marked = recent().filter(|fact| matches!(fact.what, What::Manner { .. }));
            counted(marked, |fact| if matches!(fact.what, What::Manner { rude: true }) { 2 } else { 1 })
        }
        Detector::SurveySilence => survey_silence(recent().collect(), as_of),
        Detector::CancelledMeetings => {
            let planned: Vec<_> = recent().filter(|fact| matches!(fact.what, What::Meeting { .. })).collect();
            let (held, gone): (Vec<&Fact>, Vec<&Fact>) =
                planned.iter().partition(|fact| matches!(fact.what, What::Meeting { held: true, .. }));
            let all = count(held.len() + gone.len());
            (all > 0).then(|| (count(gone.len()) * WHOLE / all, all, gone))
        }
        Detector::FallingAttendance => {
            let before = within(as_of - window * 2, as_of - window).collect();
            falling_attendance(recent().collect(), before)
        }
        Detector::FallingOrders => {
            let orders = |back: i32| {
                within(as_of - window * (back + 1), as_of - window * back)
                    .filter(|fact| matches!(fact.what, What::Order { .. }))
                    .collect::<Vec<_>>()
            };
            falling_orders(orders(0), (1..=TREND).map(orders).collect())
        }
        Detector::SilentKeyPerson => return silent_people(rule, observed, as_of),
    };
    let Some((measured, facts, evidence)) = found else { return vec![] };
    if measured < rule.threshold || facts < rule.least_facts.into() {
        return vec![];
    }
    vec![Finding {
        contact: None,
        measured,
        confidence: confidence(measured, rule.threshold, facts),
        evidence: latest(evidence),
    }]
}

/// What was measured, from how many facts, and those that speak for it.
type Measure<'a> = Option<(i64, i64, Vec<&'a Fact>)>;

fn counted<'a>(facts: impl Iterator<Item = &'a Fact>, weight: impl Fn(&Fact) -> i64) -> Measure<'a> {
    let facts: Vec<_> = facts.collect();
    Some((facts.iter().map(|fact| weight(fact)).sum(), count(facts.len()), facts))
}

fn survey_silence(recent: Vec<&Fact>, as_of: DateTime<Utc>) -> Measure<'_> {
    let answered = |fact: &&Fact| matches!(fact.what, What::Survey { answered_at: Some(at) } if at <= as_of);
    let last_answer = recent.iter().filter(|fact| answered(fact)).map(|fact| fact.at).max();
    let silent = recent.into_iter().filter(|fact| {
        matches!(fact.what, What::Survey { .. })
            && !answered(fact)
            && fact.at + ANSWER_WITHIN <= as_of
            && last_answer.is_none_or(|answer| fact.at > answer)
    });
    counted(silent, |_| 1)
}

fn falling_attendance<'a>(recent: Vec<&'a Fact>, before: Vec<&'a Fact>) -> Measure<'a> {
    let attendance = |facts: &[&Fact]| {
        let sums = facts.iter().fold((0_i64, 0_i64, 0_i64), |(number, invited, attended), fact| match fact.what {
            What::Meeting { held: true, invited: i, attended: a } if i > 0 => {
                (number + 1, invited + i64::from(i), attended + i64::from(a.min(i)))
            }
            _ => (number, invited, attended),
        });
        (sums.1 > 0).then_some(sums)
    };
    let (number, invited, attended) = attendance(&recent)?;
    let (number_before, invited_before, attended_before) = attendance(&before)?;
    if attended_before == 0 {
        return None;
    }
    // 1 - (attended / invited) / (attended before / invited before), in per cent and without a fraction in between.
    let kept = i128::from(attended) * i128::from(invited_before) * i128::from(WHOLE)
        / (i128::from(invited) * i128::from(attended_before));
    let fall = i128::from(WHOLE) - kept;
    let held = recent.into_iter().filter(|fact| matches!(fact.what, What::Meeting { held: true, .. })).collect();
    Some((i64::try_from(fall).unwrap_or(0).max(0), number.min(number_before), held))
}

fn falling_orders<'a>(now: Vec<&'a Fact>, before: Vec<Vec<&'a Fact>>) -> Measure<'a> {
    let value = |facts: &[&Fact]| -> i128 {
        facts.iter().map(|fact| if let What::Order { value } = fact.what { i128::from(value) } else { 0 }).sum()
    };
    // A trend needs a past that reaches back: a customer who has just begun to buy is not on the wane.
    if before.last().is_none_or(Vec::is_empty) {
        return None;
    }
    let total: i128 = before.iter().map(|window| value(window)).sum();
    if total <= 0 {
        return None;
    }
    let kept = value(&now) * i128::from(TREND) * i128::from(WHOLE) / total;
    let fall = (i128::from(WHOLE) - kept).max(0);
    let facts = count(before.iter().map(Vec::len).sum::<usize>() + now.len());
    let mut evidence = now;
    evidence.extend(before.into_iter().flatten());
    Some((i64::try_from(fall).unwrap_or(0), facts, evidence))
}

fn silent_people(rule: &DetectorRule, observed: &Observed, as_of: DateTime<Utc>) -> Vec<Finding> {
    let Some(tier) = observed.tier else { return vec![] };
    let cadence = TimeDelta::days(cadence_days(tier));
    let silent = observed.key_people.iter().filter(|person| person.since <= as_of).filter_map(|person| {
        let met: Vec<_> = observed
            .facts
            .iter()
            .filter(|fact| fact.what == What::Encounter && fact.contact == Some(person.contact) && fact.at <= as_of)
            .collect();
        let since = met.iter().map(|fact| fact.at).max().map_or(person.since, |met| met.max(person.since));
        let measured = (as_of - since).num_minutes() * WHOLE / cadence.num_minutes();
        (measured >= rule.threshold).then(|| Finding {
            contact: Some(person.contact),
            measured,
            confidence: confidence(measured, rule.threshold, count(met.len()) + 1),
            evidence: latest(met),
        })
    });
    silent.collect()
}

/// 50 at the threshold, 75 at twice of it and so on towards 100; a tenth less for each fact short of five.
fn confidence(measured: i64, threshold: i64, facts: i64) -> i16 {
    let sure = i128::from(WHOLE) - i128::from(WHOLE / 2) * i128::from(threshold) / i128::from(measured.max(1));
    let known = i128::from(10 - (5 - facts.clamp(1, 5)));
    i16::try_from(sure * known / 10).unwrap_or(0).clamp(0, 100)
}

fn latest(mut facts: Vec<&Fact>) -> Vec<Evidence> {
    facts.sort_by(|one, other| other.at.cmp(&one.at).then(other.reference.cmp(&one.reference)));
    let evidence = |fact: &Fact| Evidence { kind: fact.what.kind(), reference: fact.reference, at: fact.at };
    facts.into_iter().take(MOST_EVIDENCE).map(evidence).collect()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-25T12:00:00Z".parse().expect("an instant")
    }

    fn ago(days: i64) -> DateTime<Utc> {
        now() - TimeDelta::days(days)
    }

    fn fact(days: i64, what: What) -> Fact {
        Fact { reference: Uuid::from_u128(u128::from(days.unsigned_abs())), at: ago(days), contact: None, what }
    }

    fn measured(detector: Detector, facts: Vec<Fact>) -> Option<i64> {
        let observed = Observed { tier: Some(Tier::S), facts, key_people: vec![] };
        detect(detector, &default_rule(detector), &observed, now()).first().map(|finding| finding.measured)
    }

    #[test]
    fn invoices_past_due_count_whether_paid_late_or_not_yet() {
        let invoice = |days, paid: Option<i64>| fact(days, What::Invoice { paid_at: paid.map(ago) });
        for (facts, expected) in [
            (vec![invoice(10, None), invoice(40, Some(30))], Some(2)),
            (vec![invoice(10, None), invoice(40, Some(41))], None),
            (vec![invoice(10, None), invoice(100, None)], None),
            (vec![invoice(-5, None), invoice(-6, None)], None),
        ] {
            assert_eq!(measured(Detector::OverduePayments, facts.clone()), expected, "{facts:?}");
        }
    }

    #[test]
    fn meetings_that_the_customer_lets_fall_count_against_those_planned() {
        let meeting = |days, held| fact(days, What::Meeting { held, invited: 4, attended: 4 });
        for (facts, expected) in [
            (vec![meeting(1, false), meeting(2, false), meeting(3, true), meeting(4, true)], Some(50)),
            (vec![meeting(1, false), meeting(2, true), meeting(3, true)], None),
            (vec![meeting(1, false)], None),
            (vec![], None),
        ] {
            assert_eq!(measured(Detector::CancelledMeetings, facts.clone()), expected, "{facts:?}");
        }
    }

    #[test]
    fn attendance_is_held_against_the_window_before() {
        let meeting = |days, invited, attended| fact(days, What::Meeting { held: true, invited, attended });
        let full = [meeting(100, 10, 10), meeting(120, 10, 10)];
        for (recent, expected) in [
            ([meeting(1, 10, 5), meeting(2, 10, 5)], Some(50)),
            ([meeting(1, 10, 8), meeting(2, 10, 8)], None),
            ([meeting(1, 0, 0), meeting(2, 10, 0)], None),
        ] {
            let facts: Vec<_> = recent.iter().chain(&full).cloned().collect();
            assert_eq!(measured(Detector::FallingAttendance, facts), expected, "{recent:?}");
        }
        assert_eq!(measured(Detector::FallingAttendance, vec![meeting(1, 9, 0), meeting(2, 9, 0)]), None);
    }

    #[test]
    fn orders_are_held_against_the_customers_own_trend() {
        let order = |days, value| fact(days, What::Order { value });
        let past = [order(100, 100), order(200, 100), order(300, 100), order(400, 100)];
        for (recent, expected) in [
            (vec![order(10, 60)], Some(40)),
            (vec![], Some(100)),
            (vec![order(10, 80)], None),
            (vec![order(1, 900)], None),
        ] {
            let facts: Vec<_> = recent.iter().chain(&past).cloned().collect();
            assert_eq!(measured(Detector::FallingOrders, facts), expected, "{recent:?}");
        }
        let begun = vec![order(100, 100), order(110, 100), order(120, 50), order(130, 50)];
        assert_eq!(measured(Detector::FallingOrders, begun), None);
    }

    #[test]
    fn manner_and_surveys() {
        let manner = |days, rude| fact(days, What::Manner { rude });
        assert_eq!(measured(Detector::AbruptManner, vec![manner(5, true)]), Some(2));
        assert_eq!(measured(Detector::AbruptManner, vec![manner(5, false)]), None);
        let survey = |days, answered: Option<i64>| fact(days, What::Survey { answered_at: answered.map(ago) });
        for (facts, expected) in [
            (vec![survey(20, None), survey(60, None)], Some(2)),
            (vec![survey(10, None), survey(60, None)], None),
            (vec![survey(20, Some(18)), survey(60, None), survey(90, None)], None),
            (vec![survey(20, None), survey(60, None), survey(90, Some(88))], Some(2)),
        ] {
            assert_eq!(measured(Detector::SurveySilence, facts.clone()), expected, "{facts:?}");
        }
    }

    #[test]
    fn a_key_person_is_silent_beyond_twice_the_cadence() {
        let contact = ContactId::from(Uuid::from_u128(7));
        let silent = |tier, met: &[i64], since| {
            let facts =
                met.iter().map(|days| Fact { contact: Some(contact), ..fact(*days, What::Encounter) }).collect();
            let key_people = vec![KeyPerson { contact, since: ago(since) }];
            let observed = Observed { tier: Some(tier), facts, key_people };
            let detector = Detector::SilentKeyPerson;
            detect(detector, &default_rule(detector), &observed, now()).first().map(|finding| finding.measured)
        };
        assert_eq!(silent(Tier::S, &[28, 60], 400), Some(200));
        assert_eq!(silent(Tier::S, &[27, 60], 400), None);
        assert_eq!(silent(Tier::S, &[], 42), Some(300));
        assert_eq!(silent(Tier::S, &[90], 10), None);
        assert_eq!(silent(Tier::C, &[28], 400), None);
    }

    #[test]
    fn confidence_grows_with_the_measure_and_the_facts() {
        for (measured, threshold, facts, expected) in [(2, 2, 5, 50), (4, 2, 5, 75), (4, 2, 1, 45), (200, 2, 50, 100)] {
            assert_eq!(confidence(measured, threshold, facts), expected, "{measured} {threshold} {facts}");
        }
    }

    fn any_fact() -> impl Strategy<Value = Fact> {
        let what = prop_oneof![
            option::of(-50..400_i64).prop_map(|paid| What::Invoice { paid_at: paid.map(ago) }),
            (any::<bool>(), -1..10, -1..12).prop_map(|(held, invited, attended)| What::Meeting {
                held,
                invited,
                attended
            }),
            any::<i64>().prop_map(|value| What::Order { value }),
            Just(What::Encounter),
            any::<bool>().prop_map(|rude| What::Manner { rude }),
            option::of(-50..400_i64).prop_map(|answered| What::Survey { answered_at: answered.map(ago) }),
        ];
        (-20..800_i64, option::of(0..3_u128), what).prop_map(|(days, contact, what)| Fact {
            contact: contact.map(|number| Uuid::from_u128(number).into()),
            ..fact(days, what)
        })
    }

    proptest! {
        /// Whatever the facts: nothing overflows, a finding passes its threshold, and what comes later changes nothing.
        #[test]
        fn findings_keep_their_promises(
            facts in vec(any_fact(), 0..60),
            detector in select(Detector::ALL.to_vec()),
            tier in select(Tier::ALL.to_vec()),
        ) {
            let key_people = (0..3).map(|number| KeyPerson { contact: Uuid::from_u128(number).into(), since: ago(500) }).collect();
            let observed = Observed { tier: Some(tier), facts, key_people };
            let rule = default_rule(detector);
            let found = detect(detector, &rule, &observed, now());
            for finding in &found {
                prop_assert!(finding.measured >= rule.threshold);
                prop_assert!((0..=100).contains(&finding.confidence));
                prop_assert!(finding.evidence.len() <= MOST_EVIDENCE);
                prop_assert!(finding.evidence.iter().all(|evidence| evidence.at <= now()));
            }
            let known = observed.facts.iter().filter(|fact| fact.at <= now()).cloned().collect();
            let without = Observed { facts: known, ..observed.clone() };
            prop_assert_eq!(found, detect(detector, &rule, &without, now()));
            let off = DetectorRule { enabled: false, ..rule };
            prop_assert!(detect(detector, &off, &observed, now()).is_empty());
        }
    }
}
