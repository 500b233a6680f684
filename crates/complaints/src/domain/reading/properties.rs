//! Whatever happens to a complaint and to the rules: its clocks are what its history makes them.

use chrono::{DateTime, TimeDelta};
use complaints_contract::{Holiday, NewCalendar, Weekday, WeeklyHours};
use proptest::prelude::*;
use registry_contract::Tier;

use super::tests::{at, history, office, policy, rank, rules, start, version};
use super::*;
use crate::domain::Severity;
use crate::domain::moments::What;

/// Acts in any order; those that make nonsense are left out.
fn acts() -> impl Strategy<Value = Vec<Moment>> {
    let ranks = (prop::sample::select(&[Tier::S, Tier::B, Tier::C][..]), prop::sample::select(&Severity::ALL[..]));
    let what = prop_oneof![
        ranks.prop_map(|(tier, severity)| What::Ranked(rank(tier, severity))),
        Just(What::Acknowledged),
        Just(What::Responded),
        Just(What::Contained),
        Just(What::Updated),
        Just(What::WaitingForCustomer),
        Just(What::Resumed),
        Just(What::Resolved),
        Just(What::Reopened),
        Just(What::Ended),
    ];
    prop::collection::vec((what, 0..2_000_i64), 0..30).prop_map(|acts| {
        let mut kept = history(&[]);
        let mut spells = Spells::begin(&kept[0]).expect("spells");
        let mut now = start();
        for (what, minutes) in acts {
            now += TimeDelta::minutes(minutes);
            let moment = Moment { at: now, what };
            if spells.absorb(&moment).is_ok() {
                kept.push(moment);
            }
        }
        kept
    })
}

/// Hours of a day with a break at noon, in zones that put their clocks forward and back.
fn shifts(zone: &str, to: &str, holiday: bool) -> Calendar {
    let hours = |from: &str, to: &str| WeeklyHours {
        days: Weekday::ALL[..6].to_vec(),
        from: from.to_owned(),
        to: to.to_owned(),
    };
    let holidays = ["2024-02-29", "2026-03-06", "2026-10-26"].map(|date| Holiday {
        from: date.parse().expect("a date"),
        to: None,
        name: "Founder's day".to_owned(),
    });
    let new = NewCalendar {
        name: "Shifts".to_owned(),
        time_zone: zone.to_owned(),
        always_open: false,
        hours: vec![hours("06:00", "11:30"), hours("12:15", to), hours("22:30", "02:30")],
        holidays: if holiday { holidays.to_vec() } else { vec![] },
        exceptions: vec![],
    };
    Calendar::parse(&new).expect("a calendar")
}

fn calendars() -> impl Strategy<Value = Calendar> {
    const ZONES: [&str; 4] = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai"];
    const TO: [&str; 3] = ["13:00", "17:30", "20:00"];
    (prop::sample::select(&ZONES[..]), prop::sample::select(&TO[..]), any::<bool>())
        .prop_map(|(zone, to, holiday)| shifts(zone, to, holiday))
}

/// Rules that change up to three times while the complaint is open.
fn changing_rules() -> impl Strategy<Value = Rulebook> {
    // Another calendar, or else another policy.
    let change = (1..5_i64, prop::option::of(calendars()));
    (prop::option::of(calendars()), prop::collection::vec((0..20_000_i64, change), 0..4)).prop_map(
        |(first, changes)| {
            let mut rules = rules();
            if let Some(first) = first {
                rules.add_calendar("office", version(2, DateTime::UNIX_EPOCH, first));
            }
            let mut from = start();
            for (number, (minutes, (factor, calendar))) in (3..).zip(changes) {
                from += TimeDelta::minutes(minutes);
                match calendar {
                    None => rules.add_policy(version(number, from, policy(factor))),
                    Some(calendar) => rules.add_calendar("office", version(number, from, calendar)),
                }
            }
            rules
        },
    )
}

/// The same history as if it had begun then: before a leap day, or before clocks are put forward or back.
fn begun(history: Vec<Moment>) -> impl Strategy<Value = Vec<Moment>> {
    prop::sample::select(&["2024-02-26T01:30:00Z", "2026-03-04T01:30:00Z", "2026-10-19T01:30:00Z"][..]).prop_map(
        move |begin| {
            let later = at(begin) - start();
            history.iter().map(|moment| Moment { at: moment.at + later, what: moment.what.clone() }).collect()
        },
    )
}

proptest! {
    #[test]
    fn step_by_step_is_the_same_as_from_nothing(history in acts().prop_flat_map(begun), rules in changing_rules()) {
        let mut spells = Spells::begin(&history[0]).expect("spells");
        for (place, moment) in history.iter().enumerate() {
            if place > 0 {
                spells.absorb(moment).expect("no nonsense");
            }
            // Several at one instant are told apart only by their order.
            if history.get(place + 1).is_none_or(|next| next.at > moment.at) {
                let replayed = clocks(&history, &rules, moment.at).expect("readings");
                let kept = spells.dues(&rules, moment.at);
                prop_assert_eq!(kept.iter().map(|due| (due.clock, due.run, due.due_at)).collect::<Vec<_>>(),
                    replayed.iter().map(|reading| (reading.clock, reading.run, reading.due_at)).collect::<Vec<_>>());
                for (due, reading) in kept.iter().zip(&replayed) {
                    prop_assert_eq!(due.stopped, reading.stopped_at.map(|at| (at, reading.elapsed)));
                    prop_assert_eq!(due.kept, reading.stopped_at.and_then(|_| reading.kept()));
                }
                prop_assert_eq!(spells.readings(&rules, moment.at), replayed);
            }
        }
    }

    #[test]
    fn later_events_and_rules_change_no_answer_for_the_past(
        history in acts(),
        rules in changing_rules(),
        minutes in 0..40_000_i64,
    ) {
        let as_of = start() + TimeDelta::minutes(minutes);
        let until = history.iter().take_while(|moment| moment.at <= as_of).cloned().collect::<Vec<_>>();
        let before = clocks(&until, &rules, as_of);
        prop_assert_eq!(clocks(&history, &rules, as_of), before.clone());
        let mut later = rules.clone();
        later.add_policy(version(99, as_of + TimeDelta::seconds(1), policy(4)));
        later.add_calendar("office", version(99, as_of + TimeDelta::seconds(1), office("03:00", "04:00")));
        prop_assert_eq!(clocks(&history, &later, as_of), before);
    }

    #[test]
    fn a_reading_makes_sense(
        history in acts().prop_flat_map(begun),
        rules in changing_rules(),
        minutes in 0..60_000_i64,
    ) {
        let as_of = history[0].at + TimeDelta::minutes(minutes);
        for reading in clocks(&history, &rules, as_of).expect("readings") {
            let end = reading.stopped_at.unwrap_or(as_of);
            prop_assert!(reading.started_at <= end && end <= as_of);
            prop_assert!(reading.due_at.is_none_or(|due| due >= reading.started_at));
            prop_assert_eq!(reading.breached, reading.due_at.is_some_and(|due| due < end));
            if reading.breached {
                prop_assert!(reading.elapsed >= reading.target);
            } else {
                prop_assert!(reading.elapsed <= reading.target);
                prop_assert_eq!(reading.elapsed + reading.remaining(), reading.target);
            }
            let pauses: TimeDelta = reading.paused.iter().map(|(from, to)| to.unwrap_or(end) - *from).sum();
            prop_assert!(reading.elapsed <= end - reading.started_at - pauses);
            if reading.calendar.is_none() {
                prop_assert_eq!(reading.elapsed, end - reading.started_at - pauses);
            }
            let waits = reading.paused.iter().any(|(_, to)| to.is_none());
            prop_assert_eq!(reading.due_at.is_none(), waits && reading.stopped_at.is_none() && !reading.breached
                && reading.elapsed < reading.target);
        }
    }
}
