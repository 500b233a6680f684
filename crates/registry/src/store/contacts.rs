use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{Contact, ContactChannel, ContactId, ContactQuery};

use super::Word;
use super::search::asked;
use crate::domain::ContactDetails;
use crate::domain::search::{Place, Question};
use crate::schema::{contacts, search_terms};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contacts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ContactRow {
    pub id: Id,
    pub customer_id: Id,
    pub name: String,
    pub title: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub preferred_channel: Option<Word<ContactChannel>>,
    pub language: Option<String>,
    pub note: Option<String>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl ContactRow {
    /// A new contact's row, version 1.
    pub fn new(id: ContactId, details: &ContactDetails, at: Instant) -> Self {
        let new = (**details).clone();
        Self {
            id: id.into(),
            customer_id: new.customer_id.into(),
            name: new.name,
            title: new.title,
            email: new.email,
            phone: new.phone,
            preferred_channel: new.preferred_channel.map(Word),
            language: new.language,
            note: new.note,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// The row that follows `before` when the contact becomes what `details` say.
    pub fn next(before: &Contact, details: &ContactDetails, at: Instant) -> Self {
        Self { version: before.version + 1, created_at: before.created_at.into(), ..Self::new(before.id, details, at) }
    }
}

impl From<ContactRow> for Contact {
    fn from(row: ContactRow) -> Self {
        Self {
            id: row.id.get(),
            customer_id: row.customer_id.get(),
            name: row.name,
            title: row.title,
            email: row.email,
            phone: row.phone,
            preferred_channel: row.preferred_channel.map(|word| word.0),
            language: row.language,
            note: row.note,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

pub async fn insert_contact(tx: &mut Tx, row: &ContactRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(contacts::table).values(row).execute(c).await)?;
    Ok(())
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_contact(tx: &mut Tx, row: &ContactRow) -> Result<bool> {
    let before = contacts::table.filter(contacts::id.eq(row.id)).filter(contacts::version.eq(row.version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(row).execute(c).await)?;
    Ok(changed == 1)
}

pub async fn find_contact(conn: &mut Conn, id: ContactId) -> Result<Option<ContactRow>> {
    let one = contacts::table.find(Id::from(id));
    on!(conn, |c| one.select(ContactRow::as_select()).first(c).await.optional())
}

/// Expands to a boxed query of the contacts that a [`ContactQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &ContactQuery = $wanted;
        let mut query = contacts::table.into_boxed::<Backend>();
        if let Some(any) = &wanted.customer_id {
            query = query.filter(contacts::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(since) = wanted.updated_since {
            query = query.filter(contacts::updated_at.ge(Instant::from(since)));
        }
        query
    }};
}

/// The same, of those that are found by its `q`.
macro_rules! found {
    ($wanted:expr) => {{
        let mut query = filtered!($wanted);
        if let Some(question) = $wanted.q.as_deref().and_then(Question::parse) {
            let places = Place::OF_CONTACTS;
            query = query.filter(asked!(question, places, contacts::table, contacts::id, search_terms::thing_id));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_contacts(conn: &mut Conn, wanted: &ContactQuery, page: &PageRequest) -> Result<Vec<ContactRow>> {
    on!(conn, |c| {
        let query = keyset!(found!(wanted), page, contacts, {
            "name" => name: String,
            "created_at" => created_at: Instant,
            "updated_at" => updated_at: Instant,
        });
        query.select(ContactRow::as_select()).load(c).await
    })
}

pub async fn count_contacts(conn: &mut Conn, wanted: &ContactQuery) -> Result<i64> {
    on!(conn, |c| found!(wanted).count().get_result(c).await)
}

/// Those of the contacts that pass the filters, whatever is asked for by `q`.
pub async fn contacts_of(conn: &mut Conn, wanted: &ContactQuery, ids: &[Id]) -> Result<Vec<ContactRow>> {
    on!(conn, |c| filtered!(wanted).filter(contacts::id.eq_any(ids)).select(ContactRow::as_select()).load(c).await)
}

pub async fn contacts_of_customers(conn: &mut Conn, customers: &[Id]) -> Result<Vec<ContactRow>> {
    let all = contacts::table.filter(contacts::customer_id.eq_any(customers));
    on!(conn, |c| all.select(ContactRow::as_select()).load(c).await)
}

/// The next contacts by id, for going through all of them.
pub async fn contacts_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<ContactRow>> {
    on!(conn, |c| {
        let mut query = contacts::table.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(contacts::id.gt(after));
        }
        query.order(contacts::id).limit(most).select(ContactRow::as_select()).load(c).await
    })
}
