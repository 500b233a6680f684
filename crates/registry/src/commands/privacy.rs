//! The end of what is known of a person, and what holds it up.

use std::collections::BTreeSet;

use chassis::audit;
use chassis::http::IfMatch;
use chassis::idempotency::forget_answers;
use chrono::{DateTime, Utc};
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{
    ConsentChannel, ConsentDecision, ConsentEntry, ConsentId, ConsentPurpose, Contact, ContactErasure, ContactId,
    LegalHold, NewContactErasure, NewLegalHold, PersonalData, v1,
};

use super::chains::{self, Chain};
use super::contacts::{locked_contact, unerased_contact};
use super::races::{ATTEMPTS, raced};
use crate::domain::{holds_on, names_and_addresses, parse_erasure, parse_legal_hold, reads_kept_from};
use crate::error::{Error, Result};
use crate::facts::{consent_fact, contact_fact};
use crate::queries;
use crate::store::{self, ContactRow};

/// Where the objection was said that an erasure ends with.
const SAID_BY_ERASURE: &str = "erasure";
/// Reads thrown away in one transaction.
const BATCH: i64 = 1000;

/// All that the registry holds on a person. Who took it out of the house can be asked.
pub async fn export_personal_data(db: &Db, act: &Act, id: ContactId) -> Result<PersonalData> {
    let data = queries::get_personal_data(db, id).await?;
    let mut tx = db.begin().await?;
    audit::record(&mut tx, act, "contact.exported", "contact", id.into()).await?;
    tx.commit().await?;
    Ok(data)
}

/// Keeps a contact from being erased, from now on until a day or until it is lifted.
pub async fn put_legal_hold(db: &Db, act: &Act, id: ContactId, new: NewLegalHold) -> Result<LegalHold> {
    let mut tx = db.begin().await?;
    unerased_contact(&mut tx, id).await?;
    let new = parse_legal_hold(new, act.at.date_naive())?;
    let hold = LegalHold {
        contact_id: id,
        reason: new.reason,
        until: new.until,
        placed_by: act.actor.clone(),
        placed_at: act.at,
    };
    store::put_legal_hold(&mut tx, &hold).await?;
    audit::record(&mut tx, act, "contact.held", "contact", id.into()).await?;
    tx.commit().await?;
    Ok(hold)
}

pub async fn delete_legal_hold(db: &Db, act: &Act, id: ContactId) -> Result<()> {
    let mut tx = db.begin().await?;
    unerased_contact(&mut tx, id).await?;
    if !store::delete_legal_hold(&mut tx, id).await? {
        return Err(Error::LegalHoldNotFound(id.to_string()));
    }
    audit::record(&mut tx, act, "contact.released", "contact", id.into()).await?;
    Ok(tx.commit().await?)
}

/// Erases what is known of a person, for good. What is left says that somebody was there, and must not be approached.
pub async fn erase_contact(
    db: &Db,
    act: &Act,
    id: ContactId,
    expected: IfMatch,
    new: NewContactErasure,
) -> Result<Contact> {
    let new = parse_erasure(new)?;
    raced(ATTEMPTS, async || erase(db, act, id, expected, &new).await).await.map_err(Error::settled)
}

async fn erase(db: &Db, act: &Act, id: ContactId, expected: IfMatch, new: &NewContactErasure) -> Result<Contact> {
    let mut tx = db.begin().await?;
    // Before the customer, in the order in which a merge takes both.
    store::lock_comparisons(&mut tx).await?;
    let before = Contact::from(locked_contact(&mut tx, id).await?);
    if before.erased_at.is_some() {
        return Ok(before);
    }
    expected.check(before.version)?;
    if store::find_legal_hold(&mut tx, id).await?.is_some_and(|hold| holds_on(&hold, act.at.date_naive())) {
        return Err(Error::OnLegalHold);
    }
    let row = ContactRow::erased(&before, act.at.into());
    if !store::update_contact(&mut tx, &row).await? {
        return Err(Error::Contended);
    }
    let contact = Contact::from(row);
    forget_in_searches(&mut tx, &before, &contact).await?;
    forget_stances(&mut tx, act, id).await?;
    leave_an_objection(&mut tx, act, &contact).await?;
    // Its reason may tell of the person; it has ended.
    store::delete_legal_hold(&mut tx, id).await?;
    let erasure = ContactErasure { reason: new.reason.clone(), erased_by: act.actor.clone(), erased_at: act.at };
    store::insert_erasure(&mut tx, id, &erasure).await?;
    audit::record(&mut tx, act, "contact.erased", "contact", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::ContactErased(contact_fact(&contact))).await?;
    // Last, since requests that run wait for it.
    forget_copies(&mut tx, &before).await?;
    tx.commit().await?;
    Ok(contact)
}

/// Search terms, and what his customer is compared by.
async fn forget_in_searches(tx: &mut Tx, before: &Contact, contact: &Contact) -> Result<()> {
    store::reindex_contact(tx, before, contact).await?;
    let customer = [Id::from(contact.customer_id)];
    for (id, traits) in queries::traits_of(tx, &customer).await? {
        store::replace_duplicate_keys(tx, id, &traits.keys()).await?;
    }
    Ok(store::queue_for_comparison(tx, &customer).await?)
}

async fn forget_stances(tx: &mut Tx, act: &Act, id: ContactId) -> Result<()> {
    let readings = store::stances_of_contact(tx, id).await?;
    store::delete_stances_of(tx, id).await?;
    let read_for: BTreeSet<_> = readings.iter().map(|reading| (reading.customer_id, reading.opportunity_id)).collect();
    for (customer, opportunity) in read_for {
        let chain = Chain { customer: customer.into(), opportunity };
        chains::changed(tx, act, chain, "decision_chain.stances_erased").await?;
    }
    Ok(())
}

/// Decisions stay, without what could name the person; an objection to everything follows them, so that whoever asks, here
/// or by events, hears that nobody may approach him.
async fn leave_an_objection(tx: &mut Tx, act: &Act, contact: &Contact) -> Result<()> {
    store::strip_consents(tx, contact.id, SAID_BY_ERASURE).await?;
    let objection = ConsentEntry {
        id: ConsentId::new(),
        contact_id: contact.id,
        customer_id: contact.customer_id,
        purpose: ConsentPurpose::Any,
        channel: ConsentChannel::Any,
        decision: ConsentDecision::Objected,
        decided_at: act.at,
        source: SAID_BY_ERASURE.to_owned(),
        text_version: None,
        evidence: None,
        recorded_by: act.actor.clone(),
        created_at: act.at,
    };
    store::insert_consents(tx, std::slice::from_ref(&objection)).await?;
    outbox::enqueue(tx, act, &v1::ConsentRecorded(consent_fact(&objection))).await?;
    Ok(())
}

async fn forget_copies(tx: &mut Tx, before: &Contact) -> Result<()> {
    store::empty_cells(tx, &names_and_addresses(before)).await?;
    Ok(forget_answers(tx, &[before.id.to_string()]).await?)
}

/// Throws away who read what more than two years ago, some at a time; answers how many rows that were.
pub async fn forget_reads(db: &Db, now: DateTime<Utc>) -> Result<usize> {
    let mut tx = db.begin().await?;
    let gone = store::delete_reads_before(&mut tx, reads_kept_from(now.date_naive()), BATCH).await?;
    tx.commit().await?;
    Ok(gone)
}
