use std::collections::HashMap;

use database::{Conn, Id, Instant, PageRequest, Result, Tx, insert_all, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{Customer, CustomerId, CustomerKind, CustomerQuery, Lifecycle, Tier};
use serde::Serialize;
use wire::{Currency, ExternalId, Money, Reference};

use super::Word;
use crate::domain::{CustomerDetails, contains};
use crate::schema::{customer_external_ids, customers};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize)]
#[diesel(table_name = customers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CustomerRow {
    pub id: Id,
    pub code: String,
    pub name: String,
    pub short_name: Option<String>,
    pub kind: Word<CustomerKind>,
    pub tier: Word<Tier>,
    pub lifecycle: Word<Lifecycle>,
    pub industry: Option<String>,
    pub country: Option<String>,
    pub region: Option<String>,
    pub city: Option<String>,
    pub address: Option<String>,
    pub website: Option<String>,
    pub phone: Option<String>,
    pub language: String,
    pub time_zone: String,
    pub currency: String,
    pub parent_id: Option<Id>,
    pub owner: Option<String>,
    pub annual_revenue_minor: Option<i64>,
    pub annual_revenue_currency: Option<Word<Currency>>,
    pub employees: Option<i64>,
    pub founded_year: Option<i32>,
    pub tax_id: Option<String>,
    pub search_text: String,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl CustomerRow {
    /// A new customer's row, version 1.
    pub fn new(id: CustomerId, code: String, details: &CustomerDetails, at: Instant) -> Self {
        let new = (**details).clone();
        Self {
            id: id.into(),
            search_text: details.search_text(&code),
            code,
            name: new.name,
            short_name: new.short_name,
            kind: Word(new.kind),
            tier: Word(new.tier),
            lifecycle: Word(new.lifecycle),
            industry: new.industry,
            country: new.country,
            region: new.region,
            city: new.city,
            address: new.address,
            website: new.website,
            phone: new.phone,
            language: new.language,
            time_zone: new.time_zone,
            currency: new.currency,
            parent_id: new.parent_id.map(Id::from),
            owner: new.owner,
            annual_revenue_minor: new.annual_revenue.map(|money| money.minor),
            annual_revenue_currency: new.annual_revenue.map(|money| Word(money.currency)),
            employees: new.employees,
            founded_year: new.founded_year,
            tax_id: new.tax_id,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    /// The row that follows `before` when the customer becomes what `details` say.
    pub fn next(before: &Customer, details: &CustomerDetails, at: Instant) -> Self {
        Self {
            version: before.version + 1,
            created_at: before.created_at.into(),
            ..Self::new(before.id, before.code.clone(), details, at)
        }
    }

    pub fn with(self, external_ids: Vec<ExternalId>) -> Customer {
        let annual_revenue = self.annual_revenue_minor.zip(self.annual_revenue_currency);
        Customer {
            id: self.id.get(),
            code: self.code,
            name: self.name,
            short_name: self.short_name,
            kind: self.kind.0,
            tier: self.tier.0,
            lifecycle: self.lifecycle.0,
            industry: self.industry,
            country: self.country,
            region: self.region,
            city: self.city,
            address: self.address,
            website: self.website,
            phone: self.phone,
            language: self.language,
            time_zone: self.time_zone,
            currency: self.currency,
            parent_id: self.parent_id.map(|id| id.get()),
            owner: self.owner,
            annual_revenue: annual_revenue.map(|(minor, Word(currency))| Money { minor, currency }),
            employees: self.employees,
            founded_year: self.founded_year,
            tax_id: self.tax_id,
            external_ids,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        }
    }
}

pub async fn insert_customers(tx: &mut Tx, rows: &[CustomerRow]) -> Result<()> {
    insert_all!(tx, customers, rows)?;
    Ok(())
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_customer(tx: &mut Tx, row: &CustomerRow) -> Result<bool> {
    let before = customers::table.filter(customers::id.eq(row.id)).filter(customers::version.eq(row.version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(row).execute(c).await)?;
    Ok(changed == 1)
}

pub async fn find_customer(conn: &mut Conn, reference: &Reference<CustomerId>) -> Result<Option<CustomerRow>> {
    match reference {
        Reference::Id(id) => {
            let one = customers::table.filter(customers::id.eq(Id::from(*id)));
            on!(conn, |c| one.select(CustomerRow::as_select()).first(c).await.optional())
        }
        Reference::Code(code) => {
            let one = customers::table.filter(customers::code.eq(code));
            on!(conn, |c| one.select(CustomerRow::as_select()).first(c).await.optional())
        }
    }
}

/// The same, kept from other writers until the transaction ends; SQLite has one writer anyway. Not a full row lock: that
/// would stand in the way of children which only point to the customer.
pub async fn lock_customer(tx: &mut Tx, reference: &Reference<CustomerId>) -> Result<Option<CustomerRow>> {
    match reference {
        Reference::Id(id) => {
            let one = customers::table.filter(customers::id.eq(Id::from(*id)));
            on!(tx,
                pg: |c| one.select(CustomerRow::as_select()).for_no_key_update().first(c).await.optional(),
                lite: |c| one.select(CustomerRow::as_select()).first(c).await.optional(),
            )
        }
        Reference::Code(code) => {
            let one = customers::table.filter(customers::code.eq(code));
            on!(tx,
                pg: |c| one.select(CustomerRow::as_select()).for_no_key_update().first(c).await.optional(),
                lite: |c| one.select(CustomerRow::as_select()).first(c).await.optional(),
            )
        }
    }
}

pub async fn customers_among(conn: &mut Conn, ids: &[Id]) -> Result<Vec<CustomerRow>> {
    let some = customers::table.filter(customers::id.eq_any(ids));
    on!(conn, |c| some.select(CustomerRow::as_select()).load(c).await)
}

/// The same, kept from other writers until the transaction ends; in the order of their ids, so that two who lock many do not
/// wait for each other.
pub async fn lock_customers(tx: &mut Tx, ids: &[Id]) -> Result<Vec<CustomerRow>> {
    let some = customers::table.filter(customers::id.eq_any(ids)).order(customers::id);
    on!(tx,
        pg: |c| some.select(CustomerRow::as_select()).for_no_key_update().load(c).await,
        lite: |c| some.select(CustomerRow::as_select()).load(c).await,
    )
}

pub async fn ids_of_codes(conn: &mut Conn, codes: &[&str]) -> Result<HashMap<String, CustomerId>> {
    let some = customers::table.filter(customers::code.eq_any(codes)).select((customers::code, customers::id));
    let found: Vec<(String, Id)> = on!(conn, |c| some.load(c).await)?;
    Ok(found.into_iter().map(|(code, id)| (code, id.get())).collect())
}

/// Customers of exactly this name, or with this code: two at most, which is enough to see that it is not one.
pub async fn customers_called(conn: &mut Conn, text: &str) -> Result<Vec<CustomerId>> {
    let called = customers::table
        .filter(customers::name.eq(text).or(customers::code.eq(text)))
        .select(customers::id)
        .order(customers::id)
        .limit(2);
    let ids: Vec<Id> = on!(conn, |c| called.load(c).await)?;
    Ok(ids.into_iter().map(|id| id.get()).collect())
}

/// Lets one transaction at a time change who belongs to whom: two that each look right may close a circle together.
/// SQLite has one writer anyway.
pub async fn lock_hierarchy(tx: &mut Tx) -> Result<()> {
    on!(tx,
        pg: |c| diesel::sql_query("SELECT pg_advisory_xact_lock(hashtext('customers.parent_id'))").execute(c).await,
        lite: |_c| Ok(0),
    )?;
    Ok(())
}

/// The parent's own line upwards, nearest first, `from` included; empty when there is no such customer.
pub async fn ancestors(conn: &mut Conn, from: CustomerId) -> Result<Vec<CustomerId>> {
    let mut line: Vec<CustomerId> = Vec::new();
    let mut next = Some(Id::from(from));
    while let Some(id) = next {
        let one = customers::table.filter(customers::id.eq(id)).select(customers::parent_id);
        let parent: Option<Option<Id>> = on!(conn, |c| one.first(c).await.optional())?;
        let Some(parent) = parent else { break };
        line.push(id.get());
        next = parent.filter(|parent| !line.contains(&parent.get()));
    }
    Ok(line)
}

/// Expands to a boxed query of the customers that a [`CustomerQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &CustomerQuery = $wanted;
        let mut query = customers::table.into_boxed::<Backend>();
        if let Some(q) = &wanted.q {
            query = query.filter(customers::search_text.like(contains(q)).escape('\\'));
        }
        if let Some(any) = &wanted.tier {
            query = query.filter(customers::tier.eq_any(any.0.iter().map(|tier| tier.as_str())));
        }
        if let Some(any) = &wanted.kind {
            query = query.filter(customers::kind.eq_any(any.0.iter().map(|kind| kind.as_str())));
        }
        if let Some(any) = &wanted.lifecycle {
            query = query.filter(customers::lifecycle.eq_any(any.0.iter().map(|stage| stage.as_str())));
        }
        if let Some(any) = &wanted.owner {
            query = query.filter(customers::owner.eq_any(&any.0));
        }
        if let Some(any) = &wanted.country {
            query = query.filter(customers::country.eq_any(&any.0));
        }
        if let Some(any) = &wanted.industry {
            query = query.filter(customers::industry.eq_any(&any.0));
        }
        if let Some(any) = &wanted.parent_id {
            query = query.filter(customers::parent_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(system) = &wanted.external_system {
            let known = customer_external_ids::table.filter(customer_external_ids::system.eq(system));
            query = query.filter(customers::id.eq_any(known.select(customer_external_ids::customer_id)));
        }
        if let Some(since) = wanted.updated_since {
            query = query.filter(customers::updated_at.ge(Instant::from(since)));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_customers(conn: &mut Conn, wanted: &CustomerQuery, page: &PageRequest) -> Result<Vec<CustomerRow>> {
    on!(conn, |c| {
        let query = keyset!(filtered!(wanted), page, customers, {
            "name" => name: String,
            "code" => code: String,
            "created_at" => created_at: Instant,
            "updated_at" => updated_at: Instant,
        });
        query.select(CustomerRow::as_select()).load(c).await
    })
}

pub async fn count_customers(conn: &mut Conn, wanted: &CustomerQuery) -> Result<i64> {
    on!(conn, |c| filtered!(wanted).count().get_result(c).await)
}

/// The next of the customers asked for by id, for going through all of them.
pub async fn customers_asked_after(
    conn: &mut Conn,
    wanted: &CustomerQuery,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<CustomerRow>> {
    on!(conn, |c| {
        let mut query = filtered!(wanted);
        if let Some(after) = after {
            query = query.filter(customers::id.gt(after));
        }
        query.order(customers::id).limit(most).select(CustomerRow::as_select()).load(c).await
    })
}

pub async fn codes_of(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<CustomerId, String>> {
    let some = customers::table.filter(customers::id.eq_any(ids)).select((customers::id, customers::code));
    let found: Vec<(Id, String)> = on!(conn, |c| some.load(c).await)?;
    Ok(found.into_iter().map(|(id, code)| (id.get(), code)).collect())
}

/// The next customers by id, for going through all of them.
pub async fn customers_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<CustomerRow>> {
    on!(conn, |c| {
        let mut query = customers::table.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(customers::id.gt(after));
        }
        query.order(customers::id).limit(most).select(CustomerRow::as_select()).load(c).await
    })
}
