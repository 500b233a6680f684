use std::collections::HashSet;

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

fn rule(window_days: i32, threshold: i64, least_facts: i32) -> DetectorRule {
    DetectorRule { enabled: true, window_days, threshold, least_facts }
}

/// Those that the detectors start with.
fn first_rule(detector: Detector) -> DetectorRule {
    match detector {
        Detector::OverduePayments => rule(90, 30, 1),
        Detector::CancelledMeetings => rule(90, 50, 3),
        Detector::FallingAttendance => rule(90, 30, 2),
        Detector::SilentKeyPerson => rule(365, 200, 1),
        Detector::FallingOrders => rule(90, 30, 4),
        Detector::AbruptManner => rule(60, 2, 1),
        Detector::SurveySilence => rule(180, 2, 2),
    }
}

fn measured(detector: Detector, facts: Vec<Fact>) -> Option<i64> {
    let observed = Observed { tier: Some(Tier::S), facts, seats: vec![] };
    detect(detector, &first_rule(detector), &observed, now()).first().map(|finding| finding.measured)
}

#[test]
fn days_late_add_up_whether_paid_late_or_not_yet() {
    let invoice = |days, paid: Option<i64>| fact(days, What::Invoice { paid_at: paid.map(ago) });
    for (facts, expected) in [
        (vec![invoice(20, None), invoice(40, Some(25))], Some(35)),
        (vec![invoice(30, None)], Some(30)),
        (vec![invoice(29, None)], None),
        // Paid in time.
        (vec![invoice(60, Some(60)), invoice(60, Some(61))], None),
        // Unpaid ones are never too old, paid ones are.
        (vec![invoice(500, None)], Some(500)),
        (vec![invoice(500, Some(89))], Some(411)),
        (vec![invoice(500, Some(90))], None),
        (vec![invoice(-5, None), invoice(-60, None)], None),
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
        (vec![meeting(1, false), meeting(2, false)], None),
        (vec![meeting(-1, false), meeting(-2, false), meeting(95, false)], None),
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
        ([meeting(1, 10, 10), meeting(2, 10, 0)], Some(50)),
    ] {
        let facts: Vec<_> = recent.iter().chain(&full).cloned().collect();
        assert_eq!(measured(Detector::FallingAttendance, facts), expected, "{recent:?}");
    }
    assert_eq!(measured(Detector::FallingAttendance, vec![meeting(1, 9, 0), meeting(2, 9, 0)]), None);
    // A meeting to which all came is no evidence.
    let facts = [[meeting(1, 10, 10), meeting(2, 10, 0)], full].concat();
    let observed = Observed { facts, ..Observed::default() };
    let detector = Detector::FallingAttendance;
    let found = detect(detector, &first_rule(detector), &observed, now()).remove(0);
    assert_eq!(found.evidence.iter().map(|fact| fact.at).collect::<Vec<_>>(), [ago(2)]);
}

#[test]
fn orders_are_held_against_the_customers_own_trend() {
    let order = |days, value| fact(days, What::Order { value });
    let past = [order(100, 100), order(200, 100), order(300, 100), order(400, 100)];
    for (recent, expected) in
        [(vec![order(10, 60)], Some(40)), (vec![], Some(100)), (vec![order(10, 80)], None), (vec![order(1, 900)], None)]
    {
        let facts: Vec<_> = recent.iter().chain(&past).cloned().collect();
        assert_eq!(measured(Detector::FallingOrders, facts), expected, "{recent:?}");
    }
    let begun = vec![order(100, 100), order(110, 100), order(120, 50), order(130, 50)];
    assert_eq!(measured(Detector::FallingOrders, begun), None);
    // What was ordered of late shows how little it is, and is no reason to tell again.
    let observed = Observed { facts: [&[order(10, 60)], &past[..]].concat(), ..Observed::default() };
    let detector = Detector::FallingOrders;
    let found = detect(detector, &first_rule(detector), &observed, now()).remove(0);
    assert_eq!((found.evidence.len(), found.grounds.len()), (5, 4));
}

#[test]
fn manner_and_surveys() {
    let manner = |days, rude| fact(days, What::Manner { rude });
    for (facts, expected) in [
        (vec![manner(5, true)], Some(2)),
        (vec![manner(5, false)], None),
        (vec![manner(5, false), manner(6, false)], Some(2)),
        (vec![manner(61, true)], None),
    ] {
        assert_eq!(measured(Detector::AbruptManner, facts.clone()), expected, "{facts:?}");
    }
    let survey = |days, answered: Option<i64>| fact(days, What::Survey { answered_at: answered.map(ago) });
    for (facts, expected) in [
        (vec![survey(20, None), survey(60, None)], Some(2)),
        (vec![survey(10, None), survey(60, None)], None),
        (vec![survey(20, Some(18)), survey(60, None), survey(90, None)], None),
        (vec![survey(20, None), survey(60, None), survey(90, Some(88))], Some(2)),
        (vec![survey(20, None), survey(200, None)], None),
    ] {
        assert_eq!(measured(Detector::SurveySilence, facts.clone()), expected, "{facts:?}");
    }
}

#[test]
fn a_key_person_is_silent_beyond_twice_the_cadence() {
    let contact = ContactId::from(Uuid::from_u128(7));
    let silent = |tier, met: &[i64], since, until: Option<i64>| {
        let facts = met.iter().map(|days| Fact { contact: Some(contact), ..fact(*days, What::Encounter) }).collect();
        let seats = vec![KeySeat { holding: Uuid::nil(), contact, from: ago(since), until: until.map(ago) }];
        let observed = Observed { tier, facts, seats };
        let detector = Detector::SilentKeyPerson;
        detect(detector, &first_rule(detector), &observed, now()).first().map(|finding| finding.measured)
    };
    assert_eq!(silent(Some(Tier::S), &[28, 60], 400, None), Some(200));
    assert_eq!(silent(Some(Tier::S), &[27, 60], 400, None), None);
    assert_eq!(silent(Some(Tier::S), &[], 42, None), Some(300));
    assert_eq!(silent(Some(Tier::S), &[90], 10, None), None);
    assert_eq!(silent(Some(Tier::C), &[28], 400, None), None);
    // Beyond the window nobody looks.
    assert_eq!(silent(Some(Tier::C), &[800], 900, None), Some(405));
    assert_eq!(silent(Some(Tier::S), &[], 400, Some(0)), None);
    assert_eq!(silent(None, &[], 400, None), None);
}

#[test]
fn confidence_grows_with_the_measure_and_the_facts() {
    for (measured, threshold, facts, expected) in [(2, 2, 5, 50), (4, 2, 5, 75), (4, 2, 1, 45), (200, 2, 50, 100)] {
        assert_eq!(confidence(measured, threshold, facts), expected, "{measured} {threshold} {facts}");
    }
}

fn any_what() -> impl Strategy<Value = What> {
    prop_oneof![
        option::of(-50..400_i64).prop_map(|paid| What::Invoice { paid_at: paid.map(ago) }),
        (any::<bool>(), -1..10, -1..12).prop_map(|(held, invited, attended)| What::Meeting { held, invited, attended }),
        any::<i64>().prop_map(|value| What::Order { value }),
        (1..1_000_i64).prop_map(|value| What::Order { value }),
        Just(What::Encounter),
        any::<bool>().prop_map(|rude| What::Manner { rude }),
        option::of(-50..400_i64).prop_map(|answered| What::Survey { answered_at: answered.map(ago) }),
    ]
}

prop_compose! {
    fn any_facts()(
        facts in vec((-20..800_i64, 0..86_400_i64, option::of(0..3_u128), any_what()), 0..60)
    ) -> Vec<Fact> {
        let fact = |(number, (days, seconds, contact, what)): (u128, (i64, i64, Option<u128>, What))| Fact {
            reference: Uuid::from_u128(number),
            at: ago(days) - TimeDelta::seconds(seconds),
            contact: contact.map(|number| Uuid::from_u128(number).into()),
            what,
        };
        (0..).zip(facts).map(fact).collect()
    }
}

prop_compose! {
    fn any_observed()(
        facts in any_facts(),
        tier in option::of(select(Tier::ALL.to_vec())),
        seats in vec((0..3_u128, -20..900_i64, option::of(-30..400_i64)), 0..5),
    ) -> Observed {
        let seat = |(number, (contact, from, until)): (u128, (u128, i64, Option<i64>))| KeySeat {
            holding: Uuid::from_u128(1_000 + number),
            contact: Uuid::from_u128(contact).into(),
            from: ago(from),
            until: until.map(ago),
        };
        Observed { tier, facts, seats: (0..).zip(seats).map(seat).collect() }
    }
}

fn any_detector() -> impl Strategy<Value = Detector> {
    select(Detector::ALL.to_vec())
}

/// What was found, but for how much.
fn kinds(found: &[Finding]) -> HashSet<(Option<ContactId>, Vec<Uuid>)> {
    let key = |finding: &Finding| (finding.contact, finding.evidence.iter().map(|fact| fact.reference).collect());
    found.iter().map(key).collect()
}

proptest! {
    /// Whatever the facts: nothing overflows, a finding passes its threshold, and what comes later changes nothing.
    #[test]
    fn findings_keep_their_promises(observed in any_observed(), detector in any_detector()) {
        let rule = first_rule(detector);
        let found = detect(detector, &rule, &observed, now());
        for finding in &found {
            prop_assert!(finding.measured >= rule.threshold);
            prop_assert!((0..=100).contains(&finding.confidence));
            prop_assert!(finding.evidence.len() <= MOST_EVIDENCE);
            prop_assert!(finding.evidence.iter().all(|evidence| evidence.at <= now()));
            prop_assert!(!finding.evidence.is_empty());
        }
        let contacts: HashSet<_> = found.iter().map(|finding| finding.contact).collect();
        prop_assert_eq!(contacts.len(), found.len(), "two findings about the same");
        let known = observed.facts.iter().filter(|fact| fact.at <= now()).cloned().collect();
        let without = Observed { facts: known, ..observed.clone() };
        prop_assert_eq!(found, detect(detector, &rule, &without, now()));
        let off = DetectorRule { enabled: false, ..rule };
        prop_assert!(detect(detector, &off, &observed, now()).is_empty());
    }

    #[test]
    fn the_order_in_which_facts_are_told_is_all_one(
        (observed, shuffled) in any_observed().prop_flat_map(|observed| {
            (Just(observed.clone()), Just(observed.facts).prop_shuffle(), Just(observed.seats).prop_shuffle())
        }).prop_map(|(observed, facts, seats)| (observed.clone(), Observed { facts, seats, ..observed })),
        detector in any_detector(),
    ) {
        let rule = first_rule(detector);
        let found = detect(detector, &rule, &observed, now());
        prop_assert_eq!(&found, &detect(detector, &rule, &shuffled, now()));
        let next = next_change(detector, &rule, &observed, now());
        prop_assert_eq!(next, next_change(detector, &rule, &shuffled, now()));
    }

    #[test]
    fn facts_beyond_the_reach_change_nothing(observed in any_observed(), detector in any_detector()) {
        let rule = first_rule(detector);
        let from = now() - reach(detector, &rule);
        let is_unpaid = |fact: &Fact| match fact.what {
            What::Invoice { paid_at } => paid_at.is_none_or(|paid_at| paid_at > from),
            _ => false,
        };
        let facts = observed.facts.iter().filter(|fact| fact.at > from || is_unpaid(fact)).cloned().collect();
        let within = Observed { facts, ..observed.clone() };
        prop_assert_eq!(detect(detector, &rule, &observed, now()), detect(detector, &rule, &within, now()));
    }

    /// Who looks when he is told to has missed nothing in between.
    #[test]
    fn until_the_next_change_nothing_else_is_found(
        observed in any_observed(),
        detector in any_detector(),
        part in 0.0..1.0_f64,
    ) {
        let rule = first_rule(detector);
        let found = detect(detector, &rule, &observed, now());
        let far = now() + TimeDelta::days(2_000);
        let next = next_change(detector, &rule, &observed, now());
        prop_assert!(next.is_none_or(|next| next > now()));
        let span = (next.unwrap_or(far) - now()).num_seconds() as f64;
        let between = now() + TimeDelta::seconds((span * part) as i64);
        let later = detect(detector, &rule, &observed, between);
        prop_assert_eq!(kinds(&found), kinds(&later), "at {}", between);
        if detector != Detector::SilentKeyPerson {
            prop_assert_eq!(found, later, "at {}", between);
        }
    }

    #[test]
    fn more_lateness_never_makes_it_less_sure(
        invoices in vec((-10..400_i64, option::of(0..400_i64)), 1..10),
        which in 0..10_usize,
        later in 1..200_i64,
        unpaid in any::<bool>(),
    ) {
        let confidence = |invoices: &[(i64, Option<i64>)]| {
            let invoice = |(number, (due, paid)): (u128, &(i64, Option<i64>))| Fact {
                reference: Uuid::from_u128(number),
                ..fact(*due, What::Invoice { paid_at: paid.map(ago) })
            };
            let facts = (0..).zip(invoices).map(invoice).collect();
            let observed = Observed { facts, ..Observed::default() };
            let detector = Detector::OverduePayments;
            detect(detector, &first_rule(detector), &observed, now()).first().map_or(0, |finding| finding.confidence)
        };
        let before = confidence(&invoices);
        let mut worse = invoices.clone();
        let place = which % invoices.len();
        let (due, paid) = invoices[place];
        worse[place] = match paid {
            Some(_) if unpaid => (due, None),
            // Paid later, but not in the future.
            Some(paid) => (due, Some((paid - later).max(0))),
            None => (due + later, None),
        };
        prop_assert!(confidence(&worse) >= before, "{:?} {:?}", invoices, worse);
    }

    #[test]
    fn longer_silence_never_makes_it_less_sure(
        days in 0..700_i64,
        longer in 1..200_i64,
        tier in select(Tier::ALL.to_vec()),
    ) {
        let contact = ContactId::from(Uuid::nil());
        let confidence = |since: i64| {
            let seats = vec![KeySeat { holding: Uuid::nil(), contact, from: ago(since), until: None }];
            let observed = Observed { tier: Some(tier), facts: vec![], seats };
            let detector = Detector::SilentKeyPerson;
            detect(detector, &first_rule(detector), &observed, now()).first().map_or(0, |finding| finding.confidence)
        };
        prop_assert!(confidence(days + longer) >= confidence(days));
    }
}
