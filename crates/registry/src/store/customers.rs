use std::collections::HashMap;

use database::{Conn, Db, Id, Instant, PageRequest, Result, Tx, insert_all, keyset, on};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use registry_contract::{Customer, CustomerId, CustomerKind, CustomerQuery, Lifecycle, Tier};
use serde::Serialize;
use serde_json::Value;
use wire::{Currency, Money, Reference};

use super::json::JsonSql;
use super::search::asked;
use super::{Narrowed, Related, SortName, Word, merged_into};
use crate::domain::search::{Place, Question};
use crate::domain::{CustomerDetails, Sight, Sought, sort_name, sought};
use crate::schema::{customer_classifications, customer_external_ids, customer_identifiers, customers, search_terms};

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
    pub sort_name: String,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub roles: Value,
    pub custom_fields: Value,
}

impl CustomerRow {
    /// A new customer's row, version 1.
    pub fn new(id: CustomerId, code: String, details: &CustomerDetails, at: Instant) -> Self {
        let new = (**details).clone();
        Self {
            id: id.into(),
            code,
            sort_name: sort_name(&new.name),
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
            roles: new.roles.iter().map(|role| role.as_str()).collect(),
            custom_fields: Value::Object(new.custom_fields.into_iter().collect()),
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

    /// The whole customer.
    ///
    /// # Errors
    /// When the row holds what no version of us wrote.
    pub fn with(self, related: Related) -> Result<Customer> {
        let annual_revenue = self.annual_revenue_minor.zip(self.annual_revenue_currency);
        Ok(Customer {
            id: self.id.get(),
            code: self.code,
            name: self.name,
            short_name: self.short_name,
            kind: self.kind.0,
            roles: serde_json::from_value(self.roles).map_err(database::Error::other)?,
            tier: self.tier.0,
            lifecycle: self.lifecycle.0,
            industry: self.industry,
            industry_code: related.industry_code,
            country: self.country,
            region: self.region,
            region_code: related.region_code,
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
            identifiers: related.identifiers,
            custom_fields: serde_json::from_value(self.custom_fields).map_err(database::Error::other)?,
            external_ids: related.external_ids,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

pub async fn insert_customers(tx: &mut Tx, rows: &[CustomerRow]) -> Result<()> {
    insert_all!(
        tx,
        customers,
        CustomerRow {
            id,
            code,
            name,
            short_name,
            kind,
            tier,
            lifecycle,
            industry,
            country,
            region,
            city,
            address,
            website,
            phone,
            language,
            time_zone,
            currency,
            parent_id,
            owner,
            annual_revenue_minor,
            annual_revenue_currency,
            employees,
            founded_year,
            tax_id,
            sort_name,
            version,
            created_at,
            updated_at,
            roles,
            custom_fields
        },
        rows
    )?;
    Ok(())
}

/// Writes the row over the version before it; false when that is no longer there.
pub async fn update_customer(tx: &mut Tx, row: &CustomerRow) -> Result<bool> {
    let before = customers::table.filter(customers::id.eq(row.id)).filter(customers::version.eq(row.version - 1));
    let changed = on!(tx, |c| diesel::update(before).set(row).execute(c).await)?;
    Ok(changed == 1)
}

/// Writes each row over the version before it; false when one of these is no longer there.
pub async fn update_customers(tx: &mut Tx, rows: &[&CustomerRow]) -> Result<bool> {
    let changed = on!(tx,
        pg: |c| database::update_recordset(c, "customers", rows).await,
        lite: |c| {
            let mut changed = 0;
            for row in rows {
                let before =
                    customers::table.filter(customers::id.eq(row.id)).filter(customers::version.eq(row.version - 1));
                changed += diesel::update(before).set(*row).execute(c).await?;
            }
            Ok(changed)
        },
    )?;
    Ok(changed == rows.len())
}

/// The customer, or the one it was merged into: whoever asks by an old id or code means that one.
pub async fn find_customer(conn: &mut Conn, reference: &Reference<CustomerId>) -> Result<Option<CustomerRow>> {
    let Some(row) = find_customer_itself(conn, reference).await? else { return Ok(None) };
    let now = merged_into(conn, row.id.get()).await?;
    if Id::from(now) == row.id { Ok(Some(row)) } else { find_customer_itself(conn, &Reference::Id(now)).await }
}

/// The customer of exactly this id or code, merged or not.
pub async fn find_customer_itself(conn: &mut Conn, reference: &Reference<CustomerId>) -> Result<Option<CustomerRow>> {
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
    let Some(row) = lock_customer_itself(tx, reference).await? else { return Ok(None) };
    let now = merged_into(tx, row.id.get()).await?;
    if Id::from(now) == row.id { Ok(Some(row)) } else { lock_customer_itself(tx, &Reference::Id(now)).await }
}

/// As [`find_customer_itself`], locked as by [`lock_customer`].
pub async fn lock_customer_itself(tx: &mut Tx, reference: &Reference<CustomerId>) -> Result<Option<CustomerRow>> {
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

/// A new version of the customer that looks as it did.
pub async fn touch_customer(tx: &mut Tx, id: CustomerId, at: Instant) -> Result<()> {
    let next = (customers::version.eq(customers::version + 1), customers::updated_at.eq(at));
    on!(tx, |c| diesel::update(customers::table.find(Id::from(id))).set(next).execute(c).await)?;
    Ok(())
}

pub async fn customers_among(conn: &mut Conn, ids: &[Id]) -> Result<Vec<CustomerRow>> {
    let some = customers::table.filter(customers::id.eq_any(ids));
    let rows = on!(conn, |c| some.select((CustomerRow::as_select(), customers::merged_into)).load(c).await)?;
    Ok(standing(rows))
}

/// Not asked of the database: by a plan that it made while there were few customers, PostgreSQL would walk along the whole of
/// an index that has only those that were not merged.
fn standing(rows: Vec<(CustomerRow, Option<Id>)>) -> Vec<CustomerRow> {
    rows.into_iter().filter(|(_, merged_into)| merged_into.is_none()).map(|(row, _)| row).collect()
}

/// The same, kept from other writers until the transaction ends; in the order of their ids, so that two who lock many do not
/// wait for each other.
pub async fn lock_customers(tx: &mut Tx, ids: &[Id]) -> Result<Vec<CustomerRow>> {
    Ok(locked(tx, ids).await?.into_iter().map(|(row, _)| row).collect())
}

/// As [`lock_customers`], without those that were merged, be it while this waited for them.
pub async fn lock_standing_customers(tx: &mut Tx, ids: &[Id]) -> Result<Vec<CustomerRow>> {
    Ok(standing(locked(tx, ids).await?))
}

async fn locked(tx: &mut Tx, ids: &[Id]) -> Result<Vec<(CustomerRow, Option<Id>)>> {
    let some = customers::table.filter(customers::id.eq_any(ids)).order(customers::id);
    on!(tx,
        pg: |c| some.select((CustomerRow::as_select(), customers::merged_into)).for_no_key_update().load(c).await,
        lite: |c| some.select((CustomerRow::as_select(), customers::merged_into)).load(c).await,
    )
}

/// Those of the customers that nobody is changing, kept from other writers until the transaction ends.
pub async fn lock_idle_customers(tx: &mut Tx, ids: &[Id]) -> Result<Vec<Id>> {
    let some = customers::table.filter(customers::id.eq_any(ids)).order(customers::id).select(customers::id);
    on!(tx,
        pg: |c| some.for_no_key_update().skip_locked().load(c).await,
        lite: |c| some.load(c).await,
    )
}

pub async fn ids_of_codes(conn: &mut Conn, codes: &[&str]) -> Result<HashMap<String, CustomerId>> {
    let some = customers::table.filter(customers::code.eq_any(codes));
    let some = some.select((customers::code, customers::id, customers::merged_into));
    let found: Vec<(String, Id, Option<Id>)> = on!(conn, |c| some.load(c).await)?;
    let mut ids = HashMap::with_capacity(found.len());
    for (code, id, merged) in found {
        let id = if merged.is_some() { merged_into(conn, id.get()).await? } else { id.get() };
        ids.insert(code, id);
    }
    Ok(ids)
}

/// Customers of exactly this name, or with this code, none of them merged: two at most, which is enough to see that it is not one.
pub async fn customers_called(conn: &mut Conn, text: &str) -> Result<Vec<CustomerId>> {
    let called = customers::table
        .filter(customers::name.eq(text).or(customers::code.eq(text)))
        .filter(customers::merged_into.is_null())
        .select(customers::id)
        .order(customers::id)
        .limit(2);
    let ids: Vec<Id> = on!(conn, |c| called.load(c).await)?;
    Ok(ids.into_iter().map(|id| id.get()).collect())
}

/// Lets one transaction at a time change who belongs to whom: two that each look right may close a circle together.
/// SQLite has one writer anyway.
pub async fn lock_hierarchy(tx: &mut Tx) -> Result<()> {
    database::lock(tx, "customers.parent_id").await
}

/// Expands to the query of those whose column is one of the values. PostgreSQL takes the order of a list from an index only
/// where the column before it is equal to something.
macro_rules! any_of {
    ($query:expr, $column:expr, $values:expr) => {{
        let values: Vec<&str> = $values.collect();
        match values.as_slice() {
            [one] => $query.filter($column.eq((*one).to_owned())),
            _ => $query.filter($column.eq_any(values)),
        }
    }};
}

/// Expands to a boxed query of the classifications with the industries and regions that a query asks for; inside `on!`.
macro_rules! classified {
    ($wanted:expr) => {{
        let wanted: &CustomerQuery = $wanted;
        let mut known = customer_classifications::table.into_boxed::<Backend>();
        if let Some(any) = &wanted.region_code {
            known = known.filter(customer_classifications::region_code.eq_any(&any.0));
        }
        if let Some(any) = &wanted.industry_code {
            use diesel::BoxableExpression;
            use diesel::sql_types::{Bool, Nullable};

            let code = customer_classifications::industry_code;
            type Codes = Box<dyn BoxableExpression<customer_classifications::table, Backend, SqlType = Nullable<Bool>>>;
            let mut one: Codes = Box::new(code.eq_any(any.0.clone()));
            for section in &any.0 {
                // The digits of a division come before the colon.
                one = Box::new(one.or(code.ge(section.clone()).and(code.lt(format!("{section}:")))));
            }
            known = known.filter(one);
        }
        known
    }};
}
pub(super) use classified;

/// Expands to a boxed query of the customers that a [`CustomerQuery`] asks for, as far as the caller may ask; inside `on!`.
macro_rules! filtered {
    ($wanted:expr, $narrowed:expr, $sight:expr) => {{
        let wanted: &CustomerQuery = $wanted;
        let mut query = customers::table.filter(customers::merged_into.is_null()).into_boxed::<Backend>();
        if let Some(any) = &wanted.tier {
            query = any_of!(query, customers::tier, any.0.iter().map(|tier| tier.as_str()));
        }
        if let Some(any) = &wanted.kind {
            query = any_of!(query, customers::kind, any.0.iter().map(|kind| kind.as_str()));
        }
        if let Some(any) = &wanted.role {
            let words: Vec<_> = any.0.iter().map(|role| role.as_str()).collect();
            let besides = <Backend as JsonSql>::holds_any("customers.roles", &words);
            query = query.filter(customers::kind.eq_any(words).or(besides));
        }
        if let Some(any) = &wanted.lifecycle {
            query = any_of!(query, customers::lifecycle, any.0.iter().map(|stage| stage.as_str()));
        }
        if let Some(any) = &wanted.owner {
            query = any_of!(query, customers::owner, any.0.iter().map(String::as_str));
        }
        if let Some(any) = &wanted.country {
            query = any_of!(query, customers::country, any.0.iter().map(String::as_str));
        }
        if let Some(any) = &wanted.industry {
            query = any_of!(query, customers::industry, any.0.iter().map(String::as_str));
        }
        if wanted.industry_code.is_some() || wanted.region_code.is_some() {
            let known = classified!(wanted).filter(sql::<Bool>("customer_classifications.customer_id = customers.id"));
            query = query.filter(exists(known));
        }
        if let Some(any) = &wanted.identifier {
            let mut known =
                customer_identifiers::table.filter(customer_identifiers::value.eq("")).into_boxed::<Backend>();
            for Sought { kind, values } in any.0.iter().map(|text| sought(text)) {
                let same = customer_identifiers::value.eq_any(values);
                known = match kind {
                    Some(kind) => known.or_filter(same.and(customer_identifiers::kind.eq(kind.as_str()))),
                    None => known.or_filter(same),
                };
            }
            query = query.filter(customers::id.eq_any(known.select(customer_identifiers::customer_id)));
        }
        if let Some(any) = &wanted.parent_id {
            query = query.filter(customers::parent_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(system) = &wanted.external_system {
            let known = customer_external_ids::table
                .filter(customer_external_ids::system.eq(system))
                .filter(sql::<Bool>("customer_external_ids.customer_id = customers.id"));
            query = query.filter(exists(known));
        }
        if let Some(since) = wanted.updated_since {
            query = query.filter(customers::updated_at.ge(Instant::from(since)));
        }
        if $sight.passes_consumers_over(wanted) {
            query = query.filter(customers::kind.ne(CustomerKind::Consumer.as_str()));
        }
        let narrowed: &Narrowed = $narrowed;
        for test in &narrowed.custom {
            query = query.filter(<Backend as JsonSql>::custom(test));
        }
        for ids in &narrowed.among {
            query = query.filter(customers::id.eq_any(ids));
        }
        query
    }};
}

/// The same, of those that are found by its `q` where the caller may look.
macro_rules! found {
    ($wanted:expr, $narrowed:expr, $sight:expr) => {{
        let mut query = filtered!($wanted, $narrowed, $sight);
        if let Some(question) = $wanted.q.as_deref().and_then(Question::parse) {
            let places = $sight.places();
            query = query.filter(asked!(question, places, customers::table, customers::id, search_terms::customer_id));
        }
        query
    }};
}

/// One row more than the page holds. `narrowed` is of the same query.
pub async fn list_customers(
    conn: &mut Conn,
    wanted: &CustomerQuery,
    narrowed: &Narrowed,
    sight: Sight,
    page: &PageRequest,
) -> Result<Vec<CustomerRow>> {
    on!(conn, |c| {
        let query = keyset!(found!(wanted, narrowed, sight), page, customers, {
            "name" => sort_name: SortName,
            "code" => code: String,
            "created_at" => created_at: Instant,
            "updated_at" => updated_at: Instant,
        });
        query.select(CustomerRow::as_select()).load(c).await
    })
}

pub async fn count_customers(
    conn: &mut Conn,
    wanted: &CustomerQuery,
    narrowed: &Narrowed,
    sight: Sight,
) -> Result<i64> {
    on!(conn, |c| found!(wanted, narrowed, sight).count().get_result(c).await)
}

/// Those of the customers that pass the filters, whatever is asked for by `q`.
pub async fn customers_of(
    conn: &mut Conn,
    wanted: &CustomerQuery,
    narrowed: &Narrowed,
    sight: Sight,
    ids: &[Id],
) -> Result<Vec<CustomerRow>> {
    on!(conn, |c| filtered!(wanted, narrowed, sight)
        .filter(customers::id.eq_any(ids))
        .select(CustomerRow::as_select())
        .load(c)
        .await)
}

/// Gives the next customers that an earlier version wrote what they are sorted by; false when there are none left.
pub async fn fill_sort_names(db: &Db, most: i64) -> Result<bool> {
    let mut tx = db.begin().await?;
    let next =
        customers::table.filter(customers::sort_name.eq("")).limit(most).select((customers::id, customers::name));
    let rows: Vec<(Id, String)> = on!(tx,
        pg: |c| next.for_no_key_update().skip_locked().load(c).await,
        lite: |c| next.load(c).await,
    )?;
    for (id, name) in &rows {
        let one = customers::table.filter(customers::id.eq(id));
        on!(tx, |c| diesel::update(one).set(customers::sort_name.eq(sort_name(name))).execute(c).await)?;
    }
    tx.commit().await?;
    Ok(!rows.is_empty())
}

/// The next of the customers asked for by id, for going through all of them.
pub async fn customers_asked_after(
    conn: &mut Conn,
    wanted: &CustomerQuery,
    narrowed: &Narrowed,
    sight: Sight,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<CustomerRow>> {
    on!(conn, |c| {
        let mut query = found!(wanted, narrowed, sight);
        if let Some(after) = after {
            query = query.filter(customers::id.gt(after));
        }
        query.order(customers::id).limit(most).select(CustomerRow::as_select()).load(c).await
    })
}

/// Code and name of each of the customers.
pub async fn codes_and_names_of(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<CustomerId, (String, String)>> {
    let some = customers::table.filter(customers::id.eq_any(ids));
    let some = some.select((customers::id, customers::code, customers::name));
    let found: Vec<(Id, String, String)> = on!(conn, |c| some.load(c).await)?;
    Ok(found.into_iter().map(|(id, code, name)| (id.get(), (code, name))).collect())
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
