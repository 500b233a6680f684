use chassis::audit;
use complaints_contract::{NewSlaPolicy, SlaPolicy, SlaPolicyId};
use database::Db;
use messaging::Act;

use crate::domain::sla::Policy;
use crate::error::Error;
use crate::store::rulebook::{self, Dealing};
use crate::store::{calendars, rebuilds, sla_policies};

/// Makes the policy that counts from now on, by which all that is open is reckoned anew.
pub async fn create_sla_policy(db: &Db, act: &Act, new: NewSlaPolicy) -> Result<SlaPolicy, Error> {
    let id = SlaPolicyId::from(act.new_id());
    let mut tx = db.begin().await?;
    // Before the rules, as whoever reckons anew takes them: nobody waits in a circle.
    rebuilds::want(&mut tx, act.at).await?;
    rulebook::hold(&mut tx, Dealing::Changing).await?;
    // The request was repeated after its commit and before its answer was kept.
    if let Some(made) = sla_policies::find(&mut tx, id).await? {
        return Ok(made);
    }
    Policy::parse(&new, &calendars::codes(&mut tx).await?.into_iter().collect()).map_err(Error::RulesInvalid)?;
    let before = sla_policies::latest(&mut tx).await?;
    let policy = new.numbered(id, before.version + 1, act.at.max(before.valid_from), act.actor.clone());
    sla_policies::insert(&mut tx, &policy).await?;
    audit::record(&mut tx, act, "sla-policy.created", "sla-policy", id.into()).await?;
    tx.commit().await?;
    Ok(policy)
}
