//! The first callers: without one, nobody could make the next.

use chassis::audit;
use chrono::Utc;
use database::Db;
use messaging::Act;
use uuid::Uuid;

use crate::{
    domain::{Fingerprint, Login, Password, Role},
    error::Error,
    passwords::Passwords,
    store::{
        keys::{self, KeyRow, NewKey},
        users::{self, UserRow},
    },
    v1::{ApiKeyId, UserId},
};

/// Anything that is hard to guess and fits into a header may be a bootstrap key.
#[must_use]
pub fn is_key(text: &str) -> bool {
    text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Stores the first administrator's key, unless there is any key already, a revoked one included: whoever revoked it
/// does not want it back at the next start.
pub async fn ensure_first_key(db: &Db, key: &str) -> Result<bool, Error> {
    if keys::any(&mut db.read().await?).await? {
        return Ok(false);
    }
    ensure_api_key(db, "bootstrap", key, &[Role::Admin]).await.map(|()| true)
}

/// Stores a key that was made elsewhere, unless it is known.
pub async fn ensure_api_key(db: &Db, name: &str, key: &str, roles: &[Role]) -> Result<(), Error> {
    let act = Act::system(Utc::now());
    let row = KeyRow::from(NewKey {
        id: ApiKeyId::new(),
        name: name.to_owned(),
        hint: None,
        fingerprint: Fingerprint::of(key),
        roles,
        created_by: act.actor.clone(),
        created_at: act.at,
        expires_at: None,
    });
    let mut tx = db.begin().await?;
    match keys::insert(&mut tx, &row).await {
        // Another replica started at the same time.
        Err(error) if error.is_unique("key_hash") => return Ok(()),
        inserted => inserted?,
    }
    audit::record(&mut tx, &act, "api-key.issued", "api-key", Uuid::from(row.id())).await?;
    Ok(tx.commit().await?)
}

/// Creates a user, unless the login name is taken; an existing user is left as it is.
pub async fn ensure_user(db: &Db, login: &str, password: &str, roles: &[Role]) -> Result<(), Error> {
    let invalid = |pointer: &str, fault: crate::domain::Fault| {
        Error::Invalid(vec![problem::FieldError::new(pointer, fault.code, fault.message)])
    };
    let login = Login::parse(login).map_err(|fault| invalid("/login", fault))?;
    let password = Password::parse(password).map_err(|fault| invalid("/password", fault))?;
    if users::find_by_login(&mut db.read().await?, &login).await?.is_some() {
        return Ok(());
    }
    let hash = Passwords::default().hash(password).await?;
    let act = Act::system(Utc::now());
    let row = UserRow::new(UserId::new(), &login, login.to_string(), &hash, roles, act.at);
    let mut tx = db.begin().await?;
    match users::insert(&mut tx, &row).await {
        Err(error) if error.is_unique("login") => return Ok(()),
        inserted => inserted?,
    }
    audit::record(&mut tx, &act, "user.created", "user", Uuid::from(row.id())).await?;
    Ok(tx.commit().await?)
}
