//! Events waiting to be published: written in the transaction of the change they tell of.

use chrono::Utc;
use database::{Db, Id, Instant, Tx, insert_all, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{Act, Envelope, Message, schema::outbox};

/// How many events are published, and confirmed, together.
pub(crate) const BATCH: i64 = 250;

#[derive(Insertable)]
#[diesel(table_name = outbox)]
struct NewRow {
    id: Id,
    event_type: &'static str,
    traceparent: Option<String>,
    body: String,
    created_at: Instant,
    lane: Lane,
}

/// Which events go first, as the table has it.
type Lane = i16;
const SINGLE: Lane = 0;
const BULK: Lane = 1;

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
pub(crate) struct Row {
    pub(crate) position: i64,
    id: Id,
    event_type: String,
    traceparent: Option<String>,
    body: String,
    created_at: Instant,
}

impl From<Row> for Message {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.get(),
            event_type: row.event_type,
            traceparent: row.traceparent,
            body: row.body.into_bytes(),
            at: row.created_at.into(),
        }
    }
}

/// Records the event in the transaction of the change it tells of: both happen, or neither.
///
/// # Errors
/// When the database refuses the row.
pub async fn enqueue<E: wire::Event>(tx: &mut Tx, act: &Act, event: &E) -> database::Result<()> {
    let row = new_row(act, event)?;
    on!(tx, |c| diesel::insert_into(outbox::table).values(&row).execute(c).await)?;
    Ok(())
}

/// The same for many events of one kind, in their order.
///
/// # Errors
/// When the database refuses a row.
pub async fn enqueue_many<E: wire::Event>(tx: &mut Tx, act: &Act, events: &[E]) -> database::Result<()> {
    let mut prepared = Prepared::default();
    for event in events {
        prepared.add(act, event)?;
    }
    enqueue_prepared(tx, prepared).await
}

/// Events as they are stored.
#[derive(Default)]
pub struct Prepared(Vec<NewRow>);

impl Prepared {
    /// The first half of [`enqueue_many`], which needs no database.
    ///
    /// # Errors
    /// When the event cannot be represented as JSON.
    pub fn add<E: wire::Event>(&mut self, act: &Act, event: &E) -> database::Result<()> {
        self.0.push(new_row(act, event)?);
        Ok(())
    }
}

/// The second half of [`enqueue_many`].
///
/// # Errors
/// When the transaction cannot go on.
pub async fn enqueue_prepared(tx: &mut Tx, Prepared(rows): Prepared) -> database::Result<()> {
    insert_all!(tx, outbox, NewRow { id, event_type, traceparent, body, created_at, lane }, rows.as_slice())?;
    Ok(())
}

fn new_row<E: wire::Event>(act: &Act, event: &E) -> database::Result<NewRow> {
    let unserialisable = |error| database::Error::from(diesel::result::Error::SerializationError(Box::new(error)));
    let envelope = Envelope::around(act, event, event);
    Ok(NewRow {
        id: envelope.id.into(),
        event_type: E::TYPE,
        body: serde_json::to_string(&envelope).map_err(unserialisable)?,
        traceparent: envelope.traceparent,
        created_at: Utc::now().into(),
        lane: if act.is_bulk { BULK } else { SINGLE },
    })
}

/// What waits to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    pub events: i64,
    pub oldest: Option<chrono::DateTime<Utc>>,
}

/// # Errors
/// When the database cannot be read.
pub async fn backlog(db: &Db) -> database::Result<Backlog> {
    let mut conn = db.read().await?;
    let events: i64 = on!(conn, |c| outbox::table.count().get_result(c).await)?;
    let oldest: Option<Instant> =
        on!(conn, |c| outbox::table.order(outbox::position).select(outbox::created_at).first(c).await.optional())?;
    Ok(Backlog { events, oldest: oldest.map(Into::into) })
}

/// Expands to the query of the next events: those of single acts, then those of acts in bulk unless these yield.
macro_rules! next {
    ($lanes:expr, $limit:expr) => {
        outbox::table
            .filter(outbox::lane.le($lanes))
            .order((outbox::lane, outbox::position))
            .limit($limit)
            .select(Row::as_select())
    };
}

/// Up to which lane events are published now.
fn lanes(db: &Db) -> Lane {
    if db.yields() { SINGLE } else { BULK }
}

/// The next events; on PostgreSQL locked until the transaction ends, past those another relay has locked.
pub(crate) async fn claim(db: &Db, tx: &mut Tx) -> database::Result<Vec<Row>> {
    let lanes = lanes(db);
    on!(
        tx,
        pg: |c| next!(lanes, BATCH).for_update().skip_locked().load(c).await,
        lite: |c| next!(lanes, BATCH).load(c).await,
    )
}

/// The next events, without holding anything.
pub(crate) async fn peek(db: &Db, limit: i64) -> database::Result<Vec<Row>> {
    let lanes = lanes(db);
    let mut conn = db.read().await?;
    on!(conn, |c| next!(lanes, limit).load(c).await)
}

pub(crate) async fn delete(tx: &mut Tx, positions: &[i64]) -> database::Result<()> {
    on!(tx, |c| diesel::delete(outbox::table.filter(outbox::position.eq_any(positions))).execute(c).await)?;
    Ok(())
}
