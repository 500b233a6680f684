use std::collections::HashMap;

use chassis::audit;
use database::Db;
use messaging::{Act, outbox};
use problem::{FieldError, Language};
use registry_contract::{CardOutcome, Contact, ContactId, CustomerId, NewContact, VCardImport, VCardResult, v1};
use wire::Reference;

use super::bulk::row_ids;
use crate::domain::{Card, ContactDetails, fold, is_same_person, read_cards};
use crate::error::{Error, Result};
use crate::facts::contact_fact;
use crate::store::{self, ContactRow};

/// The most cards that one file may hold: all go into one transaction.
const MOST_CARDS: usize = 1000;

/// Makes contacts of a customer out of a file of vCards, in one transaction. A card of somebody whom the customer has
/// already creates nobody; one that cannot be taken spoils no other.
pub async fn import_vcards(db: &Db, act: &Act, customer: &Reference<CustomerId>, file: &[u8]) -> Result<VCardImport> {
    let mut tx = db.begin().await?;
    let found = store::lock_customer(&mut tx, customer).await?;
    let customer = found.ok_or_else(|| Error::CustomerNotFound(customer.to_string()))?.id;
    let cards = read_cards(file, customer.get());
    refuse_number(cards.len())?;

    let ids: Vec<ContactId> = row_ids(act.new_id(), cards.len());
    let mut known = Known::default();
    for row in store::contacts_of(&mut tx, customer).await? {
        known.add(row.into());
    }

    let (mut rows, mut results) = (Vec::new(), Vec::new());
    for (index, (card, id)) in cards.into_iter().zip(ids).enumerate() {
        let (outcome, contact, problem) = match known.by_id.get(&id) {
            // A request repeated after a crash between the commit and its answer meets its own contacts.
            Some(contact) => (CardOutcome::Created, Some(contact.clone()), None),
            None => take(&card, id, act, &mut known, &mut rows),
        };
        results.push(VCardResult { card: index, outcome, contact, warnings: card.warnings, problem });
    }
    store::insert_contacts(&mut tx, &rows).await?;
    let made: Vec<Contact> = rows.into_iter().map(Contact::from).collect();
    store::index_all(&mut tx, &[], &made).await?;
    store::queue_for_comparison(&mut tx, &[customer]).await?;
    for contact in made {
        audit::record(&mut tx, act, "contact.created", "contact", contact.id.into()).await?;
        outbox::enqueue(&mut tx, act, &v1::ContactCreated(contact_fact(&contact))).await?;
    }
    tx.commit().await?;
    Ok(summary(results))
}

/// The customer's contacts, those of the file itself included.
#[derive(Default)]
struct Known {
    by_id: HashMap<ContactId, Contact>,
    by_name: HashMap<String, Vec<ContactId>>,
}

impl Known {
    fn add(&mut self, contact: Contact) {
        // Who was erased is nobody's namesake.
        if contact.erased_at.is_none() {
            self.by_name.entry(fold(contact.name.trim())).or_default().push(contact.id);
        }
        self.by_id.insert(contact.id, contact);
    }

    fn same(&self, card: &NewContact) -> Option<&Contact> {
        let namesakes = self.by_name.get(&fold(card.name.trim())).into_iter().flatten();
        namesakes.filter_map(|id| self.by_id.get(id)).find(|known| is_same_person(&NewContact::from(*known), card))
    }
}

type Taken = (CardOutcome, Option<Contact>, Option<serde_json::Value>);

fn take(card: &Card, id: ContactId, act: &Act, known: &mut Known, rows: &mut Vec<ContactRow>) -> Taken {
    if let Some(contact) = known.same(&card.contact) {
        return (CardOutcome::Existing, Some(contact.clone()), None);
    }
    match ContactDetails::parse(card.contact.clone()) {
        Ok(details) => {
            let row = ContactRow::new(id, &details, act.at.into());
            let contact = Contact::from(row.clone());
            rows.push(row);
            known.add(contact.clone());
            (CardOutcome::Created, Some(contact), None)
        }
        Err(faults) => {
            let problem = problem::Failure::from(Error::from(faults)).problem(Language::English);
            (CardOutcome::Failed, None, serde_json::to_value(problem).ok())
        }
    }
}

fn refuse_number(cards: usize) -> Result<()> {
    match cards {
        0 => Err(Error::VCardUnreadable),
        1..=MOST_CARDS => Ok(()),
        more => {
            let message = format!("holds {more} cards, more than {MOST_CARDS}: send it in parts");
            Err(Error::Invalid(vec![FieldError::new("", "too-many", message)]))
        }
    }
}

fn summary(results: Vec<VCardResult>) -> VCardImport {
    let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count();
    VCardImport {
        cards: results.len(),
        created: count(CardOutcome::Created),
        existing: count(CardOutcome::Existing),
        failed: count(CardOutcome::Failed),
        results,
    }
}
