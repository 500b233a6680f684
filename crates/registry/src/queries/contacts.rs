use database::{Db, PageRequest};
use registry_contract::{Contact, ContactId, ContactQuery};

use super::Listed;
use crate::error::{Error, Result};
use crate::store;

pub async fn get_contact(db: &Db, id: ContactId) -> Result<Contact> {
    let row = store::find_contact(&mut db.read().await?, id).await?;
    row.map(Contact::from).ok_or_else(|| Error::ContactNotFound(id.to_string()))
}

pub async fn list_contacts(db: &Db, wanted: &ContactQuery, page: &PageRequest) -> Result<Listed<Contact>> {
    let mut conn = db.read().await?;
    let rows = store::list_contacts(&mut conn, wanted, page).await?;
    let count = match page.count {
        true => Some(store::count_contacts(&mut conn, wanted).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Contact::from).collect(), count })
}
