use diesel::BoolExpressionMethods;
use diesel::dsl::sql;
use diesel::expression::{BoxableExpression, SqlLiteral};
use diesel::pg::Pg;
use diesel::sql_types::{BigInt, Bool, Double, Jsonb, Text};
use diesel::sqlite::Sqlite;
use serde_json::{Value, json};

use crate::domain::{Condition, CustomTest};
use crate::schema::customers;

type Test<DB> = Box<dyn BoxableExpression<customers::table, DB, SqlType = Bool>>;

/// One of the tests; where there is none, nobody meets it.
macro_rules! any_of {
    ($tests:expr) => {
        $tests
            .reduce(|one, other| -> Test<Self> { Box::new(one.or(other)) })
            .unwrap_or_else(|| Box::new(sql::<Bool>("1 = 0")))
    };
}

/// How a database is asked what is in its JSON columns.
pub trait JsonSql: diesel::backend::Backend + Sized {
    /// Whether a column's array of texts holds any of these, which are our own words and need no escaping.
    fn holds_any(column: &str, words: &[&'static str]) -> SqlLiteral<Bool>;

    /// Whether a customer's custom field is as wanted.
    fn custom(test: &CustomTest) -> Test<Self>;
}

impl JsonSql for Pg {
    fn holds_any(column: &str, words: &[&'static str]) -> SqlLiteral<Bool> {
        // What is not empty: the index has no more.
        sql(&format!("({column} <> '[]' AND {column} ?| array[{}]::text[])", quoted(words)))
    }

    fn custom(test: &CustomTest) -> Test<Self> {
        // Containment is what the index on the column answers, of customers that have any.
        let has = |value: Value| -> Test<Self> {
            Box::new(
                sql::<Bool>("(customers.custom_fields <> '{}' AND customers.custom_fields @> ")
                    .bind::<Jsonb, _>(json!({ (test.key.as_str()): value }))
                    .sql(")"),
            )
        };
        let key = || test.key.clone();
        match &test.condition {
            Condition::Is(any) => any_of!(any.iter().cloned().map(has)),
            Condition::Holds(any) => any_of!(any.iter().map(|item| has(json!([item])))),
            Condition::Number(comparison, number) => Box::new(
                sql::<Bool>("(customers.custom_fields ->> ")
                    .bind::<Text, _>(key())
                    .sql(&format!(")::double precision {} ", comparison.sql()))
                    .bind::<Double, _>(*number),
            ),
            Condition::Date(comparison, date) => Box::new(
                sql::<Bool>("(customers.custom_fields ->> ")
                    .bind::<Text, _>(key())
                    .sql(&format!(") COLLATE \"C\" {} ", comparison.sql()))
                    .bind::<Text, _>(date.clone()),
            ),
            // An amount has its currency's own decimals, so that without the point it is in minor units.
            Condition::Money(comparison, money) => Box::new(
                sql::<Bool>("(customers.custom_fields -> ")
                    .bind::<Text, _>(key())
                    .sql(" ->> 'currency' = ")
                    .bind::<Text, _>(money.currency.to_string())
                    .sql(" AND replace(customers.custom_fields -> ")
                    .bind::<Text, _>(key())
                    .sql(&format!(" ->> 'amount', '.', '')::bigint {} ", comparison.sql()))
                    .bind::<BigInt, _>(money.minor)
                    .sql(")"),
            ),
        }
    }
}

impl JsonSql for Sqlite {
    fn holds_any(column: &str, words: &[&'static str]) -> SqlLiteral<Bool> {
        sql(&format!("EXISTS (SELECT 1 FROM json_each({column}) AS each WHERE each.value IN ({}))", quoted(words)))
    }

    fn custom(test: &CustomTest) -> Test<Self> {
        let path = |member: &str| format!("$.{}{member}", test.key);
        let value = |member: &str| sql::<Bool>("json_extract(customers.custom_fields, ").bind::<Text, _>(path(member));
        match &test.condition {
            Condition::Is(any) => any_of!(any.iter().map(|wanted| -> Test<Self> {
                let value = value("").sql(") = ");
                match wanted {
                    Value::Bool(truth) => Box::new(value.bind::<BigInt, _>(i64::from(*truth))),
                    Value::Number(number) => Box::new(value.bind::<Double, _>(number.as_f64().unwrap_or(f64::NAN))),
                    other => Box::new(value.bind::<Text, _>(other.as_str().unwrap_or_default().to_owned())),
                }
            })),
            Condition::Holds(any) => any_of!(any.iter().map(|item| -> Test<Self> {
                Box::new(
                    sql::<Bool>("EXISTS (SELECT 1 FROM json_each(customers.custom_fields, ")
                        .bind::<Text, _>(path(""))
                        .sql(") AS each WHERE each.value = ")
                        .bind::<Text, _>(item.clone())
                        .sql(")"),
                )
            })),
            Condition::Number(comparison, number) => {
                Box::new(value("").sql(&format!(") {} ", comparison.sql())).bind::<Double, _>(*number))
            }
            Condition::Date(comparison, date) => {
                Box::new(value("").sql(&format!(") {} ", comparison.sql())).bind::<Text, _>(date.clone()))
            }
            // An amount has its currency's own decimals, so that without the point it is in minor units.
            Condition::Money(comparison, money) => Box::new(
                sql::<Bool>("(json_extract(customers.custom_fields, ")
                    .bind::<Text, _>(path(".currency"))
                    .sql(") = ")
                    .bind::<Text, _>(money.currency.to_string())
                    .sql(" AND CAST(replace(json_extract(customers.custom_fields, ")
                    .bind::<Text, _>(path(".amount"))
                    .sql(&format!("), '.', '') AS INTEGER) {} ", comparison.sql()))
                    .bind::<BigInt, _>(money.minor)
                    .sql(")"),
            ),
        }
    }
}

fn quoted(words: &[&'static str]) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}
