use chrono::{DateTime, Utc};
use complaints_contract::v1::EscalationFired;
use complaints_contract::{ComplaintId, Escalation, EscalationId, Role};
use database::{Db, Id, Tx};
use messaging::{Act, outbox};

use super::clocks::{ClockState, Rules};
use super::recipients::{People, people, recipients};
use super::stopped::{self, AGAIN, Stopped};
use crate::domain::reading::Planned;
use crate::domain::rulebook::Rulebook;
use crate::domain::{Complaint, ZONE};
use crate::store::complaints::Key;
use crate::store::{complaints, due_times, escalations};

/// When somebody is to be told next, if ever.
pub async fn next_escalation(db: &Db) -> database::Result<Option<DateTime<Utc>>> {
    let mut conn = db.read().await?;
    due_times::next_escalation(&mut conn).await
}

/// Takes the steps of the ladder that are due by `now`, of up to `limit` complaints, and says how many steps; each is
/// taken once, whoever else is at it. What has stopped meanwhile is not told any more. A complaint that cannot be
/// escalated keeps no other from it.
pub async fn fire_escalations(db: &Db, now: DateTime<Utc>, limit: i64) -> database::Result<usize> {
    loop {
        match fire(db, now, limit).await {
            Ok(taken) => return Ok(taken),
            Err(stopped) => set_aside(db, stopped.culprit("escalating")?, now).await?,
        }
    }
}

async fn set_aside(db: &Db, complaint: Id, now: DateTime<Utc>) -> database::Result<()> {
    let mut tx = db.begin().await?;
    due_times::put_off(&mut tx, complaint, now, now + AGAIN).await?;
    tx.commit().await
}

async fn fire(db: &Db, now: DateTime<Utc>, limit: i64) -> Result<usize, Stopped> {
    let mut tx = db.begin().await?;
    let claimed = due_times::claim(&mut tx, now, limit).await?;
    if claimed.is_empty() {
        return Ok(0);
    }
    let rules = Rules::default();
    let rules = rules.read(&mut tx).await?;
    let mut taken = 0;
    for id in claimed {
        taken += escalate(&mut tx, id, rules, now).await.map_err(stopped::at(id.into()))?;
    }
    tx.commit().await?;
    Ok(taken)
}

async fn escalate(tx: &mut Tx, id: ComplaintId, rules: &Rulebook, now: DateTime<Utc>) -> database::Result<usize> {
    let Some(mut complaint) = complaints::find(tx, &Key::from(id)).await? else { return Ok(0) };
    let mut state = ClockState::load(tx, &complaint, rules, now).await?;
    let steps = state.take_steps(now);
    let taken = steps.len();
    if taken > 0 {
        let roles: Vec<Role> = steps.iter().flat_map(|step| step.recipients.iter().copied()).collect();
        let people = people(tx, &complaint, &roles, now.with_timezone(&ZONE).date_naive()).await?;
        for step in steps {
            tell(tx, &complaint, &people, step, now).await?;
        }
    }
    state.keep(tx, &mut complaint).await?;
    Ok(taken)
}

async fn tell(
    tx: &mut Tx,
    complaint: &Complaint,
    people: &People,
    step: Planned,
    now: DateTime<Utc>,
) -> database::Result<()> {
    let act = Act::system(now);
    // What is about our people stays among those who may see it.
    let proposes = step.propose_executive_contact && complaint.customer.id.is_some() && !is_restricted(complaint);
    let escalation = Escalation {
        id: EscalationId::new(),
        complaint_id: complaint.id,
        number: complaint.number.clone(),
        clock: step.clock,
        run: step.run,
        percent: step.percent,
        recipients: recipients(&step.recipients, people),
        executive_contact_proposed: proposes,
        due_at: step.at,
        fired_at: act.at,
    };
    escalations::add(tx, &escalation).await?;
    outbox::enqueue(tx, &act, &fired(complaint, &escalation)).await?;
    match complaint.executive_contact(&escalation) {
        Some(proposed) => outbox::enqueue(tx, &act, &proposed).await,
        None => Ok(()),
    }
}

fn is_restricted(complaint: &Complaint) -> bool {
    complaint.details.about_staff.is_some()
}

fn fired(complaint: &Complaint, escalation: &Escalation) -> EscalationFired {
    EscalationFired {
        escalation_id: escalation.id,
        complaint_id: complaint.id,
        number: complaint.number.clone(),
        customer_id: complaint.customer.id,
        tier: complaint.customer.tier,
        severity: complaint.details.severity.get(),
        clock: escalation.clock,
        run: escalation.run,
        percent: escalation.percent,
        recipients: escalation.recipients.clone(),
        due_at: escalation.due_at,
        fired_at: escalation.fired_at,
        restricted: is_restricted(complaint),
    }
}
