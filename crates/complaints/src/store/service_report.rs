//! Runs of clocks for a report, part by part: there may be millions.

use chrono::{DateTime, Utc};
use complaints_contract::ReportGrouping;
use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Id, Instant, on};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text};
use diesel_async::RunQueryDsl;

use crate::domain::service_report::{Rated, Served};

const PART: i64 = 10_000;

#[derive(QueryableByName)]
struct ServedRow {
    #[diesel(sql_type = SqlId)]
    id: Id,
    #[diesel(sql_type = Text)]
    clock: String,
    #[diesel(sql_type = Integer)]
    run: i32,
    #[diesel(sql_type = SqlInstant)]
    started_at: Instant,
    #[diesel(sql_type = Nullable<SqlInstant>)]
    due_at: Option<Instant>,
    #[diesel(sql_type = Nullable<SqlInstant>)]
    stopped_at: Option<Instant>,
    #[diesel(sql_type = Nullable<BigInt>)]
    elapsed_seconds: Option<i64>,
    #[diesel(sql_type = Bool)]
    is_moot: bool,
    #[diesel(sql_type = Nullable<Bool>)]
    verdict: Option<bool>,
    #[diesel(sql_type = Nullable<SqlInstant>)]
    resolved_at: Option<Instant>,
    #[diesel(sql_type = Text)]
    first_group: String,
    #[diesel(sql_type = Text)]
    second_group: String,
    #[diesel(sql_type = Text)]
    third_group: String,
    #[diesel(sql_type = Nullable<Text>)]
    about_staff: Option<String>,
}

/// Which complaints are reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// All but those about our own people: few may know that they are there.
    Customers,
    /// Those about our own people, other than about the one of this name.
    StaffBut(String),
}

/// Where a part ended: complaint, clock and run.
pub type Place = (Id, String, i32);

/// The runs that went on at some time of the span, after a place; with the place where this part ends, if there may be
/// more.
pub async fn served(
    conn: &mut Conn,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    by: &[ReportGrouping],
    about: &About,
    after: Option<&Place>,
) -> database::Result<(Vec<Served>, Option<Place>)> {
    let start = (Id::from(uuid::Uuid::nil()), String::new(), 0);
    let (id, clock, run) = after.unwrap_or(&start);
    let sql = format!(
        "SELECT d.complaint_id AS id, d.clock, d.run, d.started_at, d.due_at, d.stopped_at, d.elapsed_seconds, d.is_moot,
             v.verdict, c.resolved_at, c.about_staff, {}
         FROM due_times d
         JOIN complaints c ON c.id = d.complaint_id
         JOIN clocks v ON v.complaint_id = d.complaint_id
         {JOINS}
         WHERE c.about_staff {} AND (d.complaint_id, d.clock, d.run) > ($1, $2, $3)
             AND (d.stopped_at IS NULL OR d.stopped_at >= $4) AND d.started_at < $5
         ORDER BY d.complaint_id, d.clock, d.run LIMIT $6",
        groups(by),
        about.clause(),
    );
    let rows: Vec<ServedRow> = on!(conn, |c| {
        diesel::sql_query(sql)
            .bind::<SqlId, _>(*id)
            .bind::<Text, _>(clock)
            .bind::<Integer, _>(*run)
            .bind::<SqlInstant, _>(Instant::from(from))
            .bind::<SqlInstant, _>(Instant::from(to))
            .bind::<BigInt, _>(PART)
            .load(c)
            .await
    })?;
    let last = rows.last().filter(|_| rows.len() as i64 == PART);
    let place = last.map(|row| (row.id, row.clock.clone(), row.run));
    let rows = rows.into_iter().filter(|row| row.concerns(about));
    let served = rows.map(|row| row.into_served(by.len())).collect::<database::Result<_>>()?;
    Ok((served, place))
}

/// Where what tells complaints apart is found. Of what is joined there is one for a complaint, or it would count twice.
const JOINS: &str = "LEFT JOIN known_customers k ON k.customer_id = c.customer_id AND k.sequence > 0";

/// Codes that differ only in case may be two employees', so one team is chosen of theirs.
const TEAM: &str = "coalesce((SELECT min(e.team) FROM known_employees e WHERE e.code = lower(c.handler)), '')";

#[derive(QueryableByName)]
struct RatedRow {
    #[diesel(sql_type = SqlInstant)]
    rated_at: Instant,
    #[diesel(sql_type = SmallInt)]
    attitude: i16,
    #[diesel(sql_type = SmallInt)]
    result: i16,
    #[diesel(sql_type = Text)]
    first_group: String,
    #[diesel(sql_type = Text)]
    second_group: String,
    #[diesel(sql_type = Text)]
    third_group: String,
}

/// The ratings that were given in the span.
pub async fn rated(
    conn: &mut Conn,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    by: &[ReportGrouping],
) -> database::Result<Vec<Rated>> {
    let sql = format!(
        "SELECT r.rated_at, r.attitude, r.result, {} FROM ratings r
         JOIN complaints c ON c.id = r.complaint_id
         {JOINS}
         WHERE c.about_staff {} AND r.rated_at >= $1 AND r.rated_at < $2",
        groups(by),
        About::Customers.clause(),
    );
    let rows: Vec<RatedRow> = on!(conn, |c| {
        diesel::sql_query(sql)
            .bind::<SqlInstant, _>(Instant::from(from))
            .bind::<SqlInstant, _>(Instant::from(to))
            .load(c)
            .await
    })?;
    let rated = |row: RatedRow| Rated {
        groups: [row.first_group, row.second_group, row.third_group].into_iter().take(by.len()).collect(),
        at: row.rated_at.into(),
        attitude: row.attitude,
        result: row.result,
    };
    Ok(rows.into_iter().map(rated).collect())
}

impl About {
    fn clause(&self) -> &'static str {
        match self {
            Self::Customers => "IS NULL",
            Self::StaffBut(_) => "IS NOT NULL",
        }
    }
}

/// What tells complaints apart, as columns. There are as many as a report may have groupings.
fn groups(by: &[ReportGrouping]) -> String {
    let [first, second, third] = [0_usize, 1, 2].map(|place| by.get(place).map_or("''", |by| value(*by)));
    format!("{first} AS first_group, {second} AS second_group, {third} AS third_group")
}

fn value(by: ReportGrouping) -> &'static str {
    match by {
        ReportGrouping::Product => "coalesce(c.product, '')",
        ReportGrouping::Tier => "coalesce(k.tier, '')",
        ReportGrouping::Handler => "coalesce(c.handler, '')",
        ReportGrouping::Team => TEAM,
        ReportGrouping::Severity => "CAST(c.severity AS text)",
        ReportGrouping::Channel => "c.channel",
        ReportGrouping::Issue => "coalesce(c.issue, '')",
        ReportGrouping::Company => "coalesce(nullif(k.code, ''), c.customer_key, '')",
    }
}

impl ServedRow {
    fn concerns(&self, about: &About) -> bool {
        match (about, &self.about_staff) {
            (About::StaffBut(name), Some(person)) => person.to_lowercase() != *name,
            (About::Customers | About::StaffBut(_), _) => true,
        }
    }

    fn into_served(self, groupings: usize) -> database::Result<Served> {
        Ok(Served {
            groups: [self.first_group, self.second_group, self.third_group].into_iter().take(groupings).collect(),
            clock: self.clock.parse().map_err(database::Error::other)?,
            run: self.run,
            started_at: self.started_at.into(),
            due_at: self.due_at.map(Into::into),
            stopped_at: self.stopped_at.map(Into::into),
            elapsed_seconds: self.elapsed_seconds,
            moot: self.is_moot,
            verdict: self.verdict,
            settled: self.resolved_at.is_some(),
        })
    }
}
