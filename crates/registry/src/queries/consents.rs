use chrono::{DateTime, Utc};
use database::Db;
use registry_contract::{
    ConsentCheck, ConsentEntry, ConsentId, ConsentLedger, ConsentPurpose, ConsentQuery, ContactId,
};

use crate::domain::{Faults, effective, verdict};
use crate::error::{Error, Result};
use crate::store;

pub async fn get_consent(db: &Db, id: ConsentId) -> Result<ConsentEntry> {
    let entry = store::find_consent(&mut db.read().await?, id).await?;
    entry.ok_or_else(|| Error::ConsentNotFound(id.to_string()))
}

/// All that the contact said, and what follows from it at this instant.
pub async fn get_consent_ledger(db: &Db, contact: ContactId, at: DateTime<Utc>) -> Result<ConsentLedger> {
    let entries = entries_of(db, contact).await?;
    Ok(ConsentLedger { contact_id: contact, effective: effective(&entries, at), entries })
}

pub async fn check_consent(
    db: &Db,
    contact: ContactId,
    wanted: ConsentQuery,
    at: DateTime<Utc>,
) -> Result<ConsentCheck> {
    let ConsentQuery { purpose, channel } = wanted;
    if purpose == ConsentPurpose::Any {
        let mut faults = Faults::default();
        faults.add("?purpose", "not-allowed", "must be one purpose: what is it for?");
        return Err(Error::QueryInvalid(faults.into_vec()));
    }
    let entries = entries_of(db, contact).await?;
    let verdict = verdict(&entries, purpose, channel, at);
    let decided_by = verdict.entry.cloned();
    Ok(ConsentCheck {
        contact_id: contact,
        purpose,
        channel,
        allowed: verdict.allowed(),
        reason: verdict.reason,
        decided_by,
    })
}

async fn entries_of(db: &Db, contact: ContactId) -> Result<Vec<ConsentEntry>> {
    let mut conn = db.read().await?;
    if store::find_contact(&mut conn, contact).await?.is_none() {
        return Err(Error::ContactNotFound(contact.to_string()));
    }
    Ok(store::consents_of(&mut conn, contact).await?)
}
