use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Instant, Tx};
use messaging::Act;
use registry_contract::{ImportProfile, ImportProfileId, NewImportProfile};

use crate::domain::Faults;
use crate::domain::import::ProfileDetails;
use crate::error::{Error, Result};
use crate::store::{self, ImportProfileRow};

pub async fn create_import_profile(db: &Db, act: &Act, new: NewImportProfile) -> Result<ImportProfile> {
    let details = ProfileDetails::parse(new)?;
    let id = ImportProfileId::from(act.new_id());
    let at = Instant::from(act.at);
    let row = row(id, details, at)?;
    let mut tx = db.begin().await?;
    if let Some(before) = store::find_import_profile(&mut tx, id).await? {
        // The request was repeated after a crash between its commit and its answer.
        return Ok(before.try_into()?);
    }
    refuse_taken(&mut tx, id, &row.name).await?;
    store::insert_import_profile(&mut tx, &row).await?;
    audit::record(&mut tx, act, "import-profile.created", "import-profile", id.into()).await?;
    tx.commit().await?;
    Ok(row.try_into()?)
}

/// Makes the profile what `new` says, wholly. Imports under way go on as they began.
pub async fn replace_import_profile(
    db: &Db,
    act: &Act,
    id: ImportProfileId,
    expected: IfMatch,
    new: NewImportProfile,
) -> Result<ImportProfile> {
    let mut tx = db.begin().await?;
    let before = load(&mut tx, id, expected).await?;
    let after = row(id, ProfileDetails::parse(new)?, Instant::from(act.at))?;
    let after = ImportProfileRow { version: before.version + 1, created_at: before.created_at, ..after };
    refuse_taken(&mut tx, id, &after.name).await?;
    if !store::update_import_profile(&mut tx, &after).await? {
        return Err(Error::Contended);
    }
    audit::record(&mut tx, act, "import-profile.updated", "import-profile", id.into()).await?;
    tx.commit().await?;
    Ok(after.try_into()?)
}

pub async fn delete_import_profile(db: &Db, act: &Act, id: ImportProfileId, expected: IfMatch) -> Result<()> {
    let mut tx = db.begin().await?;
    let before = load(&mut tx, id, expected).await?;
    if !store::delete_import_profile(&mut tx, &before).await? {
        return Err(Error::Contended);
    }
    audit::record(&mut tx, act, "import-profile.deleted", "import-profile", id.into()).await?;
    Ok(tx.commit().await?)
}

async fn load(tx: &mut Tx, id: ImportProfileId, expected: IfMatch) -> Result<ImportProfileRow> {
    let before = store::find_import_profile(tx, id).await?;
    let before = before.ok_or_else(|| Error::ImportProfileNotFound(id.to_string()))?;
    expected.check(before.version)?;
    Ok(before)
}

async fn refuse_taken(tx: &mut Tx, own: ImportProfileId, name: &str) -> Result<()> {
    let mut faults = Faults::default();
    if store::import_profile_named(tx, name).await?.is_some_and(|other| other.id.get::<ImportProfileId>() != own) {
        faults.add("/name", "not-unique", "another profile has this name");
    }
    Ok(faults.or(())?)
}

fn row(id: ImportProfileId, details: ProfileDetails, at: Instant) -> Result<ImportProfileRow> {
    let reading = serde_json::to_value(&details.reading).map_err(database::Error::other)?;
    Ok(ImportProfileRow { id: id.into(), name: details.name, reading, version: 1, created_at: at, updated_at: at })
}
