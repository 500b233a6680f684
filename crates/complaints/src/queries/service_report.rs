use chassis::csv;
use chrono::{DateTime, Utc};
use complaints_contract::{
    Clock, ReportGrouping, ReportPart, ReportPeriod, ReportTrend, ServiceReport, ServiceReportQuery, ServiceReportRow,
    StaffComplaints,
};
use database::{Conn, Db};

use crate::domain::service_report::{Plan, Tally};
use crate::domain::{Authority, Sight};
use crate::error::Error;
use crate::store::service_report::{self, About};

/// How complaints were served, as far as is known `now`. Those about our own people are counted apart, and only for who
/// may see them.
pub async fn service_report(
    db: &Db,
    who: &Authority,
    query: &ServiceReportQuery,
    now: DateTime<Utc>,
) -> Result<ServiceReport, Error> {
    let Plan { periods, groupings } = Plan::parse(query).map_err(Error::Invalid)?;
    let (from, to) = (periods.begin(), periods.to());
    let (span, by) = ((periods.from(), to), groupings.clone());
    let about_staff = match who.sight() {
        Sight::Unrestricted => None,
        Sight::All => Some(About::StaffBut(String::new())),
        Sight::NotAbout(name) => Some(About::StaffBut(name)),
    };
    let tally = Tally::new(periods, now);
    // A thread of its own: on SQLite every statement runs where it stands.
    let told = db
        .offload(move |db| async move {
            let mut conn = db.read().await?;
            let staff = match about_staff {
                Some(about) => Some(tallied(&mut conn, tally.clone(), span, &[], &about).await?.rows()),
                None => None,
            };
            let mut tally = tally;
            service_report::rated(&mut conn, span, &by).await?.iter().for_each(|rated| tally.add_rating(rated));
            let tally = tallied(&mut conn, tally, span, &by, &About::Customers).await?;
            Ok(tally.check().map(|()| (tally.rows(), staff)))
        })
        .await?;
    let (rows, staff) = told.map_err(|fault| Error::Invalid(vec![fault]))?;
    let period = query.period.unwrap_or(ReportPeriod::Month);
    let staff = staff.map(|rows| rows.iter().map(of_staff).collect());
    Ok(ServiceReport { from, to, as_of: now, period, by: groupings.first().copied(), groupings, rows, staff })
}

/// All of them, or as many as fit in a report and one more.
async fn tallied(
    conn: &mut Conn,
    mut tally: Tally,
    span: (DateTime<Utc>, DateTime<Utc>),
    by: &[ReportGrouping],
    about: &About,
) -> database::Result<Tally> {
    let mut place = None;
    loop {
        let (part, next) = service_report::served(conn, span, by, about, place.as_ref()).await?;
        for served in &part {
            tally.add(served);
            if tally.check().is_err() {
                return Ok(tally);
            }
        }
        match next {
            Some(next) => place = Some(next),
            None => return Ok(tally),
        }
    }
}

fn of_staff(row: &ServiceReportRow) -> StaffComplaints {
    StaffComplaints {
        period_from: row.period_from,
        period_to: row.period_to,
        received: row.received,
        resolved: row.resolved,
        open: row.backlog.total,
    }
}

type Column = (&'static str, fn(&ServiceReportRow) -> String);

/// All but what is kept of each promise, which stands behind them.
const COLUMNS: &[Column] = &[
    ("period_from", |row| row.period_from.to_rfc3339()),
    ("period_to", |row| row.period_to.to_rfc3339()),
    ("group", |row| group(row, 0)),
    ("second_group", |row| group(row, 1)),
    ("third_group", |row| group(row, 2)),
    ("received", |row| row.received.to_string()),
    ("resolved", |row| row.resolved.to_string()),
    ("reopened", |row| row.reopened.to_string()),
    ("resolution_rate", |row| number(row.resolution_rate)),
    ("response_count", |row| row.response.count.to_string()),
    ("response_mean", |row| number(row.response.elapsed.map(|spread| spread.mean))),
    ("response_median", |row| number(row.response.elapsed.map(|spread| spread.median))),
    ("response_p90", |row| number(row.response.elapsed.map(|spread| spread.p90))),
    ("response_working_mean", |row| number(row.response.working.map(|spread| spread.mean))),
    ("response_working_median", |row| number(row.response.working.map(|spread| spread.median))),
    ("response_working_p90", |row| number(row.response.working.map(|spread| spread.p90))),
    ("resolution_count", |row| row.resolution.count.to_string()),
    ("resolution_mean", |row| number(row.resolution.elapsed.map(|spread| spread.mean))),
    ("resolution_median", |row| number(row.resolution.elapsed.map(|spread| spread.median))),
    ("resolution_p90", |row| number(row.resolution.elapsed.map(|spread| spread.p90))),
    ("resolution_working_mean", |row| number(row.resolution.working.map(|spread| spread.mean))),
    ("resolution_working_median", |row| number(row.resolution.working.map(|spread| spread.median))),
    ("resolution_working_p90", |row| number(row.resolution.working.map(|spread| spread.p90))),
    ("backlog", |row| row.backlog.total.to_string()),
    ("backlog_up_to_7_days", |row| row.backlog.up_to_7_days.to_string()),
    ("backlog_up_to_30_days", |row| row.backlog.up_to_30_days.to_string()),
    ("backlog_up_to_90_days", |row| row.backlog.up_to_90_days.to_string()),
    ("backlog_older_than_90_days", |row| row.backlog.older.to_string()),
    ("rating_count", |row| row.rating.count.to_string()),
    ("attitude_mean", |row| number(row.rating.attitude)),
    ("attitude_rate", |row| number(row.rating.attitude_rate)),
    ("result_mean", |row| number(row.rating.result)),
    ("result_rate", |row| number(row.rating.result_rate)),
    ("trend_received", |row| change(row, |trend| trend.received)),
    ("trend_resolved", |row| change(row, |trend| trend.resolved)),
    ("trend_backlog", |row| change(row, |trend| trend.backlog)),
    ("trend_response_median", |row| shift(row, |trend| trend.response_median)),
    ("trend_resolution_median", |row| shift(row, |trend| trend.resolution_median)),
    ("trend_resolution_in_time", |row| shift(row, |trend| trend.resolution_in_time)),
    ("trend_attitude_rate", |row| shift(row, |trend| trend.attitude_rate)),
];

fn group(row: &ServiceReportRow, place: usize) -> String {
    row.groups.get(place).cloned().unwrap_or_default()
}

fn number(number: Option<f64>) -> String {
    number.map(|number| format!("{number:.3}")).unwrap_or_default()
}

fn change(row: &ServiceReportRow, of: fn(&ReportTrend) -> i64) -> String {
    row.trend.as_ref().map(|trend| of(trend).to_string()).unwrap_or_default()
}

fn shift(row: &ServiceReportRow, of: fn(&ReportTrend) -> Option<f64>) -> String {
    number(row.trend.as_ref().and_then(of))
}

/// A table of the report as CSV: durations in seconds, rates from 0 to 1.
pub fn service_report_csv(report: &ServiceReport, part: ReportPart) -> Result<String, Error> {
    match part {
        ReportPart::Service => Ok(service_csv(&report.rows)),
        ReportPart::Staff => report.staff.as_deref().map(staff_csv).ok_or(Error::StaffHidden),
    }
}

fn service_csv(rows: &[ServiceReportRow]) -> String {
    let promises =
        Clock::ALL.iter().flat_map(|clock| ["_kept", "_missed", ""].map(|of| format!("in_time_{clock}{of}")));
    let header: Vec<String> = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).chain(promises).collect();
    rows.iter().fold(line(&header), |text, row| {
        let promises =
            row.in_time.iter().flat_map(|clock| [clock.kept.to_string(), clock.missed.to_string(), number(clock.rate)]);
        let cells: Vec<String> = COLUMNS.iter().map(|(_, cell)| cell(row)).chain(promises).collect();
        text + &line(&cells)
    })
}

fn staff_csv(staff: &[StaffComplaints]) -> String {
    let header = csv::line(["period_from", "period_to", "received", "resolved", "open"]);
    staff.iter().fold(header, |text, period| {
        let ends = [period.period_from, period.period_to].map(|end| end.to_rfc3339());
        let counts = [period.received, period.resolved, period.open].map(|count| count.to_string());
        text + &line(&[&ends[..], &counts[..]].concat())
    })
}

fn line(cells: &[String]) -> String {
    csv::line(cells.iter().map(String::as_str))
}
