use database::{Db, PageRequest};

use crate::{
    error::Error,
    store::{keys, users},
    v1::{ApiKey, ApiKeyFilter, ApiKeyId, User, UserFilter, UserId},
};

pub async fn get_user(db: &Db, id: UserId) -> Result<User, Error> {
    let row = users::find(&mut db.read().await?, id).await?;
    row.map(User::from).ok_or_else(|| Error::UserNotFound(id.to_string()))
}

/// The users of a page, one more if there are more, and how many there are in all if that was asked for.
pub async fn list_users(db: &Db, filter: &UserFilter, page: &PageRequest) -> Result<(Vec<User>, Option<i64>), Error> {
    let mut conn = db.read().await?;
    let rows = users::page(&mut conn, filter.disabled, page).await?;
    let count = if page.count { Some(users::count(&mut conn, filter.disabled).await?) } else { None };
    Ok((rows.into_iter().map(User::from).collect(), count))
}

pub async fn get_api_key(db: &Db, id: ApiKeyId) -> Result<ApiKey, Error> {
    let row = keys::find(&mut db.read().await?, id).await?;
    row.map(ApiKey::from).ok_or_else(|| Error::ApiKeyNotFound(id.to_string()))
}

/// As [`list_users`], for keys.
pub async fn list_api_keys(
    db: &Db,
    filter: &ApiKeyFilter,
    page: &PageRequest,
) -> Result<(Vec<ApiKey>, Option<i64>), Error> {
    let mut conn = db.read().await?;
    let rows = keys::page(&mut conn, filter.revoked, page).await?;
    let count = if page.count { Some(keys::count(&mut conn, filter.revoked).await?) } else { None };
    Ok((rows.into_iter().map(ApiKey::from).collect(), count))
}
