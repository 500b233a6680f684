use std::collections::HashMap;

use database::{Conn, Id, Result, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{Customer, Identifier, NewCustomer};
use wire::ExternalId;

use super::{ClassificationRow, CustomerRow, IdentifierRow};
use crate::schema::{customer_classifications, customer_external_ids, customer_identifiers};

/// What is stored of a customer beside its row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Related {
    pub external_ids: Vec<ExternalId>,
    pub identifiers: Vec<Identifier>,
    pub industry_code: Option<String>,
    pub region_code: Option<String>,
}

impl From<&NewCustomer> for Related {
    fn from(new: &NewCustomer) -> Self {
        Self {
            external_ids: new.external_ids.clone(),
            identifiers: new.identifiers.clone(),
            industry_code: new.industry_code.clone(),
            region_code: new.region_code.clone(),
        }
    }
}

/// The rows as whole customers, in their order.
pub async fn complete(conn: &mut Conn, rows: Vec<CustomerRow>) -> Result<Vec<Customer>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut of: HashMap<Id, Related> = HashMap::new();
    let keys = {
        use customer_external_ids::{customer_id, external_id, system, table};
        table.filter(customer_id.eq_any(&ids)).order((system, external_id)).select((customer_id, system, external_id))
    };
    let keys: Vec<(Id, String, String)> = on!(conn, |c| keys.load(c).await)?;
    for (owner, system, id) in keys {
        of.entry(owner).or_default().external_ids.push(ExternalId { system, id });
    }
    let identifiers = customer_identifiers::table.filter(customer_identifiers::customer_id.eq_any(&ids));
    let identifiers = on!(conn, |c| identifiers.select(IdentifierRow::as_select()).load(c).await)?;
    for row in identifiers {
        of.entry(row.customer_id).or_default().identifiers.push(row.into());
    }
    let codes = customer_classifications::table.filter(customer_classifications::customer_id.eq_any(&ids));
    let codes = on!(conn, |c| codes.select(ClassificationRow::as_select()).load(c).await)?;
    for row in codes {
        let related = of.entry(row.customer_id).or_default();
        (related.industry_code, related.region_code) = (row.industry_code, row.region_code);
    }
    rows.into_iter()
        .map(|row| {
            let mut related = of.remove(&row.id).unwrap_or_default();
            related.identifiers.sort();
            row.with(related)
        })
        .collect()
}
