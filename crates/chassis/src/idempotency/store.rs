use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use database::{Db, Id, Instant, Tx, on};
use diesel::dsl::{case_when, not};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::tables::idempotency_keys as keys;

/// How long an answer is kept.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// A request whose lease has run out has crashed, and may be repeated.
const LEASE: TimeDelta = TimeDelta::seconds(15);
/// How often the lease of a request that still runs is renewed.
pub(super) const RENEW_EVERY: Duration = Duration::from_secs(5);
const PURGE_EVERY: Duration = Duration::from_secs(600);
/// The body of an answer that has been emptied. A request that still runs has none, or this: its answer is then kept empty.
const EMPTIED: &[u8] = b"";
/// The lock that is held while answers are forgotten.
const FORGETTING: &str = "idempotency_keys";

#[diesel::declare_sql_function]
extern "SQL" {
    fn hashtext(name: Text) -> Integer;
    fn pg_try_advisory_xact_lock_shared(key: Integer) -> Bool;
}

/// Whose key it is, and which request came with it.
pub(super) struct Claim {
    pub caller: String,
    pub key: String,
    pub fingerprint: Vec<u8>,
}

pub(super) enum Claimed {
    /// The request is ours to run; this is the id that it creates, the same at every try.
    Run(Uuid),
    Answered(Answer),
    Busy,
    Reused,
}

pub(super) struct Answer {
    pub status: i32,
    pub content_type: Option<String>,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: Vec<u8>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = keys)]
struct Row {
    fingerprint: Vec<u8>,
    reserved_id: Id,
    leased_until: Instant,
    expires_at: Instant,
    status: Option<i32>,
    content_type: Option<String>,
    location: Option<String>,
    etag: Option<String>,
    body: Option<Vec<u8>>,
}

/// All but the body.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = keys, treat_none_as_null = true)]
struct Lease<'a> {
    caller: &'a str,
    key: &'a str,
    fingerprint: &'a [u8],
    reserved_id: Id,
    leased_until: Instant,
    expires_at: Instant,
    status: Option<i32>,
    content_type: Option<&'a str>,
    location: Option<&'a str>,
    etag: Option<&'a str>,
}

impl<'a> Lease<'a> {
    fn new(claim: &'a Claim, reserved: Uuid, now: DateTime<Utc>) -> Self {
        Self {
            caller: &claim.caller,
            key: &claim.key,
            fingerprint: &claim.fingerprint,
            reserved_id: reserved.into(),
            leased_until: (now + LEASE).into(),
            expires_at: (now + KEPT).into(),
            status: None,
            content_type: None,
            location: None,
            etag: None,
        }
    }
}

/// Takes the key for this request, or tells why not.
pub(super) async fn claim(db: &Db, claim: &Claim) -> database::Result<Claimed> {
    let now = Utc::now();
    let reserved = Uuid::now_v7();
    let lease = Lease::new(claim, reserved, now);
    let mut tx = db.begin().await?;
    let inserted = on!(tx,
        pg: |c| {
            let values = (&lease, keys::body.eq(first_body()));
            diesel::insert_into(keys::table).values(values).on_conflict_do_nothing().execute(c).await
        },
        lite: |c| diesel::insert_into(keys::table).values(&lease).on_conflict_do_nothing().execute(c).await,
    )?;
    let claimed = if inserted == 1 { Claimed::Run(reserved) } else { again(&mut tx, claim, now).await? };
    tx.commit().await?;
    Ok(claimed)
}

/// Nothing yet, or emptied already while somebody forgets answers on PostgreSQL: he does not see this request, nor does it
/// see what he has done. Taken in the statement itself and without waiting, the lock costs no round trip. `database::lock`
/// gives it the same number.
fn first_body() -> case_when<not<pg_try_advisory_xact_lock_shared<hashtext<&'static str>>>, &'static [u8], Binary> {
    case_when::<_, _, Binary>(not(pg_try_advisory_xact_lock_shared(hashtext(FORGETTING))), EMPTIED)
}

async fn again(tx: &mut Tx, claim: &Claim, now: DateTime<Utc>) -> database::Result<Claimed> {
    let row: Row = on!(tx,
        pg: |c| {
            keys::table.find((&claim.caller, &claim.key)).select(Row::as_select()).for_update().first(c).await
        },
        lite: |c| keys::table.find((&claim.caller, &claim.key)).select(Row::as_select()).first(c).await,
    )?;
    if row.expires_at <= now.into() {
        let reserved = Uuid::now_v7();
        lease_anew(tx, &Lease::new(claim, reserved, now)).await?;
        return Ok(Claimed::Run(reserved));
    }
    if row.fingerprint != claim.fingerprint {
        return Ok(Claimed::Reused);
    }
    if let Some(status) = row.status {
        return Ok(Claimed::Answered(Answer {
            status,
            content_type: row.content_type,
            location: row.location,
            etag: row.etag,
            body: row.body.unwrap_or_default(),
        }));
    }
    if row.leased_until > now.into() {
        return Ok(Claimed::Busy);
    }
    let reserved: Uuid = row.reserved_id.get();
    lease(tx, &Lease::new(claim, reserved, now)).await?;
    Ok(Claimed::Run(reserved))
}

/// To the same request. An answer to its first try that was to be kept empty still is: that try may still run.
async fn lease(tx: &mut Tx, lease: &Lease<'_>) -> database::Result<()> {
    on!(tx, |c| diesel::update(keys::table.find((lease.caller, lease.key))).set(lease).execute(c).await)?;
    Ok(())
}

/// To another request than before.
async fn lease_anew(tx: &mut Tx, lease: &Lease<'_>) -> database::Result<()> {
    let one = keys::table.find((lease.caller, lease.key));
    on!(tx,
        pg: |c| diesel::update(one).set((lease, keys::body.eq(first_body()))).execute(c).await,
        lite: |c| diesel::update(one).set((lease, keys::body.eq(None::<&[u8]>))).execute(c).await,
    )?;
    Ok(())
}

pub(super) async fn keep(db: &Db, claim: &Claim, answer: Answer) -> database::Result<()> {
    let was_emptied = keys::body.eq(EMPTIED);
    let body = case_when::<_, _, Nullable<Binary>>(was_emptied, EMPTIED).otherwise(answer.body);
    let values = (
        keys::status.eq(answer.status),
        keys::content_type.eq(answer.content_type),
        keys::location.eq(answer.location),
        keys::etag.eq(answer.etag),
        keys::body.eq(body),
    );
    let mut tx = db.begin().await?;
    on!(tx, |c| diesel::update(keys::table.find((&claim.caller, &claim.key))).set(values).execute(c).await)?;
    tx.commit().await
}

pub(super) async fn renew(db: &Db, claim: &Claim) -> database::Result<()> {
    lease_until(db, claim, Utc::now() + LEASE).await
}

/// Ends the lease; the reserved id and the fingerprint stay.
pub(super) async fn release(db: &Db, claim: &Claim) -> database::Result<()> {
    lease_until(db, claim, Utc::now()).await
}

async fn lease_until(db: &Db, claim: &Claim, end: DateTime<Utc>) -> database::Result<()> {
    let end = keys::leased_until.eq(Instant::from(end));
    let mut tx = db.begin().await?;
    on!(tx, |c| diesel::update(keys::table.find((&claim.caller, &claim.key))).set(end).execute(c).await)?;
    tx.commit().await
}

/// Gives the key up, unless it has an answer.
pub(super) async fn forget(db: &Db, claim: &Claim) -> database::Result<()> {
    let mut tx = db.begin().await?;
    on!(tx, |c| {
        let unanswered = keys::table.find((&claim.caller, &claim.key)).filter(keys::status.is_null());
        diesel::delete(unanswered).execute(c).await
    })?;
    tx.commit().await
}

/// Empties the answers that are kept and have one of these texts, and lets no answer be kept of requests that run until the
/// transaction commits, whatever they are about: what they answer may have been read before. The keys stay: what is repeated
/// is not done again, and gets status and headers without a body. So does a repeated request that forgets answers itself.
///
/// What begins after the commit reads what that has left, and is kept as ever. Neither clocks nor the number of replicas
/// matter. Requests that run wait with their answers until the transaction ends, and others that forget answers wait for it:
/// call this last.
///
/// # Errors
/// When the transaction cannot go on.
pub async fn forget_answers(tx: &mut Tx, texts: &[String]) -> database::Result<()> {
    const POSTGRES: &str = "UPDATE idempotency_keys SET body = '' WHERE status IS NULL
        OR EXISTS (SELECT 1 FROM unnest($1) AS said WHERE position(convert_to(said, 'UTF8') IN body) > 0)";
    const SQLITE: &str = "UPDATE idempotency_keys SET body = x'' WHERE status IS NULL
        OR EXISTS (SELECT 1 FROM json_each(?1) AS said WHERE instr(body, CAST(said.value AS BLOB)) > 0)";
    let list = serde_json::to_string(texts).map_err(database::Error::other)?;
    // Whoever has taken a key is seen by the statement that follows; whoever takes one from now on finds the lock held.
    database::lock(tx, FORGETTING).await?;
    on!(tx,
        pg: |c| diesel::sql_query(POSTGRES).bind::<Array<Text>, _>(texts).execute(c).await,
        lite: |c| diesel::sql_query(SQLITE).bind::<Text, _>(list.as_str()).execute(c).await,
    )?;
    Ok(())
}

/// Forgets expired answers until told to stop.
pub(crate) async fn purge(db: Db, stop: CancellationToken) {
    loop {
        if let Err(error) = forget_expired(&db).await {
            tracing::warn!(%error, "cannot purge idempotency keys");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PURGE_EVERY) => {}
        }
    }
}

async fn forget_expired(db: &Db) -> database::Result<()> {
    let now = Instant::from(Utc::now());
    let mut tx = db.begin().await?;
    on!(tx, |c| diesel::delete(keys::table.filter(keys::expires_at.lt(now))).execute(c).await)?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn database(folder: &tempfile::TempDir) -> Db {
        let db =
            Db::open(&format!("sqlite:{}/test.db", folder.path().display()), database::Options::default()).unwrap();
        db.migrate(vec![crate::migrations()]).await.unwrap();
        db
    }

    fn request(fingerprint: u8) -> Claim {
        Claim { caller: "user:1".into(), key: "k".into(), fingerprint: vec![fingerprint] }
    }

    /// As if the request that holds the key had crashed long ago.
    async fn lapse(db: &Db) {
        let mut tx = db.begin().await.unwrap();
        let past = Instant::from(Utc::now() - LEASE);
        on!(tx, |c| diesel::update(keys::table).set(keys::leased_until.eq(past)).execute(c).await).unwrap();
        tx.commit().await.unwrap();
    }

    /// As if the key had been used more than a day ago.
    async fn expire(db: &Db) {
        let mut tx = db.begin().await.unwrap();
        let past = Instant::from(Utc::now() - TimeDelta::seconds(1));
        on!(tx, |c| diesel::update(keys::table).set(keys::expires_at.eq(past)).execute(c).await).unwrap();
        tx.commit().await.unwrap();
    }

    async fn forget_texts(db: &Db, texts: &[&str]) {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let mut tx = db.begin().await.unwrap();
        forget_answers(&mut tx, &texts).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn made(body: &str) -> Answer {
        Answer { status: 201, content_type: None, location: None, etag: None, body: body.into() }
    }

    fn told(claimed: Claimed) -> String {
        match claimed {
            Claimed::Run(id) => id.to_string(),
            Claimed::Answered(answer) => String::from_utf8(answer.body).unwrap(),
            Claimed::Busy => "busy".into(),
            Claimed::Reused => "reused".into(),
        }
    }

    #[tokio::test]
    async fn a_crashed_request_is_repeated_with_the_id_it_reserved() {
        let folder = tempfile::tempdir().unwrap();
        let db = database(&folder).await;
        let first = told(claim(&db, &request(1)).await.unwrap());
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), "busy");
        assert_eq!(told(claim(&db, &request(2)).await.unwrap()), "reused");
        lapse(&db).await;
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), first);
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), "busy");
        release(&db, &request(1)).await.unwrap();
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), first);
        keep(&db, &request(1), made("made")).await.unwrap();
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), "made");
    }

    #[tokio::test]
    async fn a_renewed_lease_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let db = database(&folder).await;
        told(claim(&db, &request(1)).await.unwrap());
        lapse(&db).await;
        renew(&db, &request(1)).await.unwrap();
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), "busy");
    }

    #[tokio::test]
    async fn an_expired_answer_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let db = database(&folder).await;
        let first = told(claim(&db, &request(1)).await.unwrap());
        expire(&db).await;
        let second = told(claim(&db, &request(2)).await.unwrap());
        assert!(second.parse::<Uuid>().is_ok() && second != first, "{second}");
        lapse(&db).await;
        forget_expired(&db).await.unwrap();
        assert_eq!(told(claim(&db, &request(3)).await.unwrap()), "reused");
    }

    #[tokio::test]
    async fn an_answer_that_was_to_be_forgotten_before_it_came_stays_empty_as_long_as_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let db = database(&folder).await;
        let first = told(claim(&db, &request(1)).await.unwrap());
        forget_texts(&db, &[]).await;
        lapse(&db).await;
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), first, "while the first try may still run");
        keep(&db, &request(1), made("made")).await.unwrap();
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), "");
        expire(&db).await;
        told(claim(&db, &request(2)).await.unwrap());
        keep(&db, &request(2), made("made later")).await.unwrap();
        assert_eq!(told(claim(&db, &request(2)).await.unwrap()), "made later");
    }

    #[tokio::test]
    async fn an_emptied_answer_is_not_brought_back() {
        let folder = tempfile::tempdir().unwrap();
        let db = database(&folder).await;
        told(claim(&db, &request(1)).await.unwrap());
        keep(&db, &request(1), made("Wang made it")).await.unwrap();
        forget_texts(&db, &["Li"]).await;
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), "Wang made it");
        forget_texts(&db, &["Li", "Wang"]).await;
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), "");
        keep(&db, &request(1), made("Wang made it")).await.unwrap();
        assert_eq!(told(claim(&db, &request(1)).await.unwrap()), "");
    }
}
