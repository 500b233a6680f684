use chassis::audit;
use chrono::{DateTime, Utc};
use database::{Db, Tx};
use messaging::{Act, outbox};
use registry_contract::{Customer, NewCustomer, Tier, TierChangeId, TierProposalId, v1};
use wire::Reference;

use super::reviewing::locked;
use super::{deliberation, settle};
use crate::commands::customers::{load, rewrite, told};
use crate::domain::{Level, Tiers};
use crate::error::Result;
use crate::facts::tiering_fact;
use crate::store::{self, TierChangeRow, TierProposalRow, Word};

/// Proposals looked at in one round.
const BATCH: i64 = 50;

/// Gives the tiers whose day has come by `now`, each in a transaction of its own, and says how many. One that fails is
/// not in the others' way.
pub async fn give_due_tiers(db: &Db, now: DateTime<Utc>) -> Result<usize> {
    let due = store::due_tier_proposals(&mut db.read().await?, now.into(), BATCH).await?;
    let act = Act::system(now);
    let mut given = 0;
    for id in due {
        match give_tier(db, &act, id).await {
            Ok(true) => given += 1,
            Ok(false) => {}
            Err(error) if error.is_refusal() => {
                tracing::error!(proposal.id = %id, error = &error as &dyn std::error::Error, "a tier cannot be given");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(given)
}

/// Gives a tier whose day has come; `false` when another replica has, or someone took the proposal back.
pub async fn give_tier(db: &Db, act: &Act, id: TierProposalId) -> Result<bool> {
    let mut tx = db.begin().await?;
    let (_, row) = locked(&mut tx, id).await?;
    let before = row.version;
    let row = give_if_due(&mut tx, act, row).await?;
    tx.commit().await?;
    Ok(row.version != before)
}

/// Gives the tier if the proposal is approved and its day has come. The customer is locked.
pub(super) async fn give_if_due(tx: &mut Tx, act: &Act, mut row: TierProposalRow) -> Result<TierProposalRow> {
    let customer = load(tx, &Reference::Id(row.customer_id.get())).await?;
    let mut state = deliberation(tx, &row, &customer.time_zone).await?;
    if !state.take_effect(act.at) {
        return Ok(row);
    }
    settle(&mut row, &state, act.at.into());
    store::update_tier_proposal(tx, &row).await?;
    let (from_tier, before) = (customer.tier, level_of(tx, &customer).await?);
    if !is_change(tx, from_tier, before.as_ref(), &row).await? {
        return Ok(row);
    }
    let customer = if from_tier == row.tier.0 {
        renewed(tx, act, customer).await?
    } else {
        let wanted = NewCustomer { tier: row.tier.0, ..NewCustomer::from(&customer) };
        rewrite(tx, act, customer, wanted, None).await?
    };
    let change = TierChangeRow {
        id: TierChangeId::new().into(),
        customer_id: row.customer_id,
        proposal_id: row.id,
        from_tier: Word(from_tier),
        to_tier: row.tier,
        sequence: customer.version,
        effective_at: act.at.into(),
        from_policy_tier: before.map(|level| level.code),
    };
    store::insert_tier_change(tx, &change).await?;
    audit::record(tx, act, "customer.tiered", "customer", customer.id.into()).await?;
    outbox::enqueue(tx, act, &v1::CustomerTiered(tiering_fact(&change, &row))).await?;
    Ok(row)
}

/// The policy's own tier that people last decided on, as long as the customer has what it counts as.
pub(super) async fn level_of(tx: &mut Tx, customer: &Customer) -> Result<Option<Level>> {
    let last = store::last_tier_change(tx, customer.id).await?;
    let last = last.filter(|(change, _)| change.to_tier.0 == customer.tier);
    Ok(last.map(|(_, proposal)| Level::of(&proposal.policy_version, &proposal.policy_tier)))
}

/// Whether the proposal gives another tier than the customer has, and not only reviews it.
async fn is_change(tx: &mut Tx, from: Tier, before: Option<&Level>, row: &TierProposalRow) -> Result<bool> {
    if from != row.tier.0 {
        return Ok(true);
    }
    let policy = store::tier_policies_among(tx, &[row.policy_id]).await?.remove(&row.policy_id);
    let to = Level::of(&row.policy_version, &row.policy_tier);
    Ok(policy.is_some_and(|policy| Tiers(&policy.tiers).changes(from, before, &to)))
}

/// A new version of a customer whose row stays as it is: its tier goes by another name, and counts as before.
async fn renewed(tx: &mut Tx, act: &Act, customer: Customer) -> Result<Customer> {
    store::touch_customer(tx, customer.id, act.at.into()).await?;
    let customer = Customer { version: customer.version + 1, updated_at: act.at, ..customer };
    told(tx, act, &customer).await?;
    Ok(customer)
}
