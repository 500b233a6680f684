use chassis::audit;
use database::{Db, Id, Tx};
use messaging::Act;
use registry_contract::{Customer, NewTierDecision, TierProposal, TierProposalId, TierProposalState};
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

/// Withdraws what an import has proposed of a customer and nobody has settled; what that had taken the place of is asked for
/// again. `made` is all that the import has proposed of it. The customer is locked.
pub(in crate::commands) async fn take_back_tier_proposals(
    tx: &mut Tx,
    act: &Act,
    customer: &Customer,
    made: &[TierProposalRow],
) -> Result<()> {
    let open: Vec<_> = made.iter().filter(|row| row.state.0 == TierProposalState::Open).collect();
    for row in &open {
        let (state, version, updated_at) = (Word(TierProposalState::Withdrawn), row.version + 1, act.at.into());
        let row = TierProposalRow { state, version, updated_at, taken_back: true, ..(**row).clone() };
        store::update_tier_proposal(tx, &row).await?;
        audit::record(tx, act, "tier_proposal.withdrawn", "tier_proposal", row.id.get()).await?;
    }
    let Some(own) = open.first() else { return Ok(()) };
    if store::undone_tier_proposal(tx, customer.id).await?.is_some() {
        return Ok(());
    }
    // Each was superseded when the one after it was made.
    let replaced = |row: &TierProposalRow| made.iter().any(|own| own.created_at == row.updated_at);
    let superseded = store::superseded_tier_proposals(tx, customer.id.into()).await?;
    let before = superseded.into_iter().find(|row| row.import_id != own.import_id && replaced(row));
    if let Some(row) = before.filter(|row| row.tier.0 != customer.tier) {
        let (state, version, updated_at) = (Word(TierProposalState::Open), row.version + 1, act.at.into());
        let row = TierProposalRow { state, version, updated_at, ..row };
        store::update_tier_proposal(tx, &row).await?;
        audit::record(tx, act, "tier_proposal.reopened", "tier_proposal", row.id.get()).await?;
    }
    Ok(())
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
