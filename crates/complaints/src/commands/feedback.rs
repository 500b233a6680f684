//! What whoever complained is told: written at each step, brought by whoever claims it, rated at the end.

use chassis::audit;
use chassis::http::{IfMatch, Stale};
use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::v1::ComplaintRated;
use complaints_contract::{
    Channel, ClaimedMessage, ClaimedMessages, ComplaintId, ComplaintMessage, ComplaintMessageId, ComplaintRating,
    DeliveryOutcome, Happening, MessageState, MessageTemplate, NewDelivery, NewMessageClaim, NewMessageTemplate,
    NewRating, RatingReceipt,
};
use database::{Conn, Db, Tx};
use messaging::{Act, outbox};

use crate::domain::messages::{
    Delivery, ERASED, LANGUAGES, NO_REPORT, STEPS, Template, Values, address, ask, kept_failure, languages,
    only_with_note, shipped, template_of, way, without_portal,
};
use crate::domain::{Authority, Complaint, Entry, Faults};
use crate::error::Error;
use crate::secret::{Secret, digest_of};
use crate::store::complaints::{self, Key};
use crate::store::messages::Kept;
use crate::store::{intakes, mails, message_templates, messages, ratings};

/// For how long a customer may rate.
const RATED_WITHIN: TimeDelta = TimeDelta::days(30);

/// Queues what whoever complained is to be told of these steps.
pub(super) async fn tell(tx: &mut Tx, act: &Act, complaint: &Complaint, entries: &[Entry]) -> database::Result<()> {
    for entry in entries {
        tell_of(tx, act, complaint, entry.what, entry.note_to_customer.as_deref()).await?;
    }
    Ok(())
}

/// Queues what whoever complained is to be told of one step. Who was erased is told nothing.
pub(super) async fn tell_of(
    tx: &mut Tx,
    act: &Act,
    complaint: &Complaint,
    step: Happening,
    note: Option<&str>,
) -> database::Result<()> {
    if complaint.intake.erased_at.is_some() || (only_with_note(step) && note.is_none()) {
        return Ok(());
    }
    let Some(template) = template(tx, template_of(step), &complaint.details.language).await? else { return Ok(()) };
    // What was noted for the customer is for the customer.
    if !template.enabled && note.is_none() {
        return Ok(());
    }
    queue(tx, act, complaint, step, note, &template).await
}

async fn queue(
    tx: &mut Tx,
    act: &Act,
    complaint: &Complaint,
    step: Happening,
    note: Option<&str>,
    template: &MessageTemplate,
) -> database::Result<()> {
    let text = Template { subject: template.subject.clone(), body: template.body.clone() };
    let message = text.fill(Values {
        number: &complaint.number,
        subject: &complaint.details.subject,
        note,
        resolution: complaint.resolution.as_deref(),
    });
    let Some(channel) = way(&complaint.intake, complaint.details.channel) else { return Ok(()) };
    // Nobody finds anything in the portal without a secret, which only a complaint made there has.
    let brought = channel != Channel::Portal || !intakes::is_sealed(tx, complaint.id).await?;
    let channel = match channel {
        Channel::Portal if brought => without_portal(&complaint.intake, complaint.external_id.is_some()),
        channel => channel,
    };
    let kept = ComplaintMessage {
        id: ComplaintMessageId::new(),
        complaint_id: complaint.id,
        step,
        channel,
        language: template.language.clone(),
        subject: message.subject,
        body: None,
        html: None,
        state: if brought { MessageState::Queued } else { MessageState::Sent },
        attempts: 0,
        failure: None,
        created_at: act.at,
        updated_at: act.at,
    };
    messages::queue(tx, &kept, message.body, brought.then_some(act.at)).await?;
    if message.asks_for_rating && brought {
        ratings::ask(tx, kept.id, complaint.id).await?;
    }
    Ok(())
}

/// The template of a step in the language that comes nearest.
async fn template(tx: &mut Tx, step: Happening, language: &str) -> database::Result<Option<MessageTemplate>> {
    let languages = languages(language);
    let own = message_templates::of(tx, step, &languages).await?;
    Ok(languages.iter().find_map(|language| {
        own.iter().find(|template| template.language == *language).cloned().or_else(|| as_shipped(step, language))
    }))
}

/// The template that is used where the company has none of its own.
pub fn as_shipped(step: Happening, language: &str) -> Option<MessageTemplate> {
    let Template { subject, body } = shipped(step, language)?;
    Some(MessageTemplate {
        step,
        language: language.to_owned(),
        subject,
        body,
        enabled: true,
        version: 0,
        updated_at: None,
        updated_by: None,
    })
}

pub async fn set_message_template(
    db: &Db,
    act: &Act,
    step: Happening,
    language: &str,
    expected: IfMatch,
    new: NewMessageTemplate,
) -> Result<MessageTemplate, Error> {
    if !STEPS.contains(&step) {
        return Err(Error::TemplateNotFound);
    }
    let mut faults = Faults::default();
    let language = match LANGUAGES.iter().find(|known| known.eq_ignore_ascii_case(language)) {
        Some(known) => (*known).to_owned(),
        None => faults.language("?language", language),
    };
    let template = match Template::parse(step, &new.subject, &new.body) {
        Ok(template) => faults.none_or(template),
        Err(more) => Err([faults.into_vec(), more].concat()),
    };
    let template = template.map_err(Error::Invalid)?;
    let mut tx = db.begin().await?;
    let before = message_templates::of(&mut tx, step, std::slice::from_ref(&language)).await?.pop();
    let version = before.map_or(0, |before| before.version);
    expected.check(version)?;
    let set = MessageTemplate {
        step,
        language,
        subject: template.subject,
        body: template.body,
        enabled: new.enabled.unwrap_or(true),
        version: version + 1,
        updated_at: Some(act.at),
        updated_by: Some(act.actor.clone()),
    };
    if !message_templates::put(&mut tx, &set, &act.actor, act.at.into()).await? {
        return Err(Error::Stale(Stale { current: set.version }));
    }
    audit::record(&mut tx, act, "message_template.set", "message_template", uuid::Uuid::nil()).await?;
    tx.commit().await?;
    Ok(set)
}

/// When the next message of this way may be claimed, if there is one.
pub async fn next_message(db: &Db, channel: Channel) -> database::Result<Option<DateTime<Utc>>> {
    messages::next(&mut db.read().await?, channel).await
}

/// Takes messages out of the queue until the lease ends. `rate_at` is the page where customers rate, if there is one.
pub async fn claim_messages(
    db: &Db,
    act: &Act,
    rate_at: Option<&str>,
    claim: &NewMessageClaim,
) -> Result<ClaimedMessages, Error> {
    let mut faults = Faults::default();
    let (limit, lease) = (claim.limit.unwrap_or(20), claim.lease_seconds.unwrap_or(300));
    if !(1..=100).contains(&limit) {
        faults.add("/limit", "out-of-range", "must be from 1 to 100");
    }
    if !(10..=3600).contains(&lease) {
        faults.add("/lease_seconds", "out-of-range", "must be from 10 to 3600");
    }
    faults.none_or(()).map_err(Error::Invalid)?;
    let claimed_until = act.at + TimeDelta::seconds(lease);
    let mut tx = db.begin().await?;
    for lost in messages::unreported(&mut tx, claim.channel, limit, act.at).await? {
        messages::settle(&mut tx, lost, Delivery::GIVEN_UP, Some(NO_REPORT), act.at).await?;
    }
    let claimed = messages::claim(&mut tx, claim.channel, limit, act.at, claimed_until).await?;
    tx.commit().await?;
    let mut messages = Vec::new();
    for kept in claimed {
        let id = kept.message.id;
        match addressed(db, kept, rate_at, act.at).await {
            Ok(message) => messages.extend(message),
            // The rest come back with the end of the lease.
            Err(Error::Database(error)) if error.passes() && !messages.is_empty() => break,
            Err(Error::Database(error)) if error.passes() => return Err(error.into()),
            // It is claimed, and so fails in the end: no other waits for it.
            Err(error) => {
                tracing::error!(%id, error = &error as &dyn std::error::Error, "a message cannot be addressed")
            }
        }
    }
    Ok(ClaimedMessages { claimed_until, messages })
}

/// The message with its address; nothing where whoever complained was erased since it was claimed.
async fn addressed(
    db: &Db,
    Kept { mut message, body }: Kept,
    rate_at: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<ClaimedMessage>, Error> {
    let mut conn = db.read().await?;
    let complaint = existing(&mut conn, message.complaint_id).await?;
    if complaint.intake.erased_at.is_some() {
        return Ok(None);
    }
    let in_reply_to = match message.channel {
        Channel::Email => mails::opened(&mut conn, complaint.id).await?,
        _ => None,
    };
    drop(conn);
    if let Some(page) = rate_at
        && message.body.as_ref() != Some(&body)
    {
        let secret = Secret::random()?;
        let mut tx = db.begin().await?;
        if ratings::seal(&mut tx, message.id, &secret.digest(), now + RATED_WITHIN).await? {
            let (text, html) = ask(&body, Some(&format!("{page}#{}", secret.reveal())));
            (message.body, message.html) = (Some(text), Some(html));
        }
        tx.commit().await?;
    }
    Ok(Some(ClaimedMessage {
        in_reply_to,
        address: address(&complaint.intake, message.channel),
        name: complaint.intake.complainant.and_then(|complainant| complainant.name),
        contact_id: complaint.details.contact_id,
        external_id: complaint.external_id,
        number: complaint.number,
        message,
    }))
}

/// Takes in what became of a message. One to somebody who was erased is not tried again, and of why it failed, in which mail
/// servers quote the address, nothing is kept.
pub async fn report_delivery(
    db: &Db,
    act: &Act,
    id: ComplaintMessageId,
    report: NewDelivery,
) -> Result<ComplaintMessage, Error> {
    let mut faults = Faults::default();
    if report.outcome != DeliveryOutcome::Failed && (report.failure.is_some() || report.retry.is_some()) {
        faults.add("/outcome", "not-failed", "only what failed has a failure, or is tried again");
    }
    faults.none_or(()).map_err(Error::Invalid)?;
    let failure = report.failure.as_deref().and_then(kept_failure);
    let mut tx = db.begin().await?;
    let mut message = messages::lock(&mut tx, id).await?.ok_or(Error::MessageNotFound(id))?.message;
    let is_failure = report.outcome == DeliveryOutcome::Failed;
    let (report, failure) = if is_failure && intakes::is_erased(&mut tx, message.complaint_id).await? {
        (NewDelivery { retry: None, failure: None, ..report }, Some(ERASED.to_owned()))
    } else {
        (report, failure)
    };
    let Some(delivery) = Delivery::after(message.state, message.attempts, &report, act.at)? else {
        return Ok(message);
    };
    messages::settle(&mut tx, id, delivery, failure.as_deref(), act.at).await?;
    tx.commit().await?;
    (message.state, message.failure, message.updated_at) = (delivery.state, failure, act.at);
    Ok(message)
}

/// Gives a claimed message back as if it had not been claimed, for a minute later.
pub async fn return_message(db: &Db, act: &Act, claimed: &ComplaintMessage) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    if let Some(kept) = messages::lock(&mut tx, claimed.id).await?
        && (kept.message.state, kept.message.attempts) == (MessageState::Sending, claimed.attempts)
    {
        let later = act.at + TimeDelta::minutes(1);
        messages::queue_again(&mut tx, claimed.id, claimed.attempts - 1, later, act.at).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Queues a message again that has failed, as if it had never been tried: what was wrong is mended.
pub async fn retry_message(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: ComplaintMessageId,
) -> Result<ComplaintMessage, Error> {
    let mut tx = db.begin().await?;
    let mut message = messages::lock(&mut tx, id).await?.ok_or(Error::MessageNotFound(id))?.message;
    let complaint = existing(&mut tx, message.complaint_id).await?;
    if !who.sees(&complaint) {
        return Err(Error::MessageNotFound(id));
    }
    if complaint.intake.erased_at.is_some() {
        return Err(Error::ComplainantErased);
    }
    if message.state != MessageState::Failed {
        return Err(Error::MessageNotFailed(message.state));
    }
    messages::queue_again(&mut tx, id, 0, act.at, act.at).await?;
    audit::record(&mut tx, act, "complaint_message.retried", "complaint_message", id.into()).await?;
    tx.commit().await?;
    (message.state, message.attempts, message.failure) = (MessageState::Queued, 0, None);
    message.updated_at = act.at;
    Ok(message)
}

/// Takes in how a customer rates, by the link that the customer alone has.
pub async fn rate_complaint(db: &Db, act: &Act, new: &NewRating) -> Result<RatingReceipt, Error> {
    let mut faults = Faults::default();
    for (pointer, mark) in [("/attitude", new.attitude), ("/result", new.result)] {
        if !(1..=5).contains(&mark) {
            faults.add(pointer, "out-of-range", "must be from 1 to 5");
        }
    }
    let comment = faults.some_text("/comment", new.comment.as_deref(), 2_000);
    let comment = faults.none_or(comment).map_err(Error::Invalid)?;
    let mut tx = db.begin().await?;
    let asked = ratings::opened(&mut tx, &digest_of(&new.token)).await?.ok_or(Error::RatingUnknown)?;
    if asked.is_rated {
        return Err(Error::RatingGiven);
    }
    if asked.expires_at.is_none_or(|until| until <= act.at) {
        return Err(Error::RatingExpired);
    }
    let complaint = existing(&mut tx, asked.complaint).await?;
    let rating = ComplaintRating {
        complaint_id: complaint.id,
        attitude: new.attitude,
        result: new.result,
        comment,
        rated_at: act.at,
    };
    ratings::give(&mut tx, asked.message, &rating).await?;
    audit::record(&mut tx, act, "complaint.rated", "complaint", complaint.id.into()).await?;
    let rated = ComplaintRated {
        message_id: asked.message,
        complaint_id: complaint.id,
        customer_id: complaint.customer.id,
        attitude: rating.attitude,
        result: rating.result,
        restricted: complaint.details.about_staff.is_some(),
        rated_at: rating.rated_at,
    };
    outbox::enqueue(&mut tx, act, &rated).await?;
    tx.commit().await?;
    Ok(RatingReceipt { number: complaint.number })
}

async fn existing(tx: &mut Conn, id: ComplaintId) -> Result<Complaint, Error> {
    let found = complaints::find(tx, &Key::from(id)).await?;
    found.ok_or_else(|| Error::ComplaintNotFound(id.to_string()))
}
