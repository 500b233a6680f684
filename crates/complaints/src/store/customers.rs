//! What the registry's events told us of customers.

use std::collections::{BTreeSet, HashMap, HashSet};

use customer_merges::known;
use database::{Conn, Id, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, Tier, v1::CustomerFact};
use uuid::Uuid;
use wire::ExternalId;

use crate::domain::DEFAULT_LANGUAGE;
use crate::schema::{customer_languages, known_customers, known_external_ids};

/// Keeps who adds complaints that wait for these customers apart from who takes in one of them, until the transaction ends:
/// neither sees what the other has not committed, so side by side they would miss each other and the complaint would wait
/// for ever. To be called before any row of a customer is held, as [`settle`] is.
pub async fn wait_for(tx: &mut Tx, ids: &[Id], keys: &[&ExternalId]) -> database::Result<()> {
    database::lock_all_shared(tx, &by_ids(ids)).await?;
    database::lock_all_shared(tx, &by_keys(keys.iter().copied())).await
}

/// The keys that are kept of each customer.
pub type Keys = HashMap<Id, Vec<ExternalId>>;

/// The other side: keeps out who adds complaints that wait for these customers, be it by a key that one has given up, and who
/// takes in the same.
pub async fn settle(tx: &mut Tx, facts: &[CustomerFact]) -> database::Result<Keys> {
    let ids: Vec<Id> = facts.iter().map(|fact| fact.customer_id.into()).collect();
    database::lock_all(tx, &by_ids(&ids)).await?;
    let rows: Vec<(Id, String, String)> = on!(tx, |c| known_external_ids::table
        .filter(known_external_ids::customer_id.eq_any(&ids))
        .select((known_external_ids::customer_id, known_external_ids::system, known_external_ids::external_id))
        .load(c)
        .await)?;
    let mut before = Keys::new();
    for (customer, system, id) in rows {
        before.entry(customer).or_default().push(ExternalId { system, id });
    }
    let keys = before.values().flatten().chain(facts.iter().flat_map(|fact| &fact.external_ids));
    database::lock_all(tx, &by_keys(keys)).await?;
    Ok(before)
}

/// Customers that something is about to be given to although nobody named them, because others were merged into them: one
/// that nobody told of yet gets a row that says so much, as of one that was withdrawn, which can be held. Who takes it in
/// waits for that, or this for him. SQLite has one writer anyway.
pub async fn stand_in_for(tx: &mut Tx, ids: impl IntoIterator<Item = Id>) -> database::Result<()> {
    let ids: BTreeSet<Id> = ids.into_iter().collect();
    for id in ids {
        let row = (
            known_customers::customer_id.eq(id),
            known_customers::sequence.eq(0),
            known_customers::code.eq(""),
            known_customers::tier.eq(Tier::C.as_str()),
        );
        on!(tx,
            pg: |c| diesel::insert_into(known_customers::table)
                .values(row)
                .on_conflict_do_nothing()
                .execute(c)
                .await
                .map(drop),
            lite: |_c| Ok(()),
        )?;
    }
    Ok(())
}

fn by_ids(ids: &[Id]) -> BTreeSet<String> {
    database::parts("known_customers", ids.iter().map(|id| id.get::<Uuid>().into_bytes()))
}

fn by_keys<'a>(keys: impl IntoIterator<Item = &'a ExternalId>) -> BTreeSet<String> {
    database::parts("known_external_ids", keys.into_iter().map(|key| &key.id))
}

#[derive(Insertable)]
#[diesel(table_name = customer_languages)]
struct LanguageRow<'a> {
    customer_id: Id,
    language: &'a str,
}

#[derive(Insertable)]
#[diesel(table_name = known_external_ids)]
struct KnownKeyRow<'a> {
    system: &'a str,
    external_id: &'a str,
    customer_id: Id,
}

/// Keeps the facts of customers that are settled, each of another one, with their keys in place of those `before`. Answers
/// whose were newer than what was kept.
pub async fn keep(tx: &mut Tx, facts: &[CustomerFact], before: &Keys) -> database::Result<HashSet<Id>> {
    let kept = known::keep(tx, facts).await?;
    // Each replaces its own keys and no other's, so that the order in which customers are told of is all one.
    let given_up: Vec<Id> = before.keys().filter(|id| kept.contains(id)).copied().collect();
    if !given_up.is_empty() {
        let own = known_external_ids::table.filter(known_external_ids::customer_id.eq_any(given_up));
        on!(tx, |c| diesel::delete(own).execute(c).await)?;
    }
    keep_languages(tx, &kept, facts).await?;
    let facts = facts.iter().filter(|fact| kept.contains(&fact.customer_id.into()));
    let keys = facts.flat_map(|fact| fact.external_ids.iter().map(|key| (fact.customer_id, key)));
    // Told twice, it is kept once.
    let keys: BTreeSet<_> = keys.map(|(customer, key)| (Id::from(customer), &key.system, &key.id)).collect();
    let rows: Vec<KnownKeyRow<'_>> = keys
        .into_iter()
        .map(|(customer_id, system, external_id)| KnownKeyRow { system, external_id, customer_id })
        .collect();
    database::insert_all!(tx, known_external_ids, KnownKeyRow { system, external_id, customer_id }, rows.as_slice())?;
    Ok(kept)
}

/// Of those that were kept, and of those that are told again as they are known: events only grow, and what was known before
/// may have been without.
async fn keep_languages(tx: &mut Tx, kept: &HashSet<Id>, facts: &[CustomerFact]) -> database::Result<()> {
    let again: Vec<Id> = facts.iter().map(|fact| fact.customer_id.into()).filter(|id| !kept.contains(id)).collect();
    let mut as_known = kept.clone();
    if !again.is_empty() {
        let known: Vec<(Id, i64)> = on!(tx, |c| known_customers::table
            .filter(known_customers::customer_id.eq_any(&again))
            .select((known_customers::customer_id, known_customers::sequence))
            .load(c)
            .await)?;
        let known: HashMap<Id, i64> = known.into_iter().collect();
        let told = facts.iter().filter(|fact| fact.language.is_some());
        let same = told.filter(|fact| known.get(&fact.customer_id.into()) == Some(&fact.sequence));
        as_known.extend(same.map(|fact| Id::from(fact.customer_id)));
    }
    if as_known.is_empty() {
        return Ok(());
    }
    let facts = facts.iter().filter(|fact| !fact.is_withdrawn() && as_known.contains(&fact.customer_id.into()));
    let before = customer_languages::table
        .filter(customer_languages::customer_id.eq_any(Vec::from_iter(as_known.iter().copied())));
    on!(tx, |c| diesel::delete(before).execute(c).await)?;
    let spoken = facts.filter_map(|fact| fact.language.as_deref().map(|language| (fact.customer_id, language)));
    let rows: Vec<LanguageRow<'_>> = spoken
        .filter(|(_, language)| *language != DEFAULT_LANGUAGE)
        .map(|(customer, language)| LanguageRow { customer_id: customer.into(), language })
        .collect();
    database::insert_all!(tx, customer_languages, LanguageRow { customer_id, language }, rows.as_slice())?;
    Ok(())
}

/// The languages of those of the customers that speak another than the one that is used where none is known.
pub async fn languages(conn: &mut Conn, ids: &[Id]) -> database::Result<HashMap<Id, String>> {
    let some = customer_languages::table.filter(customer_languages::customer_id.eq_any(ids));
    let found: Vec<(Id, String)> =
        on!(conn, |c| some.select((customer_languages::customer_id, customer_languages::language)).load(c).await)?;
    Ok(found.into_iter().collect())
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
            // A row that only stands in says nothing.
            .filter(known_customers::sequence.gt(0))
            .select((known_customers::tier, known_customers::owner, known_customers::code))
            .first(c)
            .await
            .optional()
    })?;
    let Some((tier, owner, code)) = found else { return Ok(None) };
    Ok(Some(Known { tier: tier.parse().map_err(database::Error::other)?, owner, is_withdrawn: code.is_empty() }))
}
