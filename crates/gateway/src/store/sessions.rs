use chrono::{DateTime, Utc};
use database::{Conn, Id, Instant, Result, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    domain::Fingerprint,
    schema::{sessions, users},
    store::users::UserRow,
    v1::UserId,
};

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    id: Id,
    user_id: Id,
    token_hash: Vec<u8>,
    created_at: Instant,
    expires_at: Instant,
}

impl SessionRow {
    pub fn new(
        id: uuid::Uuid,
        user: UserId,
        token: &Fingerprint,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id: id.into(),
            user_id: user.into(),
            token_hash: token.as_bytes().to_vec(),
            created_at: created_at.into(),
            expires_at: expires_at.into(),
        }
    }

    pub fn expires_at(&self) -> DateTime<Utc> {
        self.expires_at.into()
    }
}

pub async fn insert(tx: &mut Tx, row: &SessionRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(sessions::table).values(row).execute(c).await)?;
    Ok(())
}

/// The session of a token, with its user.
pub async fn find_by_token(conn: &mut Conn, token: &Fingerprint) -> Result<Option<(SessionRow, UserRow)>> {
    let of_token = sessions::token_hash.eq(token.as_bytes());
    let found: Option<(SessionRow, UserRow)> = on!(conn, |c| {
        sessions::table
            .inner_join(users::table)
            .filter(of_token)
            .select((SessionRow::as_select(), UserRow::as_select()))
            .first(c)
            .await
            .optional()
    })?;
    Ok(found.filter(|(session, _)| token.matches(&session.token_hash)))
}

/// Ends one session; `None` when there is none with this token.
pub async fn delete(tx: &mut Tx, token: &Fingerprint) -> Result<bool> {
    let of_token = sessions::table.filter(sessions::token_hash.eq(token.as_bytes()));
    Ok(on!(tx, |c| diesel::delete(of_token).execute(c).await)? > 0)
}

/// Ends the user's sessions, except the one with this token.
pub async fn delete_of_user(tx: &mut Tx, user: UserId, except: Option<&Fingerprint>) -> Result<()> {
    // No token hashes to nothing, so nothing is excepted when none is given.
    let kept = except.map(Fingerprint::as_bytes).unwrap_or_default();
    let of_user = sessions::table.filter(sessions::user_id.eq(Id::from(user))).filter(sessions::token_hash.ne(kept));
    on!(tx, |c| diesel::delete(of_user).execute(c).await)?;
    Ok(())
}

pub async fn delete_expired(tx: &mut Tx, now: DateTime<Utc>) -> Result<usize> {
    let over = sessions::table.filter(sessions::expires_at.le(Instant::from(now)));
    on!(tx, |c| diesel::delete(over).execute(c).await)
}
