//! What is kept of the customers themselves: for services that want no more of them than this.

use std::collections::HashSet;

use database::{Id, Tx, keep_newest};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use messaging::{Envelope, Rejected};
use registry_contract::v1::{
    CUSTOMER_CREATED, CUSTOMER_WITHDRAWN, CustomerCreated, CustomerFact, CustomerUpdated, CustomerWithdrawn,
};
use serde::Serialize;

use schema::known_customers;

mod schema {
    diesel::table! {
        use diesel::sql_types::*;
        use database::sql_types::SqlId;

        known_customers (customer_id) {
            customer_id -> SqlId,
            sequence -> BigInt,
            code -> Text,
            tier -> Text,
            owner -> Nullable<Text>,
        }
    }
}

/// The facts of events that customers came, changed or were withdrawn: one of each, in their order.
///
/// # Errors
/// When one is another event, or of another shape.
pub fn told(envelopes: &[&Envelope]) -> Result<Vec<CustomerFact>, Rejected> {
    let fact = |envelope: &&Envelope| match envelope.r#type.as_str() {
        CUSTOMER_CREATED => envelope.decode().map(|CustomerCreated(fact)| fact),
        CUSTOMER_WITHDRAWN => envelope.decode().map(|CustomerWithdrawn(fact)| fact.withdrawn()),
        _ => envelope.decode().map(|CustomerUpdated(fact)| fact),
    };
    envelopes.iter().map(fact).collect()
}

#[derive(Insertable, Serialize)]
#[diesel(table_name = known_customers)]
struct Row<'a> {
    customer_id: Id,
    sequence: i64,
    code: &'a str,
    tier: &'a str,
    owner: Option<&'a str>,
}

impl<'a> From<&'a CustomerFact> for Row<'a> {
    fn from(fact: &'a CustomerFact) -> Self {
        Self {
            customer_id: fact.customer_id.into(),
            sequence: fact.sequence,
            code: &fact.code,
            tier: fact.tier.as_str(),
            owner: fact.owner.as_deref(),
        }
    }
}

/// Keeps the facts, each of another customer, unless one as new is kept already. Answers whose were newer.
pub async fn keep(tx: &mut Tx, facts: &[CustomerFact]) -> database::Result<HashSet<Id>> {
    let rows: Vec<_> = facts.iter().map(Row::from).collect();
    let kept = keep_newest!(tx, known_customers(customer_id) { code, tier, owner }, rows.as_slice())?;
    Ok(HashSet::from_iter(kept))
}
