use chrono::{DateTime, Utc};
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde_json::Value;

use crate::{
    domain::{Login, PasswordHash, Role},
    schema::users,
    store,
    v1::{User, UserId},
};

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
pub struct UserRow {
    id: Id,
    login: String,
    display_name: String,
    password_hash: String,
    roles: Value,
    disabled: bool,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

impl UserRow {
    pub fn new(
        id: UserId,
        login: &Login,
        display_name: String,
        password: &PasswordHash,
        roles: &[Role],
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            id: id.into(),
            login: login.to_string(),
            display_name,
            password_hash: password.as_str().to_owned(),
            roles: store::to_json(roles),
            disabled: false,
            version: 1,
            created_at: at.into(),
            updated_at: at.into(),
        }
    }

    pub fn id(&self) -> UserId {
        self.id.get()
    }

    pub fn login(&self) -> &str {
        &self.login
    }

    pub fn version(&self) -> i64 {
        self.version
    }

    pub fn roles(&self) -> Vec<Role> {
        store::from_json(&self.roles)
    }

    pub fn is_disabled(&self) -> bool {
        self.disabled
    }

    pub fn password(&self) -> PasswordHash {
        PasswordHash::stored(self.password_hash.clone())
    }

    /// Whether a password proved against this row still opens a session for `now`, what became of the row since.
    pub fn still_admits(&self, now: &Self) -> bool {
        !now.disabled && now.password_hash == self.password_hash
    }

    pub fn rename(&mut self, display_name: String) {
        self.display_name = display_name;
    }

    pub fn grant(&mut self, roles: &[Role]) {
        self.roles = store::to_json(roles);
    }

    pub fn disable(&mut self, disabled: bool) {
        self.disabled = disabled;
    }

    pub fn set_password(&mut self, hash: &PasswordHash) {
        self.password_hash = hash.as_str().to_owned();
    }
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id.get(),
            roles: row.roles(),
            login: row.login,
            display_name: row.display_name,
            disabled: row.disabled,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

pub async fn insert(tx: &mut Tx, row: &UserRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(users::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: UserId) -> Result<Option<UserRow>> {
    let id = Id::from(id);
    on!(conn, |c| users::table.find(id).select(UserRow::as_select()).first(c).await.optional())
}

/// The same, and the user stays what it is until the transaction ends.
pub async fn lock(tx: &mut Tx, id: UserId) -> Result<Option<UserRow>> {
    let one = users::table.find(Id::from(id));
    on!(
        tx,
        pg: |c| one.select(UserRow::as_select()).for_update().first(c).await.optional(),
        lite: |c| one.select(UserRow::as_select()).first(c).await.optional(),
    )
}

pub async fn find_by_login(conn: &mut Conn, login: &Login) -> Result<Option<UserRow>> {
    let of_login = users::login.eq(login.as_str());
    on!(conn, |c| users::table.filter(of_login).select(UserRow::as_select()).first(c).await.optional())
}

pub async fn page(conn: &mut Conn, disabled: Option<bool>, page: &PageRequest) -> Result<Vec<UserRow>> {
    on!(conn, |c| {
        let mut query = users::table.select(UserRow::as_select()).into_boxed::<Backend>();
        if let Some(disabled) = disabled {
            query = query.filter(users::disabled.eq(disabled));
        }
        let query = keyset!(query, page, users, {
            "login" => login: String,
            "created_at" => created_at: Instant,
            "updated_at" => updated_at: Instant,
        });
        query.load(c).await
    })
}

pub async fn count(conn: &mut Conn, disabled: Option<bool>) -> Result<i64> {
    on!(conn, |c| {
        let mut query = users::table.count().into_boxed::<Backend>();
        if let Some(disabled) = disabled {
            query = query.filter(users::disabled.eq(disabled));
        }
        query.get_result(c).await
    })
}

/// The enabled administrators, locked until the transaction ends, so that two who demote each other take turns.
pub async fn lock_administrators(tx: &mut Tx) -> Result<Vec<UserId>> {
    let enabled = users::table.filter(users::disabled.eq(false)).order(users::id).select((users::id, users::roles));
    let rows: Vec<(Id, Value)> = on!(tx, pg: |c| enabled.for_update().load(c).await, lite: |c| enabled.load(c).await)?;
    let is_administrator = |roles: &Value| store::from_json(roles).contains(&Role::Admin);
    Ok(rows.into_iter().filter(|(_, roles)| is_administrator(roles)).map(|(id, _)| id.get()).collect())
}

/// Writes what may change, one version on; `None` when another change came first.
pub async fn update(tx: &mut Tx, row: &UserRow, at: DateTime<Utc>) -> Result<Option<UserRow>> {
    let unchanged = users::table.filter(users::id.eq(row.id)).filter(users::version.eq(row.version));
    let changed = UserRow { version: row.version + 1, updated_at: at.into(), ..row.clone() };
    let written = on!(tx, |c| {
        diesel::update(unchanged)
            .set((
                users::display_name.eq(&changed.display_name),
                users::password_hash.eq(&changed.password_hash),
                users::roles.eq(&changed.roles),
                users::disabled.eq(changed.disabled),
                users::version.eq(changed.version),
                users::updated_at.eq(changed.updated_at),
            ))
            .execute(c)
            .await
    })?;
    Ok((written == 1).then_some(changed))
}
