use diesel::backend::Backend;
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::{Deserialize, Deserializer};

use crate::domain::sort_name;

/// What a name is sorted by. Cursors carry the name itself, from which it follows.
#[derive(Debug, Clone, AsExpression)]
#[diesel(sql_type = Text)]
pub struct SortName(String);

impl<DB: Backend> ToSql<Text, DB> for SortName
where
    String: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<'de> Deserialize<'de> for SortName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| Self(sort_name(&name)))
    }
}
