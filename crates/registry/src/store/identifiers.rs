use std::collections::HashMap;

use database::{Conn, Id, Result, Tx, insert_all, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, Identifier, IdentifierType};

use super::Word;
use crate::schema::{customer_identifiers, customers};

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = customer_identifiers)]
pub struct IdentifierRow {
    pub customer_id: Id,
    pub kind: Word<IdentifierType>,
    /// Empty unless the type is `other`.
    pub scheme: String,
    pub value: String,
}

impl IdentifierRow {
    pub fn new(customer: CustomerId, identifier: &Identifier) -> Self {
        Self {
            customer_id: customer.into(),
            kind: Word(identifier.r#type),
            scheme: identifier.scheme.clone().unwrap_or_default(),
            value: identifier.value.clone(),
        }
    }
}

impl From<IdentifierRow> for Identifier {
    fn from(row: IdentifierRow) -> Self {
        Self { r#type: row.kind.0, scheme: Some(row.scheme).filter(|scheme| !scheme.is_empty()), value: row.value }
    }
}

pub async fn insert_identifiers(tx: &mut Tx, rows: &[IdentifierRow]) -> Result<()> {
    insert_all!(tx, customer_identifiers, IdentifierRow { customer_id, kind, scheme, value }, rows)?;
    Ok(())
}

pub async fn delete_identifiers(tx: &mut Tx, rows: &[IdentifierRow]) -> Result<()> {
    for row in rows {
        let one = customer_identifiers::table.find((row.customer_id, row.kind, &row.scheme, &row.value));
        on!(tx, |c| diesel::delete(one).execute(c).await)?;
    }
    Ok(())
}

/// Id and code of the customer that has each of these identifiers, as far as anyone has.
pub async fn holders_of<'a>(
    conn: &mut Conn,
    identifiers: impl IntoIterator<Item = &'a Identifier>,
) -> Result<HashMap<(IdentifierType, String), (CustomerId, String)>> {
    let mut by_type: HashMap<IdentifierType, Vec<&str>> = HashMap::new();
    for identifier in identifiers.into_iter().filter(|one| one.r#type.has_one_holder()) {
        by_type.entry(identifier.r#type).or_default().push(&identifier.value);
    }
    let mut holders = HashMap::new();
    for (kind, values) in by_type {
        let known = customer_identifiers::table
            .inner_join(customers::table.on(customers::id.eq(customer_identifiers::customer_id)))
            .filter(customer_identifiers::kind.eq(kind.as_str()))
            .filter(customer_identifiers::value.eq_any(values))
            .select((customer_identifiers::value, customers::id, customers::code));
        let known: Vec<(String, Id, String)> = on!(conn, |c| known.load(c).await)?;
        holders.extend(known.into_iter().map(|(value, id, code)| ((kind, value), (id.get(), code))));
    }
    Ok(holders)
}
