//! What the clocks of many complaints add up to, period by period.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{
    Clock, ReportBacklog, ReportDurations, ReportGrouping, ReportInTime, ReportRating, ReportSpread, ReportTrend,
    ServiceReportQuery, ServiceReportRow,
};
use problem::FieldError;

use super::periods::{Period, Periods};

/// A report is held in memory, and answered, as a whole.
pub(super) const MOST_ROWS: usize = 10_000;

/// What a report is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub periods: Periods,
    pub groupings: Vec<ReportGrouping>,
}

impl Plan {
    /// Names everything that is wrong with the query.
    pub fn parse(query: &ServiceReportQuery) -> Result<Self, Vec<FieldError>> {
        let groupings = query.by.as_ref().map(|by| by.0.clone()).unwrap_or_default();
        let periods = Periods::parse(query);
        if groupings.iter().enumerate().any(|(place, one)| groupings[..place].contains(one)) {
            let mut faults = periods.err().unwrap_or_default();
            faults.push(FieldError::new("?by", "not-unique", "must name each grouping once"));
            return Err(faults);
        }
        Ok(Self { periods: periods?, groupings })
    }
}

/// What a complaint has of each grouping; empty where everything is told together.
pub type Groups = Arc<[String]>;

/// One run of a clock, with what of its complaint a report needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub groups: Groups,
    pub clock: Clock,
    pub run: i32,
    pub started_at: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    pub stopped_at: Option<DateTime<Utc>>,
    pub elapsed_seconds: Option<i64>,
    pub moot: bool,
    /// The judgement of the complaint's source.
    pub verdict: Option<bool>,
    /// Whether the complaint is settled by now.
    pub settled: bool,
}

/// A rating, with what of its complaint a report needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    pub groups: Groups,
    pub at: DateTime<Utc>,
    pub attitude: i16,
    pub result: i16,
}

#[derive(Debug, Clone, Default)]
struct Sums {
    received: i64,
    settled: i64,
    reopened: i64,
    response: Durations,
    resolution: Durations,
    in_time: BTreeMap<Clock, (i64, i64)>,
    backlog: ReportBacklog,
    attitude: Marks,
    result: Marks,
}

#[derive(Debug, Clone, Copy, Default)]
struct Marks {
    count: i64,
    sum: i64,
    good: i64,
}

#[derive(Debug, Clone, Default)]
struct Durations {
    elapsed: Vec<i64>,
    working: Vec<i64>,
}

/// Adds up runs of clocks, in whatever order.
#[derive(Debug, Clone)]
pub struct Tally {
    periods: Periods,
    as_of: DateTime<Utc>,
    sums: BTreeMap<(usize, Groups), Sums>,
    /// How many of them are shown; the others are of the period before.
    shown: usize,
}

impl Tally {
    #[must_use]
    pub fn new(periods: Periods, as_of: DateTime<Utc>) -> Self {
        Self { periods, as_of, sums: BTreeMap::new(), shown: 0 }
    }

    pub fn add(&mut self, served: &Served) {
        match served.clock {
            Clock::Resolution => self.add_resolution(served),
            Clock::FirstResponse => {
                if let Some((sums, durations)) = self.stopped(served) {
                    sums.response.note(durations);
                }
            }
            Clock::Acknowledge | Clock::Containment | Clock::NextUpdate => {}
        }
        if let Some((at, kept)) = decided(served, self.as_of)
            && let Some(sums) = self.sums(&served.groups, at)
        {
            let (keeps, misses) = sums.in_time.entry(served.clock).or_default();
            *(if kept { keeps } else { misses }) += 1;
        }
    }

    pub fn add_rating(&mut self, rated: &Rated) {
        if let Some(sums) = self.sums(&rated.groups, rated.at) {
            sums.attitude.note(rated.attitude);
            sums.result.note(rated.result);
        }
    }

    fn add_resolution(&mut self, served: &Served) {
        if let Some(sums) = self.sums(&served.groups, served.started_at) {
            match served.run {
                1 => {
                    sums.received += 1;
                    sums.settled += i64::from(served.settled);
                }
                _ => sums.reopened += 1,
            }
        }
        if let Some((sums, durations)) = self.stopped(served) {
            sums.resolution.note(durations);
        }
        for place in 0..self.periods.all().len() {
            let (begin, end) = self.periods.all()[place];
            let end = end.min(self.as_of);
            if begin < self.as_of && served.started_at < end && served.stopped_at.is_none_or(|stopped| stopped >= end) {
                let sums = self.sums_of(place, &served.groups);
                note_age(&mut sums.backlog, end - served.started_at);
            }
        }
    }

    fn sums(&mut self, groups: &Groups, at: DateTime<Utc>) -> Option<&mut Sums> {
        let place = self.periods.of(at).filter(|_| at <= self.as_of)?;
        Some(self.sums_of(place, groups))
    }

    fn sums_of(&mut self, place: usize, groups: &Groups) -> &mut Sums {
        match self.sums.entry((place, groups.clone())) {
            Entry::Occupied(sums) => sums.into_mut(),
            Entry::Vacant(none) => {
                self.shown += usize::from(place > 0);
                none.insert(Sums::default())
            }
        }
    }

    /// Refuses more rows than a report may have, or more to compare them with; to be asked as they are added up.
    pub fn check(&self) -> Result<(), FieldError> {
        if self.shown.max(self.sums.len() - self.shown) <= MOST_ROWS {
            return Ok(());
        }
        let message =
            format!("gives more than {MOST_ROWS} rows; ask for a shorter span, a coarser period or fewer groups");
        Err(FieldError::new("?by", "too-many", message))
    }

    /// Elapsed and working seconds of a clock that has done its work.
    fn stopped(&mut self, served: &Served) -> Option<(&mut Sums, (i64, i64))> {
        let stopped = served.stopped_at.filter(|_| !served.moot)?;
        let elapsed = (stopped - served.started_at).num_seconds();
        let working = served.elapsed_seconds.unwrap_or(elapsed);
        Some((self.sums(&served.groups, stopped)?, (elapsed, working)))
    }

    #[must_use]
    pub fn rows(&self) -> Vec<ServiceReportRow> {
        let shown = self.sums.iter().filter(|((place, _), _)| *place > 0);
        let row = |((place, groups), sums): (&(usize, Groups), &Sums)| {
            let mut row = sums.row(self.periods.all()[*place], groups);
            let before = self.sums.get(&(place - 1, groups.clone()));
            row.trend = before.map(|before| trend(&before.row(self.periods.all()[place - 1], groups), &row));
            row
        };
        shown.map(row).collect()
    }
}

/// When it was decided whether the promise is kept, if it is.
fn decided(served: &Served, as_of: DateTime<Utc>) -> Option<(DateTime<Utc>, bool)> {
    if let Some(verdict) = served.verdict {
        return served.stopped_at.filter(|_| !served.moot).map(|at| (at, verdict));
    }
    let missed = served.due_at.filter(|due| served.stopped_at.unwrap_or(as_of) > *due);
    match (missed, served.stopped_at) {
        (Some(due), _) => Some((due, false)),
        (None, Some(stopped)) if !served.moot => Some((stopped, true)),
        (None, _) => None,
    }
}

fn note_age(backlog: &mut ReportBacklog, age: TimeDelta) {
    backlog.total += 1;
    *(if age <= TimeDelta::days(7) {
        &mut backlog.up_to_7_days
    } else if age <= TimeDelta::days(30) {
        &mut backlog.up_to_30_days
    } else if age <= TimeDelta::days(90) {
        &mut backlog.up_to_90_days
    } else {
        &mut backlog.older
    }) += 1;
}

impl Durations {
    fn note(&mut self, (elapsed, working): (i64, i64)) {
        self.elapsed.push(elapsed);
        self.working.push(working);
    }

    fn summary(&self) -> ReportDurations {
        ReportDurations {
            count: self.elapsed.len() as i64,
            elapsed: spread(&self.elapsed),
            working: spread(&self.working),
        }
    }
}

impl Marks {
    fn note(&mut self, mark: i16) {
        self.count += 1;
        self.sum += i64::from(mark);
        self.good += i64::from(mark >= 4);
    }
}

impl Sums {
    fn row(&self, (period_from, period_to): Period, groups: &Groups) -> ServiceReportRow {
        let in_time = |clock: &Clock| {
            let (kept, missed) = self.in_time.get(clock).copied().unwrap_or_default();
            ReportInTime { clock: *clock, kept, missed, rate: rate(kept, kept + missed) }
        };
        let resolution = self.resolution.summary();
        ServiceReportRow {
            period_from,
            period_to,
            group: groups.first().cloned(),
            groups: groups.to_vec(),
            received: self.received,
            resolved: resolution.count,
            reopened: self.reopened,
            resolution_rate: rate(self.settled, self.received),
            response: self.response.summary(),
            resolution,
            in_time: Clock::ALL.iter().map(in_time).collect(),
            backlog: self.backlog.clone(),
            rating: ReportRating {
                count: self.attitude.count,
                attitude: rate(self.attitude.sum, self.attitude.count),
                attitude_rate: rate(self.attitude.good, self.attitude.count),
                result: rate(self.result.sum, self.result.count),
                result_rate: rate(self.result.good, self.result.count),
            },
            trend: None,
        }
    }
}

fn trend(before: &ServiceReportRow, now: &ServiceReportRow) -> ReportTrend {
    let median = |durations: &ReportDurations| durations.elapsed.map(|spread| spread.median);
    let change = |before: Option<f64>, now: Option<f64>| Some(now? - before?);
    let in_time = |row: &ServiceReportRow| {
        row.in_time.iter().find(|promise| promise.clock == Clock::Resolution).and_then(|promise| promise.rate)
    };
    ReportTrend {
        received: now.received - before.received,
        resolved: now.resolved - before.resolved,
        backlog: now.backlog.total - before.backlog.total,
        response_median: change(median(&before.response), median(&now.response)),
        resolution_median: change(median(&before.resolution), median(&now.resolution)),
        resolution_in_time: change(in_time(before), in_time(now)),
        attitude_rate: change(before.rating.attitude_rate, now.rating.attitude_rate),
    }
}

#[allow(clippy::cast_precision_loss)]
fn rate(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[allow(clippy::cast_precision_loss)]
fn spread(seconds: &[i64]) -> Option<ReportSpread> {
    let mut sorted = seconds.to_vec();
    sorted.sort_unstable();
    let mean = sorted.iter().sum::<i64>() as f64 / sorted.len() as f64;
    Some(ReportSpread { mean, median: quantile(&sorted, 0.5)?, p90: quantile(&sorted, 0.9)? })
}

/// Between the two values that lie nearest (type 7 of Hyndman and Fan, The American Statistician 50, 1996).
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn quantile(sorted: &[i64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    let below = place.floor() as usize;
    let (low, high) = (sorted[below] as f64, sorted[(below + 1).min(last)] as f64);
    Some(low + (high - low) * (place - below as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant")
    }

    fn query(from: &str, to: &str) -> ServiceReportQuery {
        let date = |text: &str| text.parse().expect("a date");
        ServiceReportQuery {
            from: date(from),
            to: date(to),
            by: None,
            period: None,
            time_zone: Some("Etc/UTC".to_owned()),
            format: None,
            part: None,
        }
    }

    fn months(from: &str, to: &str) -> Periods {
        Periods::parse(&query(from, to)).expect("periods")
    }

    fn served(clock: Clock, started: &str, due: &str, stopped: Option<&str>) -> Served {
        Served {
            groups: Groups::default(),
            clock,
            run: 1,
            started_at: at(started),
            due_at: Some(at(due)),
            stopped_at: stopped.map(at),
            elapsed_seconds: stopped.map(|_| 3600),
            moot: false,
            verdict: None,
            settled: stopped.is_some(),
        }
    }

    #[test]
    fn quantiles_are_those_of_type_7() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[7], 0.9), Some(7.0));
        assert_eq!(quantile(&[1, 2, 3, 4], 0.5), Some(2.5));
        let tenth = quantile(&(0..=10).collect::<Vec<_>>(), 0.9).expect("a value");
        assert!((tenth - 9.0).abs() < 1e-9);
    }

    #[test]
    fn everything_wrong_with_a_query_is_named() {
        let march = query("2026-03-01", "2026-04-01");
        let by = |by: &str| ServiceReportQuery { by: Some(by.parse().expect("groupings")), ..march.clone() };
        let plan = Plan::parse(&by("team,product")).expect("a plan");
        assert_eq!(plan.groupings, [ReportGrouping::Team, ReportGrouping::Product]);
        let twice = ServiceReportQuery { time_zone: Some("Mars".to_owned()), ..by("team,product,team") };
        let faults = Plan::parse(&twice).expect_err("faults");
        let faults: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(faults, [("?time_zone", "zone-unknown"), ("?by", "not-unique")]);
    }

    #[test]
    fn more_rows_than_a_report_may_have_are_refused() {
        let periods = months("2026-03-01", "2026-04-01");
        let (before, within) = ("2026-02-10T00:00:00Z", "2026-03-10T00:00:00Z");
        for (started, stopped) in [(before, before), (within, within)] {
            let mut tally = Tally::new(periods.clone(), at("2026-04-20T00:00:00Z"));
            for group in 0..=MOST_ROWS {
                assert_eq!(tally.check(), Ok(()));
                let run = served(Clock::Resolution, started, "2026-03-20T00:00:00Z", Some(stopped));
                tally.add(&Served { groups: Groups::from([group.to_string()]), ..run });
            }
            assert_eq!(tally.check().err().map(|fault| fault.code), Some("too-many".to_owned()));
        }
    }

    #[test]
    fn a_promise_is_decided_when_it_is_kept_or_falls_due() {
        let now = at("2026-04-01T00:00:00Z");
        let kept =
            served(Clock::Resolution, "2026-03-01T00:00:00Z", "2026-03-05T00:00:00Z", Some("2026-03-04T00:00:00Z"));
        assert_eq!(decided(&kept, now), Some((at("2026-03-04T00:00:00Z"), true)));
        let late = Served { stopped_at: Some(now), ..kept.clone() };
        assert_eq!(decided(&late, now), Some((at("2026-03-05T00:00:00Z"), false)));
        let open = Served { stopped_at: None, ..kept.clone() };
        assert_eq!(decided(&open, now), Some((at("2026-03-05T00:00:00Z"), false)));
        assert_eq!(decided(&open, at("2026-03-02T00:00:00Z")), None);
        assert_eq!(decided(&Served { moot: true, ..kept.clone() }, now), None);
        let judged = Served { verdict: Some(true), ..late };
        assert_eq!(decided(&judged, now), Some((now, true)));
        assert_eq!(decided(&Served { verdict: Some(true), ..open }, now), None);
    }

    #[test]
    fn a_month_is_told_with_its_trend() {
        let mut tally = Tally::new(months("2026-03-01", "2026-05-01"), at("2026-04-20T00:00:00Z"));
        let resolution = |started, due, stopped| served(Clock::Resolution, started, due, stopped);
        tally.add(&resolution("2026-02-10T00:00:00Z", "2026-02-20T00:00:00Z", Some("2026-02-12T00:00:00Z")));
        tally.add(&resolution("2026-03-01T00:00:00Z", "2026-03-05T00:00:00Z", Some("2026-03-05T00:00:00Z")));
        tally.add(&resolution("2026-03-02T00:00:00Z", "2026-03-05T00:00:00Z", Some("2026-04-02T00:00:00Z")));
        tally.add(&Served { run: 2, ..resolution("2026-04-10T00:00:00Z", "2026-05-05T00:00:00Z", None) });
        for (at_text, attitude, result) in
            [("2026-03-06T00:00:00Z", 5, 3), ("2026-03-07T00:00:00Z", 2, 4), ("2026-04-05T00:00:00Z", 4, 4)]
        {
            tally.add_rating(&Rated { groups: Groups::default(), at: at(at_text), attitude, result });
        }
        tally.add_rating(&Rated { groups: Groups::default(), at: at("2026-04-21T00:00:00Z"), attitude: 1, result: 1 });
        let rows = tally.rows();
        let [march, april] = &rows[..] else { panic!("{rows:?}") };
        assert_eq!((march.received, march.resolved, march.reopened, march.resolution_rate), (2, 1, 0, Some(1.0)));
        assert_eq!(march.resolution.elapsed.map(|spread| spread.median), Some(4.0 * 86_400.0));
        assert_eq!(march.resolution.working.map(|spread| spread.p90), Some(3600.0));
        assert_eq!((march.in_time[4].kept, march.in_time[4].missed, march.in_time[4].rate), (1, 1, Some(0.5)));
        assert_eq!(march.backlog, ReportBacklog { total: 1, up_to_30_days: 1, ..ReportBacklog::default() });
        let rating = ReportRating {
            count: 2,
            attitude: Some(3.5),
            attitude_rate: Some(0.5),
            result: Some(3.5),
            result_rate: Some(0.5),
        };
        assert_eq!((&march.rating, april.rating.count), (&rating, 1), "not what comes after as_of");
        assert_eq!(april.trend.as_ref().and_then(|trend| trend.attitude_rate), Some(0.5));
        let trend = march.trend.as_ref().expect("a trend");
        assert_eq!(
            (trend.received, trend.resolution_median, trend.resolution_in_time),
            (1, Some(2.0 * 86_400.0), Some(-0.5))
        );
        assert_eq!((april.received, april.resolved, april.reopened, april.resolution_rate), (0, 1, 1, None));
        assert_eq!(april.backlog, ReportBacklog { total: 1, up_to_30_days: 1, ..ReportBacklog::default() });
    }

    #[test]
    fn groups_are_told_apart_by_all_that_they_have() {
        let groups = |team: &str, product: &str| Groups::from([team.to_owned(), product.to_owned()]);
        let mut tally = Tally::new(months("2026-03-01", "2026-04-01"), at("2026-04-20T00:00:00Z"));
        for (team, product) in [("T-2", "Router"), ("T-1", "Switch"), ("T-1", ""), ("T-2", "Router")] {
            let run = served(Clock::Resolution, "2026-03-10T00:00:00Z", "2026-03-20T00:00:00Z", None);
            tally.add(&Served { groups: groups(team, product), ..run });
        }
        let rated_at = at("2026-03-11T00:00:00Z");
        tally.add_rating(&Rated { groups: groups("T-2", "Router"), at: rated_at, attitude: 5, result: 5 });
        let rows = tally.rows();
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.group.as_deref(), row.groups[1].as_str(), row.received, row.rating.count))
            .collect();
        let expected = [(Some("T-1"), "", 1, 0), (Some("T-1"), "Switch", 1, 0), (Some("T-2"), "Router", 2, 1)];
        assert_eq!(told, expected);
    }
}
