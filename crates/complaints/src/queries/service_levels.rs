//! Rules, and how clocks stand by them.

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{
    Calendar, CalendarId, ClockPause, ClockReading, ComplaintClocks, ComplaintId, Escalation, EscalationQuery,
    SlaPolicy, SlaPolicyId,
};
use database::{Conn, Db, PageRequest};
use problem::FieldError;
use wire::Reference;

use super::{Rows, existing};
use crate::domain::Authority;
use crate::domain::moments::Spells;
use crate::domain::reading::Reading;
use crate::error::Error;
use crate::store::escalations::Wanted;
use crate::store::{calendars, escalations, moments, rulebook, sla_policies};

/// Clocks of callers may run ahead a little.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

pub async fn calendar(db: &Db, reference: &Reference<CalendarId>) -> Result<Calendar, Error> {
    let mut conn = db.read().await?;
    let found = calendars::find(&mut conn, reference).await?;
    found.ok_or_else(|| Error::CalendarNotFound(reference.to_string()))
}

pub async fn calendars(db: &Db, page: &PageRequest) -> Result<Rows<Calendar>, Error> {
    let mut conn = db.read().await?;
    let rows = calendars::list(&mut conn, page).await?;
    let count = if page.count { Some(calendars::count(&mut conn).await?) } else { None };
    Ok((rows, count))
}

pub async fn sla_policy(db: &Db, id: SlaPolicyId) -> Result<SlaPolicy, Error> {
    let mut conn = db.read().await?;
    sla_policies::find(&mut conn, id).await?.ok_or(Error::SlaPolicyNotFound(id))
}

pub async fn latest_sla_policy(db: &Db) -> Result<SlaPolicy, Error> {
    let mut conn = db.read().await?;
    Ok(sla_policies::latest(&mut conn).await?)
}

pub async fn sla_policies(db: &Db, page: &PageRequest) -> Result<Rows<SlaPolicy>, Error> {
    let mut conn = db.read().await?;
    let rows = sla_policies::list(&mut conn, page).await?;
    let count = if page.count { Some(sla_policies::count(&mut conn).await?) } else { None };
    Ok((rows, count))
}

/// How the clocks of a complaint stood at an instant, at the latest `now`.
pub async fn clocks(
    db: &Db,
    who: &Authority,
    reference: &Reference<ComplaintId>,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<ComplaintClocks, Error> {
    let as_of = wire::truncate(as_of.unwrap_or(now));
    if as_of > now + AHEAD {
        return Err(as_of_fault("in-future", "lies in the future"));
    }
    let mut conn = db.snapshot().await?;
    let complaint = existing(&mut conn, who, reference).await?;
    let history = moments::of(&mut conn, &complaint).await?;
    let spells = Spells::of(&history, as_of)
        .map_err(|nonsense| as_of_fault("before-intake", &format!("has no clocks to read: {nonsense}")))?;
    let rules = rulebook::load(&mut conn).await?;
    let rank = spells.rank(as_of);
    Ok(ComplaintClocks {
        complaint_id: complaint.id,
        as_of,
        tier: rank.tier,
        severity: rank.severity.get(),
        clocks: spells.readings(&rules, as_of).into_iter().map(shown).collect(),
    })
}

fn as_of_fault(code: &str, message: &str) -> Error {
    Error::Invalid(vec![FieldError::new("?as_of", code, message)])
}

fn shown(reading: Reading) -> ClockReading {
    let remaining = reading.remaining();
    ClockReading {
        clock: reading.clock,
        run: reading.run,
        policy: reading.policy,
        calendar: reading.calendar.map(|(code, version)| format!("{code}/{version}")),
        target_seconds: reading.target.num_seconds(),
        started_at: reading.started_at,
        due_at: reading.due_at,
        stopped_at: reading.stopped_at,
        moot: reading.moot,
        paused: reading.paused.into_iter().map(|(from, to)| ClockPause { from, to }).collect(),
        elapsed_seconds: reading.elapsed.num_seconds(),
        remaining_seconds: remaining.num_seconds(),
        breached: reading.breached,
    }
}

pub async fn escalations(
    db: &Db,
    who: &Authority,
    reference: &Reference<ComplaintId>,
    page: &PageRequest,
) -> Result<Rows<Escalation>, Error> {
    let mut conn = db.read().await?;
    let complaint = existing(&mut conn, who, reference).await?;
    let query = EscalationQuery::default();
    let wanted = Wanted { sight: who.sight(), complaint: Some(complaint.id), query };
    Ok(listed(&mut conn, &wanted, page).await?)
}

pub async fn all_escalations(
    db: &Db,
    who: &Authority,
    query: EscalationQuery,
    page: &PageRequest,
) -> Result<Rows<Escalation>, Error> {
    let wanted = Wanted { sight: who.sight(), complaint: None, query };
    Ok(listed(&mut db.read().await?, &wanted, page).await?)
}

async fn listed(conn: &mut Conn, wanted: &Wanted, page: &PageRequest) -> database::Result<Rows<Escalation>> {
    let rows = escalations::list(conn, wanted, page).await?;
    let count = if page.count { Some(escalations::count(conn, wanted).await?) } else { None };
    Ok((rows, count))
}
