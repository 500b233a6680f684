use chrono::NaiveDate;
use database::{Conn, Id, Instant, Result, Tx, on};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{
    CustomerId, Lifecycle, LifecycleMove, LifecyclePolicy, LifecycleRule, OrderFact, OrderReference,
};
use uuid::Uuid;

use super::Word;
use crate::schema::{customers, lifecycle_moves, lifecycle_policies, order_facts};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = lifecycle_moves, treat_none_as_default_value = false)]
pub struct LifecycleMoveRow {
    pub id: Id,
    pub customer_id: Id,
    pub from_stage: Word<Lifecycle>,
    pub to_stage: Word<Lifecycle>,
    pub moved_at: Instant,
    pub moved_by: String,
    pub rule: Option<Word<LifecycleRule>>,
    pub policy: Option<i64>,
    pub order_system: Option<String>,
    pub order_id: Option<String>,
    pub ordered_on: Option<NaiveDate>,
    pub reason: Option<String>,
}

impl From<LifecycleMoveRow> for LifecycleMove {
    fn from(row: LifecycleMoveRow) -> Self {
        let order = row.order_system.zip(row.order_id).zip(row.ordered_on);
        Self {
            id: row.id.get(),
            from: row.from_stage.0,
            to: row.to_stage.0,
            at: row.moved_at.into(),
            by: row.moved_by,
            rule: row.rule.map(|word| word.0),
            policy: row.policy,
            order: order.map(|((system, id), ordered_on)| OrderReference { system, id, ordered_on }),
            reason: row.reason,
        }
    }
}

pub async fn insert_lifecycle_move(tx: &mut Tx, customer: CustomerId, one: LifecycleMove) -> Result<()> {
    let (order_system, order_id, ordered_on) = match one.order {
        Some(order) => (Some(order.system), Some(order.id), Some(order.ordered_on)),
        None => (None, None, None),
    };
    let row = LifecycleMoveRow {
        id: one.id.into(),
        customer_id: customer.into(),
        from_stage: Word(one.from),
        to_stage: Word(one.to),
        moved_at: one.at.into(),
        moved_by: one.by,
        rule: one.rule.map(Word),
        policy: one.policy,
        order_system,
        order_id,
        ordered_on,
        reason: one.reason,
    };
    on!(tx, |c| diesel::insert_into(lifecycle_moves::table).values(&row).execute(c).await)?;
    Ok(())
}

/// All moves of a customer, the oldest first.
pub async fn lifecycle_moves(conn: &mut Conn, customer: CustomerId) -> Result<Vec<LifecycleMove>> {
    let all = lifecycle_moves::table
        .filter(lifecycle_moves::customer_id.eq(Id::from(customer)))
        .order((lifecycle_moves::moved_at, lifecycle_moves::id));
    let rows: Vec<LifecycleMoveRow> = on!(conn, |c| all.select(LifecycleMoveRow::as_select()).load(c).await)?;
    Ok(rows.into_iter().map(LifecycleMove::from).collect())
}

pub async fn delete_lifecycle_moves(tx: &mut Tx, ids: &[Id]) -> Result<()> {
    let gone = lifecycle_moves::table.filter(lifecycle_moves::id.eq_any(ids));
    on!(tx, |c| diesel::delete(gone).execute(c).await)?;
    Ok(())
}

/// Puts the customer, which is locked, into another stage.
pub async fn set_lifecycle(tx: &mut Tx, id: CustomerId, to: Lifecycle, version: i64, at: Instant) -> Result<()> {
    let one = customers::table.find(Id::from(id));
    let change = (customers::lifecycle.eq(to.as_str()), customers::version.eq(version), customers::updated_at.eq(at));
    on!(tx, |c| diesel::update(one).set(change).execute(c).await)?;
    Ok(())
}

/// Whose order it is, and how new what its system last told of it was.
pub async fn order_owner(conn: &mut Conn, system: &str, id: &str) -> Result<Option<(CustomerId, Option<Instant>)>> {
    let one = order_facts::table.find((system, id)).select((order_facts::customer_id, order_facts::source_updated_at));
    let owner: Option<(Id, Option<Instant>)> = on!(conn, |c| one.first(c).await.optional())?;
    Ok(owner.map(|(id, at)| (id.get(), at)))
}

/// Writes an order, over what was known of it.
pub async fn put_order(tx: &mut Tx, customer: CustomerId, system: &str, id: &str, fact: &OrderFact) -> Result<()> {
    let values = (
        order_facts::customer_id.eq(Id::from(customer)),
        order_facts::ordered_on.eq(fact.ordered_on),
        order_facts::cancelled.eq(fact.cancelled),
        order_facts::source_updated_at.eq(fact.source_updated_at.map(Instant::from)),
    );
    let new = (order_facts::system.eq(system), order_facts::order_id.eq(id), values);
    let known = order_facts::table.find((system, id));
    if on!(tx, |c| diesel::update(known).set(values).execute(c).await)? == 0 {
        on!(tx, |c| diesel::insert_into(order_facts::table).values(new).execute(c).await)?;
    }
    Ok(())
}

/// The orders of a customer that stand, the oldest first.
pub async fn standing_orders(conn: &mut Conn, customer: CustomerId) -> Result<Vec<OrderReference>> {
    let all = order_facts::table
        .filter(order_facts::customer_id.eq(Id::from(customer)))
        .filter(order_facts::cancelled.eq(false))
        .order((order_facts::ordered_on, order_facts::system, order_facts::order_id))
        .select((order_facts::system, order_facts::order_id, order_facts::ordered_on));
    let rows: Vec<(String, String, NaiveDate)> = on!(conn, |c| all.load(c).await)?;
    Ok(rows.into_iter().map(|(system, id, ordered_on)| OrderReference { system, id, ordered_on }).collect())
}

/// The next customers by id who bought, but not on `since` or later, and have not lapsed yet.
pub async fn silent_customers(
    conn: &mut Conn,
    since: NaiveDate,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<CustomerId>> {
    let buying = [Lifecycle::FirstPurchase, Lifecycle::Repeat, Lifecycle::Advocate, Lifecycle::Regained];
    let after = after.unwrap_or_else(|| Id::from(Uuid::nil()));
    // The orders are bounded as well: where PostgreSQL merges the two, it would go through those of everybody before.
    let standing = || {
        order_facts::table
            .filter(order_facts::customer_id.eq(customers::id))
            .filter(order_facts::customer_id.gt(after))
            .filter(order_facts::cancelled.eq(false))
    };
    let silent = customers::table
        .filter(customers::merged_into.is_null())
        .filter(customers::lifecycle.eq_any(buying.map(Lifecycle::as_str)))
        .filter(customers::id.gt(after))
        .filter(exists(standing()))
        .filter(not(exists(standing().filter(order_facts::ordered_on.ge(since)))))
        .select(customers::id)
        .order(customers::id)
        .limit(most);
    let ids: Vec<Id> = on!(conn, |c| silent.load(c).await)?;
    Ok(ids.into_iter().map(|id| id.get()).collect())
}

/// The days set last; none while they are those that came with the product.
pub async fn lifecycle_policy(conn: &mut Conn) -> Result<Option<LifecyclePolicy>> {
    let newest = lifecycle_policies::table.order(lifecycle_policies::version.desc()).limit(1);
    let row: Option<(i64, i32, i32, String, Instant)> = on!(conn, |c| newest.first(c).await.optional())?;
    Ok(row.map(|(version, repeat_within_days, lapse_after_days, set_by, set_at)| LifecyclePolicy {
        version,
        repeat_within_days,
        lapse_after_days,
        set_by: Some(set_by),
        set_at: Some(set_at.into()),
    }))
}

pub async fn insert_lifecycle_policy(tx: &mut Tx, policy: &LifecyclePolicy, by: &str, at: Instant) -> Result<()> {
    let row = (
        lifecycle_policies::version.eq(policy.version),
        lifecycle_policies::repeat_within_days.eq(policy.repeat_within_days),
        lifecycle_policies::lapse_after_days.eq(policy.lapse_after_days),
        lifecycle_policies::set_by.eq(by),
        lifecycle_policies::set_at.eq(at),
    );
    on!(tx, |c| diesel::insert_into(lifecycle_policies::table).values(row).execute(c).await)?;
    Ok(())
}
