//! Who calls: from a key or a session's token to a caller with permissions.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::http::header::{self, HeaderMap};
use chassis::Caller;
use chrono::{DateTime, Utc};
use database::Db;

use crate::{
    domain::{Fingerprint, Role, permissions_of},
    limits::Client,
    store::{
        keys::{self, KeyRow},
        sessions::{self, SessionRow},
        users::UserRow,
    },
    tokens::Tokens,
};

/// How long a caller is believed without asking the database again: how late another replica's change takes effect.
const BELIEVED_FOR: Duration = Duration::from_secs(5);
/// When this many credentials are remembered, the stale ones are dropped.
const MANY: usize = 10_000;

const API_KEY: &str = "x-api-key";

/// A caller that proved who it is.
pub struct Identity {
    pub caller: Arc<Caller>,
    /// Whom its requests are counted for.
    pub client: Client,
    /// Its internal tokens.
    pub tokens: Tokens,
    expires_at: Option<DateTime<Utc>>,
}

struct Remembered {
    identity: Arc<Identity>,
    until: Instant,
}

/// Knows the callers of late.
pub struct Callers {
    db: Db,
    remembered: RwLock<HashMap<Fingerprint, Remembered>>,
    /// Grows with every change of callers: what was read before a change is not remembered after it.
    changes: AtomicU64,
}

/// The key or token that came with a request.
#[must_use]
pub fn credential(headers: &HeaderMap) -> Option<&str> {
    let key = headers.get(API_KEY).and_then(|value| value.to_str().ok());
    let bearer = || headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer);
    key.or_else(bearer).map(str::trim).filter(|credential| !credential.is_empty())
}

/// The scheme's name is case-insensitive (RFC 9110, section 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, credential) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(credential)
}

impl Callers {
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, remembered: RwLock::default(), changes: AtomicU64::default() }
    }

    /// The caller whose credential this is, if it is valid now.
    pub async fn identify(&self, credential: &str) -> database::Result<Option<Arc<Identity>>> {
        let fingerprint = Fingerprint::of(credential);
        let known = self.recall(&fingerprint);
        if let Some((identity, true)) = &known {
            return Ok(Some(identity.clone()).filter(|identity| identity.is_valid(Utc::now())));
        }
        let before = self.changes.load(Ordering::Acquire);
        let Some(found) = self.load(credential, &fingerprint).await? else {
            self.forget(&fingerprint);
            return Ok(None);
        };
        // Unchanged, it keeps the tokens that were signed for it.
        let identity = match known {
            Some((known, _)) if known.is_same(&found) => known,
            _ => Arc::new(found),
        };
        self.remember(fingerprint, identity.clone(), before);
        Ok(Some(identity))
    }

    /// To be called after every change that takes something from a caller, once it is committed.
    pub fn forget_all(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.remembered.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn forget(&self, fingerprint: &Fingerprint) {
        self.remembered.write().unwrap_or_else(PoisonError::into_inner).remove(fingerprint);
    }

    /// What is remembered, and whether it is still fresh.
    fn recall(&self, fingerprint: &Fingerprint) -> Option<(Arc<Identity>, bool)> {
        let remembered = self.remembered.read().unwrap_or_else(PoisonError::into_inner);
        let known = remembered.get(fingerprint)?;
        Some((known.identity.clone(), Instant::now() < known.until))
    }

    fn remember(&self, fingerprint: Fingerprint, identity: Arc<Identity>, changes_before: u64) {
        let mut remembered = self.remembered.write().unwrap_or_else(PoisonError::into_inner);
        if self.changes.load(Ordering::Acquire) != changes_before {
            return;
        }
        let now = Instant::now();
        if remembered.len() >= MANY {
            remembered.retain(|_, known| now < known.until);
        }
        remembered.insert(fingerprint, Remembered { identity, until: now + BELIEVED_FOR });
    }

    async fn load(&self, credential: &str, fingerprint: &Fingerprint) -> database::Result<Option<Identity>> {
        let now = Utc::now();
        let mut conn = self.db.read().await?;
        if credential.starts_with("gs_") {
            let found = sessions::find_by_token(&mut conn, fingerprint).await?;
            return Ok(found.map(|(session, user)| Identity::user(&session, &user)).filter(|user| user.is_valid(now)));
        }
        let found = keys::find_by_fingerprint(&mut conn, fingerprint).await?.filter(|key| key.is_valid(now));
        drop(conn);
        if let Some(key) = found.as_ref().filter(|key| key.use_is_news(now)) {
            self.note_use(key, now);
        }
        Ok(found.as_ref().map(Identity::key))
    }

    /// Written beside the request: it does not wait, and does not fail, for a note.
    fn note_use(&self, key: &KeyRow, now: DateTime<Utc>) {
        let (db, id) = (self.db.clone(), key.id());
        tokio::spawn(async move {
            if let Err(error) = keys::note_use(&db, id, now).await {
                tracing::warn!(%error, key = %id, "the use of a key was not noted");
            }
        });
    }
}

impl Identity {
    fn key(row: &KeyRow) -> Self {
        Self::new(format!("key:{}", row.id()), row.name().to_owned(), &row.roles(), row.expires_at())
    }

    /// A disabled user has no roles, and its sessions are over.
    fn user(session: &SessionRow, user: &UserRow) -> Self {
        let expires_at = if user.is_disabled() { DateTime::UNIX_EPOCH } else { session.expires_at() };
        Self::new(format!("user:{}", user.id()), user.login().to_owned(), &user.roles(), Some(expires_at))
    }

    fn new(id: String, name: String, roles: &[Role], expires_at: Option<DateTime<Utc>>) -> Self {
        let caller = Caller {
            name,
            roles: roles.iter().map(|role| role.as_str().to_owned()).collect(),
            permissions: permissions_of(roles).into_iter().map(str::to_owned).collect(),
            id,
        };
        Self {
            client: Client::Caller(caller.id.as_str().into()),
            caller: Arc::new(caller),
            tokens: Tokens::default(),
            expires_at,
        }
    }

    fn is_valid(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|at| now < at)
    }

    fn is_same(&self, other: &Self) -> bool {
        self.caller == other.caller && self.expires_at == other.expires_at
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn credentials_come_in_either_header() {
        for (name, value, expected) in [
            ("x-api-key", "gx_1", Some("gx_1")),
            ("authorization", "Bearer gs_1", Some("gs_1")),
            ("authorization", "bearer  gs_1 ", Some("gs_1")),
            ("authorization", "Basic Zm9v", None),
            ("authorization", "Bearer ", None),
            ("authorization", "Bearer", None),
            ("x-api-key", " ", None),
            ("cookie", "gs_1", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            assert_eq!(credential(&headers), expected, "{name}: {value}");
        }
    }
}
