//! The steps that not every complaint takes.

use complaints_contract::{
    Complaint, NewAcceptance, NewContainment, NewCustomerMessage, NewEscalation, NewFollowUp, NewInvestigation,
    NewRejection, NewResumption, NewUpdate, NewWait, Transition,
};
use database::Db;
use messaging::Act;

use super::transitions::{Which, apply, apply_all, said, words};
use crate::domain::{Authority, Faults, Words};
use crate::error::Error;

pub async fn investigate_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewInvestigation,
) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let handler = faults.some_text("/handler", body.handler.as_deref(), 100);
    let words = said(&mut faults, body.note_to_customer.as_deref(), body.reason.as_deref());
    let words = faults.none_or(words).map_err(Error::Invalid)?;
    apply(db, act, who, which, |complaint| complaint.investigate(who, handler, words, act.at)).await
}

pub async fn accept_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewAcceptance,
) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let from_customer = faults.some_text("/message", body.message.as_deref(), 5_000);
    let words = Words { from_customer, ..said(&mut faults, body.note_to_customer.as_deref(), None) };
    let words = faults.none_or(words).map_err(Error::Invalid)?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Accept, words, act.at)).await
}

pub async fn escalate_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewEscalation,
) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), Some(&body.reason))?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Escalate, words, act.at)).await
}

pub async fn wait_for_customer(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewWait,
) -> Result<Complaint, Error> {
    let words = words(Some(&body.note_to_customer), body.reason.as_deref())?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Wait, words, act.at)).await
}

pub async fn resume_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewResumption,
) -> Result<Complaint, Error> {
    let words = words(body.note_to_customer.as_deref(), body.reason.as_deref())?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Resume, words, act.at)).await
}

pub async fn contain_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewContainment,
) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let reason = Some(faults.text("/containment", &body.containment, 2_000));
    let words = Words { reason, ..said(&mut faults, body.note_to_customer.as_deref(), None) };
    let words = faults.none_or(words).map_err(Error::Invalid)?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Contain, words, act.at)).await
}

pub async fn inform_customer(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewUpdate,
) -> Result<Complaint, Error> {
    let words = words(Some(&body.note_to_customer), None)?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Inform, words, act.at)).await
}

/// Notes what the customer wrote or said; a wait for it is over.
pub async fn hear_customer(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewCustomerMessage,
) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let message = faults.text("/message", &body.message, 20_000);
    let message = faults.none_or(message).map_err(Error::Invalid)?;
    apply_all(db, act, who, which, |complaint| complaint.hear(who, message, act.at)).await
}

pub async fn follow_up_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewFollowUp,
) -> Result<Complaint, Error> {
    let mut faults = Faults::default();
    let reason = Some(faults.text("/outcome", &body.outcome, 2_000));
    let words = Words { reason, ..said(&mut faults, body.note_to_customer.as_deref(), None) };
    let words = faults.none_or(words).map_err(Error::Invalid)?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::FollowUp, words, act.at)).await
}

pub async fn reject_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    body: NewRejection,
) -> Result<Complaint, Error> {
    let words = words(Some(&body.note_to_customer), Some(&body.reason))?;
    apply(db, act, who, which, |complaint| complaint.move_on(who, Transition::Reject, words, act.at)).await
}
