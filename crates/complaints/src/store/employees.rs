//! Our own people, as far as the registry tells of them.

use chrono::NaiveDate;
use database::{Conn, Id, Tx, keep_newest, on};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use registry_contract::v1::{EmployeeFact, TeamMemberFact};
use serde::Serialize;

use crate::schema::{known_employees, known_sponsors};

/// One of our people.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = known_employees)]
pub struct Colleague {
    pub employee_id: Id,
    /// The user name in small letters.
    pub code: String,
    pub team_lead_id: Option<Id>,
    pub manager_id: Option<Id>,
    /// First day no longer with us.
    pub active_until: Option<NaiveDate>,
}

/// Keeps what is as new as what is known: told again, it says all that is told today.
pub async fn keep(tx: &mut Tx, fact: &EmployeeFact) -> database::Result<()> {
    let team = fact.team.as_ref();
    let row = (
        known_employees::employee_id.eq(Id::from(fact.employee_id)),
        known_employees::sequence.eq(fact.sequence),
        known_employees::code.eq(fact.code.to_lowercase()),
        known_employees::team.eq(team.map(|team| team.code.clone())),
        known_employees::team_lead_id.eq(team.and_then(|team| team.lead_id).map(Id::from)),
        known_employees::manager_id.eq(fact.manager_id.map(Id::from)),
        known_employees::active_until.eq(fact.active_until),
    );
    on!(tx, |c| {
        let upsert = diesel::insert_into(known_employees::table)
            .values(row.clone())
            .on_conflict(known_employees::employee_id)
            .do_update()
            .set((
                known_employees::sequence.eq(excluded(known_employees::sequence)),
                known_employees::code.eq(excluded(known_employees::code)),
                known_employees::team.eq(excluded(known_employees::team)),
                known_employees::team_lead_id.eq(excluded(known_employees::team_lead_id)),
                known_employees::manager_id.eq(excluded(known_employees::manager_id)),
                known_employees::active_until.eq(excluded(known_employees::active_until)),
            ));
        // Named in full: the prelude's method of this name is for queries.
        let as_new = known_employees::sequence.le(excluded(known_employees::sequence));
        diesel::query_dsl::methods::FilterDsl::filter(upsert, as_new).execute(c).await
    })?;
    Ok(())
}

#[derive(Debug, Insertable, Serialize)]
#[diesel(table_name = known_sponsors)]
struct SponsorRow {
    team_member_id: Id,
    sequence: i64,
    customer_id: Id,
    employee_id: Id,
    from_day: NaiveDate,
    until_day: Option<NaiveDate>,
}

/// Keeps that someone is an executive sponsor, unless something as new is known.
pub async fn keep_sponsor(tx: &mut Tx, fact: &TeamMemberFact) -> database::Result<()> {
    let row = SponsorRow {
        team_member_id: fact.team_member_id.into(),
        sequence: fact.sequence,
        customer_id: fact.customer_id.into(),
        employee_id: fact.employee_id.into(),
        from_day: fact.from,
        until_day: fact.until,
    };
    let rows = [row];
    keep_newest!(tx, known_sponsors(team_member_id) { customer_id, employee_id, from_day, until_day }, rows.as_slice())?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: Id) -> database::Result<Option<Colleague>> {
    let one = known_employees::table.find(id);
    on!(conn, |c| one.select(Colleague::as_select()).first(c).await.optional())
}

/// The one with this user name; of several that differ only in case, always the same.
pub async fn by_code(conn: &mut Conn, code: &str) -> database::Result<Option<Colleague>> {
    let named = known_employees::table
        .filter(known_employees::code.eq(code.to_lowercase()))
        .order(known_employees::employee_id);
    on!(conn, |c| named.select(Colleague::as_select()).first(c).await.optional())
}

/// The customer's executive sponsors on that day who are with us, those who have been it longest first.
pub async fn sponsors(conn: &mut Conn, customer: Id, on: NaiveDate) -> database::Result<Vec<Colleague>> {
    let on_that_day = known_sponsors::table
        .inner_join(known_employees::table.on(known_employees::employee_id.eq(known_sponsors::employee_id)))
        .filter(known_sponsors::customer_id.eq(customer))
        .filter(known_sponsors::from_day.le(on))
        .filter(known_sponsors::until_day.is_null().or(known_sponsors::until_day.assume_not_null().gt(on)))
        .order((known_sponsors::from_day, known_sponsors::team_member_id));
    let all: Vec<Colleague> = on!(conn, |c| on_that_day.select(Colleague::as_select()).load(c).await)?;
    Ok(all.into_iter().filter(|one| one.is_with_us(on)).collect())
}

impl Colleague {
    #[must_use]
    pub fn is_with_us(&self, on: NaiveDate) -> bool {
        self.active_until.is_none_or(|until| on < until)
    }
}
