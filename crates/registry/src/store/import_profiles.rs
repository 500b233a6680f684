use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{ImportProfile, ImportProfileId};
use serde_json::Value;

use crate::schema::import_profiles;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = import_profiles)]
pub struct ImportProfileRow {
    pub id: Id,
    pub name: String,
    pub reading: Value,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl TryFrom<ImportProfileRow> for ImportProfile {
    type Error = database::Error;

    fn try_from(row: ImportProfileRow) -> Result<Self> {
        Ok(Self {
            id: row.id.get(),
            name: row.name,
            reading: serde_json::from_value(row.reading).map_err(database::Error::other)?,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

pub async fn insert_import_profile(tx: &mut Tx, row: &ImportProfileRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(import_profiles::table).values(row).execute(c).await)?;
    Ok(())
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_import_profile(tx: &mut Tx, row: &ImportProfileRow) -> Result<bool> {
    let before = import_profiles::table
        .filter(import_profiles::id.eq(row.id))
        .filter(import_profiles::version.eq(row.version - 1));
    Ok(on!(tx, |c| diesel::update(before).set(row).execute(c).await)? == 1)
}

/// Deletes this version of it; false when that is no longer there.
pub async fn delete_import_profile(tx: &mut Tx, row: &ImportProfileRow) -> Result<bool> {
    let one =
        import_profiles::table.filter(import_profiles::id.eq(row.id)).filter(import_profiles::version.eq(row.version));
    Ok(on!(tx, |c| diesel::delete(one).execute(c).await)? == 1)
}

pub async fn find_import_profile(conn: &mut Conn, id: ImportProfileId) -> Result<Option<ImportProfileRow>> {
    let one = import_profiles::table.find(Id::from(id));
    on!(conn, |c| one.select(ImportProfileRow::as_select()).first(c).await.optional())
}

pub async fn import_profile_named(conn: &mut Conn, name: &str) -> Result<Option<ImportProfileRow>> {
    let one = import_profiles::table.filter(import_profiles::name.eq(name));
    on!(conn, |c| one.select(ImportProfileRow::as_select()).first(c).await.optional())
}

/// One row more than the page holds.
pub async fn list_import_profiles(conn: &mut Conn, page: &PageRequest) -> Result<Vec<ImportProfileRow>> {
    on!(conn, |c| {
        let query = import_profiles::table.into_boxed::<Backend>();
        let query = keyset!(query, page, import_profiles, { "name" => name: String });
        query.select(ImportProfileRow::as_select()).load(c).await
    })
}

pub async fn count_import_profiles(conn: &mut Conn) -> Result<i64> {
    on!(conn, |c| import_profiles::table.count().get_result(c).await)
}
