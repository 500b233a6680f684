/// Which way a list runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

/// The part of a list that is asked for: read from the request by chassis, applied to a query by [`keyset!`].
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Rows on the page; load one more to know whether there is a next page.
    pub limit: i64,
    /// Names of columns as the wire calls them; the id always comes last as the tie-break and is not in here.
    pub sort: Vec<(String, Direction)>,
    /// Values of the sort columns, then the id, of the last row before this page.
    pub after: Option<Vec<serde_json::Value>>,
    /// Whether the exact number of all rows is wanted.
    pub count: bool,
}

impl PageRequest {
    /// Direction of the tie-break: that of the last sort column, so that one index serves both.
    #[must_use]
    pub fn id_direction(&self) -> Direction {
        self.sort.last().map_or(Direction::Ascending, |(_, direction)| *direction)
    }

    /// How many rows to load.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.limit + 1
    }
}

/// Orders a boxed query by the request's sort columns and the id, and starts it after the cursor:
/// `keyset!(query, page, customers, { "name" => name: String, "updated_at" => updated_at: Instant })`.
/// To be used inside [`on!`](crate::on). The columns must not be nullable. A cursor whose values do not fit ends in
/// `diesel::result::Error::DeserializationError`; signed cursors always fit.
#[macro_export]
macro_rules! keyset {
    ($query:expr, $page:expr, $table:ident, { $($name:literal => $column:ident : $type:ty),+ $(,)? }) => {{
        use $crate::reexport::diesel::{
            BoolExpressionMethods as _, BoxableExpression, ExpressionMethods as _, QueryDsl as _,
        };
        type Condition = Box<dyn BoxableExpression<$table::table, Backend, SqlType = $crate::reexport::diesel::sql_types::Bool>>;
        let page: &$crate::PageRequest = $page;
        let mut query = $query;
        for (name, direction) in &page.sort {
            query = match (name.as_str(), direction) {
                $(
                    ($name, $crate::Direction::Ascending) => query.then_order_by($table::$column.asc()),
                    ($name, $crate::Direction::Descending) => query.then_order_by($table::$column.desc()),
                )+
                // Unknown names are refused where the request is read.
                _ => query,
            };
        }
        query = match page.id_direction() {
            $crate::Direction::Ascending => query.then_order_by($table::id.asc()),
            $crate::Direction::Descending => query.then_order_by($table::id.desc()),
        };
        if let Some(after) = &page.after {
            fn value<T: for<'de> ::serde::Deserialize<'de>>(
                after: &[$crate::reexport::serde_json::Value],
                index: usize,
            ) -> ::std::result::Result<T, $crate::reexport::diesel::result::Error> {
                let value = after.get(index).cloned().unwrap_or_default();
                $crate::reexport::serde_json::from_value(value)
                    .map_err(|error| $crate::reexport::diesel::result::Error::DeserializationError(error.into()))
            }
            let id: $crate::Id = value(after, page.sort.len())?;
            let mut beyond: Condition = match page.id_direction() {
                $crate::Direction::Ascending => Box::new($table::id.gt(id)),
                $crate::Direction::Descending => Box::new($table::id.lt(id)),
            };
            for (index, (name, direction)) in page.sort.iter().enumerate().rev() {
                beyond = match name.as_str() {
                    $(
                        $name => {
                            let at: $type = value(after, index)?;
                            let further: Condition = match direction {
                                $crate::Direction::Ascending => Box::new($table::$column.gt(at.clone())),
                                $crate::Direction::Descending => Box::new($table::$column.lt(at.clone())),
                            };
                            Box::new(further.or($table::$column.eq(at).and(beyond)))
                        }
                    )+
                    _ => beyond,
                };
            }
            query = query.filter(beyond);
        }
        query.limit(page.rows())
    }};
}
