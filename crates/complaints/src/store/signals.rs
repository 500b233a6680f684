//! What the detectors found, and what people said of it.

use chrono::{DateTime, Utc};
use complaints_contract::{Detector, DetectorReportQuery, Signal, SignalId, SignalQuery, SignalState, Verdict};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::schema::signals;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = signals, treat_none_as_null = true)]
struct SignalRow {
    id: Id,
    detector: String,
    customer_id: Id,
    contact_id: Option<Id>,
    state: String,
    owner: Option<String>,
    measured: i64,
    threshold: i64,
    rule_version: i64,
    confidence: i16,
    evidence: Value,
    found_at: Instant,
    eased_at: Option<Instant>,
    verdict: Option<String>,
    note: Option<String>,
    judged_at: Option<Instant>,
    judged_by: Option<String>,
    complaint_id: Option<Id>,
    version: i64,
    updated_at: Instant,
}

impl TryFrom<&Signal> for SignalRow {
    type Error = database::Error;

    fn try_from(signal: &Signal) -> database::Result<Self> {
        Ok(Self {
            id: signal.id.into(),
            detector: signal.detector.to_string(),
            customer_id: signal.customer_id.into(),
            contact_id: signal.contact_id.map(Id::from),
            state: signal.state.to_string(),
            owner: signal.owner.clone(),
            measured: signal.measured,
            threshold: signal.threshold,
            rule_version: signal.rule_version,
            confidence: signal.confidence,
            evidence: serde_json::to_value(&signal.evidence).map_err(database::Error::other)?,
            found_at: signal.found_at.into(),
            eased_at: signal.eased_at.map(Into::into),
            verdict: signal.verdict.map(|verdict| verdict.to_string()),
            note: signal.note.clone(),
            judged_at: signal.judged_at.map(Into::into),
            judged_by: signal.judged_by.clone(),
            complaint_id: signal.complaint_id.map(Id::from),
            version: signal.version,
            updated_at: signal.updated_at.into(),
        })
    }
}

impl TryFrom<SignalRow> for Signal {
    type Error = database::Error;

    fn try_from(row: SignalRow) -> database::Result<Self> {
        Ok(Self {
            id: row.id.get(),
            detector: row.detector.parse().map_err(database::Error::other)?,
            customer_id: row.customer_id.get(),
            contact_id: row.contact_id.map(|id| id.get()),
            state: row.state.parse().map_err(database::Error::other)?,
            owner: row.owner,
            measured: row.measured,
            threshold: row.threshold,
            rule_version: row.rule_version,
            confidence: row.confidence,
            evidence: serde_json::from_value(row.evidence).map_err(database::Error::other)?,
            found_at: row.found_at.into(),
            eased_at: row.eased_at.map(Into::into),
            verdict: row.verdict.map(|word| word.parse()).transpose().map_err(database::Error::other)?,
            note: row.note,
            judged_at: row.judged_at.map(Into::into),
            judged_by: row.judged_by,
            complaint_id: row.complaint_id.map(|id| id.get()),
            version: row.version,
            updated_at: row.updated_at.into(),
        })
    }
}

/// A new one is its customer's own.
pub async fn insert(tx: &mut Tx, signal: &Signal) -> database::Result<()> {
    let row = SignalRow::try_from(signal)?;
    let origin = signals::origin_id.eq(row.customer_id);
    on!(tx, |c| diesel::insert_into(signals::table).values((&row, origin)).execute(c).await)?;
    Ok(())
}

/// Writes a signal that the transaction has locked.
pub async fn replace(tx: &mut Tx, signal: &Signal) -> database::Result<()> {
    let row = SignalRow::try_from(signal)?;
    on!(tx, |c| diesel::update(signals::table.find(row.id)).set(&row).execute(c).await)?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: SignalId) -> database::Result<Option<Signal>> {
    let one = signals::table.find(Id::from(id));
    let row: Option<SignalRow> = on!(conn, |c| one.select(SignalRow::as_select()).first(c).await.optional())?;
    row.map(Signal::try_from).transpose()
}

/// The same, kept from other writers until the transaction ends.
pub async fn lock(tx: &mut Tx, id: SignalId) -> database::Result<Option<Signal>> {
    let one = signals::table.find(Id::from(id));
    let row: Option<SignalRow> = on!(tx,
        pg: |c| one.select(SignalRow::as_select()).for_update().first(c).await.optional(),
        lite: |c| one.select(SignalRow::as_select()).first(c).await.optional(),
    )?;
    row.map(Signal::try_from).transpose()
}

/// All signals of a customer, locked like [`lock`].
pub async fn lock_all_of(tx: &mut Tx, customer: Id) -> database::Result<Vec<Signal>> {
    let own = signals::table.filter(signals::customer_id.eq(customer)).order((signals::found_at, signals::id));
    let rows: Vec<SignalRow> = on!(tx,
        pg: |c| own.select(SignalRow::as_select()).for_update().load(c).await,
        lite: |c| own.select(SignalRow::as_select()).load(c).await,
    )?;
    rows.into_iter().map(Signal::try_from).collect()
}

/// All signals that were found of a customer, wherever they have gone since; locked like [`lock`].
pub async fn lock_all_from(tx: &mut Tx, origin: Id) -> database::Result<Vec<Signal>> {
    let own = signals::table.filter(signals::origin_id.eq(origin)).order((signals::found_at, signals::id));
    let rows: Vec<SignalRow> = on!(tx,
        pg: |c| own.select(SignalRow::as_select()).for_update().load(c).await,
        lite: |c| own.select(SignalRow::as_select()).load(c).await,
    )?;
    rows.into_iter().map(Signal::try_from).collect()
}

/// The next ones by id.
pub async fn after(conn: &mut Conn, last: Option<SignalId>, limit: i64) -> database::Result<Vec<Signal>> {
    let last = Id::from(last.map_or_else(uuid::Uuid::nil, Into::into));
    let next = signals::table.filter(signals::id.gt(last)).order(signals::id).limit(limit);
    let rows: Vec<SignalRow> = on!(conn, |c| next.select(SignalRow::as_select()).load(c).await)?;
    rows.into_iter().map(Signal::try_from).collect()
}

/// What is asked for, with the customers it names.
#[derive(Debug, Clone)]
pub struct Filter<'a> {
    pub wanted: &'a SignalQuery,
    pub customers: Option<Vec<Id>>,
}

macro_rules! filtered {
    ($filter:expr) => {{
        let Filter { wanted, customers } = $filter;
        let mut rows = signals::table.into_boxed::<Backend>();
        if let Some(any) = &wanted.state {
            rows = rows.filter(signals::state.eq_any(any.0.iter().map(|word| word.as_str()).collect::<Vec<_>>()));
        }
        if let Some(any) = &wanted.detector {
            rows = rows.filter(signals::detector.eq_any(any.0.iter().map(|word| word.as_str()).collect::<Vec<_>>()));
        }
        if let Some(any) = customers {
            rows = rows.filter(signals::customer_id.eq_any(any.clone()));
        }
        if let Some(any) = &wanted.owner {
            rows = rows.filter(signals::owner.eq_any(any.0.clone()));
        }
        if let Some(any) = &wanted.verdict {
            rows = rows.filter(signals::verdict.eq_any(any.0.iter().map(|word| word.as_str()).collect::<Vec<_>>()));
        }
        if let Some(any) = &wanted.complaint_id {
            rows = rows.filter(signals::complaint_id.eq_any(any.0.iter().map(|id| Id::from(*id)).collect::<Vec<_>>()));
        }
        rows
    }};
}

/// One row more than the page holds.
pub async fn list(conn: &mut Conn, filter: &Filter<'_>, page: &PageRequest) -> database::Result<Vec<Signal>> {
    let rows: Vec<SignalRow> = on!(conn, |c| {
        let query = keyset!(filtered!(filter).select(SignalRow::as_select()), page, signals, {
            "found_at" => found_at: Instant,
            "confidence" => confidence: i16,
        });
        query.load(c).await
    })?;
    rows.into_iter().map(Signal::try_from).collect()
}

pub async fn count(conn: &mut Conn, filter: &Filter<'_>) -> database::Result<i64> {
    on!(conn, |c| filtered!(filter).count().get_result(c).await)
}

/// How many signals of a detector, found within the bounds, were found to be what; none stands for not judged yet. Those that
/// another one superseded are left out.
pub async fn verdicts(
    conn: &mut Conn,
    within: &DetectorReportQuery,
) -> database::Result<Vec<(Detector, Option<Verdict>, i64)>> {
    let from: DateTime<Utc> = within.found_from.unwrap_or(DateTime::UNIX_EPOCH);
    let rows: Vec<(String, Option<String>, i64)> = on!(conn, |c| {
        let mut rows = signals::table
            .group_by((signals::detector, signals::verdict))
            .select((signals::detector, signals::verdict, count_star()))
            .filter(signals::state.ne(SignalState::Superseded.as_str()))
            .filter(signals::found_at.ge(Instant::from(from)))
            .into_boxed::<Backend>();
        if let Some(until) = within.found_until {
            rows = rows.filter(signals::found_at.lt(Instant::from(until)));
        }
        rows.load(c).await
    })?;
    let parsed = |(detector, verdict, number): (String, Option<String>, i64)| {
        let detector = detector.parse().map_err(database::Error::other)?;
        let verdict = verdict.map(|word| word.parse()).transpose().map_err(database::Error::other)?;
        Ok((detector, verdict, number))
    };
    rows.into_iter().map(parsed).collect()
}
