use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of a list, and how to get the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Pass as `cursor` to go on; `null` on the last page.
    pub next_cursor: Option<String>,
    /// How many there are in all; only when asked for with `count=exact`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
}

impl<T> Page<T> {
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next_cursor: self.next_cursor, count: self.count }
    }
}
