use std::collections::HashMap;

use chrono::{DateTime, Utc};
use complaints_contract::NewComplaint;
use database::{Id, Tx};
use problem::FieldError;
use registry_contract::{ContactId, CustomerId, Redirects, Tier};
use wire::{ExternalId, Reference};

use crate::domain::Customer;
use crate::error::customer_unknown;
use crate::store::{customers, erasures, merges};

/// Names of customers, as complaints give them, and the contacts among those who complain.
#[derive(Debug, Default)]
pub struct Names<'a> {
    ids: Vec<Id>,
    codes: Vec<&'a str>,
    keys: Vec<&'a ExternalId>,
    contacts: Vec<Id>,
}

impl<'a> Names<'a> {
    pub fn of(news: impl IntoIterator<Item = &'a NewComplaint>) -> Self {
        let mut names = Self::default();
        for new in news {
            names.extend(new.customer_id.as_ref());
            names.keys.extend(&new.customer_external);
            names.contact(new.contact_id);
        }
        names
    }

    pub fn contact(&mut self, contact: Option<ContactId>) {
        self.contacts.extend(contact.map(Id::from));
    }

    pub fn extend(&mut self, references: impl IntoIterator<Item = &'a Reference<CustomerId>>) {
        for reference in references {
            match reference {
                Reference::Id(id) => self.ids.push(Id::from(*id)),
                Reference::Code(code) => self.codes.push(code),
            }
        }
    }
}

/// What is known of the customers that some complaints name, and which of the contacts were erased.
#[derive(Debug, Default)]
pub struct Customers {
    by_code: HashMap<String, Id>,
    by_key: HashMap<ExternalId, Id>,
    tiers: HashMap<Id, Tier>,
    languages: HashMap<Id, String>,
    redirects: Redirects,
    erased: HashMap<ContactId, DateTime<Utc>>,
}

impl Customers {
    /// Looks the customers up and holds them as they are until the transaction ends. One that was merged stands for what
    /// it was merged into, known or not: the merge may be told of first.
    pub async fn load(tx: &mut Tx, names: &Names<'_>) -> database::Result<Self> {
        // Before any other lock: whoever erases a contact keeps this order.
        let erased = erased(tx, &names.contacts).await?;
        let mut found = Self::look_up(tx, names).await?;
        if found.lacks_any(names) {
            // For those that are known too: by the second look one of them may be so no longer.
            customers::wait_for(tx, &names.ids, &names.keys).await?;
            // Who is unknown has no row to hold.
            merges::hold(tx).await?;
            found = Self::look_up(tx, names).await?;
        }
        let ids = found.ids(names);
        if !ids.is_empty() {
            found.tiers = customers::hold_tiers(tx, &ids).await?;
            // Held, none of them is being merged.
            found.redirects = merges::from(tx, &ids).await?;
            let targets: Vec<Id> = ids.iter().map(|id| found.redirects.resolve(id.get()).into()).collect();
            customers::stand_in_for(tx, targets.iter().filter(|target| !ids.contains(target)).copied()).await?;
            found.tiers.extend(customers::hold_tiers(tx, &targets).await?);
            found.languages = customers::languages(tx, &targets).await?;
        }
        Ok(Self { erased, ..found })
    }

    async fn look_up(tx: &mut Tx, names: &Names<'_>) -> database::Result<Self> {
        let by_code = customers::by_code(tx, &names.codes).await?;
        let by_key = customers::by_external(tx, &names.keys).await?;
        let mut found = Self { by_code, by_key, ..Self::default() };
        let ids = found.ids(names);
        if !ids.is_empty() {
            found.tiers = customers::tiers(tx, &ids).await?;
        }
        Ok(found)
    }

    /// Whoever is named, as far as there is an id.
    fn ids(&self, names: &Names<'_>) -> Vec<Id> {
        names.ids.iter().chain(self.by_code.values()).chain(self.by_key.values()).copied().collect()
    }

    /// A code that is lacking is refused, so nothing will wait for it.
    fn lacks_any(&self, names: &Names<'_>) -> bool {
        names.ids.iter().any(|id| !self.tiers.contains_key(id))
            || names.keys.iter().any(|key| !self.by_key.contains_key(*key))
    }

    /// Whom the complaint is from; nothing where it names nobody.
    pub fn named_by(&self, new: &NewComplaint) -> Result<Option<Customer>, FieldError> {
        match (&new.customer_id, &new.customer_external) {
            (Some(reference), _) => self.find(reference).map(Some),
            (None, Some(key)) => {
                let id = self.by_key.get(key).copied();
                Ok(Some(Customer { external: Some(key.clone()), ..self.customer(id) }))
            }
            (None, None) => Ok(None),
        }
    }

    /// An id nobody told us of is taken as it is, because the registry's events may lag.
    pub fn find(&self, reference: &Reference<CustomerId>) -> Result<Customer, FieldError> {
        match reference {
            Reference::Id(id) => Ok(self.customer(Some(Id::from(*id)))),
            Reference::Code(code) => match self.by_code.get(code) {
                Some(id) => Ok(self.customer(Some(*id))),
                None => Err(customer_unknown()),
            },
        }
    }

    /// The language of the customer, where it is known and another than the usual one.
    pub fn language(&self, customer: &Customer) -> Option<String> {
        self.languages.get(&Id::from(customer.id?)).cloned()
    }

    /// Since when the contact is erased, if it is.
    pub fn erased_at(&self, contact: Option<ContactId>) -> Option<DateTime<Utc>> {
        self.erased.get(&contact?).copied()
    }

    fn customer(&self, id: Option<Id>) -> Customer {
        let id: Option<CustomerId> = id.map(|id| self.redirects.resolve(id.get()));
        Customer { id, external: None, tier: id.and_then(|id| self.tiers.get(&Id::from(id)).copied()) }
    }
}

/// Which of the contacts were erased. None is until the transaction ends.
async fn erased(tx: &mut Tx, contacts: &[Id]) -> database::Result<HashMap<ContactId, DateTime<Utc>>> {
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    erasures::hold(tx).await?;
    erasures::of(tx, contacts).await
}
