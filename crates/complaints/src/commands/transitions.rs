use complaints_contract::{
    Complaint, ComplaintId, NewAcknowledgement, NewAssessment, NewClosure, NewReopening, NewResolution, NewResponse,
    NewWithdrawal, Transition,
};
use database::{Db, Tx};
use messaging::Act;
use wire::Reference;

use super::clocks::Rules;
use super::corrective_actions::may_close;
use super::intake::existing;
use super::{feedback, replace};
use crate::domain::{self, Authority, Entry, Faults, Judgement, Refused, Words};
use crate::error::Error;
use crate::store::history;

pub(super) type Which = Reference<ComplaintId>;

pub async fn acknowledge_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewAcknowledgement,
) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), None)?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Acknowledge, words, act.at)).await
}

pub async fn assess_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewAssessment,
) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let severity = body.severity.map(|number| faults.severity("/severity", number));
    let handler = faults.some_text("/handler", body.handler.as_deref(), 100);
    let words = said(&mut faults, body.note_to_customer.as_deref(), body.reason.as_deref());
    let words = faults.none_or(words).map_err(Error::Invalid)?;
    let judgement = Judgement { severity, safety: body.safety, handler };
    apply(db, act, who, which, |complaint| complaint.assess(who, judgement, words, act.at)).await
}

pub async fn respond_to_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewResponse,
) -> Result<Complaint, Error> {
    let words = words(Some(&body.note_to_customer), None)?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Respond, words, act.at)).await
}

pub async fn resolve_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewResolution,
) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let resolution = faults.text("/resolution", &body.resolution, 2_000);
    let words = said(&mut faults, body.note_to_customer.as_deref(), None);
    let words = faults.none_or(words).map_err(Error::Invalid)?;
    apply(db, act, who, which, |complaint| complaint.resolve(who, resolution, words, act.at)).await
}

pub async fn close_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewClosure,
) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), None)?;
    let step = |complaint: &mut domain::Complaint| {
        complaint.move_on(who, Transition::Close, words, act.at).map(|entry| vec![entry])
    };
    apply_if(db, act, who, which, may_close, step).await
}

pub async fn reopen_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewReopening,
) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), Some(&body.reason))?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Reopen, words, act.at)).await
}

pub async fn withdraw_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewWithdrawal,
) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), Some(&body.reason))?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Withdraw, words, act.at)).await
}

/// Makes one step; a repeated request finds it made.
pub(super) async fn apply(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    step: impl FnOnce(&mut domain::Complaint) -> Result<Entry, Refused>,
) -> Result<Complaint, Error> {
    apply_all(db, act, who, which, |complaint| step(complaint).map(|entry| vec![entry])).await
}

pub(super) async fn apply_all(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    steps: impl FnOnce(&mut domain::Complaint) -> Result<Vec<Entry>, Refused>,
) -> Result<Complaint, Error> {
    apply_if(db, act, who, which, async |_, _| Ok(()), steps).await
}

/// The same, where `demand` has no objection to what the steps make of the complaint.
async fn apply_if(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    demand: impl AsyncFnOnce(&mut Tx, &mut domain::Complaint) -> Result<(), Error>,
    steps: impl FnOnce(&mut domain::Complaint) -> Result<Vec<Entry>, Refused>,
) -> Result<Complaint, Error> {
    let entry_id = act.new_id();
    let mut tx = db.begin().await?;
    let mut complaint = existing(&mut tx, who, which).await?;
    // The request was repeated after its commit and before its answer was kept.
    if history::contains(&mut tx, entry_id).await? {
        return Ok(who.shown(complaint));
    }
    let entries = steps(&mut complaint)?;
    demand(&mut tx, &mut complaint).await?;
    replace(&mut tx, act, &Rules::default(), &mut complaint, entries.clone(), entry_id).await?;
    feedback::tell(&mut tx, act, &complaint, &entries).await?;
    tx.commit().await?;
    Ok(who.shown(complaint))
}

pub(super) fn words(note_to_customer: Option<&str>, reason: Option<&str>) -> Result<Words, Error> {
    let mut faults = Faults::default();
    let words = said(&mut faults, note_to_customer, reason);
    faults.none_or(words).map_err(Error::Invalid)
}

pub(super) fn said(faults: &mut Faults, note_to_customer: Option<&str>, reason: Option<&str>) -> Words {
    Words {
        note_to_customer: faults.some_text("/note_to_customer", note_to_customer, 5_000),
        reason: faults.some_text("/reason", reason, 2_000),
        from_customer: None,
    }
}
