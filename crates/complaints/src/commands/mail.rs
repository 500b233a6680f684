use std::convert::Infallible;

use bytes::Bytes;
use chrono::TimeDelta;
use complaints_contract::{ComplaintId, MailOutcome, MailReason, MailReceipt};
use database::{Db, Tx};
use futures::stream;
use messaging::Act;
use ring::digest::{SHA256, digest};
use uuid::Uuid;
use wire::Reference;

use super::attachments::{Upload, attach_file};
use super::clocks::Rules;
use super::customers::{Customers, Names};
use super::intake::{invalid, parse, register, register_unanswered};
use super::replace;
use crate::attachments::Attachments;
use crate::domain::{Authority, Complaint, Letter};
use crate::error::Error;
use crate::store::complaints::{self, Key};
use crate::store::{attachments, mails};

/// A person does not write more mails than this within [`WITHIN`]: two programs that answer each other do.
const TOO_MANY: i64 = 20;
const WITHIN: TimeDelta = TimeDelta::hours(1);

/// Takes a mail in, as it came (RFC 5322): it joins the complaint it names, or makes a new one. What a program sent is
/// noted and goes no further; what came through a list, or in numbers that no person writes, is taken in and not answered:
/// so no two programs answer each other for ever, and no complaint is lost. A mail taken in before is not taken in again,
/// but files that it could not bring then are.
pub async fn take_in_mail(
    db: &Db,
    files: &Attachments,
    act: &Act,
    who: &Authority,
    raw: &[u8],
) -> Result<MailReceipt, Error> {
    let letter = Letter::parse(raw).ok_or(Error::MailUnreadable)?;
    let (outcome, reason, complaint) = take_in(db, act, &letter, raw).await?;
    let mut receipt = receipt(who, outcome, reason, complaint.as_ref());
    if let Some(complaint) = complaint {
        (receipt.files_kept, receipt.files_refused) = keep_files(db, files, act, &complaint, letter).await?;
    }
    Ok(receipt)
}

/// What became of a mail, why nobody answers it, and the complaint that it is about.
type Taken = (MailOutcome, Option<MailReason>, Option<Complaint>);

async fn take_in(db: &Db, act: &Act, letter: &Letter, raw: &[u8]) -> Result<Taken, Error> {
    let mut tx = db.begin().await?;
    let key = key(letter, raw);
    let Some(mail) = mails::claim(&mut tx, &key, letter.sender.as_deref(), act.at).await? else {
        let before = mails::complaint_of(&mut tx, &key).await?;
        let before = match before {
            Some(id) => complaints::lock(&mut tx, &Key::from(id)).await?,
            None => None,
        };
        return Ok((MailOutcome::Ignored, Some(MailReason::Repeated), before));
    };
    let (outcome, reason, complaint) = deal_with(&mut tx, act, letter).await?;
    let id: Option<ComplaintId> = complaint.as_ref().map(|complaint| complaint.id);
    mails::settle(&mut tx, mail, outcome, reason, id).await?;
    if let Some(complaint) = complaint.as_ref().filter(|complaint| complaint.intake.erased_at.is_some()) {
        mails::forget(&mut tx, complaint.id, None).await?;
    }
    tx.commit().await?;
    Ok((outcome, reason, complaint))
}

/// Keeps the files that are not there yet, and says how many it kept and how many are none that we take.
async fn keep_files(
    db: &Db,
    files: &Attachments,
    act: &Act,
    complaint: &Complaint,
    letter: Letter,
) -> Result<(i64, i64), Error> {
    let known = attachments::of(&mut db.read().await?, complaint.id).await?;
    let sender = on_behalf_of(complaint, &letter);
    let (mut kept, mut refused) = (0, 0);
    for (name, content) in letter.files {
        let hash = sha256(&content);
        // What we have attached ourselves the complainant does not see: his own is kept besides.
        let is_his = sender == Authority::Complainant;
        if known.iter().any(|file| file.sha256 == hash && (file.from_complainant || !is_his)) {
            continue;
        }
        let pieces = stream::iter([Ok::<_, Infallible>(Bytes::from(content))]);
        let (upload, which) = (Upload { name, pieces }, Reference::Id(complaint.id));
        match attach_file(db, files, act, &sender, &which, upload).await {
            Ok(_) => kept += 1,
            // The mail may be sent again, and brings them then.
            Err(error @ (Error::Store(_) | Error::Database(_))) => return Err(error),
            Err(_) => refused += 1,
        }
    }
    Ok((kept, refused))
}

/// Whoever complained, where the mail is from the address that is known. Else anybody may have written it, one of us
/// included: such files the portal does not show.
fn on_behalf_of(complaint: &Complaint, letter: &Letter) -> Authority {
    let known = complaint.intake.complainant.as_ref().and_then(|complainant| complainant.email.as_ref());
    match (known, &letter.sender) {
        (Some(known), Some(sender)) if known.to_lowercase() == *sender => Authority::Complainant,
        _ => Authority::House,
    }
}

async fn deal_with(tx: &mut Tx, act: &Act, letter: &Letter) -> Result<Taken, Error> {
    let unanswered = unanswerable(tx, act, letter).await?;
    match unanswered {
        Some(MailReason::AutoSubmitted | MailReason::NullSender | MailReason::Own | MailReason::Repeated) => {
            return Ok((MailOutcome::Ignored, unanswered, None));
        }
        Some(MailReason::Bulk | MailReason::MailingList | MailReason::Suppressed | MailReason::TooMany) | None => {}
    }
    if let Some(number) = &letter.number
        && let Some(complaint) = complaints::lock(tx, &Key::Reference(Reference::Code(number.clone()))).await?
    {
        return Ok((MailOutcome::Joined, unanswered, Some(join(tx, act, letter, complaint).await?)));
    }
    let new = letter.complaint();
    let customers = Customers::load(tx, &Names::of([&new])).await?;
    let (named, draft) = parse(&new, &customers, act, &Authority::House).map_err(invalid)?;
    let (rules, id) = (Rules::default(), act.new_id().into());
    let complaint = match unanswered {
        None => register(tx, act, &rules, id, named, &draft).await?,
        Some(_) => register_unanswered(tx, act, &rules, id, named, &draft).await?,
    };
    Ok((MailOutcome::Opened, unanswered, Some(complaint)))
}

async fn unanswerable(tx: &mut Tx, act: &Act, letter: &Letter) -> database::Result<Option<MailReason>> {
    if letter.automatic.is_some() {
        return Ok(letter.automatic);
    }
    let Some(sender) = &letter.sender else { return Ok(None) };
    // This one is counted already.
    let lately = mails::count_since(tx, sender, act.at - WITHIN).await?;
    Ok((lately > TOO_MANY).then_some(MailReason::TooMany))
}

/// The customer is heard, whoever of them writes.
async fn join(tx: &mut Tx, act: &Act, letter: &Letter, mut complaint: Complaint) -> Result<Complaint, Error> {
    let message = match letter.message() {
        "" => "(no text)".to_owned(),
        text => text.to_owned(),
    };
    let entries = complaint.hear(&Authority::Complainant, message, act.at)?;
    replace(tx, act, &Rules::default(), &mut complaint, entries, Uuid::now_v7()).await?;
    Ok(complaint)
}

/// What tells one mail from another.
fn key(letter: &Letter, raw: &[u8]) -> String {
    match &letter.message_id {
        Some(id) if id.len() <= 500 && !id.chars().any(char::is_control) => id.clone(),
        _ => format!("sha256:{}", sha256(raw)),
    }
}

fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn receipt(
    who: &Authority,
    outcome: MailOutcome,
    reason: Option<MailReason>,
    complaint: Option<&Complaint>,
) -> MailReceipt {
    let number = complaint.filter(|complaint| who.sees(complaint)).map(|complaint| complaint.number.clone());
    MailReceipt { outcome, reason, number, files_kept: 0, files_refused: 0 }
}
