//! Spans of time, cut at the midnights of a zone.

use std::iter::successors;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use complaints_contract::{ParetoQuery, ReportPeriod, ServiceReportQuery};
use problem::FieldError;

use super::Faults;
use super::calendar::reached;

const MOST_PERIODS: usize = 120;
/// Year and day of the year: what a database can compare, with room for as long a span before.
const DAYS: RangeInclusive<(i32, u32)> = (1970, 1)..=(2200, 1);

/// Where nobody names a zone.
pub const ZONE: Tz = Tz::Asia__Shanghai;

pub(super) type Period = (DateTime<Utc>, DateTime<Utc>);

/// The periods of a span, after the one before them, with which the first is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Periods(Vec<Period>);

impl Periods {
    /// Those of a service report. Names everything that is wrong with the query.
    pub fn parse(query: &ServiceReportQuery) -> Result<Self, Vec<FieldError>> {
        let mut faults = Faults::default();
        let zone = zone(&mut faults, query.time_zone.as_deref());
        let [from, to] = [query.from, query.to].map(|day| day.and_time(NaiveTime::MIN));
        if !is_span(&mut faults, ("?from", from), ("?to", to)) {
            return Err(faults.into_vec());
        }
        let period = query.period.unwrap_or(ReportPeriod::Month);
        let before = reached(zone, before(period, from, to));
        let periods = Self::cut(period, zone, before, (reached(zone, from), reached(zone, to)));
        limited(faults, periods, "?to", "from")
    }

    /// Those of an analysis of causes; nothing where the whole span is told as one. Names everything that is wrong with
    /// the query.
    pub fn of_pareto(query: &ParetoQuery) -> Result<Option<Self>, Vec<FieldError>> {
        let mut faults = Faults::default();
        let zone = zone(&mut faults, query.time_zone.as_deref());
        let period = query.period.unwrap_or(ReportPeriod::Whole);
        if period == ReportPeriod::Whole {
            return faults.none_or(None);
        }
        let ends = [("?received_from", query.received_from), ("?received_until", query.received_until)];
        for (pointer, _) in ends.iter().filter(|(_, end)| end.is_none()) {
            faults.add(pointer, "missing", "is needed to tell periods apart");
        }
        let [(from_pointer, Some(from)), (to_pointer, Some(to))] = ends else { return Err(faults.into_vec()) };
        let (from, to) = (wire::truncate(from), wire::truncate(to));
        if !is_span(&mut faults, (from_pointer, from.naive_utc()), (to_pointer, to.naive_utc())) {
            return Err(faults.into_vec());
        }
        let [local_from, local_to] = [from, to].map(|end| end.with_timezone(&zone).naive_local());
        let before = reached(zone, before(period, local_from, local_to));
        limited(faults, Self::cut(period, zone, before, (from, to)), to_pointer, "received_from").map(Some)
    }

    /// Nothing where there are too many.
    fn cut(period: ReportPeriod, zone: Tz, before: DateTime<Utc>, (from, to): Period) -> Option<Self> {
        let midnight = |day: NaiveDate| reached(zone, day.and_time(NaiveTime::MIN));
        let first = following(period, from.with_timezone(&zone).date_naive());
        // Where clocks go back over midnight, a span may begin after the day after it.
        let within = successors(first, |day| following(period, *day)).map(midnight);
        let within = within.skip_while(|at| *at <= from).take_while(|at| *at < to);
        let ends: Vec<_> = [before, from].into_iter().chain(within.take(MOST_PERIODS)).chain([to]).collect();
        let periods: Vec<_> = ends.windows(2).map(|pair| (pair[0], pair[1])).collect();
        (periods.len() - 1 <= MOST_PERIODS).then_some(Self(periods))
    }

    /// From the beginning of the period before the first.
    #[must_use]
    pub fn from(&self) -> DateTime<Utc> {
        self.0[0].0
    }

    /// Of the span itself.
    #[must_use]
    pub fn begin(&self) -> DateTime<Utc> {
        self.0[0].1
    }

    #[must_use]
    pub fn to(&self) -> DateTime<Utc> {
        self.0[self.0.len() - 1].1
    }

    /// In order, after the one before the span.
    pub(super) fn all(&self) -> &[Period] {
        &self.0
    }

    /// The place among all of them.
    pub(super) fn of(&self, at: DateTime<Utc>) -> Option<usize> {
        let place = self.0.partition_point(|(_, to)| *to <= at);
        self.0.get(place).filter(|(from, _)| *from <= at).map(|_| place)
    }
}

fn zone(faults: &mut Faults, name: Option<&str>) -> Tz {
    let Some(name) = name else { return ZONE };
    name.parse().unwrap_or_else(|_| {
        faults.add("?time_zone", "zone-unknown", "is no zone of the IANA database, such as Asia/Shanghai");
        Tz::UTC
    })
}

/// Whether one end comes after the other, and both are in reach of every database.
fn is_span(faults: &mut Faults, from: (&str, NaiveDateTime), to: (&str, NaiveDateTime)) -> bool {
    let far = [from, to].into_iter().filter(|(_, at)| !DAYS.contains(&(at.year(), at.ordinal())));
    let far: Vec<&str> = far.map(|(pointer, _)| pointer).collect();
    for pointer in &far {
        faults.add(pointer, "out-of-range", "must be from 1970-01-01 to 2200-01-01");
    }
    if to.1 <= from.1 {
        faults.add(to.0, "out-of-order", format!("must be after {}", from.0.trim_start_matches('?')));
    }
    far.is_empty() && from.1 < to.1
}

/// When the period before a span begins.
fn before(period: ReportPeriod, from: NaiveDateTime, to: NaiveDateTime) -> NaiveDateTime {
    let begin = match period {
        ReportPeriod::Month => from.checked_sub_months(Months::new(1)),
        ReportPeriod::Week => from.checked_sub_days(Days::new(7)),
        ReportPeriod::Whole => from.checked_sub_signed(to - from),
    };
    begin.unwrap_or(from)
}

fn following(period: ReportPeriod, day: NaiveDate) -> Option<NaiveDate> {
    match period {
        ReportPeriod::Month => day.with_day(1)?.checked_add_months(Months::new(1)),
        ReportPeriod::Whole => None,
        ReportPeriod::Week => day.checked_add_days(Days::new(7 - u64::from(day.weekday().num_days_from_monday()))),
    }
}

fn limited(
    mut faults: Faults,
    periods: Option<Periods>,
    pointer: &str,
    from: &str,
) -> Result<Periods, Vec<FieldError>> {
    match periods {
        Some(periods) => faults.none_or(periods),
        None => {
            faults.add(pointer, "too-long", format!("must be at most {MOST_PERIODS} periods after {from}"));
            Err(faults.into_vec())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(from: &str, to: &str, period: ReportPeriod) -> ServiceReportQuery {
        let date = |text: &str| text.parse().expect("a date");
        ServiceReportQuery {
            from: date(from),
            to: date(to),
            by: None,
            period: Some(period),
            time_zone: Some("Etc/UTC".to_owned()),
            format: None,
            part: None,
        }
    }

    fn received(from: Option<&str>, until: Option<&str>, period: Option<ReportPeriod>) -> ParetoQuery {
        let instant = |text: &str| text.parse().expect("an instant");
        ParetoQuery {
            received_from: from.map(instant),
            received_until: until.map(instant),
            period,
            ..ParetoQuery::default()
        }
    }

    fn codes(faults: Vec<FieldError>) -> Vec<(String, String)> {
        faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
    }

    fn is(pointer: &str, code: &str) -> (String, String) {
        (pointer.to_owned(), code.to_owned())
    }

    #[test]
    fn periods_end_with_the_month_or_the_week_and_are_compared_with_the_one_before() {
        let months = Periods::parse(&query("2026-01-15", "2026-03-10", ReportPeriod::Month)).expect("periods");
        let days: Vec<_> = months.0.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect();
        let day = |text: &str| format!("{text} 00:00:00 UTC");
        assert_eq!(
            days,
            [
                (day("2025-12-15"), day("2026-01-15")),
                (day("2026-01-15"), day("2026-02-01")),
                (day("2026-02-01"), day("2026-03-01")),
                (day("2026-03-01"), day("2026-03-10")),
            ]
        );
        let weeks = Periods::parse(&query("2026-03-04", "2026-03-17", ReportPeriod::Week)).expect("periods");
        let begins: Vec<_> = weeks.0.iter().map(|(from, _)| from.day()).collect();
        assert_eq!(begins, [25, 4, 9, 16]);
        let mut wrong = query("2026-03-04", "2026-03-04", ReportPeriod::Week);
        wrong.time_zone = Some("Mars".to_owned());
        let faults = Periods::parse(&wrong).expect_err("faults");
        assert_eq!(codes(faults), [is("?time_zone", "zone-unknown"), is("?to", "out-of-order")]);
    }

    #[test]
    fn there_are_120_periods_at_most() {
        let months = |from: &str| Periods::parse(&query(from, "2026-01-01", ReportPeriod::Month));
        assert_eq!(months("2016-01-01").expect("periods").0.len(), 121);
        for from in ["2015-12-31", "1970-01-01"] {
            assert_eq!(codes(months(from).expect_err("faults")), [is("?to", "too-long")]);
        }
    }

    #[test]
    fn a_span_is_in_reach_of_every_database() {
        let faults = |from: &str, to: &str| {
            codes(Periods::parse(&query(from, to, ReportPeriod::Whole)).err().unwrap_or_default())
        };
        let far = |pointer: &str| is(pointer, "out-of-range");
        assert!(faults("1970-01-01", "2200-01-01").is_empty());
        assert_eq!(faults("1969-12-31", "2200-01-01"), [far("?from")]);
        assert_eq!(faults("1970-01-01", "2200-01-02"), [far("?to")]);
        assert_eq!(faults("0001-01-01", "9999-12-31"), [far("?from"), far("?to")]);
    }

    #[test]
    fn an_analysis_begins_and_ends_where_it_is_asked_to() {
        let of = |from, until, period| Periods::of_pareto(&received(from, until, period));
        assert_eq!(of(None, None, None), Ok(None));
        assert_eq!(of(None, Some("2026-03-01T00:00:00Z"), Some(ReportPeriod::Whole)), Ok(None));
        let months = of(Some("2026-01-10T04:00:00Z"), Some("2026-03-02T00:00:00Z"), Some(ReportPeriod::Month));
        let ends: Vec<_> = months
            .expect("right")
            .expect("periods")
            .all()
            .iter()
            .map(|(from, to)| (from.to_rfc3339(), to.to_rfc3339()))
            .collect();
        let at = |text: &str| format!("{text}:00:00+00:00");
        assert_eq!(
            ends,
            [
                (at("2025-12-10T04"), at("2026-01-10T04")),
                (at("2026-01-10T04"), at("2026-01-31T16")),
                (at("2026-01-31T16"), at("2026-02-28T16")),
                (at("2026-02-28T16"), at("2026-03-02T00")),
            ]
        );
    }

    #[test]
    fn an_analysis_by_periods_has_both_ends() {
        let faults = |from, until| {
            codes(Periods::of_pareto(&received(from, until, Some(ReportPeriod::Week))).err().unwrap_or_default())
        };
        let (from, until) = (Some("2026-01-10T04:00:00Z"), Some("2026-03-02T00:00:00Z"));
        assert!(faults(from, until).is_empty());
        assert_eq!(faults(None, until), [is("?received_from", "missing")]);
        assert_eq!(faults(None, None), [is("?received_from", "missing"), is("?received_until", "missing")]);
        assert_eq!(faults(until, from), [is("?received_until", "out-of-order")]);
        assert_eq!(faults(from, Some("9999-12-31T00:00:00Z")), [is("?received_until", "out-of-range")]);
        assert_eq!(faults(from, Some("2029-01-01T00:00:00Z")), [is("?received_until", "too-long")]);
    }
}
