use chassis::audit;
use chassis::http::IfMatch;
use chrono::{DateTime, Utc};
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use problem::FieldError;
use registry_contract::{
    Customer, CustomerId, Lifecycle, LifecycleHistory, LifecycleMove, LifecycleMoveId, LifecyclePolicy, LifecycleRule,
    NewLifecycleMove, NewLifecyclePolicy, OrderFact, v1,
};
use wire::Reference;

use super::customers::load;
use crate::domain::{Due, Standing, due, first_policy, fit_policy, last_standing, local_day, move_fault, order_key};
use crate::error::{Error, Result};
use crate::facts::customer_fact;
use crate::queries::lifecycle_history;
use crate::store;

const BATCH: i64 = 500;

/// Moves a customer because a person says so.
pub async fn move_lifecycle(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    mut new: NewLifecycleMove,
) -> Result<LifecycleHistory> {
    let id = LifecycleMoveId::from(act.new_id());
    let mut tx = db.begin().await?;
    let customer = load(&mut tx, customer).await?;
    let history = lifecycle_history(&mut tx, customer.id, customer.lifecycle).await?;
    // A request repeated after a crash between the commit and its answer meets its own move.
    if history.moves.iter().any(|one| one.id == id) {
        return Ok(history);
    }
    let mut faults = move_fault("/to", customer.lifecycle, new.to);
    faults.text("/reason", &mut new.reason, 1000, &[]);
    faults.or(())?;
    if customer.lifecycle == new.to {
        return Ok(history);
    }
    let one = LifecycleMove { id, reason: Some(new.reason), ..by_person(act, customer.lifecycle, new.to) };
    let (customer_id, to) = (customer.id, new.to);
    go(&mut tx, act, customer, one).await?;
    let history = lifecycle_history(&mut tx, customer_id, to).await?;
    tx.commit().await?;
    Ok(history)
}

/// Keeps a move that came with another change of the customer, which is written already.
pub(super) async fn keep_move(
    tx: &mut Tx,
    act: &Act,
    customer: CustomerId,
    from: Lifecycle,
    to: Lifecycle,
) -> Result<()> {
    if from != to {
        store::insert_lifecycle_move(tx, customer, by_person(act, from, to)).await?;
    }
    Ok(())
}

/// Puts a customer into the stage in which a record of another system has it, also where it jumps: records of the stages
/// between may be late, or never come.
pub(super) async fn take_recorded_stage(
    tx: &mut Tx,
    act: &Act,
    customer: Customer,
    system: &str,
    to: Lifecycle,
) -> Result<Customer> {
    if customer.lifecycle == to {
        return Ok(customer);
    }
    let reason = Some(format!("told by a record of {system}"));
    let one = LifecycleMove { reason, ..by_person(act, customer.lifecycle, to) };
    go(tx, act, customer, one).await
}

/// Puts a customer back into the stage in which it was before an import, whatever the table says: `import` is its name.
pub(super) async fn take_stage_back(
    tx: &mut Tx,
    act: &Act,
    customer: Customer,
    import: &str,
    to: Lifecycle,
) -> Result<Customer> {
    if customer.lifecycle == to {
        return Ok(customer);
    }
    let reason = Some(format!("the import {import} was taken back"));
    let rule = Some(LifecycleRule::TakenBack);
    let one = LifecycleMove { rule, reason, ..by_person(act, customer.lifecycle, to) };
    go(tx, act, customer, one).await
}

/// Takes what another system knows of an order, and moves its customer as the rules say.
pub async fn record_order(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    (system, id): (&str, &str),
    fact: OrderFact,
) -> Result<LifecycleHistory> {
    let mut tx = db.begin().await?;
    let customer = load(&mut tx, customer).await?;
    let mut faults = order_key(system, id);
    if fact.ordered_on > local_day::day_at(act.at, &customer.time_zone) {
        faults.add("/ordered_on", "in-future", "must not lie in the future where the customer is");
    }
    faults.or(())?;
    let known = store::order_owner(&mut tx, system, id).await?;
    if known.is_some_and(|(owner, _)| owner != customer.id) {
        let taken = FieldError::new("", "external-id-taken", "is an order of another customer");
        return Err(Error::ExternalIdTaken(vec![taken]));
    }
    let taken_from = known.and_then(|(_, at)| at);
    let is_late =
        fact.source_updated_at.is_some_and(|at| taken_from.is_some_and(|taken| database::Instant::from(at) < taken));
    if !is_late {
        store::put_order(&mut tx, customer.id, system, id, &fact).await.map_err(raced)?;
    }
    let customer_id = customer.id;
    let stage = settle(&mut tx, act, customer).await?;
    let history = lifecycle_history(&mut tx, customer_id, stage).await?;
    tx.commit().await?;
    Ok(history)
}

/// Moves everybody who did not order for too long by now; answers how many.
pub async fn lapse_silent_customers(db: &Db, act: &Act) -> Result<usize> {
    let policy = current_policy(&mut db.read().await?).await?;
    // Of those near the day each is looked at where it is.
    let since = local_day::latest_day(act.at) - chrono::TimeDelta::days(policy.lapse_after_days.into());
    let (mut moved, mut after) = (0, None);
    loop {
        let ids = store::silent_customers(&mut db.read().await?, since, after, BATCH).await?;
        let Some(last) = ids.last() else { return Ok(moved) };
        after = Some(Id::from(*last));
        for id in ids {
            let mut tx = db.begin().await?;
            let customer = load(&mut tx, &Reference::Id(id)).await?;
            let before = customer.lifecycle;
            if settle(&mut tx, act, customer).await? != before {
                tx.commit().await?;
                moved += 1;
            }
        }
    }
}

/// Makes the moves that are due, one after another; answers the stage in which the customer comes to rest.
pub(super) async fn settle(tx: &mut Tx, act: &Act, mut customer: Customer) -> Result<Lifecycle> {
    let policy = current_policy(tx).await?;
    let orders = store::standing_orders(tx, customer.id).await?;
    let moves = store::lifecycle_moves(tx, customer.id).await?;
    let day = |at| local_day::day_at(at, &customer.time_zone);
    let since = |one: &LifecycleMove| one.order.as_ref().map_or_else(|| day(one.at), |order| order.ordered_on);
    let mut standing = Standing { stage: customer.lifecycle, since: last_standing(&moves).map(since) };
    let today = day(act.at);
    while let Some(Due { to, rule, order }) = due(standing, &orders, &policy, today) {
        let by_rule =
            LifecycleMove { rule: Some(rule), policy: Some(policy.version), ..by_person(act, standing.stage, to) };
        standing = Standing { stage: to, since: Some(order.ordered_on) };
        customer = go(tx, act, customer, LifecycleMove { order: Some(order), ..by_rule }).await?;
    }
    Ok(standing.stage)
}

/// Puts a customer into the stage of the one that is merged into it, also where it jumps.
pub(super) async fn take_over(
    tx: &mut Tx,
    act: &Act,
    customer: Customer,
    merged: &str,
    to: Lifecycle,
) -> Result<Customer> {
    if customer.lifecycle == to {
        return Ok(customer);
    }
    let reason = Some(format!("taken over from {merged}, which was merged into it"));
    let one = LifecycleMove { reason, ..by_person(act, customer.lifecycle, to) };
    go(tx, act, customer, one).await
}

/// Takes back the last moves as far as merges made them at these times, or orders that had come along with it and are
/// another customer's now, and makes those that are due by its own.
pub(super) async fn take_back(tx: &mut Tx, act: &Act, customer: Customer, at: &[DateTime<Utc>]) -> Result<()> {
    let moves = store::lifecycle_moves(tx, customer.id).await?;
    let mut made: Vec<&LifecycleMove> = Vec::new();
    for one in moves.iter().rev() {
        if !at.contains(&one.at) {
            let Some(order) = &one.order else { break };
            let owner = store::order_owner(tx, &order.system, &order.id).await?;
            if owner.is_none_or(|(owner, _)| owner == customer.id) {
                break;
            }
        }
        made.push(one);
    }
    let Some(first) = made.last() else { return Ok(()) };
    let ids: Vec<Id> = made.iter().map(|one| one.id.into()).collect();
    store::delete_lifecycle_moves(tx, &ids).await?;
    let back = Customer { lifecycle: first.from, version: customer.version + 1, updated_at: act.at, ..customer };
    store::set_lifecycle(tx, back.id, back.lifecycle, back.version, act.at.into()).await?;
    audit::record(tx, act, "customer.moved", "customer", back.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerUpdated(customer_fact(&back))).await?;
    settle(tx, act, back).await.map(drop)
}

fn by_person(act: &Act, from: Lifecycle, to: Lifecycle) -> LifecycleMove {
    LifecycleMove {
        id: LifecycleMoveId::new(),
        from,
        to,
        at: act.at,
        by: act.actor.clone(),
        rule: None,
        policy: None,
        order: None,
        reason: None,
    }
}

async fn go(tx: &mut Tx, act: &Act, customer: Customer, one: LifecycleMove) -> Result<Customer> {
    let customer = Customer { lifecycle: one.to, version: customer.version + 1, updated_at: act.at, ..customer };
    store::set_lifecycle(tx, customer.id, one.to, customer.version, act.at.into()).await?;
    store::insert_lifecycle_move(tx, customer.id, one).await?;
    audit::record(tx, act, "customer.moved", "customer", customer.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerUpdated(customer_fact(&customer))).await?;
    Ok(customer)
}

async fn current_policy(conn: &mut database::Conn) -> Result<LifecyclePolicy> {
    Ok(store::lifecycle_policy(conn).await?.unwrap_or_else(first_policy))
}

/// Sets by how many days the rules go from now on. What they moved before stays.
pub async fn set_lifecycle_policy(
    db: &Db,
    act: &Act,
    expected: IfMatch,
    new: NewLifecyclePolicy,
) -> Result<LifecyclePolicy> {
    let mut tx = db.begin().await?;
    let current = current_policy(&mut tx).await?;
    expected.check(current.version)?;
    fit_policy(&new)?;
    let policy = LifecyclePolicy {
        version: current.version + 1,
        repeat_within_days: new.repeat_within_days,
        lapse_after_days: new.lapse_after_days,
        set_by: Some(act.actor.clone()),
        set_at: Some(act.at),
    };
    store::insert_lifecycle_policy(&mut tx, &policy, &act.actor, act.at.into()).await.map_err(raced)?;
    audit::record(&mut tx, act, "lifecycle_policy.set", "lifecycle_policy", uuid::Uuid::nil()).await?;
    tx.commit().await?;
    Ok(policy)
}

/// Another transaction wrote the same key meanwhile.
fn raced(error: database::Error) -> Error {
    match error {
        database::Error::Unique { .. } => Error::Contended,
        other => other.into(),
    }
}
