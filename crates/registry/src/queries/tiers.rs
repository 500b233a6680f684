use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use database::{Conn, Db, Id, PageRequest};
use registry_contract::{
    Customer, CustomerId, Tier, TierHistory, TierOrigin, TierPeriod, TierPolicy, TierPolicyId, TierProposal,
    TierProposalId, TierProposalQuery, TierReview, TierReviewQuery, TierVerdict,
};
use wire::Reference;

use super::Listed;
use crate::domain::Tiers;
use crate::error::{Error, Result};
use crate::store::{self, FirstTierRow};

pub async fn get_tier_policy(db: &Db, id: TierPolicyId) -> Result<TierPolicy> {
    let row = store::find_tier_policy(&mut db.read().await?, id).await?;
    Ok(row.ok_or_else(|| Error::TierPolicyNotFound(id.to_string()))?.try_into()?)
}

pub async fn list_tier_policies(db: &Db, page: &PageRequest) -> Result<Listed<TierPolicy>> {
    let mut conn = db.read().await?;
    let rows = store::list_tier_policies(&mut conn, page).await?;
    let count = match page.count {
        true => Some(store::count_tier_policies(&mut conn).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(TierPolicy::try_from).collect::<database::Result<_>>()?, count })
}

pub async fn get_tier_proposal(db: &Db, id: TierProposalId) -> Result<TierProposal> {
    let mut conn = db.read().await?;
    let rows = store::find_tier_proposal(&mut conn, id).await?.into_iter().collect();
    let proposal = store::with_tier_decisions(&mut conn, rows).await?.pop();
    proposal.ok_or_else(|| Error::TierProposalNotFound(id.to_string()))
}

/// `caller` is who asks: for what awaits him.
pub async fn list_tier_proposals(
    db: &Db,
    wanted: &TierProposalQuery,
    caller: &str,
    page: &PageRequest,
) -> Result<Listed<TierProposal>> {
    let mut conn = db.read().await?;
    let rows = store::list_tier_proposals(&mut conn, wanted, caller, page).await?;
    let items = store::with_tier_decisions(&mut conn, rows).await?;
    let count = match page.count {
        true => Some(store::count_tier_proposals(&mut conn, wanted, caller).await?),
        false => None,
    };
    Ok(Listed { items, count })
}

/// The customer's tier and all it had.
pub async fn get_customer_tier(db: &Db, reference: &Reference<CustomerId>) -> Result<TierHistory> {
    let customer = super::get_customer(db, reference).await?;
    let mut conn = db.read().await?;
    let policy = store::active_tier_policy(&mut conn).await?;
    let tiers = Tiers(&policy.tiers);
    let undone = store::undone_tier_proposal(&mut conn, customer.id).await?;
    let reviewed_at = reviewed(&mut conn, &[&customer]).await?.remove(&customer.id).unwrap_or(customer.created_at);
    let periods = periods(&mut conn, &customer).await?;
    let now = periods.first().filter(|period| period.tier == customer.tier);
    Ok(TierHistory {
        customer_id: customer.id,
        tier: customer.tier,
        policy_tier: now.and_then(|period| period.policy_tier.clone()),
        policy_version: now.and_then(|period| period.policy_version.clone()),
        key_customer: tiers.is_key(customer.tier),
        reviewed_at,
        review_due_at: reviewed_at + TimeDelta::days(tiers.review_days(customer.tier)),
        proposal_id: undone.map(|row| row.id.get()),
        periods,
    })
}

/// The latest first; the last is the tier that the customer was created with.
async fn periods(conn: &mut Conn, customer: &Customer) -> Result<Vec<TierPeriod>> {
    let changes = store::tier_changes_of(conn, customer.id).await?;
    let ids: Vec<Id> = changes.iter().map(|(_, proposal)| proposal.id).collect();
    let decisions = store::tier_decisions_on(conn, &ids).await?;
    let policies: Vec<Id> = changes.iter().map(|(_, proposal)| proposal.policy_id).collect();
    let policies = store::tier_policies_among(conn, &policies).await?;
    let first = changes.first().map_or(customer.tier, |(change, _)| change.from_tier.0);
    let mut periods = vec![created_with(conn, customer, first).await?];
    for (change, proposal) in changes {
        let from = change.effective_at.into();
        if let Some(before) = periods.last_mut() {
            before.until = Some(from);
        }
        let approved = decisions.iter().filter(|row| row.proposal_id == proposal.id);
        let approved = approved.filter(|row| row.verdict.0 == TierVerdict::Approve);
        let policy = policies.get(&proposal.policy_id);
        let own = policy.and_then(|policy| Tiers(&policy.tiers).called(&proposal.policy_tier));
        periods.push(TierPeriod {
            tier: change.to_tier.0,
            policy_tier_name: own.map(|own| own.name.clone()),
            policy_tier_name_zh: own.map(|own| own.name_zh.clone()),
            policy_tier: Some(proposal.policy_tier),
            policy_version: Some(proposal.policy_version),
            from,
            until: None,
            source: proposal.source.0.into(),
            reason: Some(proposal.reason),
            proposal_id: Some(proposal.id.get()),
            deciders: approved.map(|row| row.decider.clone()).collect(),
        });
    }
    periods.reverse();
    Ok(periods)
}

/// The period of the tier that the customer was created with, and whence it is.
async fn created_with(conn: &mut Conn, customer: &Customer, tier: Tier) -> Result<TierPeriod> {
    let (source, reason) = match store::first_tier_of(conn, customer.id).await? {
        None => (TierOrigin::Created, None),
        Some(FirstTierRow { system: Some(system), .. }) => {
            (TierOrigin::Record, Some(format!("told by a record of {system}")))
        }
        Some(FirstTierRow { import_id, .. }) => {
            let import = match import_id {
                Some(id) => store::find_import(conn, id.get()).await?,
                None => None,
            };
            (TierOrigin::Import, import.map(|import| format!("told by the file {}", import.name)))
        }
    };
    Ok(TierPeriod {
        tier,
        policy_tier: None,
        policy_tier_name: None,
        policy_tier_name_zh: None,
        policy_version: None,
        from: customer.created_at,
        until: None,
        source,
        reason,
        proposal_id: None,
        deciders: vec![],
    })
}

/// Customers whose tier the active policy wants reviewed by `wanted.due_at`.
pub async fn list_tier_reviews(
    db: &Db,
    wanted: &TierReviewQuery,
    now: DateTime<Utc>,
    page: &PageRequest,
) -> Result<Listed<TierReview>> {
    let mut conn = db.read().await?;
    let policy = store::active_tier_policy(&mut conn).await?;
    let days = |tier: Tier| TimeDelta::days(Tiers(&policy.tiers).review_days(tier));
    let asked = |tier: &&Tier| wanted.tier.as_ref().is_none_or(|any| any.0.contains(tier));
    let by = wanted.due_at.unwrap_or(now);
    let due: Vec<_> = Tier::ALL.iter().filter(asked).map(|tier| (*tier, (by - days(*tier)).into())).collect();

    let rows = store::list_tier_reviews(&mut conn, wanted, &due, page).await?;
    let count = match page.count {
        true => Some(store::count_tier_reviews(&mut conn, wanted, &due).await?),
        false => None,
    };
    let customers = store::complete(&mut conn, rows).await?;
    let reviewed = reviewed(&mut conn, &customers.iter().collect::<Vec<_>>()).await?;
    let item = |customer: Customer| {
        let reviewed_at = reviewed.get(&customer.id).copied().unwrap_or(customer.created_at);
        TierReview {
            id: customer.id,
            code: customer.code,
            tier: customer.tier,
            owner: customer.owner,
            reviewed_at,
            due_at: reviewed_at + days(customer.tier),
        }
    };
    Ok(Listed { items: customers.into_iter().map(item).collect(), count })
}

async fn reviewed(conn: &mut Conn, customers: &[&Customer]) -> Result<HashMap<CustomerId, DateTime<Utc>>> {
    let ids: Vec<Id> = customers.iter().map(|customer| customer.id.into()).collect();
    // In their order, so that the last review of each stays.
    Ok(store::reviewed_at(conn, &ids).await?.into_iter().map(|(id, at)| (id, at.into())).collect())
}
