use std::{
    future::{Ready, ready},
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use database::{Direction, PageRequest};
use problem::{Failure, FieldError};
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::IntoParams;
use wire::Page;

use super::{Query, cursor::Cursor};
use crate::{Context, operations::Operation, refusal::Refusal};

const DEFAULT_LIMIT: i64 = 50;
const HIGHEST_LIMIT: i64 = 200;

/// The query parameters that every list has; goes into `params(…)` and into the handler's arguments.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Items on a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// The `next_cursor` of the page before.
    #[param(min_length = 1, max_length = 2000)]
    cursor: Option<String>,
    /// Fields to sort by, separated by commas, `-` before a field turns it round; such as `-updated_at,name`.
    #[param(min_length = 1, max_length = 200)]
    sort: Option<String>,
    /// `exact` also counts all items, which takes time on long lists.
    #[param(inline)]
    count: Option<Count>,
    /// The operation that lists: cursors are for one list only.
    #[serde(skip)]
    #[param(ignore)]
    list: String,
    #[serde(skip)]
    #[param(ignore)]
    key: Option<CursorKey>,
}

impl ListQuery {
    /// Whether the caller wants an order of his own.
    #[must_use]
    pub fn is_sorted(&self) -> bool {
        self.sort.is_some()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Count {
    Exact,
}

/// What this service signs its cursors with.
#[derive(Clone)]
pub(crate) struct CursorKey(Arc<hmac::Key>);

impl CursorKey {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }
}

impl std::fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CursorKey(…)")
    }
}

impl FromRequest for ListQuery {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let query = Query::<Self>::from_request(request, payload).into_inner();
        let list = request.extensions().get::<Arc<Operation>>().map(|operation| operation.id.clone());
        ready(query.map(|Query(query)| Self {
            list: list.unwrap_or_default(),
            key: Some(Context::of(request).cursor_key.clone()),
            ..query
        }))
    }
}

/// Which part of a list is asked for, and how its answer is cut.
#[derive(Debug)]
pub struct Paging {
    /// For the store: load `request.rows()`, one more than is shown.
    pub request: PageRequest,
    list: String,
    sort: String,
    key: Option<CursorKey>,
}

impl Paging {
    /// Reads the list parameters. `sorts` names the fields that can be sorted by, `default` is the order without
    /// `sort`, such as `-created_at`.
    ///
    /// # Errors
    /// When a sort field is unknown, or the cursor is not one of this list in this order.
    pub fn parse(query: &ListQuery, sorts: &[&str], default: &str) -> Result<Self, Failure> {
        let sort = query.sort.as_deref().unwrap_or(default);
        let fields = parse_sort(sort, sorts)?;
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=HIGHEST_LIMIT).contains(&limit) {
            let fault = FieldError::new("?limit", "out-of-range", format!("must be from 1 to {HIGHEST_LIMIT}"));
            return Err(Refusal::QueryInvalid(vec![fault]).into());
        }
        let paging = Self {
            request: PageRequest { limit, sort: fields, after: None, count: query.count == Some(Count::Exact) },
            list: query.list.clone(),
            sort: sort.to_owned(),
            key: query.key.clone(),
        };
        match &query.cursor {
            None => Ok(paging),
            Some(text) => paging.after(text),
        }
    }

    fn after(mut self, cursor: &str) -> Result<Self, Failure> {
        let key = self.key.as_ref().ok_or(Refusal::CursorInvalid)?;
        let cursor = Cursor::read(cursor, &key.0)
            .filter(|cursor| cursor.list == self.list && cursor.sort == self.sort)
            .ok_or(Refusal::CursorInvalid)?;
        self.request.after = Some(cursor.after);
        Ok(self)
    }

    /// The page of these items, of which the store has loaded one more than is shown if there are more. The next
    /// page starts after the fields of the last item that are named like the sort fields, and its `id`.
    #[must_use]
    pub fn page<T: Serialize>(&self, mut items: Vec<T>) -> Page<T> {
        let limit = usize::try_from(self.request.limit).unwrap_or(usize::MAX);
        let next_cursor = if items.len() > limit {
            items.truncate(limit);
            items.last().and_then(|last| self.cursor_after(last))
        } else {
            None
        };
        Page { items, next_cursor, count: None }
    }

    /// The page of these items where the store itself knows behind what the next begins, if there is more.
    #[must_use]
    pub fn going_on<T>(&self, items: Vec<T>, count: Option<i64>, after: Option<Vec<Value>>) -> Page<T> {
        Page { items, count, next_cursor: after.and_then(|after| self.cursor(after)) }
    }

    /// The same with the number of all items, for stores that were asked for it (`request.count`).
    #[must_use]
    pub fn counted<T: Serialize>(&self, items: Vec<T>, count: Option<i64>) -> Page<T> {
        Page { count, ..self.page(items) }
    }

    fn cursor_after<T: Serialize>(&self, last: &T) -> Option<String> {
        let item = serde_json::to_value(last).ok()?;
        let fields = self.request.sort.iter().map(|(name, _)| name.as_str()).chain(["id"]);
        let after: Vec<Value> = fields.map(|field| item.get(field).cloned().unwrap_or_default()).collect();
        self.cursor(after)
    }

    fn cursor(&self, after: Vec<Value>) -> Option<String> {
        let cursor = Cursor { list: self.list.clone(), sort: self.sort.clone(), after };
        Some(cursor.write(&self.key.as_ref()?.0))
    }
}

fn parse_sort(sort: &str, sorts: &[&str]) -> Result<Vec<(String, Direction)>, Failure> {
    let mut fields: Vec<(String, Direction)> = vec![];
    let mut faults = vec![];
    for field in sort.split(',') {
        let (name, direction) = match field.strip_prefix('-') {
            Some(name) => (name, Direction::Descending),
            None => (field, Direction::Ascending),
        };
        if !sorts.contains(&name) {
            faults.push(FieldError::new("?sort", "not-allowed", format!("must be of {}", sorts.join(", "))));
        } else if fields.iter().any(|(earlier, _)| earlier == name) {
            faults.push(FieldError::new("?sort", "not-unique", "must not repeat a field"));
        } else {
            fields.push((name.to_owned(), direction));
        }
    }
    faults.dedup();
    if faults.is_empty() { Ok(fields) } else { Err(Refusal::QueryInvalid(faults).into()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SORTS: &[&str] = &["name", "updated_at"];

    fn query(sort: Option<&str>, cursor: Option<String>) -> ListQuery {
        ListQuery {
            limit: Some(2),
            cursor,
            sort: sort.map(str::to_owned),
            list: "list_things".into(),
            key: Some(CursorKey::new(&[1; 32])),
            ..ListQuery::default()
        }
    }

    fn code(result: Result<Paging, Failure>) -> &'static str {
        result.map_or_else(|failure| failure.code().code, |_| "ok")
    }

    #[test]
    fn a_page_ends_where_the_next_begins() {
        let paging = Paging::parse(&query(Some("-updated_at,name"), None), SORTS, "name").unwrap();
        let item = |n: u32| json!({"id": n, "name": format!("n{n}"), "updated_at": n});
        let page = paging.page(vec![item(1), item(2), item(3)]);
        assert_eq!(page.items, [item(1), item(2)]);
        let next = Paging::parse(&query(Some("-updated_at,name"), page.next_cursor), SORTS, "name").unwrap();
        assert_eq!(next.request.after, Some(vec![json!(2), json!("n2"), json!(2)]));
        assert_eq!(next.page(vec![item(3)]).next_cursor, None);
        assert_eq!(paging.page(vec![item(1), item(2)]).next_cursor, None);
    }

    #[test]
    fn a_cursor_serves_its_own_list_and_order_only() {
        let first = Paging::parse(&query(None, None), SORTS, "name").unwrap();
        let cursor = first.page(vec![json!({"id": 1}), json!({"id": 2}), json!({"id": 3})]).next_cursor;
        assert_eq!(code(Paging::parse(&query(None, cursor.clone()), SORTS, "name")), "ok");
        assert_eq!(code(Paging::parse(&query(Some("-name"), cursor.clone()), SORTS, "name")), "cursor-invalid");
        let other = ListQuery { list: "list_others".into(), ..query(None, cursor.clone()) };
        assert_eq!(code(Paging::parse(&other, SORTS, "name")), "cursor-invalid");
        let foreign = ListQuery { key: Some(CursorKey::new(&[2; 32])), ..query(None, cursor) };
        assert_eq!(code(Paging::parse(&foreign, SORTS, "name")), "cursor-invalid");
    }

    #[test]
    fn only_known_fields_sort() {
        for (sort, expected) in [
            ("name", "ok"),
            ("-name,updated_at", "ok"),
            ("tier", "query-invalid"),
            ("name,-name", "query-invalid"),
            ("", "query-invalid"),
        ] {
            assert_eq!(code(Paging::parse(&query(Some(sort), None), SORTS, "name")), expected, "{sort:?}");
        }
    }
}
