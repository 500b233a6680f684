use chassis::audit;
use database::{Db, Id, Tx};
use messaging::Act;
use registry_contract::{
    Customer, CustomerId, NewTierProposal, PolicyTier, Tier, TierPolicy, TierProposal, TierProposalId,
    TierProposalState, TierSource,
};
use scoring_contract::v1::TierProposed;
use serde_json::Value;
use wire::Reference;

use super::{effect, version_of, whole};
use crate::commands::customers::load;
use crate::domain::{Deliberation, Faults, TierProposalDetails, Tiers};
use crate::error::{Error, Result};
use crate::store::{self, TierProposalRow, Word};

/// What is proposed for a customer, whoever does.
struct Wish<'a> {
    source: TierSource,
    policy: &'a TierPolicy,
    tier: &'a PolicyTier,
    reason: String,
    evidence: Vec<String>,
    effective_from: Option<chrono::NaiveDate>,
    /// Whose row wishes it.
    import: Option<Id>,
}

impl<'a> Wish<'a> {
    /// Of what is no person.
    fn of_others(source: TierSource, policy: &'a TierPolicy, tier: &'a PolicyTier, reason: String) -> Self {
        Self { source, policy, tier, reason, evidence: vec![], effective_from: None, import: None }
    }
}

pub async fn create_tier_proposal(db: &Db, act: &Act, new: NewTierProposal) -> Result<TierProposal> {
    let id: TierProposalId = act.new_id().into();
    let mut tx = db.begin().await?;
    let customer = locked(&mut tx, new.customer_id).await?;
    // A request repeated after a crash between the commit and its answer meets its own proposal.
    if let Some(row) = store::find_tier_proposal(&mut tx, id).await? {
        return whole(&mut tx, row).await;
    }
    let policy = store::active_tier_policy(&mut tx).await?;
    let tier = Tiers(&policy.tiers).called(new.tier.trim());
    let mut unknown = Faults::default();
    if tier.is_none() && !new.tier.trim().is_empty() {
        let codes: Vec<_> = policy.tiers.iter().map(|tier| tier.code.as_str()).collect();
        unknown.add("/tier", "unknown-tier", format!("is none of the active policy's: {}", codes.join(", ")));
    }
    let new = Faults::join(TierProposalDetails::parse(new, &customer.time_zone, act.at), unknown)?.into_inner();
    let Some(tier) = tier else { return Err(Error::TierPolicyNotFound(new.tier)) };
    if let Some(undone) = store::undone_tier_proposal(&mut tx, customer.id).await? {
        return Err(Error::TierProposalUndone(undone.id.get()));
    }
    let source = TierSource::Manual;
    let wish = Wish {
        source,
        policy: &policy,
        tier,
        reason: new.reason,
        evidence: new.evidence,
        effective_from: new.effective_from,
        import: None,
    };
    let row = propose(&mut tx, act, id, &customer, wish).await?;
    let proposal = whole(&mut tx, row).await?;
    tx.commit().await?;
    Ok(proposal)
}

/// Makes a proposal of what scoring asks for, unless people are at work on one of their own.
pub async fn propose_scored_tier(tx: &mut Tx, act: &Act, scored: &TierProposed) -> Result<()> {
    let customer = locked(tx, scored.customer_id).await?;
    // Of one that was merged scoring will say no more; the survivor has a score of its own.
    if customer.id != scored.customer_id {
        return Ok(());
    }
    if !store::note_scored_tier(tx, customer.id, scored.sequence, scored.tier).await? {
        return Ok(());
    }
    let reason = format!(
        "customer value {} of 100 by {}: {}",
        scored.value,
        scored.policy_version,
        scored.reason_codes.join(", ")
    );
    propose_by_others(tx, act, &customer, TierSource::Scoring, scored.tier, reason).await
}

/// Makes a proposal where a record of another system has another tier than the customer; where it has the same, what an
/// earlier one proposed is no longer asked for. Answers the customer as it is then.
pub(in crate::commands) async fn propose_recorded_tier(
    tx: &mut Tx,
    act: &Act,
    customer: Customer,
    tier: Tier,
) -> Result<Customer> {
    if tier == customer.tier {
        make_way(tx, act, customer.id, TierSource::Record, None).await?;
        return Ok(customer);
    }
    let reason = format!("a record of another system has the tier {tier}");
    propose_by_others(tx, act, &customer, TierSource::Record, tier, reason).await?;
    // A tier that takes nobody's approval was given at once.
    locked(tx, customer.id).await
}

/// The same of a tier that was told before, unless it was ever asked for and dealt with: what people made of it stays.
pub(in crate::commands) async fn propose_told_tier(
    tx: &mut Tx,
    act: &Act,
    customer: Customer,
    tier: Tier,
) -> Result<Customer> {
    // As with most records that come again.
    if tier == customer.tier {
        return Ok(customer);
    }
    let policy = store::active_tier_policy(tx).await?;
    let Some(nearest) = Tiers(&policy.tiers).nearest(tier) else { return Ok(customer) };
    let asked_for = store::last_tier_proposal(tx, customer.id, TierSource::Record, nearest.counts_as).await?;
    if asked_for.is_some() {
        return Ok(customer);
    }
    propose_recorded_tier(tx, act, customer, tier).await
}

/// Makes a proposal where a row of a file has another tier than the customer, and says whether it did: the import takes it
/// along when it is taken back. Answers the customer as it is then.
pub(in crate::commands) async fn propose_filed_tier(
    tx: &mut Tx,
    act: &Act,
    customer: Customer,
    tier: Tier,
    import: Id,
) -> Result<(Customer, bool)> {
    let Some(Filed { policy, tier: own, undone }) = filed(tx, &customer, tier).await? else {
        return Ok((customer, false));
    };
    if let Some(undone) = undone {
        supersede(tx, act, undone).await?;
    }
    let reason = format!("a row of a file has the tier {tier}");
    let wish = Wish { import: Some(import), ..Wish::of_others(TierSource::Record, &policy, &own, reason) };
    propose(tx, act, TierProposalId::new(), &customer, wish).await?;
    // A tier that takes nobody's approval was given at once.
    Ok((locked(tx, customer.id).await?, true))
}

/// What a row of a file with this tier would propose, where a row above has proposed `before`.
pub(in crate::commands) async fn would_propose(
    tx: &mut Tx,
    customer: &Customer,
    named: Tier,
    before: Option<Tier>,
) -> Result<Option<Tier>> {
    let Some(before) = before else {
        return Ok(filed(tx, customer, named).await?.map(|filed| filed.tier.counts_as));
    };
    let policy = store::active_tier_policy(tx).await?;
    let Some(tier) = Tiers(&policy.tiers).nearest(named).map(|tier| tier.counts_as) else { return Ok(None) };
    let is_known = named == customer.tier || tier == before || tier == customer.tier;
    Ok(if is_known || is_turned_down(tx, customer, tier).await? { None } else { Some(tier) })
}

/// Asks for the tier that a customer had before an import, which that has changed with nobody's approval and no longer could.
pub(in crate::commands) async fn propose_former_tier(
    tx: &mut Tx,
    act: &Act,
    customer: &Customer,
    import: &str,
    tier: Tier,
) -> Result<()> {
    let reason = format!("the customer had the tier {tier} before the import {import}, which was taken back");
    propose_by_others(tx, act, customer, TierSource::Record, tier, reason).await
}

/// What a row of a file proposes.
struct Filed {
    policy: TierPolicy,
    tier: PolicyTier,
    /// Whose place it takes.
    undone: Option<TierProposalRow>,
}

/// Nothing, where others are at work on a proposal or people have turned it down: a row takes nothing back.
async fn filed(tx: &mut Tx, customer: &Customer, named: Tier) -> Result<Option<Filed>> {
    if named == customer.tier {
        return Ok(None);
    }
    let policy = store::active_tier_policy(tx).await?;
    let Some(tier) = Tiers(&policy.tiers).nearest(named).cloned() else { return Ok(None) };
    let undone = store::undone_tier_proposal(tx, customer.id).await?;
    let stands = undone.as_ref().is_some_and(|undone| stands(undone, TierSource::Record, Some(tier.counts_as)));
    if stands || tier.counts_as == customer.tier || is_turned_down(tx, customer, tier.counts_as).await? {
        return Ok(None);
    }
    Ok(Some(Filed { policy, tier, undone }))
}

async fn propose_by_others(
    tx: &mut Tx,
    act: &Act,
    customer: &Customer,
    source: TierSource,
    named: Tier,
    reason: String,
) -> Result<()> {
    let policy = store::active_tier_policy(tx).await?;
    let Some(tier) = Tiers(&policy.tiers).nearest(named) else { return Ok(()) };
    if !make_way(tx, act, customer.id, source, Some(tier.counts_as)).await? || tier.counts_as == customer.tier {
        return Ok(());
    }
    if source == TierSource::Record && is_turned_down(tx, customer, tier.counts_as).await? {
        return Ok(());
    }
    let wish = Wish::of_others(source, &policy, tier, reason);
    propose(tx, act, TierProposalId::new(), customer, wish).await?;
    Ok(())
}

/// Whether a source may propose what it says now. That takes the place of what it said before, unless it is the same;
/// proposals of others stand, and what was approved.
async fn make_way(
    tx: &mut Tx,
    act: &Act,
    customer: CustomerId,
    source: TierSource,
    tier: Option<Tier>,
) -> Result<bool> {
    let Some(undone) = store::undone_tier_proposal(tx, customer).await? else { return Ok(true) };
    if stands(&undone, source, tier) {
        return Ok(false);
    }
    supersede(tx, act, undone).await?;
    Ok(true)
}

/// Whether a proposal stays where a source says this tier.
fn stands(undone: &TierProposalRow, source: TierSource, tier: Option<Tier>) -> bool {
    let is_same = Some(undone.tier.0) == tier;
    is_same || undone.source.0 != source || undone.state.0 != TierProposalState::Open
}

/// Whether people turned the tier down when a record last had it. It is not proposed again for every time that it comes.
async fn is_turned_down(tx: &mut Tx, customer: &Customer, tier: Tier) -> Result<bool> {
    let last = store::last_tier_proposal(tx, customer.id, TierSource::Record, tier).await?;
    Ok(last.is_some_and(|row| match row.state.0 {
        TierProposalState::Rejected | TierProposalState::Withdrawn => row.from_tier.0 == customer.tier,
        TierProposalState::Open
        | TierProposalState::Approved
        | TierProposalState::InEffect
        | TierProposalState::Superseded => false,
    }))
}

async fn supersede(tx: &mut Tx, act: &Act, mut row: TierProposalRow) -> Result<()> {
    row.state = Word(TierProposalState::Superseded);
    row.version += 1;
    row.updated_at = act.at.into();
    store::update_tier_proposal(tx, &row).await?;
    audit::record(tx, act, "tier_proposal.superseded", "tier_proposal", row.id.get()).await?;
    Ok(())
}

async fn propose(
    tx: &mut Tx,
    act: &Act,
    id: TierProposalId,
    customer: &Customer,
    wish: Wish<'_>,
) -> Result<TierProposalRow> {
    let tiers = Tiers(&wish.policy.tiers);
    let approvals_needed = match wish.source {
        TierSource::Manual | TierSource::Scoring => {
            let level = effect::level_of(tx, customer).await?.filter(|level| level.policy == wish.policy.code);
            tiers.approvals(customer.tier, level.as_ref().map(|level| level.code.as_str()), wish.tier)
        }
        TierSource::Record => tiers.approvals_of_record(customer.tier, wish.tier),
    };
    let deliberation = Deliberation {
        proposer: act.actor.clone(),
        approvals_needed: usize::try_from(approvals_needed).map_err(database::Error::other)?,
        effective_from: wish.effective_from,
        time_zone: customer.time_zone.clone(),
        decisions: vec![],
        state: TierProposalState::Open,
        effective_at: None,
    }
    .begin(act.at);
    let row = TierProposalRow {
        id: id.into(),
        customer_id: customer.id.into(),
        policy_id: wish.policy.id.into(),
        policy_version: version_of(wish.policy),
        policy_tier: wish.tier.code.clone(),
        tier: Word(wish.tier.counts_as),
        from_tier: Word(customer.tier),
        source: Word(wish.source),
        proposed_by: act.actor.clone(),
        reason: wish.reason,
        evidence: Value::from(wish.evidence),
        effective_from: wish.effective_from,
        effective_at: deliberation.effective_at.map(Into::into),
        approvals_needed,
        state: Word(deliberation.state),
        version: 1,
        created_at: act.at.into(),
        updated_at: act.at.into(),
        import_id: wish.import,
        taken_back: false,
    };
    store::insert_tier_proposal(tx, &row).await?;
    audit::record(tx, act, "tier_proposal.opened", "tier_proposal", id.into()).await?;
    effect::give_if_due(tx, act, row).await
}

async fn locked(tx: &mut Tx, customer: CustomerId) -> Result<Customer> {
    load(tx, &Reference::Id(customer)).await
}
