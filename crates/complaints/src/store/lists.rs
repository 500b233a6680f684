//! Lists of complaints, and what they add up to.

use complaints_contract::{ComplaintQuery, ComplaintSummary, Count, State};
use database::{Conn, Id, Instant, PageRequest, keyset, on};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::complaints::{ComplaintRow, assemble};
use crate::domain::Complaint;
use crate::schema::{clocks, complaints, known_customers};

/// What a list is narrowed to, with every customer by its id.
pub struct Filter {
    pub customers: Option<Vec<Id>>,
    pub query: ComplaintQuery,
}

pub fn open_states() -> Vec<&'static str> {
    State::ALL.iter().filter(|state| state.is_open()).map(|state| state.as_str()).collect()
}

macro_rules! filtered {
    ($filter:expr) => {{
        let Filter { customers, query } = $filter;
        let mut rows = complaints::table.into_boxed::<Backend>();
        if let Some(ids) = customers {
            rows = rows.filter(complaints::customer_id.eq_any(ids.clone()));
        }
        if let Some(states) = &query.state {
            let words: Vec<_> = states.0.iter().map(|state| state.as_str()).collect();
            rows = rows.filter(complaints::state.eq_any(words));
        }
        match query.open {
            Some(true) => rows = rows.filter(complaints::state.eq_any(open_states())),
            Some(false) => rows = rows.filter(complaints::state.ne_all(open_states())),
            None => {}
        }
        if let Some(severities) = &query.severity {
            rows = rows.filter(complaints::severity.eq_any(severities.0.clone()));
        }
        if let Some(channels) = &query.channel {
            let words: Vec<_> = channels.0.iter().map(|channel| channel.as_str()).collect();
            rows = rows.filter(complaints::channel.eq_any(words));
        }
        if let Some(known) = query.customer_known {
            let of_known = complaints::customer_id.eq_any(
                known_customers::table
                    .filter(known_customers::code.ne(""))
                    .select(known_customers::customer_id.nullable()),
            );
            rows = if known {
                rows.filter(of_known)
            } else {
                rows.filter(complaints::customer_id.is_null().or(diesel::dsl::not(of_known).assume_not_null()))
            };
        }
        if let Some(handlers) = &query.handler {
            rows = rows.filter(complaints::handler.eq_any(handlers.0.clone()));
        }
        if let Some(system) = &query.external_system {
            rows = rows.filter(complaints::external_system.eq(system));
        }
        if let Some(since) = query.updated_since {
            rows = rows.filter(complaints::updated_at.ge(Instant::from(since)));
        }
        if let Some(from) = query.received_from {
            rows = rows.filter(complaints::received_at.ge(Instant::from(from)));
        }
        if let Some(until) = query.received_until {
            rows = rows.filter(complaints::received_at.lt(Instant::from(until)));
        }
        rows
    }};
}

/// One row more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, filter: &Filter, page: &PageRequest) -> database::Result<Vec<Complaint>> {
    let rows: Vec<ComplaintRow> = on!(conn, |c| {
        let query = filtered!(filter).select(ComplaintRow::as_select());
        let query = keyset!(query, page, complaints, {
            "received_at" => received_at: Instant,
            "updated_at" => updated_at: Instant,
            "number" => number: String,
            "severity" => severity: i16,
        });
        query.load(c).await
    })?;
    assemble(conn, rows).await
}

pub async fn count(conn: &mut Conn, filter: &Filter) -> database::Result<i64> {
    on!(conn, |c| filtered!(filter).count().get_result(c).await)
}

/// What a summary is narrowed to.
pub struct Scope {
    pub customers: Option<Vec<Id>>,
    pub external_system: Option<String>,
}

/// Counts by one expression; what has nothing there counts as `open`.
macro_rules! counted {
    ($conn:expr, $scope:expr, $column:expr, $type:ty, $name:expr) => {{
        let scope: &Scope = $scope;
        let counts: Vec<($type, i64)> = on!($conn, |c| {
            let rows = complaints::table.inner_join(clocks::table).group_by($column).select(($column, count_star()));
            let mut rows = rows.into_boxed::<Backend>();
            if let Some(ids) = &scope.customers {
                rows = rows.filter(complaints::customer_id.eq_any(ids.clone()));
            }
            if let Some(system) = &scope.external_system {
                rows = rows.filter(complaints::external_system.eq(system));
            }
            rows.load(c).await
        })?;
        let mut counts: Vec<_> =
            counts.into_iter().map(|(value, count)| Count { value: $name(value), count }).collect();
        counts.sort_by(|one, two| one.value.cmp(&two.value));
        counts
    }};
}

pub async fn summary(conn: &mut Conn, scope: &Scope) -> database::Result<ComplaintSummary> {
    let by_state = counted!(conn, scope, complaints::state, String, |state| state);
    Ok(ComplaintSummary {
        total: by_state.iter().map(|state| state.count).sum(),
        by_state,
        by_channel: counted!(conn, scope, complaints::channel, String, |channel| channel),
        by_severity: counted!(conn, scope, complaints::severity, i16, |severity: i16| severity.to_string()),
        by_timely: counted!(conn, scope, clocks::timely, Option<bool>, |timely: Option<bool>| {
            timely.map_or_else(|| "open".to_owned(), |timely| timely.to_string())
        }),
    })
}
