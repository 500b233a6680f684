use std::collections::{HashMap, HashSet};

use database::sql_types::SqlId;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, SmallInt, Text};
use diesel_async::RunQueryDsl;
use registry_contract::{ContactPoint, ContactPointKind, CustomerKind, DuplicateId, DuplicateQuery, DuplicateState};
use serde_json::Value;

use super::{Json, Word};
use crate::domain::Sight;
use crate::domain::duplicates::{Reached, Trait};
use crate::schema::{contacts, customers, duplicate_keys, duplicate_pairs, duplicate_queue};

/// Customers that share one trait at most for it to mean anything: a telephone exchange, a hosting company.
const TOO_COMMON: i64 = 50;

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = duplicate_pairs)]
pub struct PairRow {
    pub id: Id,
    /// The smaller id of the two, which is the one known longer.
    pub first_id: Id,
    pub second_id: Id,
    pub score: i32,
    pub reasons: Value,
    pub state: Word<DuplicateState>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

/// Has the customers compared with others soon. Nobody waits for whoever is comparing them: a row of one's own is seen by the
/// next comparison after this transaction has committed.
pub async fn queue_for_comparison(tx: &mut Tx, customers: &[Id]) -> Result<()> {
    on!(tx,
        pg: |c| {
            diesel::sql_query("INSERT INTO duplicate_queue (customer_id) SELECT * FROM unnest($1)")
                .bind::<Array<SqlId>, _>(customers)
                .execute(c)
                .await
        },
        lite: |c| {
            let mut written = 0;
            for customer in customers {
                let row = duplicate_queue::customer_id.eq(customer);
                written += diesel::insert_into(duplicate_queue::table).values(row).execute(c).await?;
            }
            Ok(written)
        },
    )?;
    Ok(())
}

pub async fn is_queued_for_comparison(conn: &mut Conn) -> Result<bool> {
    let next = duplicate_queue::table.select(duplicate_queue::customer_id).limit(1);
    let next: Option<Id> = on!(conn, |c| next.first(c).await.optional())?;
    Ok(next.is_some())
}

/// Lets one transaction at a time compare: two customers compared side by side would not see each other's keys. SQLite has
/// one writer anyway.
pub async fn lock_comparisons(tx: &mut Tx) -> Result<()> {
    database::lock(tx, "duplicate_keys").await
}

/// Takes customers from the queue: with what was queued of them until now, and before they are read.
pub async fn take_queued_for_comparison(tx: &mut Tx, most: i64) -> Result<Vec<Id>> {
    let next = duplicate_queue::table.select(duplicate_queue::customer_id).order(duplicate_queue::position).limit(most);
    let mut ids: Vec<Id> = on!(tx, |c| next.load(c).await)?;
    ids.sort_unstable();
    ids.dedup();
    on!(tx, |c| diesel::delete(duplicate_queue::table.filter(duplicate_queue::customer_id.eq_any(&ids)))
        .execute(c)
        .await)?;
    Ok(ids)
}

/// By what each customer's contacts are reached.
pub async fn reached_by(conn: &mut Conn, customers: &[Id]) -> Result<HashMap<Id, Reached>> {
    type Row = (Id, Option<String>, Option<String>, Option<String>, Json<Vec<ContactPoint>>);
    let all = contacts::table.filter(contacts::customer_id.eq_any(customers)).select((
        contacts::customer_id,
        contacts::email,
        contacts::phone,
        contacts::mobile,
        contacts::contact_points,
    ));
    let rows: Vec<Row> = on!(conn, |c| all.load(c).await)?;
    let mut reached: HashMap<Id, Reached> = HashMap::new();
    for (customer, email, phone, mobile, points) in rows {
        let own = reached.entry(customer).or_default();
        own.emails.extend(email);
        own.phones.extend(phone.into_iter().chain(mobile));
        for point in points.0 {
            match point.kind {
                ContactPointKind::Email => own.emails.push(point.value),
                ContactPointKind::Phone => own.phones.push(point.value),
            }
        }
    }
    Ok(reached)
}

pub async fn replace_duplicate_keys(tx: &mut Tx, customer: Id, keys: &[(Trait, String)]) -> Result<()> {
    let own = duplicate_keys::table.filter(duplicate_keys::customer_id.eq(customer));
    on!(tx, |c| diesel::delete(own).execute(c).await)?;
    let kinds: Vec<i16> = keys.iter().map(|(kind, _)| *kind as i16).collect();
    let values: Vec<&str> = keys.iter().map(|(_, value)| value.as_str()).collect();
    on!(tx,
        pg: |c| {
            diesel::sql_query(
                "INSERT INTO duplicate_keys (kind, value, customer_id) SELECT *, $3 FROM unnest($1, $2) ON CONFLICT DO NOTHING",
            )
            .bind::<Array<SmallInt>, _>(&kinds)
            .bind::<Array<Text>, _>(&values)
            .bind::<SqlId, _>(customer)
            .execute(c)
            .await
        },
        lite: |c| {
            let mut written = 0;
            for (kind, value) in kinds.iter().zip(&values) {
                let row = (
                    duplicate_keys::kind.eq(kind),
                    duplicate_keys::value.eq(value),
                    duplicate_keys::customer_id.eq(customer),
                );
                let one = diesel::insert_into(duplicate_keys::table).values(row).on_conflict_do_nothing();
                written += one.execute(c).await?;
            }
            Ok(written)
        },
    )?;
    Ok(())
}

/// All keys in one round trip. The limit keeps it from reading all of a key that is common, only to leave it out.
const SHARING: &str = "SELECT sharer.customer_id FROM unnest($1, $2) AS own (kind, value) CROSS JOIN LATERAL (
    SELECT few.customer_id, count(*) OVER () AS sharers FROM (
        SELECT customer_id FROM duplicate_keys AS key WHERE key.kind = own.kind AND key.value = own.value LIMIT $3 + 1
    ) AS few
) AS sharer WHERE sharer.sharers <= $3";

#[derive(QueryableByName)]
struct Sharer {
    #[diesel(sql_type = SqlId)]
    customer_id: Id,
}

/// The customers that share one of the keys, those of keys that too many share left out.
pub async fn sharing(conn: &mut Conn, keys: &[(Trait, String)]) -> Result<HashSet<Id>> {
    on!(conn,
        pg: |c| {
            let kinds: Vec<i16> = keys.iter().map(|(kind, _)| *kind as i16).collect();
            let values: Vec<&str> = keys.iter().map(|(_, value)| value.as_str()).collect();
            let rows: Vec<Sharer> = diesel::sql_query(SHARING)
                .bind::<Array<SmallInt>, _>(&kinds)
                .bind::<Array<Text>, _>(&values)
                .bind::<BigInt, _>(TOO_COMMON)
                .load(c)
                .await?;
            let all: HashSet<Id> = rows.into_iter().map(|row| row.customer_id).collect();
            Ok(all)
        },
        lite: |c| {
            let mut all = HashSet::new();
            for (kind, value) in keys {
                let some = duplicate_keys::table
                    .filter(duplicate_keys::kind.eq(*kind as i16))
                    .filter(duplicate_keys::value.eq(value))
                    .select(duplicate_keys::customer_id)
                    .limit(TOO_COMMON + 1);
                let ids: Vec<Id> = some.load(c).await?;
                if i64::try_from(ids.len()).is_ok_and(|count| count <= TOO_COMMON) {
                    all.extend(ids);
                }
            }
            Ok(all)
        },
    )
}

/// Expands to the pairs neither of whose customers was merged: the others wait, with what a person found them to be, until
/// the merge is undone.
macro_rules! standing {
    () => {{
        let merged = || customers::table.filter(customers::merged_into.is_not_null());
        duplicate_pairs::table
            .filter(not(exists(merged().filter(customers::id.eq(duplicate_pairs::first_id)))))
            .filter(not(exists(merged().filter(customers::id.eq(duplicate_pairs::second_id)))))
    }};
}

pub async fn pairs_of(conn: &mut Conn, customer: Id) -> Result<Vec<PairRow>> {
    let own = duplicate_pairs::first_id.eq(customer).or(duplicate_pairs::second_id.eq(customer));
    on!(conn, |c| standing!().filter(own).select(PairRow::as_select()).load(c).await)
}

/// Writes a pair that may have been found from its other side meanwhile.
pub async fn insert_pair(tx: &mut Tx, row: &PairRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(duplicate_pairs::table).values(row).on_conflict_do_nothing().execute(c).await)?;
    Ok(())
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_pair(tx: &mut Tx, row: &PairRow) -> Result<bool> {
    let before = duplicate_pairs::table
        .filter(duplicate_pairs::id.eq(row.id))
        .filter(duplicate_pairs::version.eq(row.version - 1));
    Ok(on!(tx, |c| diesel::update(before).set(row).execute(c).await)? == 1)
}

pub async fn delete_pairs(tx: &mut Tx, ids: &[Id]) -> Result<()> {
    let some = duplicate_pairs::table.filter(duplicate_pairs::id.eq_any(ids));
    on!(tx, |c| diesel::delete(some).execute(c).await)?;
    Ok(())
}

/// Expands to a boxed query of the pairs that may be shown; inside `on!`.
macro_rules! shown {
    ($sight:expr) => {{
        let mut query = standing!().into_boxed::<Backend>();
        if !$sight.is_everything() {
            let consumers = || customers::table.filter(customers::kind.eq(CustomerKind::Consumer.as_str()));
            query = query
                .filter(not(exists(consumers().filter(customers::id.eq(duplicate_pairs::first_id)))))
                .filter(not(exists(consumers().filter(customers::id.eq(duplicate_pairs::second_id)))));
        }
        query
    }};
}

pub async fn find_pair(conn: &mut Conn, id: DuplicateId, sight: Sight) -> Result<Option<PairRow>> {
    on!(conn, |c| {
        let one = shown!(sight).filter(duplicate_pairs::id.eq(Id::from(id)));
        one.select(PairRow::as_select()).first(c).await.optional()
    })
}

/// Expands to a boxed query of the pairs that a [`DuplicateQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($wanted:expr, $sight:expr) => {{
        let wanted: &DuplicateQuery = $wanted;
        let mut query = shown!($sight);
        if let Some(any) = &wanted.state {
            query = query.filter(duplicate_pairs::state.eq_any(any.0.iter().map(|state| Word(*state))));
        }
        if let Some(least) = wanted.min_score {
            query = query.filter(duplicate_pairs::score.ge(least));
        }
        if let Some(any) = &wanted.customer_id {
            let ids: Vec<Id> = any.0.iter().map(|id| Id::from(*id)).collect();
            let either = duplicate_pairs::first_id.eq_any(ids.clone()).or(duplicate_pairs::second_id.eq_any(ids));
            query = query.filter(either);
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_pairs(
    conn: &mut Conn,
    wanted: &DuplicateQuery,
    sight: Sight,
    page: &PageRequest,
) -> Result<Vec<PairRow>> {
    on!(conn, |c| {
        let query = keyset!(filtered!(wanted, sight), page, duplicate_pairs, {
            "score" => score: i32,
            "created_at" => created_at: Instant,
            "updated_at" => updated_at: Instant,
        });
        query.select(PairRow::as_select()).load(c).await
    })
}

pub async fn count_pairs(conn: &mut Conn, wanted: &DuplicateQuery, sight: Sight) -> Result<i64> {
    on!(conn, |c| filtered!(wanted, sight).count().get_result(c).await)
}
