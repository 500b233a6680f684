use std::collections::{BTreeSet, HashMap};

use database::{Conn, Db, Id, PageRequest};
use registry_contract::{Contact, ContactId, ContactRead, HeldPosition, PersonalData, PersonalDataCustomer};

use super::Listed;
use crate::error::{Error, Result};
use crate::store::{self, HoldingRow};

/// All that the registry holds on a person.
pub async fn get_personal_data(db: &Db, id: ContactId) -> Result<PersonalData> {
    let mut conn = db.read().await?;
    let row = store::find_contact(&mut conn, id).await?;
    let contact = row.map(Contact::from).ok_or_else(|| Error::ContactNotFound(id.to_string()))?;
    let held = store::holdings_of(&mut conn, id).await?;
    let consents = store::consents_of(&mut conn, id).await?;
    let stances = store::stances_of_contact(&mut conn, id).await?;
    let mut customers: BTreeSet<Id> = held.iter().map(|row| row.customer_id).collect();
    customers.insert(contact.customer_id.into());
    customers.extend(consents.iter().map(|entry| Id::from(entry.customer_id)));
    customers.extend(stances.iter().map(|reading| Id::from(reading.customer_id)));
    Ok(PersonalData {
        customers: self::customers(&mut conn, &Vec::from_iter(customers)).await?,
        legal_hold: store::find_legal_hold(&mut conn, id).await?,
        erasure: store::find_erasure(&mut conn, id).await?,
        holdings: with_titles(&mut conn, held).await?,
        reads: store::reads_of(&mut conn, id).await?.into_iter().map(ContactRead::from).collect(),
        contact,
        consents,
        stances,
    })
}

async fn customers(conn: &mut Conn, ids: &[Id]) -> Result<Vec<PersonalDataCustomer>> {
    let known = store::codes_and_names_of(conn, ids).await?;
    let customer = |(id, (code, name))| PersonalDataCustomer { id, code, name };
    let mut customers: Vec<_> = known.into_iter().map(customer).collect();
    customers.sort_by_key(|customer| customer.id);
    Ok(customers)
}

async fn with_titles(conn: &mut Conn, held: Vec<HoldingRow>) -> Result<Vec<HeldPosition>> {
    let seats: Vec<Id> = held.iter().map(|row| row.position_id).collect();
    let titles: HashMap<Id, String> = store::titles_of(conn, &seats).await?.into_iter().collect();
    let position = |row: HoldingRow| {
        let title = titles.get(&row.position_id).cloned().unwrap_or_default();
        HeldPosition { title, holding: row.into() }
    };
    Ok(held.into_iter().map(position).collect())
}

/// Who read what is known of a contact, on which day and in which way.
pub async fn list_contact_reads(db: &Db, id: ContactId, page: &PageRequest) -> Result<Listed<ContactRead>> {
    let mut conn = db.read().await?;
    if store::find_contact(&mut conn, id).await?.is_none() {
        return Err(Error::ContactNotFound(id.to_string()));
    }
    let rows = store::list_reads(&mut conn, id, page).await?;
    let count = match page.count {
        true => Some(store::count_reads(&mut conn, id).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(ContactRead::from).collect(), count })
}
