use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use complaints_contract::{ExceptionalDay, Holiday, Hours, NewCalendar, Weekday, WeeklyHours};
use proptest::prelude::*;
use proptest::sample::select;

use super::cases::PLACES;
use crate::domain::Calendar;

const DAY: i64 = 24 * 60;

const WORKDAYS: &[Weekday] =
    &[Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

/// Days, and from which minute of theirs until which; those past the end of a day are the next day's.
type Shift = (&'static [Weekday], i64, i64);

/// Office hours, split ones, nights, spans that meet in the hour that is left out or comes twice, whole days, midnights
/// and around the clock.
const SHIFTS: &[&[Shift]] = &[
    &[(WORKDAYS, 540, 1050)],
    &[(WORKDAYS, 480, 720), (WORKDAYS, 810, 1095), (&[Weekday::Saturday], 540, 720)],
    &[(WORKDAYS, 360, 690), (WORKDAYS, 1320, DAY + 150)],
    &[(Weekday::ALL, 90, 135), (Weekday::ALL, 135, 210), (Weekday::ALL, 720, 840)],
    &[(WORKDAYS, 0, DAY)],
    &[(Weekday::ALL, 120, 300), (Weekday::ALL, 1395, DAY + 45)],
    &[],
];

/// First and last days.
const HOLIDAYS: &[[&str; 2]] = &[
    ["2011-12-29", "2011-12-29"],
    ["2018-02-19", "2018-02-20"],
    ["2018-11-05", "2018-11-05"],
    ["2024-02-29", "2024-02-29"],
    ["2026-03-09", "2026-03-09"],
    ["2026-03-30", "2026-03-31"],
    ["2026-04-06", "2026-04-06"],
    ["2026-10-05", "2026-10-05"],
    ["2026-10-26", "2026-10-27"],
    ["2028-02-29", "2028-02-29"],
];

/// Sundays that are worked; on most of them clocks are put forward or back.
const SUNDAYS: &[&str] =
    &["2018-02-18", "2018-11-04", "2024-03-03", "2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25"];
const SUNDAY: &[(i64, i64)] = &[(60, 210), (600, 660)];

#[derive(Debug, Clone)]
pub(super) struct Office {
    zone: &'static str,
    shifts: &'static [Shift],
    holidays: Vec<[NaiveDate; 2]>,
    sundays: Vec<NaiveDate>,
}

/// Most of them in this zone.
pub(super) fn offices(zone: &'static str) -> impl Strategy<Value = Office> {
    let zones = prop_oneof![3 => Just(zone), 1 => select(PLACES).prop_map(|(zone, _)| zone)];
    (zones, select(SHIFTS), 0..3_u8).prop_map(|(zone, shifts, days)| {
        let date = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let mut office = Office { zone, shifts, holidays: vec![], sundays: vec![] };
        match days {
            1 if !shifts.is_empty() => {
                office.holidays = HOLIDAYS.iter().map(|[from, to]| [date(from), date(to)]).collect();
            }
            2 if !shifts.is_empty() => office.sundays = SUNDAYS.iter().copied().map(date).collect(),
            _ => {}
        }
        office
    })
}

impl Office {
    pub(super) fn calendar(&self) -> Calendar {
        let text = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
        let end = |minute: i64| text(if minute > DAY { minute - DAY } else { minute });
        let hours = |(days, from, to): &Shift| WeeklyHours { days: days.to_vec(), from: text(*from), to: end(*to) };
        let holiday = |[from, to]: &[NaiveDate; 2]| Holiday { from: *from, to: Some(*to), name: "Off".to_owned() };
        let sunday = |date: &NaiveDate| ExceptionalDay {
            date: *date,
            hours: SUNDAY.iter().map(|(from, to)| Hours { from: text(*from), to: end(*to) }).collect(),
            name: "On".to_owned(),
        };
        let new = NewCalendar {
            name: "Office".to_owned(),
            time_zone: self.zone.to_owned(),
            always_open: self.shifts.is_empty(),
            hours: self.shifts.iter().map(hours).collect(),
            holidays: self.holidays.iter().map(holiday).collect(),
            exceptions: self.sundays.iter().map(sunday).collect(),
        };
        Calendar::parse(&new).expect("a calendar")
    }

    fn works(&self, shown: NaiveDateTime) -> bool {
        let (today, minute) = (shown.date(), i64::from(shown.hour() * 60 + shown.minute()));
        let yesterday = today.pred_opt().expect("a day before");
        self.shifts.is_empty() || self.works_on(today, minute) || self.works_on(yesterday, minute + DAY)
    }

    fn works_on(&self, date: NaiveDate, minute: i64) -> bool {
        if self.sundays.contains(&date) {
            return SUNDAY.iter().any(|(from, to)| (*from..*to).contains(&minute));
        }
        let day = Weekday::ALL[date.weekday().num_days_from_monday() as usize];
        let rests = self.holidays.iter().any(|[from, to]| *from <= date && date <= *to);
        !rests && self.shifts.iter().any(|(days, from, to)| days.contains(&day) && (*from..*to).contains(&minute))
    }
}

/// The wall clock of an office, watched since minute 0.
pub(super) struct Watch<'a> {
    office: &'a Office,
    zone: Tz,
    zero: DateTime<Utc>,
    shown: NaiveDateTime,
    worked: Vec<bool>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(office: &'a Office, zero: DateTime<Utc>) -> Self {
        let zone: Tz = office.zone.parse().expect("a zone");
        Self { office, zone, zero, shown: NaiveDateTime::MIN, worked: vec![] }
    }

    pub(super) fn works(&mut self, minute: i64) -> bool {
        let place = usize::try_from(minute).expect("nothing is before minute 0");
        while self.worked.len() <= place {
            let now = self.zero + TimeDelta::minutes(self.worked.len() as i64);
            // A time counts when it is first reached: put back, the clock shows nothing new until it is past it.
            self.shown = self.shown.max(now.with_timezone(&self.zone).naive_local());
            self.worked.push(self.office.works(self.shown));
        }
        self.worked[place]
    }
}

#[test]
fn a_night_is_as_long_as_its_hours() {
    const NIGHTS: &[Shift] = &[(Weekday::ALL, 90, 135), (Weekday::ALL, 135, 210)];
    let office = Office { zone: "Europe/Rome", shifts: NIGHTS, holidays: vec![], sundays: vec![] };
    for (evening, minutes) in [("2026-03-27", 120), ("2026-03-28", 60), ("2026-10-24", 180)] {
        let noon: DateTime<Utc> = format!("{evening}T12:00:00Z").parse().expect("an instant");
        let mut watch = Watch::new(&office, noon);
        assert_eq!((0..DAY).filter(|minute| watch.works(*minute)).count(), minutes, "{evening}");
    }
}
