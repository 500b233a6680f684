use std::fmt::Debug;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::dsl::sql;
use diesel::expression::{AsExpression, SqlLiteral};
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that is read and written whole, stored as a JSON text.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub struct Json<T: Debug>(pub T);

impl<T, DB> FromSql<Text, DB> for Json<T>
where
    DB: Backend,
    String: FromSql<Text, DB>,
    T: Debug + DeserializeOwned,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(bytes)?)?))
    }
}

impl<T: Debug + Serialize> ToSql<Text, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl<T: Debug + Serialize> ToSql<Text, Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

/// How a database is asked what is in its JSON columns.
pub trait JsonSql {
    /// Whether a column's array of texts holds any of these, which are our own words and need no escaping.
    fn holds_any(column: &str, words: &[&'static str]) -> SqlLiteral<Bool>;
}

impl JsonSql for Pg {
    fn holds_any(column: &str, words: &[&'static str]) -> SqlLiteral<Bool> {
        sql(&format!("{column} ?| array[{}]::text[]", quoted(words)))
    }
}

impl JsonSql for Sqlite {
    fn holds_any(column: &str, words: &[&'static str]) -> SqlLiteral<Bool> {
        sql(&format!("EXISTS (SELECT 1 FROM json_each({column}) AS each WHERE each.value IN ({}))", quoted(words)))
    }
}

fn quoted(words: &[&'static str]) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ")
}
