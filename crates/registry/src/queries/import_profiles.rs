use database::{Db, PageRequest};
use registry_contract::{ImportProfile, ImportProfileId};

use super::Listed;
use crate::error::{Error, Result};
use crate::store;

pub async fn get_import_profile(db: &Db, id: ImportProfileId) -> Result<ImportProfile> {
    let row = store::find_import_profile(&mut db.read().await?, id).await?;
    Ok(row.ok_or_else(|| Error::ImportProfileNotFound(id.to_string()))?.try_into()?)
}

pub async fn list_import_profiles(db: &Db, page: &PageRequest) -> Result<Listed<ImportProfile>> {
    let mut conn = db.read().await?;
    let rows = store::list_import_profiles(&mut conn, page).await?;
    let count = match page.count {
        true => Some(store::count_import_profiles(&mut conn).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(ImportProfile::try_from).collect::<database::Result<_>>()?, count })
}
