use chassis::audit;
use database::{Db, Id};
use messaging::{Act, outbox};
use registry_contract::{
    CustomerId, NewQualification, NewQualificationDecision, NewQualificationPolicy, Qualification, QualificationId,
    QualificationPolicy, QualificationPolicyId, QualificationVerdict, v1,
};
use wire::Reference;

use super::customers::load;
use crate::domain::{Faults, may_decide, parse_qualification_policy, qualify};
use crate::error::{Error, Result};
use crate::facts::qualification_fact;
use crate::store::{self, QualificationPolicyRow, QualificationRow};

/// Adds the next version of the policy, by which customers are qualified from now on.
pub async fn create_qualification_policy(
    db: &Db,
    act: &Act,
    new: NewQualificationPolicy,
) -> Result<QualificationPolicy> {
    let id = QualificationPolicyId::from(act.new_id());
    let mut tx = db.begin().await?;
    // A request repeated after a crash between the commit and its answer meets its own version.
    if let Some(own) = store::find_qualification_policy(&mut tx, id).await? {
        return Ok(own.try_into()?);
    }
    let terms = parse_qualification_policy(new)?;
    let newest = store::qualification_policy(&mut tx, None).await?;
    let row = QualificationPolicyRow {
        id: id.into(),
        number: newest.map_or(1, |newest| newest.number + 1),
        terms: serde_json::to_value(&terms).map_err(database::Error::other)?,
        created_by: act.actor.clone(),
        created_at: act.at.into(),
    };
    match store::insert_qualification_policy(&mut tx, &row).await {
        // Another version was added between the look and the write.
        Err(database::Error::Unique { .. }) => return Err(Error::Contended),
        inserted => inserted?,
    }
    audit::record(&mut tx, act, "qualification_policy.created", "qualification_policy", id.into()).await?;
    tx.commit().await?;
    Ok(row.try_into()?)
}

/// Holds a customer against the policy.
pub async fn qualify_customer(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    mut new: NewQualification,
) -> Result<Qualification> {
    let id = QualificationId::from(act.new_id());
    let mut tx = db.begin().await?;
    let customer_id = load(&mut tx, customer).await?.id;
    if let Some(own) = store::find_qualification(&mut tx, id).await? {
        return Ok(own.try_into()?);
    }
    let Some(policy) = store::qualification_policy(&mut tx, new.policy_version).await? else {
        let mut faults = Faults::default();
        faults.add("/policy_version", "unknown-policy", "there is no such version of the policy");
        return Err(faults.into());
    };
    let policy = QualificationPolicy::try_from(policy)?;
    let result = qualify(&policy.terms, &mut new.answers)?;
    let one = Qualification {
        id,
        customer_id,
        policy_version: policy.version,
        answers: new.answers,
        result,
        decision: None,
        version: 1,
        created_by: act.actor.clone(),
        created_at: act.at,
        updated_at: act.at,
    };
    store::insert_qualification(&mut tx, &QualificationRow::try_from(one.clone())?).await?;
    audit::record(&mut tx, act, "customer.scored", "qualification", id.into()).await?;
    tx.commit().await?;
    Ok(one)
}

/// Takes a person's decision on a qualification.
pub async fn decide_qualification(
    db: &Db,
    act: &Act,
    id: QualificationId,
    mut new: NewQualificationDecision,
) -> Result<Qualification> {
    let not_found = || Error::QualificationNotFound(id.to_string());
    let mut tx = db.begin().await?;
    let found = store::find_qualification(&mut tx, id).await?.ok_or_else(not_found)?;
    let customer = load(&mut tx, &Reference::Id(found.customer_id.get())).await?.id;
    // Again, with the customer locked: somebody may have decided just before.
    let current = store::find_qualification(&mut tx, id).await?.ok_or_else(not_found)?;
    if Id::from(customer) != current.customer_id {
        return Err(Error::Contended);
    }
    let current = Qualification::try_from(current)?;
    let mut faults = Faults::default();
    faults.text("/reason", &mut new.reason, 1000, &[]);
    faults.or(())?;
    may_decide(&act.actor, current.decision.is_some(), &current.result, new.decision)?;
    let number = store::last_decision_number(&mut tx, customer).await? + 1;
    let verdict =
        QualificationVerdict { number, decision: new.decision, reason: new.reason, by: act.actor.clone(), at: act.at };
    let one = Qualification { decision: Some(verdict), version: current.version + 1, updated_at: act.at, ..current };
    store::update_qualification(&mut tx, &QualificationRow::try_from(one.clone())?).await?;
    audit::record(&mut tx, act, "customer.qualified", "qualification", id.into()).await?;
    if let Some(fact) = qualification_fact(&one) {
        outbox::enqueue(&mut tx, act, &v1::CustomerQualified(fact)).await?;
    }
    tx.commit().await?;
    Ok(one)
}
