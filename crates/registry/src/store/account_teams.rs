use std::collections::BTreeMap;

use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, OfCustomers, TeamMember, TeamMemberId, TeamMemberQuery, TeamRole};

use super::{CustomerRow, Word};
use crate::domain::Ended;
use crate::schema::{customers, owner_periods, team_members};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = owner_periods, treat_none_as_default_value = false)]
pub struct OwnerPeriodRow {
    pub id: Id,
    pub customer_id: Id,
    pub owner: Option<String>,
    pub from_day: NaiveDate,
    pub until_day: NaiveDate,
    pub ended_at: Instant,
    pub transfer_id: Option<Id>,
}

impl From<OwnerPeriodRow> for Ended {
    fn from(row: OwnerPeriodRow) -> Self {
        let transfer_id = row.transfer_id.map(|id| id.get());
        Self { owner: row.owner, from: row.from_day, until: row.until_day, transfer_id }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = team_members, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TeamMemberRow {
    pub id: Id,
    pub customer_id: Id,
    pub employee_id: Id,
    pub role: Word<TeamRole>,
    pub from_day: NaiveDate,
    pub until_day: Option<NaiveDate>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl From<TeamMemberRow> for TeamMember {
    fn from(row: TeamMemberRow) -> Self {
        Self {
            id: row.id.get(),
            customer_id: row.customer_id.get(),
            employee_id: row.employee_id.get(),
            role: row.role.0,
            from: row.from_day,
            until: row.until_day,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

pub async fn insert_owner_period(tx: &mut Tx, row: &OwnerPeriodRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(owner_periods::table).values(row).execute(c).await)?;
    Ok(())
}

/// Who owned the customer before, in their order.
pub async fn owner_periods_of(conn: &mut Conn, customer: CustomerId) -> Result<Vec<OwnerPeriodRow>> {
    let periods = owner_periods::table
        .filter(owner_periods::customer_id.eq(Id::from(customer)))
        .order((owner_periods::ended_at, owner_periods::id));
    on!(conn, |c| periods.select(OwnerPeriodRow::as_select()).load(c).await)
}

/// The day on which the last owner before this one ended.
pub async fn last_owner_until(conn: &mut Conn, customer: CustomerId) -> Result<Option<NaiveDate>> {
    let last = owner_periods::table
        .filter(owner_periods::customer_id.eq(Id::from(customer)))
        .order((owner_periods::ended_at.desc(), owner_periods::id.desc()))
        .select(owner_periods::until_day);
    on!(conn, |c| last.first(c).await.optional())
}

/// Takes back the last periods as far as they ended at one of these instants, where who owned the customer before them owns it
/// again.
pub async fn rejoin_owner_periods(
    tx: &mut Tx,
    customer: CustomerId,
    ended_at: &[Instant],
    owner: Option<&str>,
) -> Result<()> {
    let all = owner_periods_of(tx, customer).await?;
    let last: Vec<_> = all.iter().rev().take_while(|row| ended_at.contains(&row.ended_at)).collect();
    if last.len() > 1 && last.last().is_some_and(|first| first.owner.as_deref() == owner) {
        let ids: Vec<Id> = last.into_iter().map(|row| row.id).collect();
        let gone = owner_periods::table.filter(owner_periods::id.eq_any(ids));
        on!(tx, |c| diesel::delete(gone).execute(c).await)?;
    }
    Ok(())
}

pub async fn insert_team_member(tx: &mut Tx, row: &TeamMemberRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(team_members::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn update_team_member(tx: &mut Tx, row: &TeamMemberRow) -> Result<()> {
    let one = team_members::table.find(row.id);
    on!(tx, |c| diesel::update(one).set(row).execute(c).await)?;
    Ok(())
}

pub async fn find_team_member(conn: &mut Conn, id: TeamMemberId) -> Result<Option<TeamMemberRow>> {
    let one = team_members::table.find(Id::from(id));
    on!(conn, |c| one.select(TeamMemberRow::as_select()).first(c).await.optional())
}

/// The next memberships by id, for going through all of them.
pub async fn team_members_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<TeamMemberRow>> {
    on!(conn, |c| {
        let mut query = team_members::table.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(team_members::id.gt(after));
        }
        query.order(team_members::id).limit(most).select(TeamMemberRow::as_select()).load(c).await
    })
}

/// The next of the memberships asked for by id, for going through all of them.
pub async fn team_members_asked_after(
    conn: &mut Conn,
    of: &OfCustomers,
    wanted: &TeamMemberQuery,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<TeamMemberRow>> {
    on!(conn, |c| {
        let mut query = team_members::table.into_boxed::<Backend>();
        if let Some(any) = &of.customer_id {
            query = query.filter(team_members::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(any) = &wanted.employee_id {
            query = query.filter(team_members::employee_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(any) = &wanted.role {
            query = query.filter(team_members::role.eq_any(any.0.iter().map(|role| role.as_str())));
        }
        if let Some(on) = wanted.on {
            let still = team_members::until_day.is_null().or(team_members::until_day.assume_not_null().gt(on));
            query = query.filter(team_members::from_day.le(on)).filter(still);
        }
        if let Some(after) = after {
            query = query.filter(team_members::id.gt(after));
        }
        query.order(team_members::id).limit(most).select(TeamMemberRow::as_select()).load(c).await
    })
}

/// Everyone who is, was or will be on the customer's team, those who join last first.
pub async fn team_members_of(conn: &mut Conn, customer: CustomerId) -> Result<Vec<TeamMemberRow>> {
    let members = team_members::table
        .filter(team_members::customer_id.eq(Id::from(customer)))
        .order((team_members::from_day.desc(), team_members::id.desc()));
    on!(conn, |c| members.select(TeamMemberRow::as_select()).load(c).await)
}

/// Which day it is today, by the time zones of customers.
pub type Todays = BTreeMap<NaiveDate, Vec<String>>;

/// The time zones of the customers that an employee is, was or will be on the team of.
pub async fn time_zones_of(conn: &mut Conn, employee: Id) -> Result<Vec<String>> {
    let of = team_members::table.filter(team_members::employee_id.eq(employee)).select(team_members::customer_id);
    let zones = customers::table.filter(customers::id.eq_any(of)).select(customers::time_zone).distinct();
    on!(conn, |c| zones.load(c).await)
}

/// Expands to a query of an employee's memberships on a day.
macro_rules! memberships {
    ($employee:expr, $on:expr) => {
        team_members::table
            .filter(team_members::employee_id.eq($employee))
            .filter(team_members::from_day.le($on))
            .filter(team_members::until_day.is_null().or(team_members::until_day.assume_not_null().gt($on)))
    };
}

/// Expands to a boxed query of the customers that an employee owns or is on the team of today, where they are; inside `on!`.
macro_rules! customers_of {
    ($employee:expr, $code:expr, $todays:expr) => {{
        let (employee, code, todays): (Id, &str, &Todays) = ($employee, $code, $todays);
        type Condition = Box<dyn BoxableExpression<customers::table, Backend, SqlType = Bool>>;
        let owned = customers::owner.is_not_null().and(customers::owner.assume_not_null().eq(code.to_owned()));
        let mut any: Condition = Box::new(owned);
        for (today, zones) in todays {
            let members = memberships!(employee, *today).select(team_members::customer_id);
            let here = customers::time_zone.eq_any(zones.clone()).and(customers::id.eq_any(members));
            any = Box::new(any.or(here));
        }
        customers::table.filter(customers::merged_into.is_null()).into_boxed::<Backend>().filter(any)
    }};
}

/// One row more than the page holds.
pub async fn list_customers_of(
    conn: &mut Conn,
    employee: Id,
    code: &str,
    todays: &Todays,
    page: &PageRequest,
) -> Result<Vec<CustomerRow>> {
    on!(conn, |c| {
        let query = keyset!(customers_of!(employee, code, todays), page, customers, { "code" => code: String });
        query.select(CustomerRow::as_select()).load(c).await
    })
}

pub async fn count_customers_of(conn: &mut Conn, employee: Id, code: &str, todays: &Todays) -> Result<i64> {
    on!(conn, |c| customers_of!(employee, code, todays).count().get_result(c).await)
}

/// What an employee does for these customers, ownership apart, with the days from and until which he does.
pub async fn roles_of(
    conn: &mut Conn,
    employee: Id,
    customers: &[Id],
) -> Result<Vec<(CustomerId, TeamRole, (NaiveDate, Option<NaiveDate>))>> {
    let roles = team_members::table
        .filter(team_members::employee_id.eq(employee))
        .filter(team_members::customer_id.eq_any(customers))
        .order((team_members::role, team_members::id))
        .select((team_members::customer_id, team_members::role, team_members::from_day, team_members::until_day));
    let rows: Vec<(Id, Word<TeamRole>, NaiveDate, Option<NaiveDate>)> = on!(conn, |c| roles.load(c).await)?;
    Ok(rows.into_iter().map(|(id, role, from, until)| (id.get(), role.0, (from, until))).collect())
}

/// All customers of an owner.
pub async fn owned_by(conn: &mut Conn, owner: &str) -> Result<Vec<CustomerId>> {
    let owned = customers::table
        .filter(customers::owner.eq(owner))
        .filter(customers::merged_into.is_null())
        .order(customers::id)
        .select(customers::id);
    let ids: Vec<Id> = on!(conn, |c| owned.load(c).await)?;
    Ok(ids.into_iter().map(|id| id.get()).collect())
}
