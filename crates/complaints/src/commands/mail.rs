use chrono::TimeDelta;
use complaints_contract::{ComplaintId, MailOutcome, MailReason, MailReceipt};
use database::{Db, Tx};
use messaging::Act;
use ring::digest::{SHA256, digest};
use uuid::Uuid;
use wire::Reference;

use super::clocks::Rules;
use super::customers::{Customers, Names};
use super::intake::{invalid, parse, register, register_unanswered};
use super::replace;
use crate::domain::{Authority, Complaint, Letter};
use crate::error::Error;
use crate::store::complaints::{self, Key};
use crate::store::mails;

/// A person does not write more mails than this within [`WITHIN`]: two programs that answer each other do.
const TOO_MANY: i64 = 20;
const WITHIN: TimeDelta = TimeDelta::hours(1);

/// Takes a mail in, as it came (RFC 5322): it joins the complaint it names, or makes a new one. What a program sent is
/// noted and goes no further; what came through a list, or in numbers that no person writes, is taken in and not answered:
/// so no two programs answer each other for ever, and no complaint is lost. A mail taken in before is not taken in again.
pub async fn take_in_mail(db: &Db, act: &Act, who: &Authority, raw: &[u8]) -> Result<MailReceipt, Error> {
    let letter = Letter::parse(raw).ok_or(Error::MailUnreadable)?;
    let mut tx = db.begin().await?;
    let key = key(&letter, raw);
    let Some(mail) = mails::claim(&mut tx, &key, letter.sender.as_deref(), act.at).await? else {
        let before = mails::complaint_of(&mut tx, &key).await?;
        let before = match before {
            Some(id) => complaints::lock(&mut tx, &Key::from(id)).await?,
            None => None,
        };
        return Ok(receipt(who, MailOutcome::Ignored, Some(MailReason::Repeated), before.as_ref()));
    };
    let (outcome, reason, complaint) = deal_with(&mut tx, act, &letter).await?;
    let id: Option<ComplaintId> = complaint.as_ref().map(|complaint| complaint.id);
    mails::settle(&mut tx, mail, outcome, reason, id).await?;
    tx.commit().await?;
    Ok(receipt(who, outcome, reason, complaint.as_ref()))
}

async fn deal_with(
    tx: &mut Tx,
    act: &Act,
    letter: &Letter,
) -> Result<(MailOutcome, Option<MailReason>, Option<Complaint>), Error> {
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
    let (named, draft) = parse(&new, &customers, act).map_err(invalid)?;
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
        _ => {
            let hash = digest(&SHA256, raw);
            let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("sha256:{hex}")
        }
    }
}

fn receipt(
    who: &Authority,
    outcome: MailOutcome,
    reason: Option<MailReason>,
    complaint: Option<&Complaint>,
) -> MailReceipt {
    let number = complaint.filter(|complaint| who.sees(complaint)).map(|complaint| complaint.number.clone());
    MailReceipt { outcome, reason, number }
}
