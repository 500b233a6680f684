use chassis::audit;
use database::Db;
use messaging::Act;

use crate::error::Result;

/// Notes who took `what` out of the house: nobody is told, but it can be asked.
pub async fn note_export(db: &Db, act: &Act, what: &str) -> Result<()> {
    let mut tx = db.begin().await?;
    audit::record(&mut tx, act, &format!("{what}.exported"), "export", act.new_id()).await?;
    Ok(tx.commit().await?)
}
