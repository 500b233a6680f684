//! When work is done, and how much of it lies between two instants.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use complaints_contract::NewCalendar;
use problem::FieldError;

use super::Faults;

const DAY: i64 = 24 * 60;
/// Minutes a week: with less, what takes days of work would not end in a lifetime.
const LEAST_WORK: i64 = 60;
/// A calendar on which nobody works for longer than this is of no use to anybody.
const LONGEST_REST: u64 = 366;

/// Minutes of a local day, up to and without `to`, which may lie on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    from: i64,
    to: i64,
}

impl Span {
    /// `09:00` to `18:00`; an end that is no later than its beginning is the next day's.
    fn parse(from: &str, to: &str) -> Option<Self> {
        let (from, to) = (minute(from)?, minute(to)?);
        if from == DAY || from == to {
            return None;
        }
        Some(Self { from, to: if to < from { to + DAY } else { to } })
    }

    fn overlaps(self, other: Self) -> bool {
        self.from < other.to && other.from < self.to
    }

    fn later(self, minutes: i64) -> Self {
        Self { from: self.from + minutes, to: self.to + minutes }
    }
}

fn minute(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let two = |text: &str| if text.len() == 2 { text.parse::<i64>().ok() } else { None };
    let minute = two(hours)? * 60 + two(minutes).filter(|minutes| *minutes < 60)?;
    (minute <= DAY).then_some(minute)
}

/// Working time: hours by the wall clock of a zone. A span lasts from when the wall clock first reaches its beginning
/// until it first reaches its end. So a time that summer time leaves out is reached with the leap over it, a time that
/// comes twice counts when it comes first, and what comes twice within a span is worked twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    zone: Tz,
    hours: Hours,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Hours {
    Always,
    Week {
        /// From Monday on; the spans of a day in order.
        week: [Vec<Span>; 7],
        /// Days with other spans than their weekday's; holidays have none.
        days: BTreeMap<NaiveDate, Vec<Span>>,
    },
}

impl Calendar {
    /// Names everything that is wrong: unknown zones, spans that overlap (also across midnight), dates given twice, and
    /// calendars on which nobody works for a year.
    pub fn parse(new: &NewCalendar) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        faults.text("/name", &new.name, 100);
        let zone = new.time_zone.parse().unwrap_or_else(|_| {
            faults.add("/time_zone", "zone-unknown", "is no zone of the IANA database, such as Asia/Shanghai");
            Tz::UTC
        });
        let hours = if new.always_open {
            let given = [
                ("/hours", new.hours.is_empty()),
                ("/holidays", new.holidays.is_empty()),
                ("/exceptions", new.exceptions.is_empty()),
            ];
            for (pointer, _) in given.into_iter().filter(|(_, empty)| !empty) {
                faults.add(pointer, "always-open", "must be empty where it is always open");
            }
            Hours::Always
        } else {
            let (week, days) = (parse_week(new, &mut faults), parse_days(new, &mut faults));
            check_neighbours(&week, &days, &mut faults);
            check_rest(&week, &days, &mut faults);
            Hours::Week { week, days }
        };
        faults.none_or(Self { zone, hours })
    }

    /// The first instant until which this much working time has passed since `from`; `from` itself for none.
    #[must_use]
    pub fn add(&self, from: DateTime<Utc>, time: TimeDelta) -> DateTime<Utc> {
        if time <= TimeDelta::zero() {
            return from;
        }
        let mut left = time;
        let Hours::Week { .. } = self.hours else { return from + time };
        let mut date = self.first_date(from);
        loop {
            for (begin, end) in self.worked(date) {
                let begin = begin.max(from);
                if begin < end {
                    if end - begin >= left {
                        return begin + left;
                    }
                    left -= end - begin;
                }
            }
            let Some(next) = date.checked_add_days(Days::new(1)) else { return DateTime::<Utc>::MAX_UTC };
            date = next;
        }
    }

    /// The working time from one instant to another; none where the other is no later.
    #[must_use]
    pub fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        if to <= from {
            return TimeDelta::zero();
        }
        let Hours::Week { .. } = self.hours else { return to - from };
        let last = to.with_timezone(&self.zone).date_naive();
        let mut time = TimeDelta::zero();
        for date in self.first_date(from).iter_days().take_while(|date| *date <= last) {
            for (begin, end) in self.worked(date) {
                let (begin, end) = (begin.max(from), end.min(to));
                if begin < end {
                    time += end - begin;
                }
            }
        }
        time
    }

    /// The day before may work past midnight, and a clock that was put back at midnight shows it again.
    fn first_date(&self, from: DateTime<Utc>) -> NaiveDate {
        let date = from.with_timezone(&self.zone).date_naive();
        date.checked_sub_days(Days::new(1)).unwrap_or(date)
    }

    fn worked(&self, date: NaiveDate) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let spans = match &self.hours {
            Hours::Always => &[],
            Hours::Week { week, days } => spans_of(week, days, date),
        };
        spans.iter().map(move |span| (self.reached(date, span.from), self.reached(date, span.to)))
    }

    /// When the wall clock first reaches a minute of the day.
    fn reached(&self, date: NaiveDate, minute: i64) -> DateTime<Utc> {
        reached(self.zone, date.and_time(NaiveTime::MIN) + TimeDelta::minutes(minute))
    }
}

/// When the wall clock of a zone first shows a local time, or leaps over it.
#[must_use]
pub fn reached(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&local).earliest() {
        Some(at) => at.with_timezone(&Utc),
        None => leap_over(zone, local),
    }
}

/// The leap lies within a day of when it was this late in UTC.
fn leap_over(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let has_leapt = |at: NaiveDateTime| at + zone.offset_from_utc_datetime(&at).fix() > local;
    let (mut before, mut after) = (local - TimeDelta::days(1), local + TimeDelta::days(1));
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if has_leapt(middle) { after = middle } else { before = middle }
    }
    after.and_utc()
}

fn spans_of<'a>(week: &'a [Vec<Span>; 7], days: &'a BTreeMap<NaiveDate, Vec<Span>>, date: NaiveDate) -> &'a [Span] {
    days.get(&date).unwrap_or_else(|| &week[date.weekday().num_days_from_monday() as usize])
}

fn parse_span(pointer: &str, from: &str, to: &str, faults: &mut Faults) -> Option<Span> {
    let span = Span::parse(from, to);
    if span.is_none() {
        let message = "must go from a time such as 09:00 to another; a whole day is 00:00 to 24:00";
        faults.add(pointer, "bad-span", message);
    }
    span
}

fn parse_week(new: &NewCalendar, faults: &mut Faults) -> [Vec<Span>; 7] {
    let mut week: [Vec<Span>; 7] = Default::default();
    for (index, hours) in new.hours.iter().enumerate() {
        let pointer = format!("/hours/{index}");
        let Some(span) = parse_span(&pointer, &hours.from, &hours.to, faults) else { continue };
        let mut clash = false;
        for day in &hours.days {
            let spans = &mut week[*day as usize];
            clash |= spans.iter().any(|other| span.overlaps(*other));
            spans.push(span);
            spans.sort_unstable();
        }
        if clash {
            faults.add(&pointer, "overlap", "overlaps other hours of a day, or names a day twice");
        }
    }
    week
}

fn parse_days(new: &NewCalendar, faults: &mut Faults) -> BTreeMap<NaiveDate, Vec<Span>> {
    let mut days = BTreeMap::new();
    for (index, holiday) in new.holidays.iter().enumerate() {
        let pointer = format!("/holidays/{index}");
        faults.text(&format!("{pointer}/name"), &holiday.name, 100);
        let to = holiday.to.unwrap_or(holiday.from);
        let length = (to - holiday.from).num_days();
        if !(0..=366).contains(&length) {
            faults.add(&format!("{pointer}/to"), "out-of-order", "must be the first day or up to a year later");
            continue;
        }
        let mut twice = false;
        for date in holiday.from.iter_days().take_while(|date| *date <= to) {
            twice |= days.insert(date, vec![]).is_some();
        }
        if twice {
            faults.add(&pointer, "not-unique", "has a day of another holiday");
        }
    }
    for (index, day) in new.exceptions.iter().enumerate() {
        let pointer = format!("/exceptions/{index}");
        faults.text(&format!("{pointer}/name"), &day.name, 100);
        let mut spans: Vec<Span> = vec![];
        for (place, hours) in day.hours.iter().enumerate() {
            let pointer = format!("{pointer}/hours/{place}");
            let Some(span) = parse_span(&pointer, &hours.from, &hours.to, faults) else { continue };
            if spans.iter().any(|other| span.overlaps(*other)) {
                faults.add(&pointer, "overlap", "overlaps other hours of the day");
            }
            spans.push(span);
        }
        spans.sort_unstable();
        if days.insert(day.date, spans).is_some() {
            faults.add(&format!("{pointer}/date"), "not-unique", "is a holiday, or has hours already");
        }
    }
    days
}

/// What begins before midnight must not run into what begins after it.
fn check_neighbours(week: &[Vec<Span>; 7], days: &BTreeMap<NaiveDate, Vec<Span>>, faults: &mut Faults) {
    let clash =
        |one: &[Span], next: &[Span]| one.iter().any(|span| next.iter().any(|other| span.overlaps(other.later(DAY))));
    for (day, spans) in week.iter().enumerate() {
        if clash(spans, &week[(day + 1) % 7]) {
            faults.add("/hours", "overlap", format!("those of day {} run into the next day's", day + 1));
        }
    }
    for (date, spans) in days {
        let before = date.pred_opt().is_some_and(|before| clash(spans_of(week, days, before), spans));
        let after = date.succ_opt().is_some_and(|after| clash(spans, spans_of(week, days, after)));
        if before || after {
            faults.add("/exceptions", "overlap", format!("the hours of {date} and of a day beside it overlap"));
        }
    }
}

fn check_rest(week: &[Vec<Span>; 7], days: &BTreeMap<NaiveDate, Vec<Span>>, faults: &mut Faults) {
    let minutes: i64 = week.iter().flatten().map(|span| span.to - span.from).sum();
    if minutes < LEAST_WORK {
        faults.add("/hours", "empty", "must make an hour of work a week at least");
        return;
    }
    // To rest for a year takes as many holidays as there are days of work in it.
    let a_year = week.iter().filter(|spans| !spans.is_empty()).count() * 52;
    if days.values().filter(|spans| spans.is_empty()).count() < a_year {
        return;
    }
    let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value()) else { return };
    let margin = Days::new(LONGEST_REST);
    let (Some(mut worked), Some(end)) = (first.checked_sub_days(Days::new(7)), last.checked_add_days(margin)) else {
        faults.add("/holidays", "out-of-range", "have a date that no calendar reaches");
        return;
    };
    for date in worked.iter_days().take_while(|date| *date <= end) {
        if !spans_of(week, days, date).is_empty() {
            worked = date;
        } else if (date - worked).num_days().unsigned_abs() > LONGEST_REST {
            faults.add("/holidays", "empty", format!("leave no work for a year after {worked}"));
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use complaints_contract::{ExceptionalDay, Holiday, Weekday, WeeklyHours};
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn week(zone: &str, hours: &[(&[Weekday], &str, &str)]) -> NewCalendar {
        let hours = hours.iter().map(|(days, from, to)| WeeklyHours {
            days: days.to_vec(),
            from: (*from).to_owned(),
            to: (*to).to_owned(),
        });
        NewCalendar {
            name: "Test".to_owned(),
            time_zone: zone.to_owned(),
            always_open: false,
            hours: hours.collect(),
            holidays: vec![],
            exceptions: vec![],
        }
    }

    const WORKDAYS: &[Weekday] =
        &[Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

    fn holiday(from: &str, to: Option<&str>) -> Holiday {
        let date = |text: &str| text.parse().expect("a date");
        Holiday { from: date(from), to: to.map(date), name: "Off".to_owned() }
    }

    fn exception(date: &str, hours: &[(&str, &str)]) -> ExceptionalDay {
        let hours =
            hours.iter().map(|(from, to)| complaints_contract::Hours { from: (*from).into(), to: (*to).into() });
        ExceptionalDay { date: date.parse().expect("a date"), hours: hours.collect(), name: "On".to_owned() }
    }

    fn china() -> NewCalendar {
        let mut china = week("Asia/Shanghai", &[(WORKDAYS, "09:00", "12:00"), (WORKDAYS, "13:00", "18:00")]);
        china.holidays.push(holiday("2026-02-15", Some("2026-02-23")));
        china.exceptions.push(exception("2026-02-14", &[("09:00", "12:00"), ("13:00", "18:00")]));
        china
    }

    /// Summer and winter time at odd hours, night shifts, a lunch break, a holiday, a worked Saturday.
    fn zoo() -> Vec<Calendar> {
        let all = Weekday::ALL;
        let nights: &[Weekday] = &[Weekday::Monday, Weekday::Thursday, Weekday::Saturday];
        let mut berlin =
            week("Europe/Berlin", &[(all, "00:00", "02:30"), (all, "02:30", "05:00"), (all, "22:00", "24:00")]);
        berlin.holidays.push(holiday("2028-02-29", None));
        let mut york =
            week("America/New_York", &[(nights, "21:15", "05:45"), (&[Weekday::Wednesday], "09:00", "17:00")]);
        york.exceptions.push(exception("2026-03-07", &[("10:00", "11:00"), ("23:00", "03:10")]));
        let calendars = [
            china(),
            berlin,
            york,
            week("Australia/Lord_Howe", &[(all, "01:00", "03:00"), (all, "12:00", "12:01")]),
            week("America/Sao_Paulo", &[(all, "23:30", "01:30")]),
            week("Pacific/Apia", &[(WORKDAYS, "08:00", "16:00")]),
        ];
        calendars.iter().map(|new| Calendar::parse(new).expect("a calendar")).collect()
    }

    /// Instants around the changes of the zoo's clocks, and around leap days.
    fn instants() -> impl Strategy<Value = DateTime<Utc>> {
        const STARTS: &[&str] = &[
            "2026-02-12T00:00:00Z",
            "2026-03-06T00:00:00Z",
            "2026-03-27T00:00:00Z",
            "2026-04-03T00:00:00Z",
            "2026-10-23T00:00:00Z",
            "2026-10-30T00:00:00Z",
            "2028-02-27T00:00:00Z",
            "2018-11-02T00:00:00Z",
            "2011-12-28T00:00:00Z",
            "2026-10-02T00:00:00Z",
            "2018-02-16T00:00:00Z",
        ];
        (prop::sample::select(STARTS), 0..5 * 24 * 3600_i64)
            .prop_map(|(start, seconds)| at(start) + TimeDelta::seconds(seconds))
    }

    /// The minutes worked, one by one: the wall clock never falls back behind what it has shown.
    fn minute_by_minute(calendar: &Calendar, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        let Hours::Week { week, days } = &calendar.hours else { return (to - from).num_minutes() };
        let mut shown = NaiveDateTime::MIN;
        let mut minutes = 0;
        let mut now = from - TimeDelta::days(2);
        while now < to {
            shown = shown.max(now.with_timezone(&calendar.zone).naive_local());
            let minute = (shown - shown.date().and_time(NaiveTime::MIN)).num_minutes();
            let on = |date: NaiveDate, minute: i64| {
                spans_of(week, days, date).iter().any(|span| (span.from..span.to).contains(&minute))
            };
            let yesterday = shown.date().pred_opt().expect("a day before");
            if now >= from && (on(shown.date(), minute) || on(yesterday, minute + DAY)) {
                minutes += 1;
            }
            now += TimeDelta::minutes(1);
        }
        minutes
    }

    proptest! {
        #[test]
        fn adding_and_measuring_are_each_others_inverse(from in instants(), seconds in 0..400_000_i64) {
            for calendar in zoo() {
                let time = TimeDelta::seconds(seconds);
                let end = calendar.add(from, time);
                prop_assert_eq!(calendar.between(from, end), time);
                // No earlier instant would do.
                if seconds > 0 {
                    prop_assert!(calendar.between(from, end - TimeDelta::seconds(1)) < time);
                }
            }
        }

        #[test]
        fn time_adds_up_and_never_runs_back(
            a in instants(),
            first in 0..20 * DAY,
            second in 0..20 * DAY,
            more in 0..90_000_i64,
        ) {
            let b = a + TimeDelta::minutes(first);
            let c = b + TimeDelta::minutes(second);
            for calendar in zoo() {
                prop_assert_eq!(calendar.between(a, b) + calendar.between(b, c), calendar.between(a, c));
                let time = TimeDelta::seconds(more);
                prop_assert!(calendar.add(a, time) <= calendar.add(b, time));
                prop_assert!(calendar.add(a, time) <= calendar.add(a, time + TimeDelta::seconds(1)));
                prop_assert_eq!(calendar.add(calendar.add(a, time), time), calendar.add(a, time + time));
            }
        }

        #[test]
        fn it_agrees_with_counting_minute_by_minute(from in instants(), minutes in 0..2 * DAY) {
            let from = from - TimeDelta::seconds(from.timestamp() % 60);
            let to = from + TimeDelta::minutes(minutes);
            for calendar in zoo() {
                prop_assert_eq!(calendar.between(from, to).num_minutes(), minute_by_minute(&calendar, from, to));
            }
        }
    }

    #[test]
    fn holidays_rest_and_a_worked_saturday_makes_up_for_one() {
        let china = Calendar::parse(&china()).expect("a calendar");
        // Friday 13 February 2026, 17:00 in Shanghai; the Saturday is worked, then nobody works until the 24th.
        let from = at("2026-02-13T09:00:00Z");
        for (hours, due) in [
            (1, "2026-02-13T10:00:00Z"),
            (2, "2026-02-14T02:00:00Z"),
            (5, "2026-02-14T06:00:00Z"),
            (9, "2026-02-14T10:00:00Z"),
            (10, "2026-02-24T02:00:00Z"),
        ] {
            assert_eq!(china.add(from, TimeDelta::hours(hours)), at(due), "{hours} h");
        }
    }

    #[test]
    fn a_night_shift_lasts_as_long_as_the_night() {
        let berlin = Calendar::parse(&week("Europe/Berlin", &[(Weekday::ALL, "22:00", "06:00")])).expect("a calendar");
        let night = |from: &str, to: &str| berlin.between(at(from), at(to)).num_hours();
        assert_eq!(night("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), 7);
        assert_eq!(night("2026-06-10T12:00:00Z", "2026-06-11T12:00:00Z"), 8);
        assert_eq!(night("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"), 9);
    }

    #[test]
    fn a_day_that_a_zone_left_out_is_not_worked() {
        let apia = Calendar::parse(&week("Pacific/Apia", &[(WORKDAYS, "08:00", "16:00")])).expect("a calendar");
        // Samoa went from Thursday 29 to Saturday 31 December 2011.
        assert_eq!(apia.between(at("2011-12-29T00:00:00Z"), at("2012-01-02T00:00:00Z")).num_hours(), 10 + 6);
    }

    #[test]
    fn around_the_clock_is_elapsed_time() {
        let mut new = week("Asia/Shanghai", &[]);
        new.always_open = true;
        let always = Calendar::parse(&new).expect("a calendar");
        let from = at("2026-02-13T09:00:00Z");
        assert_eq!(always.add(from, TimeDelta::days(20)), from + TimeDelta::days(20));
        assert_eq!(always.between(from, from + TimeDelta::days(20)), TimeDelta::days(20));
    }

    #[test]
    fn every_fault_is_named() {
        let faulty = |new: &NewCalendar| {
            let faults = Calendar::parse(new).expect_err("faults");
            faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
        };
        assert_eq!(faulty(&week("Mars/Olympus", &[])), ["/time_zone zone-unknown", "/hours empty"]);
        let mut bad = week(
            "Asia/Shanghai",
            &[
                (WORKDAYS, "09:00", "12:00"),
                (&[Weekday::Friday], "11:59", "13:00"),
                (&[Weekday::Sunday], "22:00", "06:00"),
                (&[Weekday::Monday], "05:00", "07:00"),
                (&[Weekday::Saturday], "9:00", "12:00"),
                (&[Weekday::Saturday], "09:00", "09:00"),
            ],
        );
        bad.holidays =
            vec![holiday("2026-05-02", Some("2026-05-01")), holiday("2026-01-01", None), holiday("2026-01-01", None)];
        bad.exceptions = vec![
            exception("2026-01-01", &[("08:00", "10:00"), ("09:00", "11:00")]),
            exception("2026-06-01", &[("20:00", "09:30")]),
        ];
        assert_eq!(
            faulty(&bad),
            [
                "/hours/1 overlap",
                "/hours/4 bad-span",
                "/hours/5 bad-span",
                "/holidays/0/to out-of-order",
                "/holidays/2 not-unique",
                "/exceptions/0/hours/1 overlap",
                "/exceptions/0/date not-unique",
                "/hours overlap",
                "/exceptions overlap",
            ]
        );
        let mut closed = week("Asia/Shanghai", &[(WORKDAYS, "09:00", "18:00")]);
        closed.holidays = vec![holiday("2026-01-01", Some("2026-12-31")), holiday("2027-01-01", Some("2027-01-10"))];
        assert_eq!(faulty(&closed), ["/holidays empty"]);
        closed.always_open = true;
        assert_eq!(faulty(&closed), ["/hours always-open", "/holidays always-open"]);
    }
}
