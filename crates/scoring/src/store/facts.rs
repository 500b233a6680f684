//! The newest snapshot of everything the other services told of.

use std::cmp::Reverse;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use database::{Conn, Id, Instant, Tx, keep_newest, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::CustomerId;
use registry_contract::v1::CustomerFact;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;
use wire::Reference;

use crate::domain::Facts;
use crate::schema;

/// A snapshot to keep.
#[derive(Insertable, Serialize)]
#[diesel(table_name = schema::customer_facts)]
pub struct Snapshot {
    pub id: Id,
    pub customer_id: Option<Id>,
    pub sequence: i64,
    pub changed_at: Instant,
    pub data: Value,
}

impl Snapshot {
    pub fn of<F: Serialize>(
        id: impl Into<Uuid>,
        customer_id: Option<CustomerId>,
        sequence: i64,
        changed_at: DateTime<Utc>,
        fact: &F,
    ) -> database::Result<Self> {
        Ok(Self {
            id: Id::from(id.into()),
            customer_id: customer_id.map(Id::from),
            sequence,
            changed_at: changed_at.into(),
            data: serde_json::to_value(fact).map_err(database::Error::other)?,
        })
    }
}

/// Which version of which thing is kept, and when it became so.
pub type Version = (Id, i64, Instant);

macro_rules! kinds {
    ($($kind:ident = $table:ident),+ $(,)?) => { $(
        pub mod $kind {
            use super::*;
            use schema::$table;

            pub(super) async fn of<F: DeserializeOwned>(
                conn: &mut Conn,
                customers: &[Id],
            ) -> database::Result<HashMap<Id, Vec<F>>> {
                let rows: Vec<(Option<Id>, Value)> = on!(conn, |c| {
                    $table::table
                        .filter($table::customer_id.eq_any(customers))
                        .select(($table::customer_id, $table::data))
                        .load(c)
                        .await
                })?;
                by_customer(rows)
            }

            pub async fn versions(conn: &mut Conn, customer: Id) -> database::Result<Vec<Version>> {
                on!(conn, |c| {
                    $table::table
                        .filter($table::customer_id.eq(customer))
                        .select(($table::id, $table::sequence, $table::changed_at))
                        .load(c)
                        .await
                })
            }
        }
    )+ };
}

kinds! {
    customers = customer_facts,
    contacts = contact_facts,
    positions = position_facts,
    holdings = holding_facts,
    interactions = interaction_facts,
    complaints = complaint_facts,
}

/// How snapshots of each kind are kept.
pub mod keep {
    use super::*;
    use schema::{complaint_facts, contact_facts, customer_facts, holding_facts, interaction_facts, position_facts};

    /// Keeps snapshots of customers, each unless one as new is kept already, and answers which those are.
    pub async fn customers(tx: &mut Tx, mut snapshots: Vec<Snapshot>) -> database::Result<Vec<Id>> {
        snapshots.sort_by_key(|snapshot| (snapshot.id, Reverse(snapshot.sequence)));
        snapshots.dedup_by_key(|snapshot| snapshot.id);
        keep_newest!(tx, customer_facts(id) { customer_id, changed_at, data }, snapshots.as_slice())
    }

    macro_rules! keep {
        ($($kind:ident = $table:ident),+ $(,)?) => { $(
            /// Keeps the snapshot unless one as new is kept already. The customers whose facts changed: the one it now
            /// belongs to, and the one it belonged to before.
            pub async fn $kind(tx: &mut Tx, snapshot: &Snapshot) -> database::Result<Vec<Id>> {
                let columns = || {
                    (
                        $table::customer_id.eq(snapshot.customer_id),
                        $table::sequence.eq(snapshot.sequence),
                        $table::changed_at.eq(snapshot.changed_at),
                        $table::data.eq(&snapshot.data),
                    )
                };
                // First the insert: it waits for another consumer that is inserting the same thing, so that what is
                // read afterwards is what it left.
                let inserted = on!(tx, |c| {
                    diesel::insert_into($table::table)
                        .values(($table::id.eq(snapshot.id), columns()))
                        .on_conflict_do_nothing()
                        .execute(c)
                        .await
                })?;
                if inserted == 1 {
                    return Ok(snapshot.customer_id.into_iter().collect());
                }
                let query = $table::table.find(snapshot.id).select(($table::sequence, $table::customer_id));
                let (kept, before): (i64, Option<Id>) = on!(tx,
                    pg: |c| query.for_update().first(c).await,
                    lite: |c| query.first(c).await,
                )?;
                if kept >= snapshot.sequence {
                    return Ok(Vec::new());
                }
                on!(tx, |c| diesel::update($table::table.find(snapshot.id)).set(columns()).execute(c).await)?;
                Ok([before, snapshot.customer_id].into_iter().flatten().collect())
            }
        )+ };
    }

    keep! {
        contacts = contact_facts,
        positions = position_facts,
        holdings = holding_facts,
        interactions = interaction_facts,
        complaints = complaint_facts,
    }
}

fn by_customer<F: DeserializeOwned>(rows: Vec<(Option<Id>, Value)>) -> database::Result<HashMap<Id, Vec<F>>> {
    let mut grouped: HashMap<Id, Vec<F>> = HashMap::new();
    for (customer, data) in rows {
        let fact = serde_json::from_value(data).map_err(database::Error::other)?;
        if let Some(customer) = customer {
            grouped.entry(customer).or_default().push(fact);
        }
    }
    Ok(grouped)
}

/// The facts of each of the customers that the registry told of.
pub async fn of(conn: &mut Conn, ids: &[Id]) -> database::Result<HashMap<Id, Facts>> {
    let customers: HashMap<Id, Vec<CustomerFact>> = customers::of(conn, ids).await?;
    let mut contacts = contacts::of(conn, ids).await?;
    let mut positions = positions::of(conn, ids).await?;
    let mut holdings = holdings::of(conn, ids).await?;
    let mut interactions = interactions::of(conn, ids).await?;
    let mut complaints = complaints::of(conn, ids).await?;
    let facts = customers.into_iter().flat_map(|(id, facts)| facts.into_iter().map(move |fact| (id, fact)));
    // One that was withdrawn has no code.
    let facts = facts.filter(|(_, customer)| !customer.code.is_empty());
    Ok(facts
        .map(|(id, customer)| {
            let facts = Facts {
                customer,
                contacts: contacts.remove(&id).unwrap_or_default(),
                positions: positions.remove(&id).unwrap_or_default(),
                holdings: holdings.remove(&id).unwrap_or_default(),
                interactions: interactions.remove(&id).unwrap_or_default(),
                complaints: complaints.remove(&id).unwrap_or_default(),
            };
            (id, facts)
        })
        .collect())
}

/// The customer's id, or that of the one it was merged into; of a code, only if the registry told of it.
pub async fn resolve(conn: &mut Conn, reference: &Reference<CustomerId>) -> database::Result<Option<Id>> {
    use schema::customer_facts;

    let id = match reference {
        Reference::Id(id) => Some(Id::from(*id)),
        Reference::Code(code) => on!(conn, |c| {
            customer_facts::table
                .filter(customer_facts::code.eq(code))
                .select(customer_facts::id)
                .first(c)
                .await
                .optional()
        })?,
    };
    let Some(id) = id else { return Ok(None) };
    let redirects = customer_merges::from(conn, &[id]).await?;
    Ok(Some(redirects.resolve(id.get()).into()))
}

/// Those of the customers that the registry told of.
pub async fn known(conn: &mut Conn, ids: &[Id]) -> database::Result<Vec<Id>> {
    use schema::customer_facts;

    on!(conn, |c| {
        customer_facts::table
            .filter(customer_facts::id.eq_any(ids))
            .filter(customer_facts::code.ne(""))
            .select(customer_facts::id)
            .load(c)
            .await
    })
}
