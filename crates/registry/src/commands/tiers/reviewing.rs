use chassis::audit;
use database::{Db, Id, Tx};
use messaging::Act;
use registry_contract::{Customer, NewTierDecision, TierProposal, TierProposalId};
use wire::Reference;

use super::{deliberation, effect, settle, whole};
use crate::commands::customers::load;
use crate::domain::parse_decision;
use crate::error::{Error, Result};
use crate::store::{self, TierDecisionRow, TierProposalRow, Word};

/// Counts what someone says to a proposal. The last approval that is needed gives the tier, or makes it wait for its day.
pub async fn decide_tier_proposal(
    db: &Db,
    act: &Act,
    id: TierProposalId,
    new: NewTierDecision,
) -> Result<TierProposal> {
    let mut tx = db.begin().await?;
    let (customer, mut row) = locked(&mut tx, id).await?;
    let new = parse_decision(new)?;
    let mut state = deliberation(&mut tx, &row, &customer.time_zone).await?;
    if !state.decide(&act.actor, new.verdict, act.at)? {
        return whole(&mut tx, row).await;
    }
    settle(&mut row, &state, act.at.into());
    let decision = TierDecisionRow {
        id: Id::from(act.new_id()),
        proposal_id: row.id,
        decider: act.actor.clone(),
        verdict: Word(new.verdict),
        reason: new.reason,
        decided_at: act.at.into(),
    };
    store::insert_tier_decision(&mut tx, &decision).await?;
    store::update_tier_proposal(&mut tx, &row).await?;
    audit::record(&mut tx, act, "tier_proposal.decided", "tier_proposal", id.into()).await?;
    let row = effect::give_if_due(&mut tx, act, row).await?;
    let proposal = whole(&mut tx, row).await?;
    tx.commit().await?;
    Ok(proposal)
}

/// Takes a proposal back that is not in effect. `may_decide`: whether the caller may do so with others' proposals too.
pub async fn withdraw_tier_proposal(db: &Db, act: &Act, id: TierProposalId, may_decide: bool) -> Result<TierProposal> {
    let mut tx = db.begin().await?;
    let (customer, mut row) = locked(&mut tx, id).await?;
    let mut state = deliberation(&mut tx, &row, &customer.time_zone).await?;
    state.withdraw(&act.actor, may_decide)?;
    settle(&mut row, &state, act.at.into());
    store::update_tier_proposal(&mut tx, &row).await?;
    audit::record(&mut tx, act, "tier_proposal.withdrawn", "tier_proposal", id.into()).await?;
    let proposal = whole(&mut tx, row).await?;
    tx.commit().await?;
    Ok(proposal)
}

/// The customer first, as everywhere; then its proposal as it is once the customer is locked.
pub(super) async fn locked(tx: &mut Tx, id: TierProposalId) -> Result<(Customer, TierProposalRow)> {
    let missing = || Error::TierProposalNotFound(id.to_string());
    let customer = store::find_tier_proposal(tx, id).await?.ok_or_else(missing)?.customer_id;
    let customer = load(tx, &Reference::Id(customer.get())).await?;
    let row = store::find_tier_proposal(tx, id).await?.ok_or_else(missing)?;
    // It waits with its customer until the merge is undone.
    if row.customer_id != Id::from(customer.id) { Err(Error::AlreadyMerged(customer.id)) } else { Ok((customer, row)) }
}
