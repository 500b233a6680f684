use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{Contact, ContactChannel, ContactId, ContactPoint, ContactQuery};

use super::batch::insert_rows;
use super::search::asked;
use super::{Json, Word};
use crate::domain::search::{Place, Question};
use crate::domain::{ContactDetails, fold};
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
    pub mobile: Option<String>,
    pub contact_points: Json<Vec<ContactPoint>>,
    pub topics: Json<Vec<String>>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub erased_at: Option<Instant>,
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
            mobile: new.mobile,
            contact_points: Json(new.contact_points),
            topics: Json(new.topics),
            version: 1,
            created_at: at,
            updated_at: at,
            erased_at: None,
        }
    }

    /// The row that follows `before` when the contact becomes what `details` say.
    pub fn next(before: &Contact, details: &ContactDetails, at: Instant) -> Self {
        Self { version: before.version + 1, created_at: before.created_at.into(), ..Self::new(before.id, details, at) }
    }

    /// The row that follows `before` when nothing is to be known of the person any more but that he was at the customer.
    pub fn erased(before: &Contact, at: Instant) -> Self {
        Self {
            id: before.id.into(),
            customer_id: before.customer_id.into(),
            name: String::new(),
            title: None,
            email: None,
            phone: None,
            preferred_channel: None,
            language: None,
            note: None,
            mobile: None,
            contact_points: Json(vec![]),
            topics: Json(vec![]),
            version: before.version + 1,
            created_at: before.created_at.into(),
            updated_at: at,
            erased_at: Some(at),
        }
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
            mobile: row.mobile,
            contact_points: row.contact_points.0,
            preferred_channel: row.preferred_channel.map(|word| word.0),
            language: row.language,
            topics: row.topics.0,
            note: row.note,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            erased_at: row.erased_at.map(Into::into),
        }
    }
}

pub async fn insert_contacts(tx: &mut Tx, rows: &[ContactRow]) -> Result<()> {
    insert_rows!(tx, contacts, rows)
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

/// The same, who stays as he is until the transaction ends.
pub async fn hold_contact(tx: &mut Tx, id: ContactId) -> Result<Option<ContactRow>> {
    let one = contacts::table.find(Id::from(id));
    on!(tx,
        pg: |c| one.select(ContactRow::as_select()).for_share().first(c).await.optional(),
        lite: |c| one.select(ContactRow::as_select()).first(c).await.optional(),
    )
}

/// All contacts of a customer.
pub async fn contacts_of(conn: &mut Conn, customer: Id) -> Result<Vec<ContactRow>> {
    let all = contacts::table.filter(contacts::customer_id.eq(customer)).order(contacts::id);
    on!(conn, |c| all.select(ContactRow::as_select()).load(c).await)
}

/// Names of those contacts that are not erased.
pub async fn names_of(conn: &mut Conn, ids: &[Id]) -> Result<Vec<(Id, String)>> {
    let some = contacts::table.filter(contacts::id.eq_any(ids)).filter(contacts::erased_at.is_null());
    let some = some.select((contacts::id, contacts::name));
    on!(conn, |c| some.load(c).await)
}

/// A `LIKE` pattern for lists, as they are stored, that name the topic.
fn names(topic: &str) -> String {
    let name = serde_json::Value::from(fold(topic.trim())).to_string();
    // Its own wildcards mean themselves.
    format!("%{}%", name.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_"))
}

/// Expands to a boxed query of the contacts that a [`ContactQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &ContactQuery = $wanted;
        let mut query = contacts::table.into_boxed::<Backend>();
        if let Some(any) = &wanted.customer_id {
            query = query.filter(contacts::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(any) = &wanted.topic {
            type Condition = Box<dyn BoxableExpression<contacts::table, Backend, SqlType = diesel::sql_types::Bool>>;
            let none: Condition = Box::new(contacts::id.ne(contacts::id));
            let any = any.0.iter().map(|topic| contacts::topics.like(names(topic)).escape('\\'));
            query = query.filter(any.fold(none, |or, one| Box::new(or.or(one)) as Condition));
        }
        if let Some(any) = &wanted.preferred_channel {
            query = query.filter(contacts::preferred_channel.eq_any(any.0.iter().map(|channel| channel.as_str())));
        }
        if let Some(any) = &wanted.language {
            query = query.filter(contacts::language.eq_any(&any.0));
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
pub async fn contacts_wanted(conn: &mut Conn, wanted: &ContactQuery, ids: &[Id]) -> Result<Vec<ContactRow>> {
    on!(conn, |c| filtered!(wanted).filter(contacts::id.eq_any(ids)).select(ContactRow::as_select()).load(c).await)
}

pub async fn contacts_of_customers(conn: &mut Conn, customers: &[Id]) -> Result<Vec<ContactRow>> {
    let all = contacts::table.filter(contacts::customer_id.eq_any(customers));
    on!(conn, |c| all.select(ContactRow::as_select()).load(c).await)
}

/// The next of the contacts asked for by id, for going through all of them but those that are erased.
pub async fn contacts_among_after(
    conn: &mut Conn,
    wanted: &ContactQuery,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<ContactRow>> {
    on!(conn, |c| {
        let mut query = found!(wanted).filter(contacts::erased_at.is_null());
        if let Some(after) = after {
            query = query.filter(contacts::id.gt(after));
        }
        query.order(contacts::id).limit(most).select(ContactRow::as_select()).load(c).await
    })
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
