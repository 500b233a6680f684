use std::{net::IpAddr, time::Instant};

use chassis::audit;
use messaging::Act;
use uuid::Uuid;

use super::Faults;
use crate::{
    domain::{Clear, Fault, Fingerprint, Login, Password, decoy},
    error::Error,
    gateway::Gateway,
    store::{
        sessions::{self, SessionRow},
        users::{self, UserRow},
    },
    v1::{IssuedSession, NewSession, PasswordChange, UserId},
};

/// Logs a user in. Whether the name or the password was wrong, or the user is disabled, shows neither in the answer
/// nor in how long it takes.
pub async fn open_session(
    gateway: &Gateway,
    act: &Act,
    from: IpAddr,
    login: NewSession,
) -> Result<IssuedSession, Error> {
    let attempt = gateway.logins.attempt(&login.login, from, Instant::now()).map_err(Error::TooManyLogins)?;
    let user = find_user(gateway, &login.login).await?;
    let hash = user.as_ref().map_or_else(decoy, UserRow::password);
    let proved = gateway.passwords.verify(hash, login.password).await?;
    let user = user.filter(|user| proved && !user.is_disabled()).ok_or(Error::LoginRefused)?;
    gateway.logins.forgive(&attempt);

    let token = Clear::session().map_err(|_| Error::Crypto)?;
    issue_session(gateway, act, &user, token).await
}

/// Opens the session of a user who has proved the password of `proved`.
async fn issue_session(gateway: &Gateway, act: &Act, proved: &UserRow, token: Clear) -> Result<IssuedSession, Error> {
    let mut tx = gateway.db.begin().await?;
    // Proving takes long: meanwhile the password may have changed and all sessions ended, this one to come included.
    let user = users::lock(&mut tx, proved.id()).await?;
    let user = user.filter(|user| proved.still_admits(user)).ok_or(Error::LoginRefused)?;
    let expires_at = act.at + gateway.session_lifetime;
    let session = SessionRow::new(Uuid::now_v7(), user.id(), &token.fingerprint(), act.at, expires_at);
    let by_user = Act::new(format!("user:{}", user.id()), act.traceparent.clone(), act.at);
    sessions::insert(&mut tx, &session).await?;
    audit::record(&mut tx, &by_user, "session.opened", "user", user.id().into()).await?;
    tx.commit().await?;
    Ok(IssuedSession { token: token.reveal(), expires_at, user: user.into() })
}

async fn find_user(gateway: &Gateway, login: &str) -> Result<Option<UserRow>, Error> {
    let Ok(login) = Login::parse(login) else { return Ok(None) };
    Ok(users::find_by_login(&mut gateway.db.read().await?, &login).await?)
}

/// Ends the session whose token this is.
pub async fn close_session(gateway: &Gateway, act: &Act, token: &Fingerprint) -> Result<(), Error> {
    let mut tx = gateway.db.begin().await?;
    let (_, user) = sessions::find_by_token(&mut tx, token).await?.ok_or(Error::NoSession)?;
    sessions::delete(&mut tx, token).await?;
    audit::record(&mut tx, act, "session.closed", "user", user.id().into()).await?;
    tx.commit().await?;
    gateway.callers.forget_all();
    Ok(())
}

/// Changes the password of the user in whose session this is; its other sessions end. Guessing the current password
/// is as slow as guessing it at login.
pub async fn change_password(
    gateway: &Gateway,
    act: &Act,
    from: IpAddr,
    token: &Fingerprint,
    change: PasswordChange,
) -> Result<(), Error> {
    let mut faults = Faults::default();
    let Some(password) = faults.note("/new_password", Password::parse(&change.new_password)) else {
        return Err(faults.into_error());
    };
    let (_, user) = sessions::find_by_token(&mut gateway.db.read().await?, token).await?.ok_or(Error::NoPassword)?;
    let attempt = gateway.logins.attempt(user.login(), from, Instant::now()).map_err(Error::TooManyLogins)?;
    if !gateway.passwords.verify(user.password(), change.current_password).await? {
        faults.note::<()>("/current_password", Err(Fault::new("wrong", "is not your current password")));
        return Err(faults.into_error());
    }
    gateway.logins.forgive(&attempt);
    let hash = gateway.passwords.hash(password).await?;
    store_password(gateway, act, user, &hash, token).await
}

async fn store_password(
    gateway: &Gateway,
    act: &Act,
    mut user: UserRow,
    hash: &crate::domain::PasswordHash,
    kept: &Fingerprint,
) -> Result<(), Error> {
    let id: UserId = user.id();
    user.set_password(hash);
    let mut tx = gateway.db.begin().await?;
    users::update(&mut tx, &user, act.at).await?.ok_or(Error::UserChanged)?;
    sessions::delete_of_user(&mut tx, id, Some(kept)).await?;
    audit::record(&mut tx, act, "user.password-changed", "user", id.into()).await?;
    tx.commit().await?;
    gateway.callers.forget_all();
    Ok(())
}
