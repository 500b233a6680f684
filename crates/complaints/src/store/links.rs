//! What complaints have to do with each other.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use complaints_contract::{ComplaintId, ComplaintLink, Relation};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use messaging::Act;
use uuid::Uuid;

use super::complaints::{ComplaintRow, assemble, find_all};
use crate::domain::Complaint;
use crate::schema::{complaints, intakes, links};

/// Enough to suggest from.
const CANDIDATES: i64 = 200;

/// Links one complaint to another, or says anew what the link means.
pub async fn set(
    tx: &mut Tx,
    act: &Act,
    one: ComplaintId,
    other: ComplaintId,
    relation: Relation,
) -> database::Result<()> {
    let row = (
        links::id.eq(Id::from(Uuid::now_v7())),
        links::complaint_id.eq(Id::from(one)),
        links::other_id.eq(Id::from(other)),
        links::relation.eq(relation.as_str()),
        links::actor.eq(&act.actor),
        links::at.eq(Instant::from(act.at)),
    );
    on!(tx, |c| {
        diesel::insert_into(links::table)
            .values(row)
            .on_conflict((links::complaint_id, links::other_id))
            .do_update()
            .set((
                links::relation.eq(excluded(links::relation)),
                links::actor.eq(excluded(links::actor)),
                links::at.eq(excluded(links::at)),
            ))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// The links from and to a complaint, oldest first, each with the complaint at the other end.
pub async fn of(conn: &mut Conn, one: ComplaintId) -> database::Result<Vec<(ComplaintLink, Complaint)>> {
    let id = Id::from(one);
    let rows: Vec<(Id, Id, String, String, Instant)> = on!(conn, |c| {
        links::table
            .filter(links::complaint_id.eq(id).or(links::other_id.eq(id)))
            .order((links::at, links::id))
            .select((links::complaint_id, links::other_id, links::relation, links::actor, links::at))
            .load(c)
            .await
    })?;
    let ends: Vec<Id> = rows.iter().map(|(from, to, ..)| if *from == id { *to } else { *from }).collect();
    let found = if ends.is_empty() { vec![] } else { find_all(conn, &ends).await? };
    let others: HashMap<Id, Complaint> = found.into_iter().map(|other| (other.id.into(), other)).collect();
    let link = |((_, _, relation, actor, at), end): ((Id, Id, String, String, Instant), Id)| {
        let other = others.get(&end).cloned().ok_or(database::Error::NotFound)?;
        let relation = relation.parse().map_err(database::Error::other)?;
        Ok((ComplaintLink { to: other.id, number: other.number.clone(), relation, by: actor, at: at.into() }, other))
    };
    rows.into_iter().zip(ends).map(link).collect()
}

/// Other complaints of whoever made this one, received within so many days of it, latest first.
pub async fn candidates(conn: &mut Conn, one: &Complaint, days: i64) -> database::Result<Vec<Complaint>> {
    let received: DateTime<Utc> = one.timeline.received_at;
    let (from, until) = (received - TimeDelta::days(days), received + TimeDelta::days(days));
    let email = one.intake.complainant.as_ref().and_then(|complainant| complainant.email.as_deref());
    let rows: Vec<ComplaintRow> = on!(conn, |c| {
        let others = complaints::table
            .filter(complaints::id.ne(Id::from(one.id)))
            .filter(complaints::received_at.between(Instant::from(from), Instant::from(until)))
            .into_boxed::<Backend>();
        let others = match (one.customer.id, &one.customer.external, email) {
            (Some(customer), _, _) => others.filter(complaints::customer_id.eq(Id::from(customer))),
            (None, Some(key), _) => {
                others.filter(complaints::customer_system.eq(&key.system)).filter(complaints::customer_key.eq(&key.id))
            }
            (None, None, Some(email)) => others.filter(
                complaints::id.eq_any(intakes::table.filter(intakes::email.eq(email)).select(intakes::complaint_id)),
            ),
            // Nobody knows whose it is.
            (None, None, None) => return Ok(vec![]),
        };
        others
            .order((complaints::received_at.desc(), complaints::id.desc()))
            .limit(CANDIDATES)
            .select(ComplaintRow::as_select())
            .load(c)
            .await
    })?;
    assemble(conn, rows).await
}
