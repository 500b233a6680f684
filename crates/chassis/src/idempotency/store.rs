use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use database::{Db, Id, Instant, Tx, on};
use diesel::prelude::*;
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
    body: Option<&'a [u8]>,
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
            body: None,
        }
    }
}

/// Takes the key for this request, or tells why not.
pub(super) async fn claim(db: &Db, claim: &Claim) -> database::Result<Claimed> {
    let now = Utc::now();
    let reserved = Uuid::now_v7();
    let lease = Lease::new(claim, reserved, now);
    let mut tx = db.begin().await?;
    let inserted =
        on!(tx, |c| diesel::insert_into(keys::table).values(&lease).on_conflict_do_nothing().execute(c).await)?;
    let claimed = if inserted == 1 { Claimed::Run(reserved) } else { again(&mut tx, claim, now).await? };
    tx.commit().await?;
    Ok(claimed)
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
        lease(tx, &Lease::new(claim, reserved, now)).await?;
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

async fn lease(tx: &mut Tx, lease: &Lease<'_>) -> database::Result<()> {
    on!(tx, |c| diesel::update(keys::table.find((lease.caller, lease.key))).set(lease).execute(c).await)?;
    Ok(())
}

pub(super) async fn keep(db: &Db, claim: &Claim, answer: Answer) -> database::Result<()> {
    let values = (
        keys::status.eq(answer.status),
        keys::content_type.eq(answer.content_type),
        keys::location.eq(answer.location),
        keys::etag.eq(answer.etag),
        keys::body.eq(answer.body),
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
        let answer = Answer { status: 201, content_type: None, location: None, etag: None, body: b"made".to_vec() };
        keep(&db, &request(1), answer).await.unwrap();
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
        let mut tx = db.begin().await.unwrap();
        let past = Instant::from(Utc::now() - TimeDelta::seconds(1));
        on!(tx, |c| diesel::update(keys::table).set(keys::expires_at.eq(past)).execute(c).await).unwrap();
        tx.commit().await.unwrap();
        let second = told(claim(&db, &request(2)).await.unwrap());
        assert!(second.parse::<Uuid>().is_ok() && second != first, "{second}");
        lapse(&db).await;
        forget_expired(&db).await.unwrap();
        assert_eq!(told(claim(&db, &request(3)).await.unwrap()), "reused");
    }
}
