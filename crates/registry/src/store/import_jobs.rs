//! Stored files, and who is working on which.

use std::collections::{HashMap, HashSet};

use chrono::{TimeDelta, Utc};
use database::sql_types::SqlId;
use database::{Conn, Db, Id, Instant, Result, Tx, on};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use registry_contract::{CellFault, Customer, CustomerId, ImportId, NewCustomer, RowOutcome, TierProposalState};
use serde_json::Value;
use uuid::Uuid;

use crate::schema::{
    customers, import_jobs, import_pieces, import_rows, import_undo, imports, open_items, tier_proposals,
};

/// Who does not renew his lease for so long is taken for dead.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Pieces without an import are of a sender that hung up.
const ABANDONED: TimeDelta = TimeDelta::days(1);

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = import_jobs, treat_none_as_default_value = false)]
pub struct JobRecord {
    pub import_id: Id,
    pub actor: String,
    pub traceparent: Option<String>,
    pub how: Value,
    pub phase: String,
    pub position: i64,
    /// How often it was claimed since it last got further.
    pub attempts: i32,
    pub cancelled: bool,
    pub lease: Option<Id>,
    pub leased_until: Option<Instant>,
}

pub async fn insert_piece(tx: &mut Tx, import: ImportId, number: i64, content: &[u8]) -> Result<()> {
    let row = (
        import_pieces::import_id.eq(Id::from(import)),
        import_pieces::number.eq(number),
        import_pieces::content.eq(content),
        import_pieces::stored_at.eq(Instant::from(Utc::now())),
    );
    on!(tx, |c| diesel::insert_into(import_pieces::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn find_piece(conn: &mut Conn, import: ImportId, number: i64) -> Result<Option<Vec<u8>>> {
    let one = import_pieces::table.find((Id::from(import), number)).select(import_pieces::content);
    on!(conn, |c| one.first(c).await.optional())
}

pub async fn delete_pieces(tx: &mut Tx, import: ImportId) -> Result<()> {
    let all = import_pieces::table.filter(import_pieces::import_id.eq(Id::from(import)));
    on!(tx, |c| diesel::delete(all).execute(c).await)?;
    Ok(())
}

pub async fn delete_abandoned_pieces(tx: &mut Tx) -> Result<()> {
    let abandoned = import_pieces::table
        .filter(import_pieces::stored_at.lt(Instant::from(Utc::now() - ABANDONED)))
        .filter(import_pieces::import_id.ne_all(imports::table.select(imports::id)));
    on!(tx, |c| diesel::delete(abandoned).execute(c).await)?;
    Ok(())
}

pub async fn insert_job(tx: &mut Tx, job: &JobRecord) -> Result<()> {
    on!(tx, |c| diesel::insert_into(import_jobs::table).values(job).execute(c).await)?;
    Ok(())
}

/// Expands to the query of the oldest job that nobody is working on; inside `on!`.
macro_rules! idle {
    ($now:expr) => {
        import_jobs::table
            .filter(import_jobs::leased_until.is_null().or(import_jobs::leased_until.lt($now)))
            .order(import_jobs::import_id)
            .limit(1)
            .select(JobRecord::as_select())
    };
}

/// Takes the oldest job that nobody is working on, and counts that.
pub async fn claim_job(db: &Db) -> Result<Option<JobRecord>> {
    // Most of the time there is none: no transaction, which on SQLite would hold up the only writer, to learn that.
    let now = Instant::from(Utc::now());
    let mut conn = db.read().await?;
    let seen: Option<JobRecord> = on!(conn, |c| idle!(now).first(c).await.optional())?;
    drop(conn);
    if seen.is_none() {
        return Ok(None);
    }
    let mut tx = db.begin().await?;
    let job: Option<JobRecord> = on!(tx,
        pg: |c| idle!(now).for_update().skip_locked().first(c).await.optional(),
        lite: |c| idle!(now).first(c).await.optional(),
    )?;
    let Some(job) = job else { return Ok(None) };
    let lease = Id::from(Uuid::now_v7());
    let attempts = job.attempts + 1;
    let held = (
        import_jobs::lease.eq(lease),
        import_jobs::leased_until.eq(Instant::from(Utc::now() + LEASE)),
        import_jobs::attempts.eq(attempts),
    );
    let one = import_jobs::table.find(job.import_id);
    on!(tx, |c| diesel::update(one).set(held).execute(c).await)?;
    tx.commit().await?;
    Ok(Some(JobRecord { lease: Some(lease), attempts, ..job }))
}

/// Renews the lease with what has been done; tells whether the job is to stop. `None`: another has taken it for dead and
/// over, and nothing may be written any more.
pub async fn keep_job(tx: &mut Tx, job: &JobRecord) -> Result<Option<bool>> {
    let own =
        import_jobs::table.filter(import_jobs::import_id.eq(job.import_id)).filter(import_jobs::lease.eq(job.lease));
    let now = (
        import_jobs::phase.eq(&job.phase),
        import_jobs::position.eq(job.position),
        import_jobs::attempts.eq(job.attempts),
        import_jobs::leased_until.eq(Instant::from(Utc::now() + LEASE)),
    );
    on!(tx, |c| diesel::update(own).set(now).returning(import_jobs::cancelled).get_result(c).await.optional())
}

/// Leaves the job to whoever comes, as it was last kept.
pub async fn release_job(tx: &mut Tx, job: &JobRecord) -> Result<()> {
    let own =
        import_jobs::table.filter(import_jobs::import_id.eq(job.import_id)).filter(import_jobs::lease.eq(job.lease));
    let free = import_jobs::leased_until.eq(None::<Instant>);
    on!(tx, |c| diesel::update(own).set(free).execute(c).await)?;
    Ok(())
}

/// Asks whoever works on the import to stop; false when there is nothing to stop.
pub async fn cancel_job(tx: &mut Tx, import: ImportId) -> Result<bool> {
    let one = import_jobs::table.find(Id::from(import));
    let asked = on!(tx, |c| diesel::update(one).set(import_jobs::cancelled.eq(true)).execute(c).await)?;
    Ok(asked == 1)
}

/// Whether anybody works on an import or its taking back.
pub async fn is_importing(conn: &mut Conn, now: Instant) -> Result<bool> {
    let leased = import_jobs::table.filter(import_jobs::leased_until.gt(now)).select(import_jobs::import_id).limit(1);
    let leased: Option<Id> = on!(conn, |c| leased.first(c).await.optional())?;
    Ok(leased.is_some())
}

pub async fn delete_job(tx: &mut Tx, import: ImportId) -> Result<()> {
    let one = import_jobs::table.find(Id::from(import));
    on!(tx, |c| diesel::delete(one).execute(c).await)?;
    Ok(())
}

/// One change that an import has made.
#[derive(Debug, Clone)]
pub struct Undo {
    customer: CustomerId,
    before: Value,
    /// How many versions the change made.
    versions: i64,
    /// The version that it left.
    version: i64,
    /// Whether the customer can be taken back from that version, should nothing be noted of it yet.
    is_first: bool,
}

impl Undo {
    /// Of a customer as it was in an import that began at an instant, with the version that the change left it with. One
    /// that is younger than the import, and no longer as it was created, was changed by others meanwhile.
    pub fn of(was: &Customer, version: i64, began: Instant) -> Result<Self> {
        let before = serde_json::to_value(NewCustomer::from(was)).map_err(database::Error::other)?;
        let is_first = was.version == 1 || Instant::from(was.created_at) < began;
        Ok(Self { customer: was.id, before, versions: version - was.version, version, is_first })
    }
}

diesel::define_sql_function! {
    fn abs(number: diesel::sql_types::BigInt) -> diesel::sql_types::BigInt;
}

/// Notes what each customer was before this import, unless that is noted, and as which version the import has left it. One
/// that others changed between two changes of the import keeps the version noted before, which it never has again: to take
/// the import back would take their change along.
pub async fn note_undos(tx: &mut Tx, import: Id, undos: &[Undo]) -> Result<()> {
    use diesel::query_dsl::methods::FilterDsl as _;

    let row = |undo: &Undo| {
        (
            import_undo::import_id.eq(import),
            import_undo::customer_id.eq(Id::from(undo.customer)),
            import_undo::before.eq(undo.before.clone()),
            // No customer has a negative one.
            import_undo::version.eq(if undo.is_first { undo.version } else { -undo.version }),
        )
    };
    macro_rules! note {
        ($rows:expr, $versions:expr, $c:expr) => {
            diesel::insert_into(import_undo::table)
                .values($rows)
                .on_conflict((import_undo::import_id, import_undo::customer_id))
                .do_update()
                .set(import_undo::version.eq(abs(excluded(import_undo::version))))
                .filter((import_undo::version + $versions).eq(abs(excluded(import_undo::version))))
                .execute($c)
                .await
        };
    }
    on!(tx,
        pg: |c| {
            // All of a statement go on by as many versions.
            for alike in undos.chunk_by(|one, next| one.versions == next.versions) {
                for some in alike.chunks(1000) {
                    note!(some.iter().map(row).collect::<Vec<_>>(), some[0].versions, c)?;
                }
            }
            Ok(())
        },
        lite: |c| {
            for one in undos {
                note!(row(one), one.versions, c)?;
            }
            Ok(())
        },
    )
}

/// What the customers were before the import, and the version it left them with.
pub async fn undo_of(conn: &mut Conn, import: Id, customers: &[Id]) -> Result<HashMap<Id, (Value, i64)>> {
    let noted = import_undo::table
        .filter(import_undo::import_id.eq(import))
        .filter(import_undo::customer_id.eq_any(customers))
        .select((import_undo::customer_id, import_undo::before, import_undo::version));
    let noted: Vec<(Id, Value, i64)> = on!(conn, |c| noted.load(c).await)?;
    Ok(noted.into_iter().map(|(customer, before, version)| (customer, (before, version))).collect())
}

/// How many customers belong to each of these now.
pub async fn children_of(conn: &mut Conn, parents: &[Id]) -> Result<HashMap<Id, i64>> {
    let counted = customers::table
        .filter(customers::parent_id.eq_any(parents))
        .group_by(customers::parent_id)
        .select((customers::parent_id, diesel::dsl::count_star()));
    let counted: Vec<(Option<Id>, i64)> = on!(conn, |c| counted.load(c).await)?;
    Ok(counted.into_iter().filter_map(|(parent, count)| Some((parent?, count))).collect())
}

/// Those of the customers that other services have told something of, done or still open: they know them for ever.
pub async fn owed_among(conn: &mut Conn, customers: &[Id]) -> Result<HashSet<Id>> {
    let owed =
        open_items::table.filter(open_items::customer_id.eq_any(customers)).select(open_items::customer_id).distinct();
    let owed: Vec<Option<Id>> = on!(conn, |c| owed.load(c).await)?;
    Ok(owed.into_iter().flatten().collect())
}

/// Those of the customers that the import could not be taken back of with another of their rows, and why.
/// Those of the customers of which rows have been taken back.
pub async fn reverted_among(conn: &mut Conn, import: ImportId, customers: &[Id]) -> Result<HashSet<Id>> {
    let rows = import_rows::table
        .filter(import_rows::import_id.eq(Id::from(import)))
        .filter(import_rows::outcome.eq(RowOutcome::Reverted.as_str()))
        .filter(import_rows::customer_id.eq_any(customers))
        .select(import_rows::customer_id);
    let rows: Vec<Option<Id>> = on!(conn, |c| rows.load(c).await)?;
    Ok(rows.into_iter().flatten().collect())
}

pub async fn kept_among(conn: &mut Conn, import: ImportId, customers: &[Id]) -> Result<HashMap<Id, Vec<CellFault>>> {
    let kept = import_rows::table
        .filter(import_rows::import_id.eq(Id::from(import)))
        .filter(import_rows::outcome.eq(RowOutcome::Kept.as_str()))
        .filter(import_rows::customer_id.eq_any(customers))
        .select((import_rows::customer_id, import_rows::errors));
    let rows: Vec<(Option<Id>, Value)> = on!(conn, |c| kept.load(c).await)?;
    let mut kept = HashMap::with_capacity(rows.len());
    for (customer, why) in rows {
        if let Some(customer) = customer {
            kept.insert(customer, serde_json::from_value(why).map_err(database::Error::other)?);
        }
    }
    Ok(kept)
}

/// What comes to be with a customer, of itself in the background, or by a change of the customer, by the column that names it.
/// Whoever removes one knows that nobody has changed it but the import that made it.
const OWN_ROWS: [(&str, &str); 13] = [
    ("customer_external_ids", "customer_id"),
    ("customer_identifiers", "customer_id"),
    ("customer_classifications", "customer_id"),
    ("customer_links", "child_id"),
    ("first_tiers", "customer_id"),
    ("tier_changes", "customer_id"),
    ("owner_periods", "customer_id"),
    ("lifecycle_moves", "customer_id"),
    ("search_queue", "customer_id"),
    ("duplicate_keys", "customer_id"),
    ("duplicate_queue", "customer_id"),
    ("duplicate_pairs", "first_id"),
    ("duplicate_pairs", "second_id"),
];

/// Takes the customer out that an import has made; false when something belongs to it, which then stays as it was.
pub async fn remove_customer(tx: &mut Tx, customer: Id, import: Id) -> Result<bool> {
    const UNDO: &str = "ROLLBACK TO SAVEPOINT removal; RELEASE SAVEPOINT removal";
    on!(tx, |c| c.batch_execute("SAVEPOINT removal").await)?;
    let removed = removal(tx, customer, import).await;
    let (end, removed) = match removed {
        Ok(removed) => ("RELEASE SAVEPOINT removal", Ok(removed)),
        Err(database::Error::ForeignKey { .. }) => (UNDO, Ok(false)),
        Err(error) => (UNDO, Err(error)),
    };
    on!(tx, |c| c.batch_execute(end).await)?;
    removed
}

async fn removal(tx: &mut Tx, customer: Id, import: Id) -> Result<bool> {
    super::unindex_customers(tx, &[customer]).await?;
    for (table, column) in OWN_ROWS {
        let rows = diesel::sql_query(format!("DELETE FROM {table} WHERE {column} = $1")).bind::<SqlId, _>(customer);
        on!(tx, |c| rows.execute(c).await)?;
    }
    // What its own rows have proposed, unless people have said something to it.
    let unsettled = [TierProposalState::Open, TierProposalState::Superseded, TierProposalState::InEffect];
    let proposed = tier_proposals::table
        .filter(tier_proposals::customer_id.eq(customer))
        .filter(tier_proposals::import_id.eq(import))
        .filter(tier_proposals::state.eq_any(unsettled.map(TierProposalState::as_str)));
    on!(tx, |c| diesel::delete(proposed).execute(c).await)?;
    let one = customers::table.find(customer);
    Ok(on!(tx, |c| diesel::delete(one).execute(c).await)? == 1)
}
