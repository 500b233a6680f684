//! What the detectors look at, when they look, and what they found.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use complaints_contract::{Detector, DetectorRule, Signal, SignalId, SignalQuery, Verdict};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use crate::domain::Told;
use crate::schema::{detector_rules, observed_facts, signals, watched_customers};

/// A snapshot that an event brought.
pub struct Snapshot {
    pub kind: &'static str,
    pub id: Id,
    pub customer_id: Id,
    pub sequence: i64,
    pub at: Instant,
    pub data: Value,
}

impl Snapshot {
    pub fn of<F: Serialize>(
        kind: &'static str,
        id: impl Into<Uuid>,
        customer_id: impl Into<Uuid>,
        sequence: i64,
        at: DateTime<Utc>,
        fact: &F,
    ) -> database::Result<Self> {
        Ok(Self {
            kind,
            id: Id::from(id.into()),
            customer_id: Id::from(customer_id.into()),
            sequence,
            at: at.into(),
            data: serde_json::to_value(fact).map_err(database::Error::other)?,
        })
    }
}

/// Keeps the snapshot unless one as new is kept already, and has the customers looked at whose facts changed.
pub async fn keep(tx: &mut Tx, snapshot: &Snapshot, now: DateTime<Utc>) -> database::Result<()> {
    let columns = || {
        (
            observed_facts::customer_id.eq(snapshot.customer_id),
            observed_facts::sequence.eq(snapshot.sequence),
            observed_facts::at.eq(snapshot.at),
            observed_facts::data.eq(&snapshot.data),
        )
    };
    let key = (observed_facts::kind.eq(snapshot.kind), observed_facts::id.eq(snapshot.id));
    // First the insert: it waits for another consumer that is inserting the same thing.
    let inserted = on!(tx, |c| {
        diesel::insert_into(observed_facts::table).values((key, columns())).on_conflict_do_nothing().execute(c).await
    })?;
    let mut changed = vec![snapshot.customer_id];
    if inserted == 0 {
        let one = observed_facts::table.find((snapshot.kind, snapshot.id));
        let query = one.select((observed_facts::sequence, observed_facts::customer_id));
        let (kept, before): (i64, Id) = on!(tx,
            pg: |c| query.for_update().first(c).await,
            lite: |c| query.first(c).await,
        )?;
        if kept >= snapshot.sequence {
            return Ok(());
        }
        on!(tx, |c| diesel::update(one).set(columns()).execute(c).await)?;
        changed.push(before);
    }
    watch(tx, changed, now).await
}

/// Has the customers looked at as soon as may be; always in the order of their ids, so that two transactions that mark the
/// same ones never wait for each other in a circle.
pub async fn watch(tx: &mut Tx, mut customers: Vec<Id>, now: DateTime<Utc>) -> database::Result<()> {
    customers.sort_unstable();
    customers.dedup();
    for customer in customers {
        let row = (
            watched_customers::customer_id.eq(customer),
            watched_customers::due_at.eq(Instant::from(now)),
            watched_customers::mark.eq(1),
        );
        on!(tx, |c| {
            diesel::insert_into(watched_customers::table)
                .values(row)
                .on_conflict(watched_customers::customer_id)
                .do_update()
                .set((
                    watched_customers::due_at.eq(Instant::from(now)),
                    watched_customers::mark.eq(watched_customers::mark + 1),
                ))
                .execute(c)
                .await
        })?;
    }
    Ok(())
}

/// Has every customer looked at that there are facts of.
pub async fn watch_all(tx: &mut Tx, now: DateTime<Utc>) -> database::Result<()> {
    let due =
        (watched_customers::due_at.eq(Instant::from(now)), watched_customers::mark.eq(watched_customers::mark + 1));
    on!(tx, |c| diesel::update(watched_customers::table).set(due).execute(c).await)?;
    Ok(())
}

/// A customer to look at, and how often it had been marked when it was claimed.
#[derive(Debug, Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = watched_customers)]
pub struct Claim {
    pub customer_id: Id,
    mark: i64,
}

/// When the next customer is to be looked at.
pub async fn next_due(conn: &mut Conn) -> database::Result<Option<DateTime<Utc>>> {
    let first = watched_customers::table.order(watched_customers::due_at).select(watched_customers::due_at);
    let due: Option<Instant> = on!(conn, |c| first.first(c).await.optional())?;
    Ok(due.map(Into::into))
}

/// Those due longest. On PostgreSQL other replicas skip them until the transaction ends.
pub async fn claim(tx: &mut Tx, now: DateTime<Utc>, limit: i64) -> database::Result<Vec<Claim>> {
    let due = watched_customers::table
        .filter(watched_customers::due_at.le(Instant::from(now)))
        .order(watched_customers::due_at)
        .limit(limit);
    on!(tx,
        pg: |c| due.select(Claim::as_select()).for_update().skip_locked().load(c).await,
        lite: |c| due.select(Claim::as_select()).load(c).await,
    )
}

/// The claimed customer was looked at; marked again meanwhile, it is due at once.
pub async fn settle(tx: &mut Tx, claim: Claim, next: DateTime<Utc>) -> database::Result<()> {
    let same = watched_customers::table.find(claim.customer_id).filter(watched_customers::mark.eq(claim.mark));
    let next = watched_customers::due_at.eq(Instant::from(next));
    on!(tx, |c| diesel::update(same).set(next).execute(c).await)?;
    Ok(())
}

/// Everything that was told of these customers since an instant; of seats and their holders, everything.
pub async fn told(conn: &mut Conn, customers: &[Id], since: DateTime<Utc>) -> database::Result<HashMap<Id, Told>> {
    let lasting = ["position", "holding"];
    let rows: Vec<(Id, String, Value)> = on!(conn, |c| {
        observed_facts::table
            .filter(observed_facts::customer_id.eq_any(customers))
            .filter(observed_facts::at.ge(Instant::from(since)).or(observed_facts::kind.eq_any(lasting)))
            .select((observed_facts::customer_id, observed_facts::kind, observed_facts::data))
            .load(c)
            .await
    })?;
    let mut told: HashMap<Id, Told> = HashMap::new();
    for (customer, kind, data) in rows {
        let of = told.entry(customer).or_default();
        match kind.as_str() {
            "invoice" => of.invoices.push(read(data)?),
            "order" => of.orders.push(read(data)?),
            "meeting" => of.meetings.push(read(data)?),
            "interaction" => of.interactions.push(read(data)?),
            "position" => of.positions.push(read(data)?),
            "holding" => of.holdings.push(read(data)?),
            other => return Err(database::Error::other(std::io::Error::other(format!("a fact of kind {other}")))),
        }
    }
    Ok(told)
}

fn read<F: DeserializeOwned>(data: Value) -> database::Result<F> {
    serde_json::from_value(data).map_err(database::Error::other)
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = signals, treat_none_as_null = true)]
struct SignalRow {
    id: Id,
    detector: String,
    customer_id: Id,
    contact_id: Option<Id>,
    owner: Option<String>,
    measured: i64,
    threshold: i64,
    confidence: i16,
    evidence: Value,
    found_at: Instant,
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
            owner: signal.owner.clone(),
            measured: signal.measured,
            threshold: signal.threshold,
            confidence: signal.confidence,
            evidence: serde_json::to_value(&signal.evidence).map_err(database::Error::other)?,
            found_at: signal.found_at.into(),
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
            owner: row.owner,
            measured: row.measured,
            threshold: row.threshold,
            confidence: row.confidence,
            evidence: serde_json::from_value(row.evidence).map_err(database::Error::other)?,
            found_at: row.found_at.into(),
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

pub async fn insert(tx: &mut Tx, signal: &Signal) -> database::Result<()> {
    let row = SignalRow::try_from(signal)?;
    on!(tx, |c| diesel::insert_into(signals::table).values(&row).execute(c).await)?;
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

/// All signals of a customer, latest found first, locked like [`lock`].
pub async fn lock_all_of(tx: &mut Tx, customer: Id) -> database::Result<Vec<Signal>> {
    let own =
        signals::table.filter(signals::customer_id.eq(customer)).order((signals::found_at.desc(), signals::id.desc()));
    let rows: Vec<SignalRow> = on!(tx,
        pg: |c| own.select(SignalRow::as_select()).for_update().load(c).await,
        lite: |c| own.select(SignalRow::as_select()).load(c).await,
    )?;
    rows.into_iter().map(Signal::try_from).collect()
}

macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &SignalQuery = $wanted;
        let mut rows = signals::table.into_boxed::<Backend>();
        if let Some(any) = &wanted.detector {
            rows = rows.filter(signals::detector.eq_any(any.0.iter().map(|word| word.as_str()).collect::<Vec<_>>()));
        }
        if let Some(any) = &wanted.customer_id {
            rows = rows.filter(signals::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(any) = &wanted.owner {
            rows = rows.filter(signals::owner.eq_any(any.0.clone()));
        }
        if let Some(any) = &wanted.verdict {
            rows = rows.filter(signals::verdict.eq_any(any.0.iter().map(|word| word.as_str()).collect::<Vec<_>>()));
        }
        match wanted.judged {
            Some(true) => rows = rows.filter(signals::verdict.is_not_null()),
            Some(false) => rows = rows.filter(signals::verdict.is_null()),
            None => {}
        }
        rows
    }};
}

/// One row more than the page holds.
pub async fn list(conn: &mut Conn, wanted: &SignalQuery, page: &PageRequest) -> database::Result<Vec<Signal>> {
    let rows: Vec<SignalRow> = on!(conn, |c| {
        let query = keyset!(filtered!(wanted).select(SignalRow::as_select()), page, signals, {
            "found_at" => found_at: Instant,
            "confidence" => confidence: i16,
        });
        query.load(c).await
    })?;
    rows.into_iter().map(Signal::try_from).collect()
}

pub async fn count(conn: &mut Conn, wanted: &SignalQuery) -> database::Result<i64> {
    on!(conn, |c| filtered!(wanted).count().get_result(c).await)
}

/// How many signals of each detector were found to be what; none stands for not judged yet.
pub async fn verdicts(conn: &mut Conn) -> database::Result<Vec<(Detector, Option<Verdict>, i64)>> {
    let rows: Vec<(String, Option<String>, i64)> = on!(conn, |c| {
        signals::table
            .group_by((signals::detector, signals::verdict))
            .select((signals::detector, signals::verdict, count_star()))
            .load(c)
            .await
    })?;
    rows.into_iter()
        .map(|(detector, verdict, number)| {
            let detector = detector.parse().map_err(database::Error::other)?;
            let verdict = verdict.map(|word| word.parse()).transpose().map_err(database::Error::other)?;
            Ok((detector, verdict, number))
        })
        .collect()
}

#[derive(Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = detector_rules, primary_key(detector))]
struct RuleRow {
    detector: String,
    enabled: bool,
    window_days: i32,
    threshold: i64,
    least_facts: i32,
    version: i64,
    updated_at: Instant,
    updated_by: String,
}

/// The rules that were set, with their versions.
pub async fn rules(conn: &mut Conn) -> database::Result<HashMap<Detector, (DetectorRule, i64)>> {
    let rows: Vec<RuleRow> = on!(conn, |c| detector_rules::table.select(RuleRow::as_select()).load(c).await)?;
    rows.into_iter()
        .map(|row| {
            let RuleRow { enabled, window_days, threshold, least_facts, version, .. } = row;
            let detector = row.detector.parse().map_err(database::Error::other)?;
            Ok((detector, (DetectorRule { enabled, window_days, threshold, least_facts }, version)))
        })
        .collect()
}

/// Sets a rule; false when another transaction has just set this version of it.
pub async fn set_rule(
    tx: &mut Tx,
    detector: Detector,
    rule: DetectorRule,
    version: i64,
    at: DateTime<Utc>,
    by: &str,
) -> database::Result<bool> {
    let DetectorRule { enabled, window_days, threshold, least_facts } = rule;
    let row = RuleRow {
        detector: detector.to_string(),
        enabled,
        window_days,
        threshold,
        least_facts,
        version,
        updated_at: at.into(),
        updated_by: by.to_owned(),
    };
    let before = detector_rules::table.find(detector.as_str()).filter(detector_rules::version.eq(version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(&row).execute(c).await)?;
    if changed == 1 {
        return Ok(true);
    }
    let inserted =
        on!(tx, |c| diesel::insert_into(detector_rules::table).values(&row).on_conflict_do_nothing().execute(c).await)?;
    Ok(inserted == 1)
}
