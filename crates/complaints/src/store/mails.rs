//! The mails taken in.

use chrono::{DateTime, Utc};
use complaints_contract::{ComplaintId, MailOutcome, MailReason};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::schema::mails;

/// Claims a mail: waits for whoever takes the same one in at this moment. Nothing where it was taken in before.
pub async fn claim(tx: &mut Tx, key: &str, sender: Option<&str>, at: DateTime<Utc>) -> database::Result<Option<Uuid>> {
    let id = Uuid::now_v7();
    let row = (
        mails::id.eq(Id::from(id)),
        mails::key.eq(key),
        mails::sender.eq(sender),
        mails::outcome.eq(MailOutcome::Ignored.as_str()),
        mails::received_at.eq(Instant::from(at)),
    );
    let added = on!(tx, |c| diesel::insert_into(mails::table).values(row).on_conflict_do_nothing().execute(c).await)?;
    Ok((added == 1).then_some(id))
}

/// Says what became of a claimed mail.
pub async fn settle(
    tx: &mut Tx,
    id: Uuid,
    outcome: MailOutcome,
    reason: Option<MailReason>,
    complaint: Option<ComplaintId>,
) -> database::Result<()> {
    let set = (
        mails::outcome.eq(outcome.as_str()),
        mails::reason.eq(reason.map(MailReason::as_str)),
        mails::complaint_id.eq(complaint.map(Id::from)),
    );
    on!(tx, |c| diesel::update(mails::table.find(Id::from(id))).set(set).execute(c).await)?;
    Ok(())
}

/// The complaint that a mail opened or joined when it was taken in before.
pub async fn complaint_of(tx: &mut Tx, key: &str) -> database::Result<Option<ComplaintId>> {
    let query = mails::table.filter(mails::key.eq(key)).select(mails::complaint_id);
    let found: Option<Option<Id>> = on!(tx, |c| query.first(c).await.optional())?;
    Ok(found.flatten().map(Id::get))
}

/// The Message-ID of the mail that opened a complaint, where one did and had one.
pub async fn opened(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Option<String>> {
    let query = mails::table
        .filter(mails::complaint_id.eq(Id::from(complaint)))
        .filter(mails::outcome.eq(MailOutcome::Opened.as_str()))
        .filter(mails::key.not_like("sha256:%"))
        .select(mails::key);
    on!(conn, |c| query.first(c).await.optional())
}

/// Forgets who sent the mails about a complaint, and which mails came from this address.
pub async fn forget(tx: &mut Tx, complaint: ComplaintId, sender: Option<&str>) -> database::Result<()> {
    let nobody = || mails::sender.eq(None::<String>);
    let about = mails::table.filter(mails::complaint_id.eq(Id::from(complaint))).filter(mails::sender.is_not_null());
    on!(tx, |c| diesel::update(about).set(nobody()).execute(c).await)?;
    if let Some(sender) = sender {
        let from = mails::table.filter(mails::sender.eq(sender));
        on!(tx, |c| diesel::update(from).set(nobody()).execute(c).await)?;
    }
    Ok(())
}

/// How many mails of the sender came from an instant on.
pub async fn count_since(tx: &mut Tx, sender: &str, since: DateTime<Utc>) -> database::Result<i64> {
    let of = mails::table.filter(mails::sender.eq(sender)).filter(mails::received_at.ge(Instant::from(since)));
    on!(tx, |c| of.count().get_result(c).await)
}
