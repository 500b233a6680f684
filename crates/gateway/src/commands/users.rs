use chassis::{audit, http::IfMatch};
use database::{Db, Tx};
use messaging::Act;

use super::{Faults, distinct};
use crate::{
    callers::Callers,
    domain::{Login, Password, PasswordHash, Role},
    error::Error,
    passwords::Passwords,
    store::{
        sessions,
        users::{self, UserRow},
    },
    v1::{NewUser, User, UserId, UserPatch},
};

pub async fn create_user(db: &Db, passwords: &Passwords, act: &Act, new: NewUser) -> Result<User, Error> {
    let mut faults = Faults::default();
    let login = faults.note("/login", Login::parse(&new.login));
    let password = faults.note("/password", Password::parse(&new.password));
    let (Some(login), Some(password)) = (login, password) else { return Err(faults.into_error()) };
    let hash = passwords.hash(password).await?;
    let id = UserId::from(act.new_id());
    let row = UserRow::new(id, &login, new.display_name, &hash, &distinct(new.roles), act.at);

    let mut tx = db.begin().await?;
    if let Some(before) = users::find(&mut tx, id).await? {
        // The request was repeated after its end and before its answer was kept.
        return Ok(before.into());
    }
    match users::insert(&mut tx, &row).await {
        Err(error) if error.is_unique("login") => return Err(Error::LoginTaken(login.to_string())),
        inserted => inserted?,
    }
    audit::record(&mut tx, act, "user.created", "user", id.into()).await?;
    tx.commit().await?;
    Ok(row.into())
}

pub async fn change_user(
    db: &Db,
    passwords: &Passwords,
    callers: &Callers,
    act: &Act,
    id: UserId,
    expected: IfMatch,
    patch: UserPatch,
) -> Result<User, Error> {
    let password = hash_of(passwords, patch.password.as_deref()).await?;
    let mut tx = db.begin().await?;
    let mut row = users::find(&mut tx, id).await?.ok_or_else(|| Error::UserNotFound(id.to_string()))?;
    expected.check(row.version())?;
    let was_administrator = administers(&row);
    if let Some(name) = patch.display_name {
        row.rename(name);
    }
    if let Some(roles) = patch.roles {
        row.grant(&distinct(roles));
    }
    if let Some(disabled) = patch.disabled {
        row.disable(disabled);
    }
    if let Some(hash) = &password {
        row.set_password(hash);
    }
    if was_administrator && !administers(&row) {
        keep_an_administrator(&mut tx, id).await?;
    }
    let row = users::update(&mut tx, &row, act.at).await?.ok_or(Error::UserChanged)?;
    if row.is_disabled() || password.is_some() {
        sessions::delete_of_user(&mut tx, id, None).await?;
    }
    audit::record(&mut tx, act, "user.changed", "user", id.into()).await?;
    tx.commit().await?;
    callers.forget_all();
    Ok(row.into())
}

async fn hash_of(passwords: &Passwords, password: Option<&str>) -> Result<Option<PasswordHash>, Error> {
    let Some(text) = password else { return Ok(None) };
    let mut faults = Faults::default();
    match faults.note("/password", Password::parse(text)) {
        Some(password) => passwords.hash(password).await.map(Some),
        None => Err(faults.into_error()),
    }
}

fn administers(row: &UserRow) -> bool {
    !row.is_disabled() && row.roles().contains(&Role::Admin)
}

/// A key may be lost: someone who can log in must remain, whatever keys there are.
async fn keep_an_administrator(tx: &mut Tx, leaving: UserId) -> Result<(), Error> {
    let administrators = users::lock_administrators(tx).await?;
    if administrators.iter().all(|&id| id == leaving) { Err(Error::LastAdministrator) } else { Ok(()) }
}
