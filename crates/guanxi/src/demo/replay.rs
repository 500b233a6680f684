//! Makes the planned world happen: every act goes through the command a request would reach, at its own instant, so
//! that codes, histories, audit and events come about as in life.

use complaints_contract::{
    ComplaintEntry, ComplaintId, Happening, NewAcknowledgement, NewAssessment, NewClosure, NewComplaint, NewReopening, NewResolution, NewResponse, NewWithdrawal,
};
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use database::Db;
use gateway::v1::UserId;
use indicatif::ProgressBar;
use interactions_contract::NewInteraction;
use messaging::Act;
use registry_contract::{NewContact, NewHolding, NewPosition};
use wire::{Page, Reference};

use super::world::{Customer, Deed, Holder, Meeting, Seat, Step, Trouble, World, midnight};
use crate::inside::{Inside, InsideError};

/// The databases the world is told to, and who of us does it.
pub struct Stage<'a> {
    inside: &'a Inside<'a>,
    registry: Db,
    interactions: Db,
    complaints: Db,
    colleagues: HashMap<String, UserId>,
}

impl<'a> Stage<'a> {
    pub fn new(inside: &'a Inside<'a>, colleagues: HashMap<String, UserId>) -> Self {
        let db = |service: &str| inside.context(service).db.clone();
        Self {
            inside,
            registry: db("registry"),
            interactions: db("interactions"),
            complaints: db("complaints"),
            colleagues,
        }
    }

    async fn steps_taken(&self, id: ComplaintId) -> Result<usize, ReplayError> {
        let history: Page<ComplaintEntry> = self.inside.get(&format!("/api/v1/complaints/{id}/history?limit=200")).await?;
        Ok(history.items.iter().filter(|entry| is_step(entry.what)).count())
    }

    /// An act of one of us, or of nobody in particular.
    fn act(&self, login: Option<&str>, at: DateTime<Utc>) -> Act {
        match login.and_then(|login| self.colleagues.get(login)) {
            Some(id) => Act::new(format!("user:{id}"), None, at),
            None => Act::system(at),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("registry: {0}")]
    Registry(#[from] registry::Error),
    #[error("interactions: {0}")]
    Interactions(#[from] interactions::Error),
    #[error("complaints: {0}")]
    Complaints(#[from] complaints::Error),
    #[error(transparent)]
    Inside(#[from] InsideError),
}

/// Whether it is one of the plan's steps; linking and amending come about by themselves.
fn is_step(what: Happening) -> bool {
    match what {
        Happening::Acknowledged
        | Happening::Assessed
        | Happening::Responded
        | Happening::Resolved
        | Happening::Closed
        | Happening::Reopened
        | Happening::Withdrawn => true,
        Happening::Opened | Happening::Linked | Happening::Amended => false,
    }
}

/// How many acts there are, for a progress bar.
pub fn acts(world: &World) -> u64 {
    let seats: usize = world.customers.iter().map(|customer| customer.seats.len()).sum();
    let steps: usize = world.troubles.iter().map(|trouble| trouble.steps.len()).sum();
    (world.customers.len() + seats + 2 * world.people() + world.meetings.len() + world.troubles.len() + steps) as u64
}

/// Who they are. Comes first: complaints are due by their customer's tier.
pub async fn introduce(world: &World, stage: &Stage<'_>, bar: &ProgressBar) -> Result<(), ReplayError> {
    for customer in &world.customers {
        introduce_customer(customer, stage).await?;
        bar.inc(1);
        for seat in &customer.seats {
            introduce_seat(customer, seat, stage, bar).await?;
        }
    }
    Ok(())
}

/// What happened since, the two services at the same time.
pub async fn live(world: &World, stage: &Stage<'_>, bar: &ProgressBar) -> Result<(), ReplayError> {
    tokio::try_join!(meet(world, stage, bar), complain(world, stage, bar))?;
    Ok(())
}

async fn introduce_customer(customer: &Customer, stage: &Stage<'_>) -> Result<(), ReplayError> {
    let act = stage.act(customer.new.owner.as_deref(), customer.since).reserving(customer.id.into());
    registry::create_customer(&stage.registry, &act, customer.new.clone()).await?;
    Ok(())
}

async fn introduce_seat(customer: &Customer, seat: &Seat, stage: &Stage<'_>, bar: &ProgressBar) -> Result<(), ReplayError> {
    let owner = customer.new.owner.as_deref();
    let act = stage.act(owner, customer.since).reserving(seat.id.into());
    let position = NewPosition {
        title: seat.title.clone(),
        level: Some(seat.level),
        reports_to: seat.reports_to,
        decision_role: Some(seat.role),
        vote_weight: Some(seat.vote_weight),
    };
    registry::create_position(&stage.registry, &act, &Reference::Id(customer.id), position).await?;
    bar.inc(1);
    for holder in &seat.holders {
        introduce_holder(customer, seat, holder, stage).await?;
        bar.inc(2);
    }
    Ok(())
}

async fn introduce_holder(customer: &Customer, seat: &Seat, holder: &Holder, stage: &Stage<'_>) -> Result<(), ReplayError> {
    let owner = customer.new.owner.as_deref();
    let at = midnight(holder.from);
    let contact = NewContact {
        customer_id: customer.id,
        name: holder.name.clone(),
        title: Some(seat.title.clone()),
        email: Some(holder.email.clone()),
        phone: holder.phone.clone(),
        preferred_channel: None,
        language: Some(customer.new.language.clone()),
        note: None,
    };
    registry::create_contact(&stage.registry, &stage.act(owner, at).reserving(holder.id.into()), contact).await?;
    let holding = NewHolding { position_id: seat.id, from: holder.from, until: holder.until };
    let act = stage.act(owner, at).reserving(holder.holding_id.into());
    registry::create_holding(&stage.registry, &act, holder.id, holding).await?;
    Ok(())
}

async fn meet(world: &World, stage: &Stage<'_>, bar: &ProgressBar) -> Result<(), ReplayError> {
    for meeting in &world.meetings {
        let act = stage.act(meeting.staff.first().map(String::as_str), meeting.logged_at).reserving(meeting.id.into());
        interactions::log_interaction(&stage.interactions, &act, record_of(world, meeting)).await?;
        bar.inc(1);
    }
    Ok(())
}

fn record_of(world: &World, meeting: &Meeting) -> NewInteraction {
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

async fn complain(world: &World, stage: &Stage<'_>, bar: &ProgressBar) -> Result<(), ReplayError> {
    for trouble in &world.troubles {
        let act = stage.act(None, trouble.received_at).reserving(trouble.id.into());
        let complaint = complaints::open_complaint(&stage.complaints, &act, complaint_of(world, trouble)).await?;
        // Only a world that was interrupted has complaints that went on already.
        let taken = if complaint.version == 1 { 0 } else { stage.steps_taken(complaint.id).await? };
        for step in trouble.steps.iter().skip(taken) {
            take_step(trouble, step, stage).await?;
        }
        bar.inc(1 + trouble.steps.len() as u64);
    }
    Ok(())
}

fn complaint_of(world: &World, trouble: &Trouble) -> NewComplaint {
    NewComplaint {
        customer_id: Some(Reference::Id(world.customers[trouble.customer].id)),
        customer_external: None,
        contact_id: trouble.person,
        channel: trouble.channel,
        subject: trouble.subject.clone(),
        description: Some(trouble.description.clone()),
        product: Some(trouble.product.clone()),
        issue: Some(trouble.issue.clone()),
        remedy_sought: Some(trouble.remedy.clone()),
        severity: Some(trouble.severity),
        safety: Some(trouble.safety),
        language: Some(world.customers[trouble.customer].new.language.clone()),
        external_id: None,
        received_at: None,
        handler: None,
        progress: None,
    }
}

async fn take_step(trouble: &Trouble, step: &Step, stage: &Stage<'_>) -> Result<(), ReplayError> {
    let act = stage.act(Some(&trouble.handler), step.at);
    let (db, id) = (&stage.complaints, Reference::Id(trouble.id));
    match step.deed.clone() {
        Deed::Acknowledge => complaints::acknowledge_complaint(db, &act, &id, NewAcknowledgement::default()).await?,
        Deed::Assess => {
            let assessment = NewAssessment { handler: Some(trouble.handler.clone()), ..NewAssessment::default() };
            complaints::assess_complaint(db, &act, &id, assessment).await?
        }
        Deed::Respond(note_to_customer) => complaints::respond_to_complaint(db, &act, &id, NewResponse { note_to_customer }).await?,
        Deed::Resolve(resolution) => {
            let resolution = NewResolution { resolution, note_to_customer: None };
            complaints::resolve_complaint(db, &act, &id, resolution).await?
        }
        Deed::Close => complaints::close_complaint(db, &act, &id, NewClosure::default()).await?,
        Deed::Reopen(reason) => complaints::reopen_complaint(db, &act, &id, NewReopening { reason, note_to_customer: None }).await?,
        Deed::Withdraw(reason) => {
            let withdrawal = NewWithdrawal { reason, note_to_customer: None };
            complaints::withdraw_complaint(db, &act, &id, withdrawal).await?
        }
    };
    Ok(())
}

