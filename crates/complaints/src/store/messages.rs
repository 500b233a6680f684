//! The queue to the customers.

use chrono::{DateTime, Utc};
use complaints_contract::{
    Channel, ComplaintId, ComplaintMessage, ComplaintMessageId, ComplaintMessageQuery, MessageState,
};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::sight::seen;
use crate::domain::Sight;
use crate::domain::messages::{ATTEMPTS, Delivery, ERASED, ask};
use crate::schema::{complaints, messages};

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = messages)]
struct MessageRow {
    id: Id,
    complaint_id: Id,
    channel: String,
    language: String,
    subject: String,
    body: String,
    state: String,
    created_at: Instant,
    step: String,
    attempts: i32,
    available_at: Option<Instant>,
    failure: Option<String>,
    updated_at: Instant,
}

/// A message as it is kept: its body may have the mark of a link.
#[derive(Debug, Clone)]
pub struct Kept {
    pub message: ComplaintMessage,
    pub body: String,
}

pub async fn queue(
    tx: &mut Tx,
    message: &ComplaintMessage,
    body: String,
    available_at: Option<DateTime<Utc>>,
) -> database::Result<()> {
    let row = MessageRow {
        id: message.id.into(),
        complaint_id: message.complaint_id.into(),
        channel: message.channel.to_string(),
        language: message.language.clone(),
        subject: message.subject.clone(),
        body,
        state: message.state.to_string(),
        created_at: message.created_at.into(),
        step: message.step.to_string(),
        attempts: message.attempts,
        available_at: available_at.map(Into::into),
        failure: message.failure.clone(),
        updated_at: message.updated_at.into(),
    };
    on!(tx, |c| diesel::insert_into(messages::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Messages of this way that nobody has claimed, or no longer, longest first: those that may be claimed once more, or those
/// that were claimed as often as any is. Nobody else changes them until the transaction ends.
async fn free(tx: &mut Tx, channel: Channel, spent: bool, limit: i64, now: DateTime<Utc>) -> database::Result<Vec<Id>> {
    let free = messages::table
        .filter(messages::channel.eq(channel.as_str()))
        .filter(messages::available_at.le(Instant::from(now)))
        .filter(messages::attempts.ge(ATTEMPTS).eq(spent))
        .order(messages::available_at)
        .limit(limit)
        .select(messages::id);
    on!(
        tx,
        pg: |c| free.for_update().skip_locked().load(c).await,
        lite: |c| free.load(c).await,
    )
}

/// Messages of this way whose last claim ended without a report.
pub async fn unreported(
    tx: &mut Tx,
    channel: Channel,
    limit: i64,
    now: DateTime<Utc>,
) -> database::Result<Vec<ComplaintMessageId>> {
    Ok(free(tx, channel, true, limit, now).await?.into_iter().map(Id::get).collect())
}

/// When the next message of this way may be claimed.
pub async fn next(conn: &mut Conn, channel: Channel) -> database::Result<Option<DateTime<Utc>>> {
    let next: Option<Option<Instant>> = on!(conn, |c| {
        messages::table
            .filter(messages::channel.eq(channel.as_str()))
            .filter(messages::available_at.is_not_null())
            .order(messages::available_at)
            .select(messages::available_at)
            .first(c)
            .await
            .optional()
    })?;
    Ok(next.flatten().map(Into::into))
}

/// Messages of this way that wait, longest first; nobody else claims them until `until`.
pub async fn claim(
    tx: &mut Tx,
    channel: Channel,
    limit: i64,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> database::Result<Vec<Kept>> {
    let ids = free(tx, channel, false, limit, now).await?;
    let claimed = (
        messages::state.eq("sending"),
        messages::attempts.eq(messages::attempts + 1),
        messages::available_at.eq(Some(Instant::from(until))),
        messages::updated_at.eq(Instant::from(now)),
    );
    let of = messages::table.filter(messages::id.eq_any(&ids));
    on!(tx, |c| diesel::update(of).set(claimed).execute(c).await)?;
    let rows: Vec<MessageRow> = on!(tx, |c| {
        let of = messages::table.filter(messages::id.eq_any(&ids));
        of.order((messages::created_at, messages::id)).select(MessageRow::as_select()).load(c).await
    })?;
    let kept = |row: MessageRow| {
        let id: Uuid = row.id.get();
        // It is claimed, and so fails in the end: no other waits for it.
        row.into_kept().inspect_err(|error| tracing::error!(%id, %error, "a message cannot be read")).ok()
    };
    Ok(rows.into_iter().filter_map(kept).collect())
}

/// Has a message that the transaction has locked claimed from an instant on, as one that was claimed so often.
pub async fn queue_again(
    tx: &mut Tx,
    id: ComplaintMessageId,
    attempts: i32,
    available_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> database::Result<()> {
    let changes = (
        messages::state.eq(MessageState::Queued.as_str()),
        messages::attempts.eq(attempts),
        messages::available_at.eq(Some(Instant::from(available_at))),
        messages::failure.eq(None::<String>),
        messages::updated_at.eq(Instant::from(now)),
    );
    on!(tx, |c| diesel::update(messages::table.find(Id::from(id))).set(changes).execute(c).await)?;
    Ok(())
}

/// The message, which nobody else changes until the transaction ends.
pub async fn lock(tx: &mut Tx, id: ComplaintMessageId) -> database::Result<Option<Kept>> {
    let one = messages::table.find(Id::from(id));
    let row: Option<MessageRow> = on!(
        tx,
        pg: |c| one.for_update().select(MessageRow::as_select()).first(c).await.optional(),
        lite: |c| one.select(MessageRow::as_select()).first(c).await.optional(),
    )?;
    row.map(MessageRow::into_kept).transpose()
}

/// Writes what became of a message that the transaction has locked.
pub async fn settle(
    tx: &mut Tx,
    id: ComplaintMessageId,
    delivery: Delivery,
    failure: Option<&str>,
    now: DateTime<Utc>,
) -> database::Result<()> {
    let changes = (
        messages::state.eq(delivery.state.as_str()),
        messages::available_at.eq(delivery.available_at.map(Instant::from)),
        messages::failure.eq(failure),
        messages::updated_at.eq(Instant::from(now)),
    );
    on!(tx, |c| diesel::update(messages::table.find(Id::from(id))).set(changes).execute(c).await)?;
    Ok(())
}

/// Empties what somebody was told who was erased; what was still to be told has failed, and nobody claims it.
pub async fn forget(tx: &mut Tx, complaint: ComplaintId, now: DateTime<Utc>) -> database::Result<()> {
    let about =
        messages::table.filter(messages::complaint_id.eq(Id::from(complaint))).order(messages::id).select(messages::id);
    // Held first, all of them: a report may just be queueing again what was sent.
    let ids: Vec<Id> = on!(tx, pg: |c| about.for_update().load(c).await, lite: |c| about.load(c).await)?;
    let all = messages::table.filter(messages::id.eq_any(&ids));
    let emptied = (messages::subject.eq(""), messages::body.eq(""), messages::failure.eq(None::<String>));
    on!(tx, |c| diesel::update(all).set(emptied).execute(c).await)?;
    let unsent = messages::table.filter(messages::id.eq_any(&ids)).filter(messages::available_at.is_not_null());
    let ended = (
        messages::state.eq(MessageState::Failed.as_str()),
        messages::available_at.eq(None::<Instant>),
        messages::failure.eq(Some(ERASED)),
        messages::updated_at.eq(Instant::from(now)),
    );
    on!(tx, |c| diesel::update(unsent).set(ended).execute(c).await)?;
    Ok(())
}

/// What a list is narrowed to.
pub struct Wanted {
    pub sight: Sight,
    pub complaint: Option<ComplaintId>,
    pub query: ComplaintMessageQuery,
}

macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &Wanted = $wanted;
        let mut rows = messages::table.into_boxed::<Backend>();
        if let Some(complaint) = wanted.complaint {
            rows = rows.filter(messages::complaint_id.eq(Id::from(complaint)));
        } else if wanted.sight != Sight::All {
            let seen = seen!(complaints::table.into_boxed::<Backend>(), &wanted.sight).select(complaints::id);
            rows = rows.filter(messages::complaint_id.eq_any(seen));
        }
        if let Some(any) = &wanted.query.state {
            let words: Vec<_> = any.0.iter().map(|state| state.as_str()).collect();
            rows = rows.filter(messages::state.eq_any(words));
        }
        if let Some(any) = &wanted.query.channel {
            let words: Vec<_> = any.0.iter().map(|channel| channel.as_str()).collect();
            rows = rows.filter(messages::channel.eq_any(words));
        }
        rows
    }};
}

/// One more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, wanted: &Wanted, page: &PageRequest) -> database::Result<Vec<ComplaintMessage>> {
    let rows: Vec<MessageRow> = on!(conn, |c| {
        let query = filtered!(wanted).select(MessageRow::as_select());
        keyset!(query, page, messages, { "created_at" => created_at: Instant }).load(c).await
    })?;
    rows.into_iter().map(|row| Ok(row.into_kept()?.message)).collect()
}

/// The newest messages about a complaint, the last of them last.
pub async fn newest(conn: &mut Conn, complaint: ComplaintId, limit: i64) -> database::Result<Vec<ComplaintMessage>> {
    let rows: Vec<MessageRow> = on!(conn, |c| {
        messages::table
            .filter(messages::complaint_id.eq(Id::from(complaint)))
            .order((messages::created_at.desc(), messages::id.desc()))
            .limit(limit)
            .select(MessageRow::as_select())
            .load(c)
            .await
    })?;
    rows.into_iter().rev().map(|row| Ok(row.into_kept()?.message)).collect()
}

pub async fn count(conn: &mut Conn, wanted: &Wanted) -> database::Result<i64> {
    on!(conn, |c| filtered!(wanted).count().get_result(c).await)
}

impl MessageRow {
    fn into_kept(self) -> database::Result<Kept> {
        // One without any was emptied.
        let (text, html) = Some(&self.body).filter(|body| !body.is_empty()).map(|body| ask(body, None)).unzip();
        let message = ComplaintMessage {
            id: self.id.get(),
            complaint_id: self.complaint_id.get(),
            step: self.step.parse().map_err(database::Error::other)?,
            channel: self.channel.parse().map_err(database::Error::other)?,
            language: self.language,
            subject: self.subject,
            body: text,
            html,
            state: self.state.parse().map_err(database::Error::other)?,
            attempts: self.attempts,
            failure: self.failure,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        };
        Ok(Kept { message, body: self.body })
    }
}
