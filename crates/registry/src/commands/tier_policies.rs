use chassis::audit;
use database::Db;
use messaging::Act;
use registry_contract::{NewTierPolicy, TierPolicy, TierPolicyId};

use super::races::made;
use crate::domain::TierPolicyDetails;
use crate::error::{Error, Result};
use crate::store::{self, TierPolicyRow};

/// Creates a policy, or the next revision of the one with this code. Nothing is tiered by it before it is activated.
pub async fn create_tier_policy(db: &Db, act: &Act, new: NewTierPolicy) -> Result<TierPolicy> {
    let id = act.new_id().into();
    let done = try_policy(db, act, id, new).await;
    made(done, async || {
        Ok(store::find_tier_policy(&mut db.read().await?, id).await?.map(TierPolicy::try_from).transpose()?)
    })
    .await
}

async fn try_policy(db: &Db, act: &Act, id: TierPolicyId, new: NewTierPolicy) -> Result<TierPolicy> {
    let new = TierPolicyDetails::parse(new)?.into_inner();
    let mut tx = db.begin().await?;
    let last = store::last_tier_policy_revision(&mut tx, &new.code).await?;
    let row = TierPolicyRow {
        id: id.into(),
        revision: last.unwrap_or(0) + 1,
        code: new.code,
        name: new.name,
        name_zh: new.name_zh,
        tiers: serde_json::to_value(&new.tiers).map_err(database::Error::other)?,
        active: false,
        version: 1,
        created_at: act.at.into(),
        updated_at: act.at.into(),
    };
    store::insert_tier_policy(&mut tx, &row).await?;
    audit::record(&mut tx, act, "tier_policy.created", "tier_policy", id.into()).await?;
    tx.commit().await?;
    Ok(row.try_into()?)
}

/// From now on tiers are proposed by this policy. Customers keep the tiers they have; proposals that wait, their own policy.
pub async fn activate_tier_policy(db: &Db, act: &Act, id: TierPolicyId) -> Result<TierPolicy> {
    let mut tx = db.begin().await?;
    let found = store::find_tier_policy(&mut tx, id).await?.ok_or_else(|| Error::TierPolicyNotFound(id.to_string()))?;
    if found.active {
        return Ok(found.try_into()?);
    }
    match store::activate_tier_policy(&mut tx, id, act.at.into()).await {
        Err(error) if error.is_unique("active") => return Err(Error::Contended),
        done => done?,
    }
    audit::record(&mut tx, act, "tier_policy.activated", "tier_policy", id.into()).await?;
    let active = store::active_tier_policy(&mut tx).await?;
    tx.commit().await?;
    Ok(active)
}
