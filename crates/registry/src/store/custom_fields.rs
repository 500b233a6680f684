use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::dsl::{exists, select, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use registry_contract::{CustomField, CustomFieldId, CustomFieldType};
use serde_json::Value;

use super::Word;
use crate::domain::{CustomFieldDetails, Definitions};
use crate::schema::{custom_fields, customers};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = custom_fields, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CustomFieldRow {
    pub id: Id,
    pub key: String,
    pub label_en: String,
    pub label_zh: String,
    pub kind: Word<CustomFieldType>,
    pub required: bool,
    pub rules: Value,
    pub retired: bool,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl TryFrom<CustomFieldRow> for CustomField {
    type Error = database::Error;

    fn try_from(row: CustomFieldRow) -> Result<Self> {
        Ok(Self {
            id: row.id.get(),
            key: row.key,
            label_en: row.label_en,
            label_zh: row.label_zh,
            r#type: row.kind.0,
            required: row.required,
            rules: serde_json::from_value(row.rules).map_err(database::Error::other)?,
            retired: row.retired,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

impl CustomFieldRow {
    /// A new field's row, version 1.
    pub fn new(id: CustomFieldId, details: &CustomFieldDetails, at: Instant) -> Result<Self> {
        Ok(Self {
            id: id.into(),
            key: details.key.clone(),
            label_en: details.label_en.clone(),
            label_zh: details.label_zh.clone(),
            kind: Word(details.r#type),
            required: details.required,
            rules: serde_json::to_value(&details.rules).map_err(database::Error::other)?,
            retired: details.retired,
            version: 1,
            created_at: at,
            updated_at: at,
        })
    }

    /// The row that follows `before` when the field becomes what `details` say.
    pub fn next(before: &CustomField, details: &CustomFieldDetails, at: Instant) -> Result<Self> {
        let created_at = before.created_at.into();
        Ok(Self { version: before.version + 1, created_at, ..Self::new(before.id, details, at)? })
    }
}

/// Keeps the fields as they are until the transaction ends, for one that writes values.
pub async fn hold_custom_fields(tx: &mut Tx) -> Result<()> {
    database::lock_shared(tx, "custom_fields").await
}

/// Waits until nobody writes values, and lets nobody until the transaction ends, which changes the fields.
pub async fn lock_custom_fields(tx: &mut Tx) -> Result<()> {
    database::lock(tx, "custom_fields").await
}

/// All fields there are, retired ones included.
pub async fn definitions(conn: &mut Conn) -> Result<Definitions> {
    let rows = on!(conn, |c| custom_fields::table.select(CustomFieldRow::as_select()).load(c).await)?;
    rows.into_iter().map(CustomField::try_from).collect()
}

pub async fn insert_custom_field(tx: &mut Tx, row: &CustomFieldRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(custom_fields::table).values(row).execute(c).await)?;
    Ok(())
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_custom_field(tx: &mut Tx, row: &CustomFieldRow) -> Result<bool> {
    let before =
        custom_fields::table.filter(custom_fields::id.eq(row.id)).filter(custom_fields::version.eq(row.version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(row).execute(c).await)?;
    Ok(changed == 1)
}

pub async fn find_custom_field(conn: &mut Conn, id: CustomFieldId) -> Result<Option<CustomFieldRow>> {
    let one = custom_fields::table.find(Id::from(id));
    on!(conn, |c| one.select(CustomFieldRow::as_select()).first(c).await.optional())
}

/// One row more than the page holds.
pub async fn list_custom_fields(conn: &mut Conn, page: &PageRequest) -> Result<Vec<CustomFieldRow>> {
    on!(conn, |c| {
        let query = custom_fields::table.into_boxed::<Backend>();
        let query = keyset!(query, page, custom_fields, { "key" => key: String });
        query.select(CustomFieldRow::as_select()).load(c).await
    })
}

pub async fn count_custom_fields(conn: &mut Conn) -> Result<i64> {
    on!(conn, |c| custom_fields::table.count().get_result(c).await)
}

/// Whether any customer has a value of this field.
pub async fn is_custom_field_used(conn: &mut Conn, key: &str) -> Result<bool> {
    let path = format!("$.{key}");
    on!(conn,
        pg: |c| {
            let has = sql::<Bool>("customers.custom_fields ? ").bind::<Text, _>(key);
            select(exists(customers::table.filter(has))).get_result(c).await
        },
        lite: |c| {
            let has = sql::<Bool>("json_type(customers.custom_fields, ").bind::<Text, _>(path).sql(") IS NOT NULL");
            select(exists(customers::table.filter(has))).get_result(c).await
        },
    )
}
