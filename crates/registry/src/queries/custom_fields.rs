use database::{Db, PageRequest};
use registry_contract::{CustomField, CustomFieldId};

use super::Listed;
use crate::error::{Error, Result};
use crate::store;

pub async fn get_custom_field(db: &Db, id: CustomFieldId) -> Result<CustomField> {
    let row = store::find_custom_field(&mut db.read().await?, id).await?;
    Ok(row.ok_or_else(|| Error::CustomFieldNotFound(id.to_string()))?.try_into()?)
}

pub async fn list_custom_fields(db: &Db, page: &PageRequest) -> Result<Listed<CustomField>> {
    let mut conn = db.read().await?;
    let rows = store::list_custom_fields(&mut conn, page).await?;
    let count = match page.count {
        true => Some(store::count_custom_fields(&mut conn).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(CustomField::try_from).collect::<database::Result<_>>()?, count })
}
