//! Filters of customers by what stands in other tables or in JSON. PostgreSQL knows how many meet one; SQLite takes whichever
//! index there is, or goes through everybody. There those who meet a filter are looked up first, and where they are few the
//! list is of nobody else; where they are many it walks along its order, and soon has a page.

use database::sql_types::SqlId;
use database::{Conn, Id, Parts, Result, on};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Text};
use diesel_async::RunQueryDsl;
use registry_contract::CustomerQuery;
use serde_json::Value;

use crate::domain::{Comparison, Condition, CustomTest};
use crate::schema::{customer_classifications, customer_external_ids};

/// Customers that are looked up at most.
const FEW: usize = 2_000;

/// What is asked by custom fields, and who was seen to come into question.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Narrowed {
    pub custom: Vec<CustomTest>,
    /// Everybody wanted is in each of these.
    pub among: Vec<Vec<Id>>,
}

/// A value as `customer_values` has it.
enum Scalar {
    Text(String),
    Number(f64),
    Truth(bool),
}

#[derive(QueryableByName)]
struct Holder {
    #[diesel(sql_type = SqlId)]
    customer_id: Id,
}

/// What a query means by its filters; `custom` is what its filters by custom fields mean.
pub async fn narrowed(conn: &mut Conn, wanted: &CustomerQuery, custom: Vec<CustomTest>) -> Result<Narrowed> {
    let mut among = Vec::new();
    if matches!(conn.parts(), Parts::Sqlite(_)) {
        for test in &custom {
            among.extend(few(conn, test).await?);
        }
        among.extend(few_of_codes(conn, wanted).await?);
        among.extend(few_of_system(conn, wanted).await?);
    }
    Ok(Narrowed { custom, among })
}

/// Expands to those found by a query of customers' ids, if they are few.
macro_rules! if_few {
    ($conn:ident, $ids:expr) => {{
        let most = i64::try_from(FEW + 1).map_err(database::Error::other)?;
        let found: Vec<Id> = on!($conn, |c| $ids.limit(most).load(c).await)?;
        Ok((found.len() <= FEW).then_some(found))
    }};
}

async fn few_of_codes(conn: &mut Conn, wanted: &CustomerQuery) -> Result<Option<Vec<Id>>> {
    if wanted.industry_code.is_none() && wanted.region_code.is_none() {
        return Ok(None);
    }
    if_few!(conn, super::customers::classified!(wanted).select(customer_classifications::customer_id))
}

async fn few_of_system(conn: &mut Conn, wanted: &CustomerQuery) -> Result<Option<Vec<Id>>> {
    let Some(system) = &wanted.external_system else { return Ok(None) };
    let known = customer_external_ids::table.filter(customer_external_ids::system.eq(system));
    if_few!(conn, known.select(customer_external_ids::customer_id))
}

/// Who meets the test, if they are few.
async fn few(conn: &mut Conn, test: &CustomTest) -> Result<Option<Vec<Id>>> {
    let (comparison, wanted) = match &test.condition {
        Condition::Is(any) => match any.iter().map(scalar).collect::<Option<Vec<_>>>() {
            Some(any) => (Comparison::Equal, any),
            None => return Ok(None),
        },
        Condition::Holds(any) => (Comparison::Equal, any.iter().cloned().map(Scalar::Text).collect()),
        Condition::Number(comparison, number) => (*comparison, vec![Scalar::Number(*number)]),
        Condition::Date(comparison, date) => (*comparison, vec![Scalar::Text(date.clone())]),
        Condition::Money(..) => return Ok(None),
    };
    let mut found = Vec::new();
    for value in wanted {
        let sql = format!(
            "SELECT customer_id FROM customer_values WHERE key = ? AND value {} ? LIMIT {}",
            comparison.sql(),
            FEW + 1,
        );
        let query = diesel::sql_query(sql).bind::<Text, _>(&test.key);
        let holders: Vec<Holder> = on!(conn, |c| match &value {
            Scalar::Text(text) => query.bind::<Text, _>(text).load(c).await,
            Scalar::Number(number) => query.bind::<Double, _>(number).load(c).await,
            Scalar::Truth(truth) => query.bind::<BigInt, _>(i64::from(*truth)).load(c).await,
        })?;
        found.extend(holders.into_iter().map(|holder| holder.customer_id));
        if found.len() > FEW {
            return Ok(None);
        }
    }
    Ok(Some(found))
}

fn scalar(value: &Value) -> Option<Scalar> {
    match value {
        Value::String(text) => Some(Scalar::Text(text.clone())),
        Value::Number(number) => number.as_f64().map(Scalar::Number),
        Value::Bool(truth) => Some(Scalar::Truth(*truth)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
