//! How customers rate what was done for them.

use chrono::{DateTime, Utc};
use complaints_contract::{ComplaintId, ComplaintMessageId, ComplaintRating};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::Marks;
use crate::schema::ratings;

type Row = (Id, Option<i16>, Option<i16>, Option<String>, Option<Instant>);

/// Asks for a rating by this message.
pub async fn ask(tx: &mut Tx, message: ComplaintMessageId, complaint: ComplaintId) -> database::Result<()> {
    let row = (ratings::message_id.eq(Id::from(message)), ratings::complaint_id.eq(Id::from(complaint)));
    on!(tx, |c| diesel::insert_into(ratings::table).values(row).execute(c).await)?;
    Ok(())
}

/// From now on, this opens the rating that the message asks for, and nothing that did before. False where it is given
/// already.
pub async fn seal(
    tx: &mut Tx,
    message: ComplaintMessageId,
    digest: &str,
    until: DateTime<Utc>,
) -> database::Result<bool> {
    let open = ratings::table.find(Id::from(message)).filter(ratings::rated_at.is_null());
    let sealed = (ratings::digest.eq(digest), ratings::expires_at.eq(Instant::from(until)));
    Ok(on!(tx, |c| diesel::update(open).set(sealed).execute(c).await)? == 1)
}

/// A rating that somebody was asked for.
#[derive(Debug)]
pub struct Asked {
    pub message: ComplaintMessageId,
    pub complaint: ComplaintId,
    pub expires_at: Option<DateTime<Utc>>,
    pub is_rated: bool,
}

/// The rating that this opens; nobody else gives it until the transaction ends.
pub async fn opened(tx: &mut Tx, digest: &str) -> database::Result<Option<Asked>> {
    type Found = (Id, Id, Option<Instant>, Option<Instant>);
    let one = ratings::table.filter(ratings::digest.eq(digest)).select((
        ratings::message_id,
        ratings::complaint_id,
        ratings::expires_at,
        ratings::rated_at,
    ));
    let found: Option<Found> = on!(
        tx,
        pg: |c| one.for_update().first(c).await.optional(),
        lite: |c| one.first(c).await.optional(),
    )?;
    Ok(found.map(|(message, complaint, expires_at, rated_at)| Asked {
        message: message.get(),
        complaint: complaint.get(),
        expires_at: expires_at.map(Into::into),
        is_rated: rated_at.is_some(),
    }))
}

pub async fn give(tx: &mut Tx, message: ComplaintMessageId, rating: &ComplaintRating) -> database::Result<()> {
    let given = (
        ratings::attitude.eq(rating.attitude),
        ratings::result.eq(rating.result),
        ratings::comment.eq(&rating.comment),
        ratings::rated_at.eq(Instant::from(rating.rated_at)),
    );
    on!(tx, |c| diesel::update(ratings::table.find(Id::from(message))).set(given).execute(c).await)?;
    Ok(())
}

/// No link leads any more to ratings of this complaint, and nobody is waited for who was asked for one. What was rated stays,
/// and what was said then without what names somebody.
pub async fn forget(tx: &mut Tx, complaint: ComplaintId, marks: &Marks) -> database::Result<()> {
    let all = || ratings::table.filter(ratings::complaint_id.eq(Id::from(complaint)));
    on!(tx, |c| diesel::delete(all().filter(ratings::rated_at.is_null())).execute(c).await)?;
    on!(tx, |c| diesel::update(all()).set(ratings::digest.eq(None::<String>)).execute(c).await)?;
    let said: Vec<(Id, Option<String>)> =
        on!(tx, |c| all().select((ratings::message_id, ratings::comment)).load(c).await)?;
    for (message, comment) in said {
        let left = comment.as_deref().map(|comment| marks.left_of(comment));
        if left != comment {
            let one = ratings::table.find(message);
            on!(tx, |c| diesel::update(one).set(ratings::comment.eq(left)).execute(c).await)?;
        }
    }
    Ok(())
}

/// Oldest first.
pub async fn of(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<ComplaintRating>> {
    let rows: Vec<Row> = on!(conn, |c| {
        ratings::table
            .filter(ratings::complaint_id.eq(Id::from(complaint)))
            .filter(ratings::rated_at.is_not_null())
            .order(ratings::rated_at)
            .select((ratings::complaint_id, ratings::attitude, ratings::result, ratings::comment, ratings::rated_at))
            .load(c)
            .await
    })?;
    let rating = |(complaint, attitude, result, comment, rated_at): Row| {
        Some(ComplaintRating {
            complaint_id: complaint.get(),
            attitude: attitude?,
            result: result?,
            comment,
            rated_at: rated_at?.into(),
        })
    };
    Ok(rows.into_iter().filter_map(rating).collect())
}
