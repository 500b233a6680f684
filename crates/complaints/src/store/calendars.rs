//! Calendars: the name and the latest version of each, and every version.

use complaints_contract::{Calendar, CalendarId, NewCalendar};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use wire::Reference;

use super::written;
use crate::schema::{calendar_versions, calendars};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = calendar_versions)]
pub struct VersionRow {
    pub version: i64,
    pub body: String,
    pub valid_from: Instant,
    pub actor: String,
}

type Row = (Id, String, VersionRow);

macro_rules! latest {
    () => {
        calendars::table
            .inner_join(calendar_versions::table.on(
                calendar_versions::calendar_id.eq(calendars::id).and(calendar_versions::version.eq(calendars::version)),
            ))
            .select((calendars::id, calendars::code, VersionRow::as_select()))
    };
}

pub async fn find(conn: &mut Conn, reference: &Reference<CalendarId>) -> database::Result<Option<Calendar>> {
    let row: Option<Row> = on!(conn, |c| match reference {
        Reference::Id(id) => latest!().filter(calendars::id.eq(Id::from(*id))).first(c).await.optional(),
        Reference::Code(code) => latest!().filter(calendars::code.eq(code)).first(c).await.optional(),
    })?;
    row.map(into_calendar).transpose()
}

/// One more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, page: &PageRequest) -> database::Result<Vec<Calendar>> {
    let ids: Vec<Id> = on!(conn, |c| {
        let query = calendars::table.into_boxed::<Backend>();
        keyset!(query.select(calendars::id), page, calendars, { "code" => code: String }).load(c).await
    })?;
    let mut calendars = Vec::with_capacity(ids.len());
    for id in ids {
        calendars.extend(find(conn, &Reference::Id(id.get())).await?);
    }
    Ok(calendars)
}

pub async fn count(conn: &mut Conn) -> database::Result<i64> {
    on!(conn, |c| calendars::table.count().get_result(c).await)
}

pub async fn codes(conn: &mut Conn) -> database::Result<Vec<String>> {
    on!(conn, |c| calendars::table.select(calendars::code).load(c).await)
}

/// Every version of every calendar, with its code.
pub async fn versions(conn: &mut Conn) -> database::Result<Vec<(String, VersionRow)>> {
    on!(conn, |c| {
        calendar_versions::table
            .inner_join(calendars::table)
            .select((calendars::code, VersionRow::as_select()))
            .load(c)
            .await
    })
}

pub async fn insert(tx: &mut Tx, calendar: &Calendar) -> database::Result<()> {
    let row = (
        calendars::id.eq(Id::from(calendar.id)),
        calendars::code.eq(&calendar.code),
        calendars::version.eq(calendar.version),
    );
    on!(tx, |c| diesel::insert_into(calendars::table).values(row).execute(c).await)?;
    insert_version(tx, calendar).await
}

/// Makes this the latest version.
pub async fn replace(tx: &mut Tx, calendar: &Calendar) -> database::Result<()> {
    let row = calendars::table.find(Id::from(calendar.id));
    on!(tx, |c| diesel::update(row).set(calendars::version.eq(calendar.version)).execute(c).await)?;
    insert_version(tx, calendar).await
}

async fn insert_version(tx: &mut Tx, calendar: &Calendar) -> database::Result<()> {
    let row = (
        calendar_versions::calendar_id.eq(Id::from(calendar.id)),
        calendar_versions::version.eq(calendar.version),
        calendar_versions::body.eq(written(&NewCalendar::from(calendar))?),
        calendar_versions::valid_from.eq(Instant::from(calendar.valid_from)),
        calendar_versions::actor.eq(&calendar.by),
    );
    on!(tx, |c| diesel::insert_into(calendar_versions::table).values(row).execute(c).await)?;
    Ok(())
}

fn into_calendar((id, code, row): Row) -> database::Result<Calendar> {
    let new: NewCalendar = serde_json::from_str(&row.body).map_err(database::Error::other)?;
    Ok(new.named(id.get(), code, row.version, row.valid_from.into(), row.actor))
}
