//! Who was told that a clock runs out: only ever added to.

use std::collections::{BTreeSet, HashMap};

use complaints_contract::v1::Recipient;
use complaints_contract::{ComplaintId, Escalation, EscalationQuery, Role};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::sight::seen;
use crate::domain::Sight;
use crate::domain::reading::Fired;
use crate::schema::{complaints, due_times, escalation_recipients, escalations};

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = escalations)]
struct EscalationRow {
    id: Id,
    complaint_id: Id,
    clock: String,
    run: i32,
    percent: i32,
    recipients: String,
    executive_contact_proposed: bool,
    due_at: Instant,
    fired_at: Instant,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = escalation_recipients)]
struct RecipientRow {
    escalation_id: Id,
    role: String,
    user_name: String,
}

/// Which escalations to list.
pub struct Wanted {
    pub sight: Sight,
    pub complaint: Option<ComplaintId>,
    pub query: EscalationQuery,
}

pub async fn add(tx: &mut Tx, escalation: &Escalation) -> database::Result<()> {
    let roles: Vec<_> = escalation.recipients.iter().map(|recipient| recipient.role.as_str()).collect();
    let row = EscalationRow {
        id: escalation.id.into(),
        complaint_id: escalation.complaint_id.into(),
        clock: escalation.clock.to_string(),
        run: escalation.run,
        percent: escalation.percent,
        recipients: roles.join(","),
        executive_contact_proposed: escalation.executive_contact_proposed,
        due_at: escalation.due_at.into(),
        fired_at: escalation.fired_at.into(),
    };
    on!(tx, |c| diesel::insert_into(escalations::table).values(&row).execute(c).await)?;
    let told = escalation.recipients.iter().filter_map(|Recipient { role, user }| {
        let user_name = user.clone()?;
        Some(RecipientRow { escalation_id: escalation.id.into(), role: role.to_string(), user_name })
    });
    let told: Vec<_> = told.collect();
    let told = told.as_slice();
    database::insert_all!(tx, escalation_recipients, RecipientRow { escalation_id, role, user_name }, told)?;
    Ok(())
}

/// The steps of a complaint that were taken.
pub async fn fired(conn: &mut Conn, complaint: ComplaintId) -> database::Result<BTreeSet<Fired>> {
    let rows: Vec<(String, i32, i32)> = on!(conn, |c| {
        escalations::table
            .filter(escalations::complaint_id.eq(Id::from(complaint)))
            .select((escalations::clock, escalations::run, escalations::percent))
            .load(c)
            .await
    })?;
    let fired =
        |(clock, run, percent): (String, i32, i32)| Ok((clock.parse().map_err(database::Error::other)?, run, percent));
    rows.into_iter().map(fired).collect()
}

/// Expands to a boxed query of what is wanted, inside `on!`.
macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &Wanted = $wanted;
        let mut rows = escalations::table.into_boxed::<Backend>();
        if let Some(complaint) = wanted.complaint {
            rows = rows.filter(escalations::complaint_id.eq(Id::from(complaint)));
        } else if wanted.sight != Sight::All {
            let seen = seen!(complaints::table.into_boxed::<Backend>(), &wanted.sight).select(complaints::id);
            rows = rows.filter(escalations::complaint_id.eq_any(seen));
        }
        if let Some(any) = &wanted.query.recipient {
            let names: Vec<_> = any.0.iter().map(|name| name.to_lowercase()).collect();
            let told = escalation_recipients::table.filter(escalation_recipients::user_name.eq_any(names));
            rows = rows.filter(escalations::id.eq_any(told.select(escalation_recipients::escalation_id)));
        }
        if let Some(running) = wanted.query.running {
            let still = exists(
                due_times::table
                    .filter(due_times::id.eq(escalations::complaint_id))
                    .filter(due_times::clock.eq(escalations::clock))
                    .filter(due_times::run.eq(escalations::run))
                    .filter(due_times::stopped_at.is_null()),
            );
            rows = if running { rows.filter(still) } else { rows.filter(not(still)) };
        }
        rows
    }};
}

/// One more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, wanted: &Wanted, page: &PageRequest) -> database::Result<Vec<Escalation>> {
    let rows: Vec<EscalationRow> = on!(conn, |c| {
        let query = filtered!(wanted).select(EscalationRow::as_select());
        keyset!(query, page, escalations, { "fired_at" => fired_at: Instant }).load(c).await
    })?;
    complete(conn, rows).await
}

pub async fn count(conn: &mut Conn, wanted: &Wanted) -> database::Result<i64> {
    on!(conn, |c| filtered!(wanted).count().get_result(c).await)
}

/// The steps of these complaints that proposed an executive contact.
pub async fn proposals(conn: &mut Conn, complaints: &[Id]) -> database::Result<Vec<Escalation>> {
    let rows: Vec<EscalationRow> = on!(conn, |c| {
        escalations::table
            .filter(escalations::complaint_id.eq_any(complaints))
            .filter(escalations::executive_contact_proposed)
            .select(EscalationRow::as_select())
            .load(c)
            .await
    })?;
    complete(conn, rows).await
}

/// The same with the complaints' numbers and who was told.
async fn complete(conn: &mut Conn, rows: Vec<EscalationRow>) -> database::Result<Vec<Escalation>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let (own, of): (Vec<Id>, Vec<Id>) = rows.iter().map(|row| (row.id, row.complaint_id)).unzip();
    let numbers: Vec<(Id, String)> = on!(conn, |c| {
        let numbers = complaints::table.filter(complaints::id.eq_any(&of));
        numbers.select((complaints::id, complaints::number)).load(c).await
    })?;
    let numbers: HashMap<Id, String> = numbers.into_iter().collect();
    let told: Vec<RecipientRow> = on!(conn, |c| {
        let told = escalation_recipients::table.filter(escalation_recipients::escalation_id.eq_any(&own));
        told.select(RecipientRow::as_select()).load(c).await
    })?;
    let told: HashMap<(Id, String), String> =
        told.into_iter().map(|row| ((row.escalation_id, row.role), row.user_name)).collect();
    rows.into_iter()
        .map(|row| {
            let number = numbers.get(&row.complaint_id).cloned().ok_or(database::Error::NotFound)?;
            let recipient = |word: &str| {
                let role: Role = word.parse().map_err(database::Error::other)?;
                Ok(Recipient { role, user: told.get(&(row.id, word.to_owned())).cloned() })
            };
            let recipients = row.recipients.split(',').map(recipient).collect::<database::Result<_>>()?;
            Ok(Escalation {
                id: row.id.get(),
                complaint_id: row.complaint_id.get(),
                number,
                clock: row.clock.parse().map_err(database::Error::other)?,
                run: row.run,
                percent: row.percent,
                recipients,
                executive_contact_proposed: row.executive_contact_proposed,
                due_at: row.due_at.into(),
                fired_at: row.fired_at.into(),
            })
        })
        .collect()
}
