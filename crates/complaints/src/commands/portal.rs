//! What whoever complains does without a login, known by number and secret.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use complaints_contract::{
    Channel, Complainant, ComplaintAttachment, ComplaintAttachmentId, ComplaintId, Happening, NewComplaint,
    NewPortalAcceptance, NewPortalComplaint, NewPortalDispute, NewPortalMessage, NewPortalWithdrawal, PortalAttachment,
    PortalComplaint, PortalEntry, PortalNotice, PortalReceipt, State, Transition,
};
use database::{Conn, Db, Direction, PageRequest};
use futures::Stream;
use messaging::Act;
use wire::Reference;

use super::attachments::{Upload, attach_file};
use super::clocks::Rules;
use super::customers::{Customers, Names};
use super::feedback;
use super::intake::{invalid, parse, register_unanswered};
use super::transitions::{Which, apply, apply_all};
use crate::attachments::Attachments;
use crate::domain::{self, Authority, Faults, Words};
use crate::error::Error;
use crate::queries;
use crate::secret::Secret;
use crate::store::complaints::Key;
use crate::store::{attachments, complaints, history, intakes, messages};

/// More than almost any complaint has; what came before is not shown.
const ENTRIES: i64 = 500;
/// As told in the contract.
const NOTICES: i64 = 100;

/// By the number and the secret that its receipt gave.
pub struct Proof<'a> {
    pub number: &'a str,
    pub secret: &'a str,
}

pub async fn open_portal_complaint(db: &Db, act: &Act, new: NewPortalComplaint) -> Result<PortalReceipt, Error> {
    let secret = Secret::random()?;
    if new.website.as_deref().is_some_and(|website| !website.trim().is_empty()) {
        return decoy(act.at, &secret);
    }
    let new = complaint(new);
    let mut tx = db.begin().await?;
    let customers = Customers::load(&mut tx, &Names::of([&new])).await?;
    let (named, draft) = parse(&new, &customers, act, &Authority::House).map_err(invalid)?;
    let (rules, id) = (Rules::default(), act.new_id().into());
    let complaint = register_unanswered(&mut tx, act, &rules, id, named, &draft).await?;
    intakes::seal(&mut tx, complaint.id, &secret.digest()).await?;
    // Only now: what is told is found in the portal by whoever has the secret.
    feedback::tell_of(&mut tx, act, &complaint, Happening::Opened, None).await?;
    tx.commit().await?;
    Ok(PortalReceipt { number: complaint.number, secret: secret.reveal() })
}

/// What a program gets that has filled in what people do not see: an answer like any other, of a complaint that is not.
fn decoy(now: DateTime<Utc>, secret: &Secret) -> Result<PortalReceipt, Error> {
    let number = domain::number(now, 100_000 + i64::from(Secret::random()?.small()));
    Ok(PortalReceipt { number, secret: secret.reveal() })
}

fn complaint(new: NewPortalComplaint) -> NewComplaint {
    let about = NewComplaint::about(Channel::Portal, new.subject);
    NewComplaint {
        description: Some(new.description),
        product: new.product,
        remedy_sought: new.remedy_sought,
        safety: new.safety,
        about_staff: new.about_staff,
        language: new.language,
        complainant: new.complainant.filter(|given| *given != Complainant::default()),
        ..about
    }
}

pub async fn follow_portal_complaint(db: &Db, proof: &Proof<'_>) -> Result<PortalComplaint, Error> {
    let mut conn = db.snapshot().await?;
    let id = prove(&mut conn, proof).await?;
    let complaint = complaints::find(&mut conn, &Key::Reference(id)).await?.ok_or(Error::PortalUnknown)?;
    let newest = vec![("seq".to_owned(), Direction::Descending)];
    let page = PageRequest { limit: ENTRIES, sort: newest, after: None, count: false };
    let mut entries = history::list(&mut conn, complaint.id, &page).await?;
    entries.sort_by_key(|entry| entry.seq);
    let entries = entries.into_iter().filter(|entry| !matches!(entry.what, Happening::Linked | Happening::Amended));
    let choices = Authority::Complainant.choices(&complaint.timeline).into_iter();
    let messages = notices(&mut conn, complaint.id).await?;
    let attachments = own_files(&mut conn, complaint.id).await?;
    Ok(PortalComplaint {
        number: complaint.number,
        subject: complaint.details.subject,
        state: complaint.timeline.state,
        received_at: complaint.timeline.received_at,
        resolution: complaint.resolution,
        allowed: choices.filter(|transition| *transition != Transition::Resume).collect(),
        entries: entries
            .map(|entry| PortalEntry {
                at: entry.at,
                what: entry.what,
                to: entry.to,
                told: entry.note_to_customer,
                said: entry.from_customer,
            })
            .collect(),
        messages,
        attachments,
    })
}

/// What whoever complained was told, by whatever way it went or is still to go: who gave no address has it here alone.
async fn notices(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<PortalNotice>> {
    let messages = messages::newest(conn, complaint, NOTICES).await?.into_iter();
    Ok(messages
        .map(|message| PortalNotice {
            step: message.step,
            subject: message.subject,
            body: message.body.unwrap_or_default(),
            created_at: message.created_at,
        })
        .collect())
}

/// Never those that we have attached: they are for ourselves.
async fn own_files(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<PortalAttachment>> {
    let files = attachments::of(conn, complaint).await?;
    Ok(files.into_iter().filter(|file| file.from_complainant).map(PortalAttachment::from).collect())
}

/// Takes a file, in whatever state the complaint is: the complainant is heard in all of them. Unlike words, it ends no
/// wait.
pub async fn attach_portal_file<E>(
    db: &Db,
    files: &Attachments,
    act: &Act,
    proof: &Proof<'_>,
    upload: Upload<impl Stream<Item = Result<Bytes, E>> + Unpin>,
) -> Result<PortalAttachment, Error> {
    let which = prove(&mut db.read().await?, proof).await?;
    Ok(attach_file(db, files, act, &Authority::Complainant, &which, upload).await?.into())
}

/// A file that whoever complained sent, and the complaint it belongs to.
pub async fn portal_attachment(
    db: &Db,
    proof: &Proof<'_>,
    id: ComplaintAttachmentId,
) -> Result<(ComplaintId, ComplaintAttachment), Error> {
    let which = prove(&mut db.read().await?, proof).await?;
    let (complaint, known) = queries::attachments_of(db, &Authority::Complainant, &which).await?;
    let file = known.into_iter().find(|file| file.from_complainant && file.id == id);
    Ok((complaint, file.ok_or(Error::AttachmentNotFound(id))?))
}

pub async fn hear_portal_complainant(
    db: &Db,
    act: &Act,
    proof: &Proof<'_>,
    body: NewPortalMessage,
) -> Result<PortalComplaint, Error> {
    let which = prove(&mut db.read().await?, proof).await?;
    let message = said(&body.message, 10_000)?;
    apply_all(db, act, &Authority::Complainant, &which, |complaint| {
        complaint.hear(&Authority::Complainant, message, act.at)
    })
    .await?;
    follow_portal_complaint(db, proof).await
}

pub async fn accept_portal_answer(
    db: &Db,
    act: &Act,
    proof: &Proof<'_>,
    body: NewPortalAcceptance,
) -> Result<PortalComplaint, Error> {
    let message = body.message.as_deref().map(|message| said(message, 5_000)).transpose()?;
    step(db, act, proof, |_| Transition::Accept, message, None).await
}

/// Refuses our answer, which goes to those above, or our settlement, which takes the complaint up again.
pub async fn dispute_portal_answer(
    db: &Db,
    act: &Act,
    proof: &Proof<'_>,
    body: NewPortalDispute,
) -> Result<PortalComplaint, Error> {
    let how = |state| match state {
        State::Resolved | State::Closed | State::FollowedUp => Transition::Reopen,
        State::Received
        | State::Acknowledged
        | State::Assessed
        | State::Investigating
        | State::Responded
        | State::Accepted
        | State::Escalated
        | State::Waiting
        | State::Withdrawn
        | State::Rejected => Transition::Escalate,
    };
    step(db, act, proof, how, Some(said(&body.message, 5_000)?), Some("disputed by the complainant")).await
}

pub async fn withdraw_portal_complaint(
    db: &Db,
    act: &Act,
    proof: &Proof<'_>,
    body: NewPortalWithdrawal,
) -> Result<PortalComplaint, Error> {
    let message = Some(said(&body.message, 5_000)?);
    step(db, act, proof, |_| Transition::Withdraw, message, Some("taken back by the complainant")).await
}

async fn step(
    db: &Db,
    act: &Act,
    proof: &Proof<'_>,
    how: impl FnOnce(State) -> Transition,
    from_customer: Option<String>,
    reason: Option<&str>,
) -> Result<PortalComplaint, Error> {
    let which = prove(&mut db.read().await?, proof).await?;
    let words = Words { from_customer, reason: reason.map(str::to_owned), note_to_customer: None };
    let who = &Authority::Complainant;
    apply(db, act, who, &which, |complaint| {
        let transition = how(complaint.timeline.state);
        complaint.move_on(who, transition, words, act.at)
    })
    .await?;
    follow_portal_complaint(db, proof).await
}

fn said(message: &str, longest: usize) -> Result<String, Error> {
    let mut faults = Faults::default();
    let message = faults.text("/message", message, longest);
    faults.none_or(message).map_err(Error::Invalid)
}

/// The complaint that number and secret are of. A wrong number takes the same way as a wrong secret.
async fn prove(conn: &mut Conn, proof: &Proof<'_>) -> Result<Which, Error> {
    let found = intakes::sealed(conn, proof.number).await?;
    let (id, digest) = found.map_or((None, String::new()), |(id, digest)| (Some(id), digest));
    let proven = Secret::opens(proof.secret, &digest);
    id.filter(|_| proven).map(Reference::Id).ok_or(Error::PortalUnknown)
}
