use std::collections::HashMap;

use chrono::NaiveDate;
use database::sql_types::SqlId;
use database::{Conn, Id, Result, on};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, CustomerKind, Tier};
use wire::Currency;

use super::Word;
use super::merges::numbered;
use crate::domain::{Figures, LEVELS_READ};
use crate::schema::customers;

/// Customers asked for at once; SQLite takes no more than some thousand values in a statement.
const AT_ONCE: usize = 500;

/// What a hierarchy tells of a customer.
#[derive(Debug, Clone)]
pub struct Member {
    pub code: String,
    pub name: String,
    pub kind: CustomerKind,
    pub tier: Tier,
}

type Row = (Id, String, String, Word<CustomerKind>, Word<Tier>);

pub async fn members(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, Member>> {
    let mut all = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let rows = {
            use customers::{code, id, kind, name, table, tier};
            table.filter(id.eq_any(ids)).select((id, code, name, kind, tier))
        };
        let rows: Vec<Row> = on!(conn, |c| rows.load(c).await)?;
        let member = |(id, code, name, kind, tier): Row| (id, Member { code, name, kind: kind.0, tier: tier.0 });
        all.extend(rows.into_iter().map(member));
    }
    Ok(all)
}

/// Everybody below `$1` on the day `$2` once, but for who was merged: `$3` levels of them for themselves, and whoever is deeper
/// for the last of these above. Nobody belongs to two on one day, so a circle could only be one with `$1` itself. A sum of
/// money is told in two parts, since 64 bits may not hold it.
const FIGURES: &str = "
    WITH RECURSIVE below (id, level, counts_for) AS (
        SELECT id, 0, id FROM customers WHERE id = $1
        UNION ALL
        SELECT link.child_id, below.level + 1,
               CASE WHEN below.level < $3 THEN link.child_id ELSE below.counts_for END
        FROM below
        JOIN customer_links AS link ON link.parent_id = below.id AND link.child_id <> $1
             AND link.from_day <= $2 AND (link.until_day IS NULL OR link.until_day > $2)
        JOIN customers AS child ON child.id = link.child_id AND child.merged_into IS NULL
        WHERE below.level < $4
    )
    SELECT below.counts_for, customer.tier, customer.annual_revenue_currency AS currency, count(*) AS customers,
           CAST(sum((
               SELECT count(*) FROM contacts WHERE contacts.customer_id = below.id AND contacts.erased_at IS NULL
           )) AS BIGINT) AS contacts,
           CAST(sum(customer.annual_revenue_minor / 1000000000) AS BIGINT) AS billions,
           CAST(sum(customer.annual_revenue_minor % 1000000000) AS BIGINT) AS rest
    FROM below JOIN customers AS customer ON customer.id = below.id
    GROUP BY below.counts_for, customer.tier, customer.annual_revenue_currency";

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = SqlId)]
    counts_for: Id,
    #[diesel(sql_type = Text)]
    tier: Word<Tier>,
    #[diesel(sql_type = Nullable<Text>)]
    currency: Option<Word<Currency>>,
    #[diesel(sql_type = BigInt)]
    customers: i64,
    #[diesel(sql_type = BigInt)]
    contacts: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    billions: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    rest: Option<i64>,
}

/// What the customer and everybody below it on a day come to: `levels` of them for themselves, the last of these with whoever
/// is deeper. However many they are, it is one statement.
pub async fn figures_below(
    conn: &mut Conn,
    top: CustomerId,
    day: NaiveDate,
    levels: usize,
) -> Result<HashMap<Id, Figures>> {
    let of = |levels: usize| i32::try_from(levels).unwrap_or(i32::MAX);
    let (top, levels, most) = (Id::from(top), of(levels), of(LEVELS_READ));
    let sums: Vec<Sum> = on!(conn,
        pg: |c| {
            diesel::sql_query(FIGURES)
                .bind::<SqlId, _>(top)
                .bind::<Date, _>(day)
                .bind::<Integer, _>(levels)
                .bind::<Integer, _>(most)
                .load(c)
                .await
        },
        lite: |c| {
            diesel::sql_query(numbered(FIGURES))
                .bind::<SqlId, _>(top)
                .bind::<Date, _>(day)
                .bind::<Integer, _>(levels)
                .bind::<Integer, _>(most)
                .load(c)
                .await
        },
    )?;
    let mut all: HashMap<Id, Figures> = HashMap::new();
    for sum in sums {
        let figures = all.entry(sum.counts_for).or_default();
        figures.customers += sum.customers;
        figures.by_tier.count(sum.tier.0, sum.customers);
        figures.contacts += sum.contacts;
        if let (Some(Word(currency)), Some(billions), Some(rest)) = (sum.currency, sum.billions, sum.rest) {
            let minor = i128::from(billions) * 1_000_000_000 + i128::from(rest);
            figures.earn(currency, i64::try_from(minor).unwrap_or(i64::MAX));
        }
    }
    Ok(all)
}
