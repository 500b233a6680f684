use std::collections::HashMap;

use database::{Conn, Id, Result, on};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerKind, Tier};
use wire::{Currency, Money};

use super::Word;
use crate::domain::Figures;
use crate::schema::{contacts, customers};

/// Customers asked for at once; SQLite takes no more than some thousand values in a statement.
const AT_ONCE: usize = 500;

/// What a hierarchy tells of a customer.
#[derive(Debug, Clone)]
pub struct Member {
    pub code: String,
    pub name: String,
    pub kind: CustomerKind,
    pub figures: Figures,
}

type Row = (Id, String, String, Word<CustomerKind>, Word<Tier>, Option<i64>, Option<Word<Currency>>);

pub async fn members(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Member>> {
    let mut all = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let counts = contacts::table
            .filter(contacts::customer_id.eq_any(ids))
            .group_by(contacts::customer_id)
            .select((contacts::customer_id, count_star()));
        let counts: Vec<(Id, i64)> = on!(conn, |c| counts.load(c).await)?;
        let counts: HashMap<Id, i64> = counts.into_iter().collect();
        let rows = {
            use customers::{annual_revenue_currency, annual_revenue_minor, code, id, kind, name, table, tier};
            table.filter(id.eq_any(ids)).select((
                id,
                code,
                name,
                kind,
                tier,
                annual_revenue_minor,
                annual_revenue_currency,
            ))
        };
        let rows: Vec<Row> = on!(conn, |c| rows.load(c).await)?;
        all.extend(rows.into_iter().map(|(id, code, name, kind, tier, minor, currency)| {
            let annual_revenue = minor.zip(currency).map(|(minor, Word(currency))| Money { minor, currency });
            let contacts = counts.get(&id).copied().unwrap_or(0);
            (id, Member { code, name, kind: kind.0, figures: Figures { tier: tier.0, contacts, annual_revenue } })
        }));
    }
    Ok(all)
}
