use chassis::csv;
use chrono::{DateTime, Utc};
use complaints_contract::{
    ReportDurations, ReportGrouping, ReportPeriod, ServiceReport, ServiceReportQuery, ServiceReportRow, StaffComplaints,
};
use database::{Conn, Db};

use crate::domain::service_report::{Periods, Tally};
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
    let periods = Periods::parse(query).map_err(Error::Invalid)?;
    let (from, to) = (periods.begin(), periods.to());
    let (span, by) = ((periods.from(), to), query.by);
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
                Some(about) => Some(tallied(&mut conn, tally.clone(), span, None, &about).await?.rows()),
                None => None,
            };
            let mut tally = tally;
            service_report::rated(&mut conn, span, by).await?.iter().for_each(|rated| tally.add_rating(rated));
            let tally = tallied(&mut conn, tally, span, by, &About::Customers).await?;
            Ok(tally.check().map(|()| (tally.rows(), staff)))
        })
        .await?;
    let (rows, staff) = told.map_err(|fault| Error::Invalid(vec![fault]))?;
    let period = query.period.unwrap_or(ReportPeriod::Month);
    let staff = staff.map(|rows| rows.iter().map(of_staff).collect());
    Ok(ServiceReport { from, to, as_of: now, period, by, rows, staff })
}

/// All of them, or as many as fit in a report and one more.
async fn tallied(
    conn: &mut Conn,
    mut tally: Tally,
    span: (DateTime<Utc>, DateTime<Utc>),
    by: Option<ReportGrouping>,
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

const COLUMNS: [&str; 25] = [
    "period_from",
    "period_to",
    "group",
    "received",
    "resolved",
    "reopened",
    "resolution_rate",
    "response_count",
    "response_mean",
    "response_median",
    "response_p90",
    "resolution_mean",
    "resolution_median",
    "resolution_p90",
    "resolution_working_median",
    "backlog",
    "backlog_older_than_90_days",
    "trend_received",
    "trend_resolved",
    "trend_backlog",
    "rating_count",
    "attitude_mean",
    "attitude_rate",
    "result_mean",
    "result_rate",
];

/// The report as CSV: durations in seconds, rates from 0 to 1.
pub fn service_report_csv(report: &ServiceReport) -> String {
    let in_time = |row: &ServiceReportRow| -> Vec<String> {
        row.in_time.iter().map(|promise| format!("in_time_{}", promise.clock)).collect()
    };
    let promises = report.rows.first().map(in_time).unwrap_or_default();
    let header = csv::line(COLUMNS.into_iter().chain(promises.iter().map(String::as_str)));
    report.rows.iter().fold(header, |text, row| text + &line(row))
}

fn line(row: &ServiceReportRow) -> String {
    let number = |number: Option<f64>| number.map(|number| format!("{number:.3}")).unwrap_or_default();
    let spread = |durations: &ReportDurations| match durations.elapsed {
        Some(spread) => [Some(spread.mean), Some(spread.median), Some(spread.p90)].map(number),
        None => [None; 3].map(number),
    };
    let trend = row.trend.as_ref();
    let change = |change: Option<i64>| change.map(|change| change.to_string()).unwrap_or_default();
    let mut cells = vec![
        row.period_from.to_rfc3339(),
        row.period_to.to_rfc3339(),
        row.group.clone().unwrap_or_default(),
        row.received.to_string(),
        row.resolved.to_string(),
        row.reopened.to_string(),
        number(row.resolution_rate),
        row.response.count.to_string(),
    ];
    cells.extend(spread(&row.response));
    cells.extend(spread(&row.resolution));
    cells.push(number(row.resolution.working.map(|spread| spread.median)));
    cells.push(row.backlog.total.to_string());
    cells.push(row.backlog.older.to_string());
    cells.push(change(trend.map(|trend| trend.received)));
    cells.push(change(trend.map(|trend| trend.resolved)));
    cells.push(change(trend.map(|trend| trend.backlog)));
    let rating = &row.rating;
    cells.push(rating.count.to_string());
    cells.extend([rating.attitude, rating.attitude_rate, rating.result, rating.result_rate].map(number));
    cells.extend(row.in_time.iter().map(|promise| number(promise.rate)));
    csv::line(cells.iter().map(String::as_str))
}
