//! People meet, things go wrong and are put right.

use chrono::{DateTime, Utc};
use complaints::domain::Authority;
use complaints_contract::{
    NewAcknowledgement, NewAssessment, NewClosure, NewComplaint, NewInvestigation, NewReopening, NewResolution,
    NewResponse, NewWithdrawal,
};
use interactions_contract::NewInteraction;
use wire::Reference;

use super::stage::{ReplayError, Stage};
use super::world::{Deed, Meeting, Slice, Step, Trouble, World};

/// The two services at the same time.
pub async fn happen(world: &World, slice: Slice, stage: &Stage<'_>) -> Result<(), ReplayError> {
    tokio::try_join!(meet(world, slice, stage), complain(world, slice, stage))?;
    Ok(())
}

async fn meet(world: &World, slice: Slice, stage: &Stage<'_>) -> Result<(), ReplayError> {
    for meeting in world.meetings.iter().filter(|meeting| slice.contains(meeting.logged_at)) {
        let by = meeting.staff.first().map(String::as_str);
        let act = stage.act(by, meeting.logged_at).reserving(meeting.id.into());
        interactions::log_interaction(&stage.interactions, &act, interaction(world, meeting)).await?;
        stage.bar.inc(1);
    }
    Ok(())
}

fn interaction(world: &World, meeting: &Meeting) -> NewInteraction {
    NewInteraction {
        customer_id: Reference::Id(world.customers[meeting.customer].id),
        occurred_at: meeting.occurred_at,
        duration_minutes: meeting.minutes,
        channel: meeting.channel,
        means: meeting.means,
        subject: meeting.subject.clone(),
        notes: meeting.notes.clone(),
        outcome: meeting.outcome,
        contact_ids: meeting.people.clone(),
        staff: meeting.staff.clone(),
        next_step: meeting.next_step.clone(),
    }
}

/// One thing that happens to a complaint: it comes in, or the step of this number is taken.
#[derive(Clone, Copy)]
struct Turn<'a> {
    at: DateTime<Utc>,
    trouble: &'a Trouble,
    step: Option<usize>,
}

fn turns(world: &World, slice: Slice) -> Vec<Turn<'_>> {
    let mut turns: Vec<_> = world.troubles.iter().flat_map(turns_of).filter(|turn| slice.contains(turn.at)).collect();
    turns.sort_by_key(|turn| (turn.at, turn.trouble.id, turn.step));
    turns
}

fn turns_of(trouble: &Trouble) -> impl Iterator<Item = Turn<'_>> {
    let opening = Turn { at: trouble.received_at, trouble, step: None };
    let steps =
        trouble.steps.iter().enumerate().map(move |(number, step)| Turn { at: step.at, trouble, step: Some(number) });
    std::iter::once(opening).chain(steps)
}

async fn complain(world: &World, slice: Slice, stage: &Stage<'_>) -> Result<(), ReplayError> {
    for turn in turns(world, slice) {
        match turn.step {
            None => open(world, turn.trouble, stage).await?,
            Some(number) => take(turn.trouble, number, slice, stage).await?,
        }
        stage.bar.inc(1);
    }
    Ok(())
}

async fn open(world: &World, trouble: &Trouble, stage: &Stage<'_>) -> Result<(), ReplayError> {
    let act = stage.act(Some(&trouble.handler), trouble.received_at).reserving(trouble.id.into());
    complaints::open_complaint(&stage.complaints, &act, &Authority::House, complaint(world, trouble)).await?;
    Ok(())
}

async fn take(trouble: &Trouble, number: usize, slice: Slice, stage: &Stage<'_>) -> Result<(), ReplayError> {
    // Steps have no ids of their own: what an interrupted start has taken is told by the history.
    let taken_before = slice.again && stage.steps_taken(trouble.id).await? > number;
    if taken_before { Ok(()) } else { act_out(trouble, &trouble.steps[number], stage).await }
}

fn complaint(world: &World, trouble: &Trouble) -> NewComplaint {
    NewComplaint {
        customer_id: Some(Reference::Id(world.customers[trouble.customer].id)),
        customer_external: None,
        contact_id: trouble.person,
        channel: trouble.channel,
        subject: trouble.subject.clone(),
        description: Some(trouble.description.clone()),
        product: Some(trouble.product.clone()),
        order_number: None,
        issue: Some(trouble.issue.clone()),
        remedy_sought: Some(trouble.remedy.clone()),
        severity: Some(trouble.severity),
        safety: Some(trouble.safety),
        language: Some(world.customers[trouble.customer].new.language.clone()),
        external_id: None,
        received_at: None,
        handler: None,
        reported_by: None,
        complainant: None,
        about_staff: None,
        confidential: None,
        as_of: None,
        progress: None,
    }
}

async fn act_out(trouble: &Trouble, step: &Step, stage: &Stage<'_>) -> Result<(), ReplayError> {
    let act = stage.act(Some(&trouble.handler), step.at);
    let (db, who, id) = (&stage.complaints, &Authority::House, Reference::Id(trouble.id));
    match step.deed.clone() {
        Deed::Acknowledge => {
            complaints::acknowledge_complaint(db, &act, who, &id, NewAcknowledgement::default()).await?
        }
        Deed::Assess => {
            let assessment = NewAssessment { handler: Some(trouble.handler.clone()), ..NewAssessment::default() };
            complaints::assess_complaint(db, &act, who, &id, assessment).await?
        }
        Deed::Investigate => complaints::investigate_complaint(db, &act, who, &id, NewInvestigation::default()).await?,
        Deed::Respond(note_to_customer) => {
            complaints::respond_to_complaint(db, &act, who, &id, NewResponse { note_to_customer }).await?
        }
        Deed::Resolve(resolution) => {
            let resolution = NewResolution { resolution, note_to_customer: None };
            complaints::resolve_complaint(db, &act, who, &id, resolution).await?
        }
        Deed::Close => complaints::close_complaint(db, &act, who, &id, NewClosure::default()).await?,
        Deed::Reopen(reason) => {
            let reopening = NewReopening { reason, note_to_customer: None };
            complaints::reopen_complaint(db, &act, who, &id, reopening).await?
        }
        Deed::Withdraw(reason) => {
            let withdrawal = NewWithdrawal { reason, note_to_customer: None };
            complaints::withdraw_complaint(db, &act, who, &id, withdrawal).await?
        }
    };
    Ok(())
}
