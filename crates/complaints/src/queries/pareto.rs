use chassis::csv;
use chrono::{DateTime, Utc};
use complaints_contract::{CausePareto, ParetoBy, ParetoQuery, ParetoRow, ReportPeriod};
use database::Db;

use crate::domain::{self, Authority, Periods};
use crate::error::Error;
use crate::store::causes;

/// What root causes come up most, among the complaints that may be seen.
pub async fn pareto(db: &Db, who: &Authority, query: &ParetoQuery) -> Result<CausePareto, Error> {
    let periods = Periods::of_pareto(query).map_err(Error::Invalid)?;
    let from = periods.as_ref().map(Periods::from).or(query.received_from);
    let (sight, query) = (who.sight(), query.clone());
    // A thread of its own: on SQLite a statement runs where it stands.
    let told = db
        .offload(move |db| async move {
            let by = query.by.unwrap_or(ParetoBy::Category);
            let bounds = (from, query.received_until);
            let occurrences = causes::occurrences(&mut db.read().await?, &sight, by, bounds).await?;
            Ok(domain::pareto(&query, periods.as_ref(), &occurrences))
        })
        .await?;
    told.map_err(|fault| Error::Invalid(vec![fault]))
}

const COLUMNS: [&str; 11] = [
    "period_from",
    "period_to",
    "rank",
    "category",
    "value",
    "complaints",
    "change",
    "recurrences",
    "linked_recurrences",
    "share_bp",
    "cumulative_bp",
];

/// The rows of all periods as CSV; those of the whole span, which have no period, where nothing else is told.
pub fn pareto_csv(pareto: &CausePareto) -> String {
    let header = csv::line(COLUMNS);
    if pareto.period == ReportPeriod::Whole {
        return pareto.rows.iter().fold(header, |text, row| text + &line(None, row));
    }
    let rows = pareto.periods.iter().flat_map(|period| period.rows.iter().map(move |row| (period, row)));
    rows.fold(header, |text, (period, row)| text + &line(Some([period.period_from, period.period_to]), row))
}

fn line(period: Option<[DateTime<Utc>; 2]>, row: &ParetoRow) -> String {
    let [from, to] = period.map(|ends| ends.map(|end| end.to_rfc3339())).unwrap_or_default();
    let cells: [String; COLUMNS.len()] = [
        from,
        to,
        row.rank.to_string(),
        row.category.map(|category| category.to_string()).unwrap_or_default(),
        row.value.clone().unwrap_or_default(),
        row.complaints.to_string(),
        row.change.map(|change| change.to_string()).unwrap_or_default(),
        row.recurrences.to_string(),
        row.linked_recurrences.to_string(),
        row.share_bp.to_string(),
        row.cumulative_bp.to_string(),
    ];
    csv::line(cells.iter().map(String::as_str))
}
