//! Who was told that a clock runs out: only ever added to.

use std::collections::BTreeSet;

use complaints_contract::{ComplaintId, Escalation};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::reading::Fired;
use crate::schema::escalations;

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

pub async fn add(tx: &mut Tx, escalation: &Escalation) -> database::Result<()> {
    let recipients: Vec<_> = escalation.recipients.iter().map(|role| role.as_str()).collect();
    let row = EscalationRow {
        id: escalation.id.into(),
        complaint_id: escalation.complaint_id.into(),
        clock: escalation.clock.to_string(),
        run: escalation.run,
        percent: escalation.percent,
        recipients: recipients.join(","),
        executive_contact_proposed: escalation.executive_contact_proposed,
        due_at: escalation.due_at.into(),
        fired_at: escalation.fired_at.into(),
    };
    on!(tx, |c| diesel::insert_into(escalations::table).values(&row).execute(c).await)?;
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

/// One more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, complaint: ComplaintId, page: &PageRequest) -> database::Result<Vec<Escalation>> {
    let rows: Vec<EscalationRow> = on!(conn, |c| {
        let query =
            escalations::table.filter(escalations::complaint_id.eq(Id::from(complaint))).into_boxed::<Backend>();
        keyset!(query.select(EscalationRow::as_select()), page, escalations, { "fired_at" => fired_at: Instant })
            .load(c)
            .await
    })?;
    rows.into_iter().map(EscalationRow::into_escalation).collect()
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
    rows.into_iter().map(EscalationRow::into_escalation).collect()
}

pub async fn count(conn: &mut Conn, complaint: ComplaintId) -> database::Result<i64> {
    let of = escalations::table.filter(escalations::complaint_id.eq(Id::from(complaint)));
    on!(conn, |c| of.count().get_result(c).await)
}

impl EscalationRow {
    fn into_escalation(self) -> database::Result<Escalation> {
        let recipients = self.recipients.split(',').map(str::parse).collect::<Result<_, _>>();
        Ok(Escalation {
            id: self.id.get(),
            complaint_id: self.complaint_id.get(),
            clock: self.clock.parse().map_err(database::Error::other)?,
            run: self.run,
            percent: self.percent,
            recipients: recipients.map_err(database::Error::other)?,
            executive_contact_proposed: self.executive_contact_proposed,
            due_at: self.due_at.into(),
            fired_at: self.fired_at.into(),
        })
    }
}
