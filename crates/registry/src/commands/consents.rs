use chassis::audit;
use database::Db;
use messaging::{Act, outbox};
use registry_contract::{ConsentEntry, ConsentId, ContactId, NewConsent, v1};

use super::contacts::unerased_contact;
use super::races::made;
use crate::domain::parse_consent;
use crate::error::Result;
use crate::facts::consent_fact;
use crate::store;

pub async fn create_consent(db: &Db, act: &Act, contact: ContactId, new: NewConsent) -> Result<ConsentEntry> {
    let id = act.new_id().into();
    let done = create(db, act, id, contact, new).await;
    made(done, async || Ok(store::find_consent(&mut db.read().await?, id).await?)).await
}

async fn create(db: &Db, act: &Act, id: ConsentId, contact: ContactId, new: NewConsent) -> Result<ConsentEntry> {
    let mut tx = db.begin().await?;
    let customer = unerased_contact(&mut tx, contact).await?.customer_id;
    let new = parse_consent(new, act.at)?;
    let entry = ConsentEntry {
        id,
        contact_id: contact,
        customer_id: customer.get(),
        purpose: new.purpose,
        channel: new.channel,
        decision: new.decision,
        decided_at: wire::truncate(new.decided_at.unwrap_or(act.at)),
        source: new.source,
        text_version: new.text_version,
        evidence: new.evidence,
        recorded_by: act.actor.clone(),
        created_at: act.at,
    };
    store::insert_consents(&mut tx, std::slice::from_ref(&entry)).await?;
    audit::record(&mut tx, act, "consent.recorded", "consent", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::ConsentRecorded(consent_fact(&entry))).await?;
    tx.commit().await?;
    Ok(entry)
}
