//! Lists of complaints, and what they add up to.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use complaints_contract::{ComplaintQuery, ComplaintSummary, Count, State};
use database::{Conn, Id, Instant, PageRequest, keyset, on};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::complaints::{ComplaintRow, assemble};
use super::sight::seen;
use crate::domain::reading::Next;
use crate::domain::{Complaint, Sight};
use crate::schema::{clocks, complaints, known_customers, queue};

/// What a list is narrowed to, with every customer by its id.
pub struct Filter {
    pub sight: Sight,
    pub customers: Option<Vec<Id>>,
    pub query: ComplaintQuery,
    /// What is due before it is overdue.
    pub now: DateTime<Utc>,
}

pub fn open_states() -> Vec<&'static str> {
    State::ALL.iter().filter(|state| state.is_open()).map(|state| state.as_str()).collect()
}

macro_rules! filtered {
    ($filter:expr) => {{
        let Filter { sight, customers, query, now } = $filter;
        let mut rows = seen!(complaints::table.into_boxed::<Backend>(), sight);
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
        if let Some(safety) = query.safety {
            rows = rows.filter(complaints::safety.eq(safety));
        }
        match query.restricted {
            Some(true) => rows = rows.filter(complaints::about_staff.is_not_null()),
            Some(false) => rows = rows.filter(complaints::about_staff.is_null()),
            None => {}
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
        if let Some(order) = &query.order_number {
            rows = rows.filter(complaints::order_number.eq(order));
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
        if query.overdue.is_some() || query.clock.is_some() {
            let running = || {
                let running = queue::table.filter(queue::stopped_at.is_null()).into_boxed::<Backend>();
                match query.clock {
                    Some(clock) => running.filter(queue::clock.eq(clock.as_str())),
                    None => running,
                }
            };
            if query.clock.is_some() {
                rows = rows.filter(complaints::id.eq_any(running().select(queue::id)));
            }
            let overdue = running().filter(queue::due_at.lt(Instant::from(*now))).select(queue::id);
            match query.overdue {
                Some(true) => rows = rows.filter(complaints::id.eq_any(overdue)),
                Some(false) => rows = rows.filter(complaints::id.ne_all(overdue)),
                None => {}
            }
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
            "safety" => safety: bool,
        });
        query.load(c).await
    })?;
    assemble(conn, rows).await
}

/// Runs of clocks that are due some time, of complaints that fit: of the clock that is named, else what is due next.
macro_rules! due {
    ($filter:expr) => {{
        let fitting = filtered!($filter).select(complaints::id);
        let due = queue::table.filter(queue::id.eq_any(fitting)).into_boxed::<Backend>();
        match $filter.query.clock {
            Some(clock) => due
                .filter(queue::stopped_at.is_null())
                .filter(queue::due_at.is_not_null())
                .filter(queue::clock.eq(clock.as_str())),
            None => due.filter(queue::is_next),
        }
    }};
}

/// The same by when something is due, of complaints of which something is; each with its due time.
pub async fn list_by_due(
    conn: &mut Conn,
    filter: &Filter,
    page: &PageRequest,
) -> database::Result<Vec<(Complaint, Next)>> {
    let due: Vec<(Id, String, Instant)> = on!(conn, |c| {
        let due = due!(filter).select((queue::id, queue::clock, queue::due_at));
        keyset!(due, page, queue, { "next_due" => due_at: Instant }).load(c).await
    })?;
    let ids: Vec<Id> = due.iter().map(|(id, ..)| *id).collect();
    let mut found: HashMap<Id, Complaint> =
        super::complaints::find_all(conn, &ids).await?.into_iter().map(|found| (found.id.into(), found)).collect();
    let listed = |(id, clock, at): (Id, String, Instant)| {
        let next = Next { clock: clock.parse().map_err(database::Error::other)?, at: at.into() };
        Ok((found.remove(&id).ok_or(database::Error::NotFound)?, next))
    };
    due.into_iter().map(listed).collect()
}

/// Of how many of the complaints something is due.
pub async fn count_due(conn: &mut Conn, filter: &Filter) -> database::Result<i64> {
    on!(conn, |c| due!(filter).count().get_result(c).await)
}

pub async fn count(conn: &mut Conn, filter: &Filter) -> database::Result<i64> {
    on!(conn, |c| filtered!(filter).count().get_result(c).await)
}

/// What a summary is narrowed to.
pub struct Scope {
    pub sight: Sight,
    pub customers: Option<Vec<Id>>,
    pub external_system: Option<String>,
}

/// Counts by one expression; what has nothing there counts as `open`.
macro_rules! counted {
    ($conn:expr, $scope:expr, $column:expr, $type:ty, $name:expr) => {{
        let scope: &Scope = $scope;
        let counts: Vec<($type, i64)> = on!($conn, |c| {
            let rows = complaints::table.inner_join(clocks::table).group_by($column).select(($column, count_star()));
            let mut rows = seen!(rows.into_boxed::<Backend>(), &scope.sight);
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
