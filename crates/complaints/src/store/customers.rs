//! What the registry's events told us of customers.

use std::collections::{BTreeSet, HashMap};

use database::{Conn, Id, Tx, on};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, Tier, v1::CustomerFact};
use uuid::Uuid;
use wire::ExternalId;

use crate::schema::{known_customers, known_external_ids};

/// Keeps who adds complaints that wait for these customers apart from who takes in one of them, until the transaction ends:
/// neither sees what the other has not committed, so side by side they would miss each other and the complaint would wait
/// for ever. To be called before any row of a customer is held, as [`settle`] is.
pub async fn wait_for(tx: &mut Tx, ids: &[Id], keys: &[&ExternalId]) -> database::Result<()> {
    for part in by_ids(ids).into_iter().chain(by_keys(keys.iter().copied())) {
        database::lock_shared(tx, &part).await?;
    }
    Ok(())
}

/// The other side: keeps out who adds complaints that wait for this customer, be it by a key that it has given up, and who
/// takes in the same. Answers the keys that are kept of it.
pub async fn settle(tx: &mut Tx, fact: &CustomerFact) -> database::Result<Vec<ExternalId>> {
    let id = Id::from(fact.customer_id);
    for part in by_ids(&[id]) {
        database::lock(tx, &part).await?;
    }
    let own = known_external_ids::table.filter(known_external_ids::customer_id.eq(id));
    let before: Vec<(String, String)> =
        on!(tx, |c| { own.select((known_external_ids::system, known_external_ids::external_id)).load(c).await })?;
    let before: Vec<ExternalId> = before.into_iter().map(|(system, id)| ExternalId { system, id }).collect();
    for part in by_keys(before.iter().chain(&fact.external_ids)) {
        database::lock(tx, &part).await?;
    }
    Ok(before)
}

fn by_ids(ids: &[Id]) -> BTreeSet<String> {
    database::parts("known_customers", ids.iter().map(|id| id.get::<Uuid>().into_bytes()))
}

fn by_keys<'a>(keys: impl IntoIterator<Item = &'a ExternalId>) -> BTreeSet<String> {
    database::parts("known_external_ids", keys.into_iter().map(|key| &key.id))
}

#[derive(Insertable)]
#[diesel(table_name = known_customers)]
struct KnownCustomerRow<'a> {
    customer_id: Id,
    sequence: i64,
    code: &'a str,
    tier: &'a str,
    owner: Option<&'a str>,
}

/// Keeps the fact of a customer that is settled and had these keys `before`, and says which it has or had; `None` when the
/// fact was no newer than what was kept.
pub async fn keep(
    tx: &mut Tx,
    fact: &CustomerFact,
    before: Vec<ExternalId>,
) -> database::Result<Option<Vec<ExternalId>>> {
    let row = KnownCustomerRow {
        customer_id: fact.customer_id.into(),
        sequence: fact.sequence,
        code: &fact.code,
        tier: fact.tier.as_str(),
        owner: fact.owner.as_deref(),
    };
    let kept = on!(tx, |c| {
        let upsert = diesel::insert_into(known_customers::table)
            .values(&row)
            .on_conflict(known_customers::customer_id)
            .do_update()
            .set((
                known_customers::sequence.eq(excluded(known_customers::sequence)),
                known_customers::code.eq(excluded(known_customers::code)),
                known_customers::tier.eq(excluded(known_customers::tier)),
                known_customers::owner.eq(excluded(known_customers::owner)),
            ));
        // Named in full: the prelude's method of this name is for queries.
        let newer = known_customers::sequence.lt(excluded(known_customers::sequence));
        diesel::query_dsl::methods::FilterDsl::filter(upsert, newer).execute(c).await
    })?;
    if kept == 0 { Ok(None) } else { replace_external_ids(tx, fact, before).await.map(Some) }
}

/// Each customer replaces its own keys and no other's, so that the order in which customers are told of is all one.
async fn replace_external_ids(
    tx: &mut Tx,
    fact: &CustomerFact,
    before: Vec<ExternalId>,
) -> database::Result<Vec<ExternalId>> {
    let customer = Id::from(fact.customer_id);
    if !before.is_empty() {
        let own = known_external_ids::table.filter(known_external_ids::customer_id.eq(customer));
        on!(tx, |c| diesel::delete(own).execute(c).await)?;
    }
    for key in &fact.external_ids {
        let row = (
            known_external_ids::system.eq(&key.system),
            known_external_ids::external_id.eq(&key.id),
            known_external_ids::customer_id.eq(customer),
        );
        on!(tx, |c| diesel::insert_into(known_external_ids::table)
            .values(row)
            .on_conflict_do_nothing()
            .execute(c)
            .await)?;
    }
    let mut touched = before;
    touched.extend(fact.external_ids.iter().filter(|key| !touched.contains(key)).cloned().collect::<Vec<_>>());
    Ok(touched)
}

/// The tiers of those of the customers that the registry told us of.
pub async fn tiers(conn: &mut Conn, ids: &[Id]) -> database::Result<HashMap<Id, Tier>> {
    let found: Vec<(Id, String)> = on!(conn, |c| {
        known_customers::table
            .filter(known_customers::customer_id.eq_any(ids))
            .filter(known_customers::code.ne(""))
            .select((known_customers::customer_id, known_customers::tier))
            .load(c)
            .await
    })?;
    found.into_iter().map(|(id, tier)| Ok((id, tier.parse().map_err(database::Error::other)?))).collect()
}

/// The same, and the tiers stay what they are until the transaction ends.
pub async fn hold_tiers(tx: &mut Tx, ids: &[Id]) -> database::Result<HashMap<Id, Tier>> {
    on!(
        tx,
        pg: |c| {
            known_customers::table
                .filter(known_customers::customer_id.eq_any(ids))
                .order(known_customers::customer_id)
                .for_share()
                .select(known_customers::customer_id)
                .load::<Id>(c)
                .await
                .map(drop)
        },
        lite: |_c| Ok(()),
    )?;
    tiers(tx, ids).await
}

/// Waits for whoever holds these customers, and keeps others from them until the transaction ends.
pub async fn lock(tx: &mut Tx, ids: &[Id]) -> database::Result<()> {
    on!(
        tx,
        pg: |c| {
            known_customers::table
                .filter(known_customers::customer_id.eq_any(ids))
                .order(known_customers::customer_id)
                .for_update()
                .select(known_customers::customer_id)
                .load::<Id>(c)
                .await
                .map(drop)
        },
        lite: |_c| Ok(()),
    )
}

/// The owner of the customer, if it is known and has one.
pub async fn owner(conn: &mut Conn, customer: CustomerId) -> database::Result<Option<String>> {
    let owner: Option<Option<String>> = on!(conn, |c| {
        known_customers::table.find(Id::from(customer)).select(known_customers::owner).first(c).await.optional()
    })?;
    Ok(owner.flatten())
}

/// The customers with these codes, as far as there are any.
pub async fn by_code(conn: &mut Conn, codes: &[&str]) -> database::Result<HashMap<String, Id>> {
    if codes.is_empty() {
        return Ok(HashMap::new());
    }
    let found: Vec<(String, Id)> = on!(conn, |c| {
        known_customers::table
            .filter(known_customers::code.eq_any(codes))
            .select((known_customers::code, known_customers::customer_id))
            .load(c)
            .await
    })?;
    Ok(found.into_iter().collect())
}

/// The customers that have these keys, as far as there are any. A key that is moving from one customer to another is
/// nobody's until both have told of it.
pub async fn by_external(conn: &mut Conn, keys: &[&ExternalId]) -> database::Result<HashMap<ExternalId, Id>> {
    let mut by_system: HashMap<&str, Vec<&str>> = HashMap::new();
    for key in keys {
        by_system.entry(&key.system).or_default().push(&key.id);
    }
    let mut customers: HashMap<ExternalId, Option<Id>> = HashMap::new();
    for (system, ids) in by_system {
        let found: Vec<(String, Id)> = on!(conn, |c| {
            known_external_ids::table
                .filter(known_external_ids::system.eq(system))
                .filter(known_external_ids::external_id.eq_any(&ids))
                .select((known_external_ids::external_id, known_external_ids::customer_id))
                .load(c)
                .await
        })?;
        for (id, customer) in found {
            let key = ExternalId { system: system.to_owned(), id };
            customers.entry(key).and_modify(|sole| *sole = None).or_insert(Some(customer));
        }
    }
    Ok(customers.into_iter().filter_map(|(key, sole)| Some((key, sole?))).collect())
}

/// What the registry told us of a customer, as far as it matters to the detectors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub tier: Tier,
    pub owner: Option<String>,
    pub is_withdrawn: bool,
}

pub async fn known(conn: &mut Conn, customer: CustomerId) -> database::Result<Option<Known>> {
    let found: Option<(String, Option<String>, String)> = on!(conn, |c| {
        known_customers::table
            .find(Id::from(customer))
            .select((known_customers::tier, known_customers::owner, known_customers::code))
            .first(c)
            .await
            .optional()
    })?;
    let Some((tier, owner, code)) = found else { return Ok(None) };
    Ok(Some(Known { tier: tier.parse().map_err(database::Error::other)?, owner, is_withdrawn: code.is_empty() }))
}
