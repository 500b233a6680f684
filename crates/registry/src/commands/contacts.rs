use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Tx};
use messaging::{Act, outbox};
use registry_contract::{Contact, ContactId, ContactPatch, NewContact, v1};
use wire::Reference;

use super::races::made;
use crate::domain::{ContactDetails, Faults};
use crate::error::{Error, Result};
use crate::facts::contact_fact;
use crate::store::{self, ContactRow};

pub async fn create_contact(db: &Db, act: &Act, new: NewContact) -> Result<Contact> {
    let id = act.new_id().into();
    let done = create(db, act, id, new).await;
    made(done, async || Ok(store::find_contact(&mut db.read().await?, id).await?.map(Contact::from))).await
}

async fn create(db: &Db, act: &Act, id: ContactId, mut new: NewContact) -> Result<Contact> {
    let mut tx = db.begin().await?;
    let mut unknown = Faults::default();
    // One that was merged into another leads to that.
    match store::lock_customer(&mut tx, &Reference::Id(new.customer_id)).await? {
        Some(customer) => new.customer_id = customer.id.get(),
        None => unknown.add("/customer_id", "unknown-customer", "there is no such customer"),
    }
    let details = Faults::join(ContactDetails::parse(new), unknown)?;
    let row = ContactRow::new(id, &details, act.at.into());
    store::insert_contacts(&mut tx, std::slice::from_ref(&row)).await?;
    let contact = Contact::from(row);
    store::index_new_contact(&mut tx, &contact).await?;
    store::queue_for_comparison(&mut tx, &[contact.customer_id.into()]).await?;
    audit::record(&mut tx, act, "contact.created", "contact", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::ContactCreated(contact_fact(&contact))).await?;
    tx.commit().await?;
    Ok(contact)
}

pub async fn update_contact(
    db: &Db,
    act: &Act,
    id: ContactId,
    expected: IfMatch,
    patch: ContactPatch,
) -> Result<Contact> {
    let mut tx = db.begin().await?;
    let current = Contact::from(unerased_contact(&mut tx, id).await?);
    expected.check(current.version)?;
    let mut wanted = NewContact::from(&current);
    patch.apply(&mut wanted);
    let details = ContactDetails::parse(wanted)?;
    if *details == NewContact::from(&current) {
        return Ok(current);
    }
    let row = ContactRow::next(&current, &details, act.at.into());
    if !store::update_contact(&mut tx, &row).await? {
        return Err(Error::Contended);
    }
    let contact = Contact::from(row);
    store::reindex_contact(&mut tx, &current, &contact).await?;
    store::queue_for_comparison(&mut tx, &[contact.customer_id.into()]).await?;
    audit::record(&mut tx, act, "contact.updated", "contact", id.into()).await?;
    outbox::enqueue(&mut tx, act, &v1::ContactUpdated(contact_fact(&contact))).await?;
    tx.commit().await?;
    Ok(contact)
}

/// The contact, with everything of its customer kept from other writers until the transaction ends, so that neither a merge
/// nor the writing of search terms comes between.
pub(super) async fn locked_contact(tx: &mut Tx, id: ContactId) -> Result<ContactRow> {
    let missing = || Error::ContactNotFound(id.to_string());
    let customer = store::find_contact(tx, id).await?.ok_or_else(missing)?.customer_id;
    let locked = store::lock_customer(tx, &Reference::Id(customer.get())).await?;
    let row = store::find_contact(tx, id).await?.ok_or_else(missing)?;
    // An undone merge may have taken the contact elsewhere meanwhile.
    if locked.is_some_and(|customer| customer.id == row.customer_id) { Ok(row) } else { Err(Error::Contended) }
}

/// The same of one of whom something may be known.
pub(super) async fn unerased_contact(tx: &mut Tx, id: ContactId) -> Result<ContactRow> {
    let row = locked_contact(tx, id).await?;
    if row.erased_at.is_some() { Err(Error::ContactErased) } else { Ok(row) }
}
