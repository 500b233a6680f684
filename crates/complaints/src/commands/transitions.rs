use complaints_contract::{
    Complaint, ComplaintId, NewAcknowledgement, NewAssessment, NewClosure, NewReopening, NewResolution, NewResponse,
    NewWithdrawal, Transition,
};
use database::{Db, Tx};
use messaging::Act;
use wire::Reference;

use super::corrective_actions::may_close;
use super::intake::existing;
use super::replace;
use crate::domain::{self, Entry, Faults, NotAllowed, Words};
use crate::error::Error;
use crate::store::history;

type Which = Reference<ComplaintId>;

pub async fn acknowledge_complaint(
    db: &Db,
    act: &Act,
    which: &Which,
    body: NewAcknowledgement,
) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), None)?;
    apply(db, act, which, |complaint| complaint.move_on(Transition::Acknowledge, words, act.at)).await
}

pub async fn assess_complaint(db: &Db, act: &Act, which: &Which, body: NewAssessment) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let severity = body.severity.map(|number| faults.severity("/severity", number));
    let handler = faults.some_text("/handler", body.handler.as_deref(), 100);
    let words = said(&mut faults, body.note_to_customer.as_deref(), body.reason.as_deref());
    let words = faults.none_or(words).map_err(Error::Invalid)?;
    apply(db, act, which, |complaint| complaint.assess(severity, body.safety, handler, words, act.at)).await
}

pub async fn respond_to_complaint(db: &Db, act: &Act, which: &Which, body: NewResponse) -> Result<Complaint, Error> {
    let words = words(Some(&body.note_to_customer), None)?;
    apply(db, act, which, |complaint| complaint.move_on(Transition::Respond, words, act.at)).await
}

pub async fn resolve_complaint(db: &Db, act: &Act, which: &Which, body: NewResolution) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let resolution = faults.text("/resolution", &body.resolution, 2_000);
    let words = said(&mut faults, body.note_to_customer.as_deref(), None);
    let words = faults.none_or(words).map_err(Error::Invalid)?;
    apply(db, act, which, |complaint| complaint.resolve(resolution, words, act.at)).await
}

pub async fn close_complaint(db: &Db, act: &Act, which: &Which, body: NewClosure) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), None)?;
    let step = |complaint: &mut domain::Complaint| complaint.move_on(Transition::Close, words, act.at);
    apply_if(db, act, which, may_close, step).await
}

pub async fn reopen_complaint(db: &Db, act: &Act, which: &Which, body: NewReopening) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), Some(&body.reason))?;
    apply(db, act, which, |complaint| complaint.move_on(Transition::Reopen, words, act.at)).await
}

pub async fn withdraw_complaint(db: &Db, act: &Act, which: &Which, body: NewWithdrawal) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), Some(&body.reason))?;
    apply(db, act, which, |complaint| complaint.move_on(Transition::Withdraw, words, act.at)).await
}

async fn apply(
    db: &Db,
    act: &Act,
    which: &Which,
    step: impl FnOnce(&mut domain::Complaint) -> Result<Entry, NotAllowed>,
) -> Result<Complaint, Error> {
    apply_if(db, act, which, async |_, _| Ok(()), step).await
}

/// The same, where `demand` has no objection to what the step makes of the complaint.
async fn apply_if(
    db: &Db,
    act: &Act,
    which: &Which,
    demand: impl AsyncFnOnce(&mut Tx, &domain::Complaint) -> Result<(), Error>,
    step: impl FnOnce(&mut domain::Complaint) -> Result<Entry, NotAllowed>,
) -> Result<Complaint, Error> {
    let entry_id = act.new_id();
    let mut tx = db.begin().await?;
    let mut complaint = existing(&mut tx, which).await?;
    // The request was repeated after its commit and before its answer was kept.
    if history::contains(&mut tx, entry_id).await? {
        return Ok(complaint.into());
    }
    let entry = step(&mut complaint)?;
    demand(&mut tx, &complaint).await?;
    replace(&mut tx, act, &complaint, vec![entry], entry_id).await?;
    tx.commit().await?;
    Ok(complaint.into())
}

fn words(note_to_customer: Option<&str>, reason: Option<&str>) -> Result<Words, Error> {
    let mut faults = Faults::default();
    let words = said(&mut faults, note_to_customer, reason);
    faults.none_or(words).map_err(Error::Invalid)
}

fn said(faults: &mut Faults, note_to_customer: Option<&str>, reason: Option<&str>) -> Words {
    Words {
        note_to_customer: faults.some_text("/note_to_customer", note_to_customer, 5_000),
        reason: faults.some_text("/reason", reason, 2_000),
    }
}
