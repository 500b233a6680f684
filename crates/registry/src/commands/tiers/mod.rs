//! Tiers: proposed by people, by scoring and by other systems' records; decided by people; given at once or on their day.

mod effect;
mod proposing;
mod reviewing;

use database::Tx;
use registry_contract::{TierPolicy, TierProposal};

use crate::domain::Deliberation;
use crate::error::Result;
use crate::store::{self, TierProposalRow, Word};

pub use effect::{give_due_tiers, give_tier};
pub use proposing::{create_tier_proposal, propose_scored_tier};
pub(in crate::commands) use proposing::{
    propose_filed_tier, propose_former_tier, propose_recorded_tier, propose_told_tier, would_propose,
};
pub(in crate::commands) use reviewing::take_back_tier_proposals;
pub use reviewing::{decide_tier_proposal, withdraw_tier_proposal};

fn version_of(policy: &TierPolicy) -> String {
    format!("{}-v{}", policy.code, policy.revision)
}

/// The row as what can be decided about it.
async fn deliberation(tx: &mut Tx, row: &TierProposalRow, time_zone: &str) -> Result<Deliberation> {
    let decisions = store::tier_decisions_on(tx, &[row.id]).await?;
    Ok(Deliberation {
        proposer: row.proposed_by.clone(),
        approvals_needed: usize::try_from(row.approvals_needed).map_err(database::Error::other)?,
        effective_from: row.effective_from,
        time_zone: time_zone.to_owned(),
        decisions: decisions.into_iter().map(|row| (row.decider, row.verdict.0)).collect(),
        state: row.state.0,
        effective_at: row.effective_at.map(Into::into),
    })
}

/// Takes over what was decided.
fn settle(row: &mut TierProposalRow, deliberation: &Deliberation, at: database::Instant) {
    row.state = Word(deliberation.state);
    row.effective_at = deliberation.effective_at.map(Into::into);
    row.version += 1;
    row.updated_at = at;
}

async fn whole(tx: &mut Tx, row: TierProposalRow) -> Result<TierProposal> {
    let decisions = store::tier_decisions_on(tx, &[row.id]).await?;
    Ok(row.with(decisions.into_iter().map(Into::into).collect())?)
}
