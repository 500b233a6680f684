//! The queue to the customers.

use complaints_contract::{ComplaintId, ComplaintMessage, ComplaintMessageId, MessageState};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use messaging::Act;

use crate::domain::{Acknowledgement, Complaint};
use crate::schema::messages;

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
}

pub async fn queue(tx: &mut Tx, act: &Act, complaint: &Complaint, message: Acknowledgement) -> database::Result<()> {
    let row = MessageRow {
        id: ComplaintMessageId::new().into(),
        complaint_id: complaint.id.into(),
        channel: complaint.details.channel.to_string(),
        language: complaint.details.language.clone(),
        subject: message.subject,
        body: message.body,
        state: MessageState::Queued.to_string(),
        created_at: act.at.into(),
    };
    on!(tx, |c| diesel::insert_into(messages::table).values(&row).execute(c).await)?;
    Ok(())
}

/// One more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(
    conn: &mut Conn,
    complaint: ComplaintId,
    page: &PageRequest,
) -> database::Result<Vec<ComplaintMessage>> {
    let rows: Vec<MessageRow> = on!(conn, |c| {
        let query = messages::table.filter(messages::complaint_id.eq(Id::from(complaint))).into_boxed::<Backend>();
        let query =
            keyset!(query.select(MessageRow::as_select()), page, messages, { "created_at" => created_at: Instant });
        query.load(c).await
    })?;
    rows.into_iter().map(MessageRow::into_message).collect()
}

pub async fn count(conn: &mut Conn, complaint: ComplaintId) -> database::Result<i64> {
    let of = messages::table.filter(messages::complaint_id.eq(Id::from(complaint)));
    on!(conn, |c| of.count().get_result(c).await)
}

impl MessageRow {
    fn into_message(self) -> database::Result<ComplaintMessage> {
        Ok(ComplaintMessage {
            id: self.id.get(),
            complaint_id: self.complaint_id.get(),
            channel: self.channel.parse().map_err(database::Error::other)?,
            language: self.language,
            subject: self.subject,
            body: self.body,
            state: self.state.parse().map_err(database::Error::other)?,
            created_at: self.created_at.into(),
        })
    }
}
