use chassis::audit;
use chassis::http::IfMatch;
use chrono::TimeDelta;
use complaints_contract::v1::CorrectiveActionChanged;
use complaints_contract::{
    ActionState, ClosureRules, ClosureRulesInForce, ComplaintId, CorrectiveAction, CorrectiveActionId,
    CorrectiveActionPatch, NewCancellation, NewCompletion, NewCorrectiveAction, NewEffectivenessCheck,
};
use database::{Db, Tx};
use messaging::{Act, outbox};
use problem::FieldError;
use wire::Reference;

use super::intake::existing;
use crate::domain::{self, ActionDetails, ActionStep, Authority, Faults, FollowUp, next_action_state};
use crate::error::Error;
use crate::store::{causes, corrective_actions as actions};

pub async fn create_corrective_action(
    db: &Db,
    act: &Act,
    who: &Authority,
    complaint: &Reference<ComplaintId>,
    new: &NewCorrectiveAction,
) -> Result<CorrectiveAction, Error> {
    let id = CorrectiveActionId::from(act.new_id());
    let mut tx = db.begin().await?;
    let complaint = existing(&mut tx, who, complaint).await?;
    // The request was repeated after its commit and before its answer was kept.
    if let Some(action) = actions::find(&mut tx, id).await? {
        return Ok(action);
    }
    let known = causes::all_of(&mut tx, complaint.id).await?;
    let details = ActionDetails::parse(new, &known, act.at).map_err(Error::Invalid)?;
    let action = CorrectiveAction {
        id,
        complaint_id: complaint.id,
        cause_id: details.cause_id,
        kind: details.kind,
        text: details.text,
        owner: details.owner,
        due: details.due,
        state: ActionState::Open,
        evidence: None,
        done_at: None,
        done_by: None,
        finding: None,
        checked_at: None,
        checked_by: None,
        version: 1,
        created_at: act.at,
        updated_at: act.at,
    };
    actions::insert(&mut tx, &action).await?;
    tell(&mut tx, act, &complaint, &action, "corrective_action.created").await?;
    tx.commit().await?;
    Ok(action)
}

pub async fn amend_corrective_action(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: CorrectiveActionId,
    expected: IfMatch,
    patch: &CorrectiveActionPatch,
) -> Result<CorrectiveAction, Error> {
    step(db, act, who, id, ActionStep::Amend, |action| {
        expected.check(action.version)?;
        let details = ActionDetails::amended(action, patch, act.at).map_err(Error::Invalid)?;
        (action.text, action.owner, action.due) = (details.text, details.owner, details.due);
        Ok(())
    })
    .await
}

pub async fn complete_corrective_action(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: CorrectiveActionId,
    body: &NewCompletion,
) -> Result<CorrectiveAction, Error> {
    let evidence = only_text("/evidence", &body.evidence)?;
    step(db, act, who, id, ActionStep::Complete, |action| {
        action.evidence = Some(evidence);
        action.done_at = Some(act.at);
        action.done_by = Some(act.actor.clone());
        Ok(())
    })
    .await
}

/// Judges whether the action helped. Nobody judges what he has said himself was done.
pub async fn check_corrective_action(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: CorrectiveActionId,
    body: &NewEffectivenessCheck,
) -> Result<CorrectiveAction, Error> {
    let finding = only_text("/finding", &body.finding)?;
    let found = if body.effective { ActionStep::FindEffective } else { ActionStep::FindIneffective };
    step(db, act, who, id, found, |action| {
        if action.done_by.as_deref() == Some(act.actor.as_str()) {
            return Err(Error::OwnWork);
        }
        action.finding = Some(finding);
        action.checked_at = Some(act.at);
        action.checked_by = Some(act.actor.clone());
        Ok(())
    })
    .await
}

pub async fn cancel_corrective_action(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: CorrectiveActionId,
    body: &NewCancellation,
) -> Result<CorrectiveAction, Error> {
    let reason = only_text("/reason", &body.reason)?;
    step(db, act, who, id, ActionStep::Cancel, |action| {
        action.finding = Some(reason);
        Ok(())
    })
    .await
}

pub async fn set_closure_rules(
    db: &Db,
    act: &Act,
    expected: IfMatch,
    rules: ClosureRules,
) -> Result<ClosureRulesInForce, Error> {
    let mut faults = Faults::default();
    for (pointer, bound) in [
        ("/root_cause_to_severity", rules.root_cause_to_severity),
        ("/effective_action_to_severity", rules.effective_action_to_severity),
    ] {
        if let Some(bound) = bound {
            faults.severity(pointer, bound);
        }
    }
    if rules.follow_up_days.is_some_and(|days| !(1..=365).contains(&days)) {
        faults.add("/follow_up_days", "out-of-range", "must be from 1 to 365");
    }
    faults.none_or(()).map_err(Error::Invalid)?;
    let mut tx = db.begin().await?;
    let before = actions::lock_rules(&mut tx).await?;
    expected.check(before.version)?;
    if before.rules == rules {
        return Ok(before);
    }
    let version = before.version + 1;
    let set = ClosureRulesInForce { rules, version, updated_at: act.at, updated_by: act.actor.clone() };
    actions::set_rules(&mut tx, &set).await?;
    audit::record(&mut tx, act, "closure_rules.set", "closure_rules", uuid::Uuid::nil()).await?;
    tx.commit().await?;
    Ok(set)
}

/// Refuses to close a complaint that lacks what the rules demand, naming all of it; else it owes what they say after that.
pub(super) async fn may_close(tx: &mut Tx, complaint: &mut domain::Complaint) -> Result<(), Error> {
    let rules = actions::rules(tx).await?.rules;
    let known = causes::all_of(tx, complaint.id).await?;
    let states = actions::states_of(tx, complaint.id).await?;
    let lacking = domain::lacking(&rules, complaint.details.severity, known.iter().map(|cause| cause.state), states);
    if lacking.is_empty() {
        let closed_at = complaint.timeline.closed_at;
        let days = rules.follow_up_days.map(|days| TimeDelta::days(days.into()));
        // Of somebody who was erased nobody asks anything.
        let due_at = closed_at.zip(days).filter(|_| complaint.intake.erased_at.is_none()).map(|(at, days)| at + days);
        complaint.follow_up = due_at.map(|due_at| FollowUp { due_at, cancelled: false });
        return Ok(());
    }
    Err(Error::ClosureLacks(lacking.into_iter().map(|(code, message)| FieldError::new("", code, message)).collect()))
}

async fn step(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: CorrectiveActionId,
    step: ActionStep,
    change: impl FnOnce(&mut CorrectiveAction) -> Result<(), Error>,
) -> Result<CorrectiveAction, Error> {
    let mut tx = db.begin().await?;
    let complaint = actions::find(&mut tx, id).await?.ok_or(Error::CorrectiveActionNotFound(id))?.complaint_id;
    let complaint = existing(&mut tx, who, &Reference::Id(complaint)).await?;
    // Read again under the complaint's lock.
    let before = actions::find(&mut tx, id).await?.ok_or(Error::CorrectiveActionNotFound(id))?;
    let Some(state) = next_action_state(before.state, step) else {
        return Err(Error::ActionStepNotAllowed { state: before.state, step: step.as_str() });
    };
    let mut action = before.clone();
    change(&mut action)?;
    action.state = state;
    if action == before {
        return Ok(before);
    }
    action.version += 1;
    action.updated_at = act.at;
    actions::replace(&mut tx, &action).await?;
    tell(&mut tx, act, &complaint, &action, &format!("corrective_action.{}", action.state)).await?;
    tx.commit().await?;
    Ok(action)
}

async fn tell(
    tx: &mut Tx,
    act: &Act,
    complaint: &domain::Complaint,
    action: &CorrectiveAction,
    what: &str,
) -> database::Result<()> {
    audit::record(tx, act, what, "corrective_action", action.id.into()).await?;
    outbox::enqueue(tx, act, &CorrectiveActionChanged(complaint.action_fact(action))).await
}

fn only_text(pointer: &str, text: &str) -> Result<String, Error> {
    let mut faults = Faults::default();
    let text = faults.text(pointer, text, 2_000);
    faults.none_or(text).map_err(Error::Invalid)
}
