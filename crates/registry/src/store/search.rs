use std::collections::HashMap;

use database::sql_types::SqlId;
use database::{Conn, Id, Parts, Result, Tx, on};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, SmallInt, Text};
use diesel_async::RunQueryDsl;
use registry_contract::{Contact, Customer, CustomerId};

use crate::domain::search::{Place, Term, contact_terms, customer_terms};
use crate::schema::{search_queue, search_terms};

/// Expands to the condition that a question finds a row, for lists in another order than how well it fits; inside `on!`.
macro_rules! asked {
    ($question:expr, $places:expr, $table:ty, $id:expr, $found:expr) => {{
        use diesel::BoxableExpression;
        use diesel::dsl::sql;
        use diesel::sql_types::Bool;
        type Condition<Table> = Box<dyn BoxableExpression<Table, Backend, SqlType = Bool>>;
        let question: Question = $question;
        let places: Vec<i16> = $places.iter().map(|place: &Place| place.number()).collect();
        let mut any: Condition<$table> = Box::new(sql::<Bool>("1 = 0"));
        for attempt in question.attempts {
            let mut all: Condition<$table> = Box::new(sql::<Bool>("1 = 1"));
            for needle in attempt {
                let mut terms = search_terms::table.select($found).into_boxed::<Backend>();
                for way in needle.0 {
                    let end = crate::store::search::end_of(&way);
                    let range = search_terms::term.ge(way).and(search_terms::term.lt(end));
                    terms = terms.or_filter(search_terms::place.eq_any(places.clone()).and(range));
                }
                all = Box::new(all.and($id.eq_any(terms)));
            }
            any = Box::new(any.or(all));
        }
        any
    }};
}
pub(super) use asked;

/// A text that a customer, or one of its contacts, is found by.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = search_terms)]
pub struct TermRow {
    pub place: i16,
    pub term: String,
    pub thing_id: Id,
    pub customer_id: Id,
}

/// Writes customers' terms anew, each with what it was, where they are others.
pub async fn reindex_customers<'a>(
    tx: &mut Tx,
    changes: impl IntoIterator<Item = (&'a Customer, &'a Customer)>,
) -> Result<()> {
    let (mut ids, mut fresh) = (Vec::new(), Vec::new());
    for (before, customer) in changes {
        let terms = customer_terms(customer);
        if terms != customer_terms(before) {
            let id = Id::from(customer.id);
            ids.push(id);
            fresh.extend(rows(terms, id, customer.id));
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let own = search_terms::table
        .filter(search_terms::customer_id.eq_any(&ids))
        .filter(search_terms::thing_id.eq(search_terms::customer_id));
    on!(tx, |c| diesel::delete(own).execute(c).await)?;
    insert(tx, fresh).await
}

pub async fn index_new_contact(tx: &mut Tx, contact: &Contact) -> Result<()> {
    insert(tx, rows(contact_terms(contact), contact.id.into(), contact.customer_id).collect()).await
}

pub async fn reindex_contact(tx: &mut Tx, before: &Contact, contact: &Contact) -> Result<()> {
    if before.customer_id == contact.customer_id && contact_terms(before) == contact_terms(contact) {
        return Ok(());
    }
    unindex(tx, before.customer_id.into(), contact.id.into()).await?;
    index_new_contact(tx, contact).await
}

fn rows(terms: Vec<Term>, thing: Id, customer: CustomerId) -> impl Iterator<Item = TermRow> {
    let row = move |(place, term): Term| TermRow {
        place: place.number(),
        term,
        thing_id: thing,
        customer_id: customer.into(),
    };
    terms.into_iter().map(row)
}

async fn unindex(tx: &mut Tx, customer: Id, thing: Id) -> Result<()> {
    let own =
        search_terms::table.filter(search_terms::customer_id.eq(customer)).filter(search_terms::thing_id.eq(thing));
    on!(tx, |c| diesel::delete(own).execute(c).await)?;
    Ok(())
}

/// Takes the customers and their contacts out of every search.
pub async fn unindex_customers(tx: &mut Tx, customers: &[Id]) -> Result<()> {
    let all = search_terms::table.filter(search_terms::customer_id.eq_any(customers));
    on!(tx, |c| diesel::delete(all).execute(c).await)?;
    Ok(())
}

/// Writes the terms of customers and contacts that have none yet.
pub async fn index_all(tx: &mut Tx, customers: &[Customer], contacts: &[Contact]) -> Result<()> {
    let of_customers = customers.iter().flat_map(|one| rows(customer_terms(one), one.id.into(), one.id));
    let of_contacts = contacts.iter().flat_map(|one| rows(contact_terms(one), one.id.into(), one.customer_id));
    insert(tx, of_customers.chain(of_contacts).collect()).await
}

async fn insert(tx: &mut Tx, mut rows: Vec<TermRow>) -> Result<()> {
    // In the order of the index: neighbours share pages.
    rows.sort_unstable_by(|a, b| (a.place, &a.term).cmp(&(b.place, &b.term)));
    on!(tx,
        pg: |c| {
            let places: Vec<i16> = rows.iter().map(|row| row.place).collect();
            let terms: Vec<&str> = rows.iter().map(|row| row.term.as_str()).collect();
            let things: Vec<Id> = rows.iter().map(|row| row.thing_id).collect();
            let customers: Vec<Id> = rows.iter().map(|row| row.customer_id).collect();
            diesel::sql_query(
                "INSERT INTO search_terms (place, term, thing_id, customer_id) SELECT * FROM unnest($1, $2, $3, $4)
                 ON CONFLICT (place, term, thing_id) DO UPDATE SET customer_id = excluded.customer_id",
            )
            .bind::<Array<SmallInt>, _>(places)
            .bind::<Array<Text>, _>(terms)
            .bind::<Array<SqlId>, _>(things)
            .bind::<Array<SqlId>, _>(customers)
            .execute(c)
            .await
        },
        lite: |c| {
            c.spawn_blocking(move |c| {
                rows.iter().try_fold(0, |sum, row| {
                    let one = diesel::replace_into(search_terms::table).values(row);
                    Ok(sum + diesel::RunQueryDsl::execute(one, c)?)
                })
            })
            .await
        },
    )?;
    Ok(())
}

/// Leaves the customers' terms to be written soon, by whoever takes them off the queue.
pub(super) async fn queue_for_search(tx: &mut Tx, customers: &[Id]) -> Result<()> {
    on!(tx,
        pg: |c| {
            diesel::sql_query("INSERT INTO search_queue SELECT * FROM unnest($1) ON CONFLICT DO NOTHING")
                .bind::<Array<SqlId>, _>(customers)
                .execute(c)
                .await
        },
        lite: |c| {
            let customers = customers.to_vec();
            c.spawn_blocking(move |c| {
                customers.iter().try_fold(0, |sum, id| {
                    let row = search_queue::customer_id.eq(id);
                    let one = diesel::insert_or_ignore_into(search_queue::table).values(row);
                    Ok(sum + diesel::RunQueryDsl::execute(one, c)?)
                })
            })
            .await
        },
    )?;
    Ok(())
}

pub async fn is_queued(conn: &mut Conn) -> Result<bool> {
    let next: Option<Id> =
        on!(conn, |c| search_queue::table.select(search_queue::customer_id).limit(1).first(c).await.optional())?;
    Ok(next.is_some())
}

/// The next of the queue, on PostgreSQL past those that another process has at hand.
pub async fn queued(tx: &mut Tx, most: i64) -> Result<Vec<Id>> {
    let next = search_queue::table.select(search_queue::customer_id).order(search_queue::customer_id).limit(most);
    on!(tx,
        pg: |c| next.for_update().skip_locked().load(c).await,
        lite: |c| next.load(c).await,
    )
}

pub async fn unqueue(tx: &mut Tx, customers: &[Id]) -> Result<()> {
    let done = search_queue::table.filter(search_queue::customer_id.eq_any(customers));
    on!(tx, |c| diesel::delete(done).execute(c).await)?;
    Ok(())
}

/// The next terms in their order that begin with `way`, behind one of them if there is one.
pub async fn terms_beginning(
    conn: &mut Conn,
    place: Place,
    way: &str,
    behind: Option<(&str, Id)>,
    most: usize,
) -> Result<Vec<TermRow>> {
    let most = i64::try_from(most).map_err(database::Error::other)?;
    let (term, thing) = behind.unwrap_or((way, Id::from(uuid::Uuid::nil())));
    on!(conn, |c| {
        // As a row, so that the index is entered where the page begins.
        let further =
            sql::<Bool>("(term, thing_id) > (").bind::<Text, _>(term).sql(", ").bind::<SqlId, _>(thing).sql(")");
        search_terms::table
            .filter(search_terms::place.eq(place.number()))
            .filter(further)
            .filter(search_terms::term.lt(end_of(way)))
            .order((search_terms::term, search_terms::thing_id))
            .limit(most)
            .select(TermRow::as_select())
            .load(c)
            .await
    })
}

/// Above everything that begins with the text.
pub(super) fn end_of(way: &str) -> String {
    format!("{way}{}", char::MAX)
}

/// How many terms of these places begin with one of the ways, counted up to `most` for each.
pub async fn count_beginning(conn: &mut Conn, places: &[Place], ways: &[String], most: usize) -> Result<usize> {
    let mut count = 0;
    for way in ways {
        for place in places {
            count += terms_beginning(conn, *place, way, None, most).await?.len();
        }
    }
    Ok(count)
}

/// Which of the customers, and which thing of theirs, has a term in one of the places that begins in one of the ways.
pub async fn holders_of_terms(
    conn: &mut Conn,
    customers: &[Id],
    places: &[Place],
    ways: &[String],
) -> Result<Vec<(Id, Id)>> {
    // Hidden from SQLite's planner, which would walk along all terms that begin so instead of those of the customers.
    let term = match conn.parts() {
        Parts::Postgres(_) => "term",
        Parts::Sqlite(_) => "+term",
    };
    let rows: Vec<(Id, Id, i16)> = on!(conn, |c| {
        let mut any: Box<dyn BoxableExpression<search_terms::table, Backend, SqlType = Bool>> =
            Box::new(sql::<Bool>("1 = 0"));
        for way in ways {
            let from = sql::<Bool>(&format!("{term} >= ")).bind::<Text, _>(way);
            any = Box::new(any.or(from.sql(&format!(" AND {term} < ")).bind::<Text, _>(end_of(way))));
        }
        search_terms::table
            .filter(search_terms::customer_id.eq_any(customers))
            .filter(any)
            .select((search_terms::customer_id, search_terms::thing_id, search_terms::place))
            .load(c)
            .await
    })?;
    let is_in = |number: i16| places.iter().any(|place| place.number() == number);
    Ok(rows.into_iter().filter(|(_, _, place)| is_in(*place)).map(|(customer, thing, _)| (customer, thing)).collect())
}

/// The terms of these places of customers, by the customer.
pub async fn terms_of_customers(
    conn: &mut Conn,
    customers: &[Id],
    places: &[Place],
) -> Result<HashMap<Id, Vec<TermRow>>> {
    let all = search_terms::table.filter(search_terms::customer_id.eq_any(customers));
    let mut rows: Vec<TermRow> = on!(conn, |c| all.select(TermRow::as_select()).load(c).await)?;
    // Not asked of the database: with many customers, SQLite would walk along all terms of the places instead.
    rows.retain(|row| places.iter().any(|place| place.number() == row.place));
    Ok(grouped(rows, |row| row.customer_id))
}

/// The terms of contacts, by the contact.
pub async fn terms_of_contacts(
    conn: &mut Conn,
    customers: &[Id],
    contacts: &[Id],
) -> Result<HashMap<Id, Vec<TermRow>>> {
    let all = search_terms::table
        .filter(search_terms::customer_id.eq_any(customers))
        .filter(search_terms::thing_id.eq_any(contacts));
    let rows: Vec<TermRow> = on!(conn, |c| all.select(TermRow::as_select()).load(c).await)?;
    Ok(grouped(rows, |row| row.thing_id))
}

fn grouped(rows: Vec<TermRow>, by: fn(&TermRow) -> Id) -> HashMap<Id, Vec<TermRow>> {
    let mut groups: HashMap<Id, Vec<TermRow>> = HashMap::new();
    for row in rows {
        groups.entry(by(&row)).or_default().push(row);
    }
    groups
}
