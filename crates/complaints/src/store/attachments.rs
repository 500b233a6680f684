//! What is known of the files; the files themselves are elsewhere.

use complaints_contract::{ComplaintAttachment, ComplaintAttachmentId, ComplaintId};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::Marks;
use crate::schema::attachments;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = attachments)]
struct AttachmentRow {
    id: Id,
    complaint_id: Id,
    name: String,
    media_type: String,
    size: i64,
    sha256: String,
    actor: String,
    at: Instant,
    from_complainant: bool,
}

pub async fn insert(tx: &mut Tx, complaint: ComplaintId, new: &ComplaintAttachment) -> database::Result<()> {
    let row = AttachmentRow {
        id: new.id.into(),
        complaint_id: complaint.into(),
        name: new.name.clone(),
        media_type: new.media_type.clone(),
        size: new.size,
        sha256: new.sha256.clone(),
        actor: new.by.clone(),
        at: new.at.into(),
        from_complainant: new.from_complainant,
    };
    on!(tx, |c| diesel::insert_into(attachments::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Oldest first.
pub async fn of(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<ComplaintAttachment>> {
    let rows: Vec<AttachmentRow> = on!(conn, |c| {
        attachments::table
            .filter(attachments::complaint_id.eq(Id::from(complaint)))
            .order((attachments::at, attachments::id))
            .select(AttachmentRow::as_select())
            .load(c)
            .await
    })?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Takes out of the names of files what names somebody.
pub async fn strip(tx: &mut Tx, complaint: ComplaintId, marks: &Marks) -> database::Result<()> {
    let all = attachments::table.filter(attachments::complaint_id.eq(Id::from(complaint)));
    let named: Vec<(Id, String)> = on!(tx, |c| all.select((attachments::id, attachments::name)).load(c).await)?;
    for (id, name) in named {
        let left = marks.left_of(&name);
        if left != name {
            let one = attachments::table.find(id);
            on!(tx, |c| diesel::update(one).set(attachments::name.eq(left)).execute(c).await)?;
        }
    }
    Ok(())
}

/// Which of these there are.
pub async fn known(conn: &mut Conn, ids: &[Id]) -> database::Result<Vec<Id>> {
    let query = attachments::table.filter(attachments::id.eq_any(ids)).select(attachments::id);
    on!(conn, |c| query.load(c).await)
}

impl From<AttachmentRow> for ComplaintAttachment {
    fn from(row: AttachmentRow) -> Self {
        Self {
            id: row.id.get::<ComplaintAttachmentId>(),
            name: row.name,
            media_type: row.media_type,
            size: row.size,
            sha256: row.sha256,
            by: row.actor,
            from_complainant: row.from_complainant,
            at: row.at.into(),
        }
    }
}
