use chassis::audit;
use database::Db;
use messaging::Act;

use super::{Faults, distinct};
use crate::{
    callers::Callers,
    domain::{Clear, Fault, Role},
    error::Error,
    store::{
        keys::{self, KeyRow, NewKey},
        users,
    },
    v1::{ApiKeyId, IssuedApiKey, NewApiKey},
};

pub async fn issue_api_key(db: &Db, act: &Act, new: NewApiKey) -> Result<IssuedApiKey, Error> {
    let mut faults = Faults::default();
    if new.expires_at.is_some_and(|at| at <= act.at) {
        faults.note::<()>("/expires_at", Err(Fault::new("past", "must be in the future")));
    }
    if !faults.is_empty() {
        return Err(faults.into_error());
    }
    let clear = Clear::api_key().map_err(|_| Error::Crypto)?;
    let row = KeyRow::from(NewKey {
        id: ApiKeyId::from(act.new_id()),
        name: new.name,
        hint: Some(clear.hint().to_owned()),
        fingerprint: clear.fingerprint(),
        roles: &distinct(new.roles),
        created_by: act.actor.clone(),
        created_at: act.at,
        expires_at: new.expires_at.map(wire::truncate),
    });
    let mut tx = db.begin().await?;
    if keys::find(&mut tx, row.id()).await?.is_some() {
        // The request was repeated after its end: the clear key went out with the first answer only.
        return Err(Error::ApiKeyIssuedAlready(row.id().to_string()));
    }
    keys::insert(&mut tx, &row).await?;
    audit::record(&mut tx, act, "api-key.issued", "api-key", row.id().into()).await?;
    tx.commit().await?;
    Ok(IssuedApiKey { api_key: row.into(), key: clear.reveal() })
}

/// Revoking what is revoked changes nothing.
pub async fn revoke_api_key(db: &Db, callers: &Callers, act: &Act, id: ApiKeyId) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let row = keys::find(&mut tx, id).await?.ok_or_else(|| Error::ApiKeyNotFound(id.to_string()))?;
    if row.is_valid(act.at) && row.roles().contains(&Role::Admin) {
        let others = keys::lock_administrators(&mut tx, act.at).await?.into_iter().any(|other| other != id);
        if !others && users::lock_administrators(&mut tx).await?.is_empty() {
            return Err(Error::LastAdministrator);
        }
    }
    if keys::revoke(&mut tx, id, act.at).await? {
        audit::record(&mut tx, act, "api-key.revoked", "api-key", id.into()).await?;
        tx.commit().await?;
        callers.forget_all();
    }
    Ok(())
}
