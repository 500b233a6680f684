use chrono::{DateTime, TimeDelta, Utc};
use database::{Conn, Db, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::{
    domain::{Fingerprint, Role},
    schema::api_keys,
    store,
    v1::{ApiKey, ApiKeyId},
};

/// The use of a key is written down at most this often.
const USE_NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
pub struct KeyRow {
    id: Id,
    name: String,
    hint: Option<String>,
    key_hash: Vec<u8>,
    roles: Value,
    version: i64,
    created_by: String,
    created_at: Instant,
    expires_at: Option<Instant>,
    last_used_at: Option<Instant>,
    revoked_at: Option<Instant>,
}

/// A key about to be stored.
pub struct NewKey<'a> {
    pub id: ApiKeyId,
    pub name: String,
    pub hint: Option<String>,
    pub fingerprint: Fingerprint,
    pub roles: &'a [Role],
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<NewKey<'_>> for KeyRow {
    fn from(key: NewKey<'_>) -> Self {
        Self {
            id: key.id.into(),
            name: key.name,
            hint: key.hint,
            key_hash: key.fingerprint.as_bytes().to_vec(),
            roles: store::to_json(key.roles),
            version: 1,
            created_by: key.created_by,
            created_at: key.created_at.into(),
            expires_at: key.expires_at.map(Into::into),
            last_used_at: None,
            revoked_at: None,
        }
    }
}

impl KeyRow {
    pub fn id(&self) -> ApiKeyId {
        self.id.get()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn roles(&self) -> Vec<Role> {
        store::from_json(&self.roles)
    }

    pub fn is_of(&self, fingerprint: &Fingerprint) -> bool {
        fingerprint.matches(&self.key_hash)
    }

    pub fn is_revoked(&self) -> bool {
        self.revoked_at.is_some()
    }

    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        self.expires_at.map(Into::into)
    }

    pub fn is_valid(&self, now: DateTime<Utc>) -> bool {
        !self.is_revoked() && self.expires_at().is_none_or(|at| now < at)
    }

    /// Whether this use should be written down.
    pub fn use_is_news(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at.is_none_or(|at| DateTime::from(at) + USE_NOTED_EVERY <= now)
    }
}

impl From<KeyRow> for ApiKey {
    fn from(row: KeyRow) -> Self {
        Self {
            id: row.id.get(),
            roles: row.roles(),
            name: row.name,
            hint: row.hint,
            created_by: row.created_by,
            created_at: row.created_at.into(),
            expires_at: row.expires_at.map(Into::into),
            last_used_at: row.last_used_at.map(Into::into),
            revoked_at: row.revoked_at.map(Into::into),
            version: row.version,
        }
    }
}

pub async fn insert(tx: &mut Tx, row: &KeyRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(api_keys::table).values(row).execute(c).await)?;
    Ok(())
}

/// Whether there is any key, revoked ones included.
pub async fn any(conn: &mut Conn) -> Result<bool> {
    let found: Option<Id> = on!(conn, |c| api_keys::table.select(api_keys::id).first(c).await.optional())?;
    Ok(found.is_some())
}

pub async fn find(conn: &mut Conn, id: ApiKeyId) -> Result<Option<KeyRow>> {
    let id = Id::from(id);
    on!(conn, |c| api_keys::table.find(id).select(KeyRow::as_select()).first(c).await.optional())
}

pub async fn find_by_fingerprint(conn: &mut Conn, fingerprint: &Fingerprint) -> Result<Option<KeyRow>> {
    let of_hash = api_keys::key_hash.eq(fingerprint.as_bytes());
    let found: Option<KeyRow> =
        on!(conn, |c| api_keys::table.filter(of_hash).select(KeyRow::as_select()).first(c).await.optional())?;
    Ok(found.filter(|row| row.is_of(fingerprint)))
}

pub async fn page(conn: &mut Conn, revoked: Option<bool>, page: &PageRequest) -> Result<Vec<KeyRow>> {
    on!(conn, |c| {
        let query = api_keys::table.select(KeyRow::as_select()).into_boxed::<Backend>();
        let query = match revoked {
            Some(true) => query.filter(api_keys::revoked_at.is_not_null()),
            Some(false) => query.filter(api_keys::revoked_at.is_null()),
            None => query,
        };
        let query = keyset!(query, page, api_keys, { "name" => name: String, "created_at" => created_at: Instant });
        query.load(c).await
    })
}

pub async fn count(conn: &mut Conn, revoked: Option<bool>) -> Result<i64> {
    on!(conn, |c| {
        let query = api_keys::table.count().into_boxed::<Backend>();
        let query = match revoked {
            Some(true) => query.filter(api_keys::revoked_at.is_not_null()),
            Some(false) => query.filter(api_keys::revoked_at.is_null()),
            None => query,
        };
        query.get_result(c).await
    })
}

/// The valid keys of administrators, locked until the transaction ends.
pub async fn lock_administrators(tx: &mut Tx, now: DateTime<Utc>) -> Result<Vec<ApiKeyId>> {
    let kept = api_keys::table.filter(api_keys::revoked_at.is_null()).order(api_keys::id);
    let rows: Vec<KeyRow> = on!(
        tx,
        pg: |c| kept.select(KeyRow::as_select()).for_update().load(c).await,
        lite: |c| kept.select(KeyRow::as_select()).load(c).await,
    )?;
    let administers = |row: &KeyRow| row.is_valid(now) && row.roles().contains(&Role::Admin);
    Ok(rows.iter().filter(|row| administers(row)).map(KeyRow::id).collect())
}

/// Revokes the key; `false` when it was already.
pub async fn revoke(tx: &mut Tx, id: ApiKeyId, at: DateTime<Utc>) -> Result<bool> {
    let valid = api_keys::table.filter(api_keys::id.eq(Id::from(id))).filter(api_keys::revoked_at.is_null());
    let revoked = on!(tx, |c| {
        diesel::update(valid)
            .set((api_keys::revoked_at.eq(Instant::from(at)), api_keys::version.eq(api_keys::version + 1)))
            .execute(c)
            .await
    })?;
    Ok(revoked == 1)
}

/// Notes a use, unless another replica just did.
pub async fn note_use(db: &Db, id: ApiKeyId, at: DateTime<Utc>) -> Result<()> {
    let unnoted = api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(Instant::from(at - USE_NOTED_EVERY)));
    let key = api_keys::table.filter(api_keys::id.eq(Id::from(id))).filter(unnoted);
    let mut tx = db.begin().await?;
    on!(tx, |c| diesel::update(key).set(api_keys::last_used_at.eq(Instant::from(at))).execute(c).await)?;
    tx.commit().await
}
