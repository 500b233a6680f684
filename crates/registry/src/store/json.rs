use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::pg::Pg;
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;

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
