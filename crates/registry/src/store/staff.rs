use std::collections::HashMap;

use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{Employee, EmployeeId, EmployeeQuery};
use serde_json::Value;
use wire::{ExternalId, Reference};

use super::TeamRow;
use crate::domain::{EmployeeDetails, Freshness};
use crate::schema::{employee_external_ids, employees, teams};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = employees, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EmployeeRow {
    pub id: Id,
    pub code: String,
    pub name: String,
    pub title: Option<String>,
    pub rank: Option<i32>,
    pub email: Option<String>,
    pub team_id: Option<Id>,
    pub manager_id: Option<Id>,
    pub active_from: NaiveDate,
    pub active_until: Option<NaiveDate>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl EmployeeRow {
    /// A new employee's row, version 1, with nobody above him yet.
    pub fn new(id: EmployeeId, details: &EmployeeDetails, team_id: Option<Id>, at: Instant) -> Self {
        let new = (**details).clone();
        Self {
            id: id.into(),
            code: new.code,
            name: new.name,
            title: new.title,
            rank: new.rank,
            email: new.email,
            team_id,
            manager_id: None,
            active_from: details.active_from,
            active_until: new.active_until,
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }

    pub fn with(self, external_ids: Vec<ExternalId>) -> Employee {
        Employee {
            id: self.id.get(),
            code: self.code,
            name: self.name,
            title: self.title,
            rank: self.rank,
            email: self.email,
            team_id: self.team_id.map(|id| id.get()),
            manager_id: self.manager_id.map(|id| id.get()),
            active_from: self.active_from,
            active_until: self.active_until,
            external_ids,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        }
    }
}

/// Lets one transaction at a time change who there is and who reports to whom: two that each look right may close a
/// circle together, or take the same code. SQLite has one writer anyway.
pub async fn lock_staff(tx: &mut Tx) -> Result<()> {
    database::lock(tx, "employees").await
}

pub async fn insert_employee(tx: &mut Tx, row: &EmployeeRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(employees::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn update_employee(tx: &mut Tx, row: &EmployeeRow) -> Result<()> {
    let one = employees::table.find(row.id);
    on!(tx, |c| diesel::update(one).set(row).execute(c).await)?;
    Ok(())
}

/// How new each field is that records with a clock have told of him.
pub async fn employee_freshness(conn: &mut Conn, employee: EmployeeId) -> Result<Freshness> {
    let one = employees::table.find(Id::from(employee)).select(employees::freshness);
    let told: Value = on!(conn, |c| one.first(c).await)?;
    serde_json::from_value(told).map_err(database::Error::other)
}

pub async fn keep_employee_freshness(tx: &mut Tx, employee: EmployeeId, told: &Freshness) -> Result<()> {
    let told = serde_json::to_value(told).map_err(database::Error::other)?;
    let one = employees::table.find(Id::from(employee));
    on!(tx, |c| diesel::update(one).set(employees::freshness.eq(told)).execute(c).await)?;
    Ok(())
}

/// Of one who was just created: his manager may be as new.
pub async fn set_manager(tx: &mut Tx, employee: EmployeeId, manager: EmployeeId) -> Result<()> {
    let one = employees::table.find(Id::from(employee));
    on!(tx, |c| diesel::update(one).set(employees::manager_id.eq(Id::from(manager))).execute(c).await)?;
    Ok(())
}

/// A new version of everyone in the team, who looks as he did.
pub async fn touch_employees_of(tx: &mut Tx, team: Id, at: Instant) -> Result<()> {
    let members = employees::table.filter(employees::team_id.eq(team));
    let next = (employees::version.eq(employees::version + 1), employees::updated_at.eq(at));
    on!(tx, |c| diesel::update(members).set(next).execute(c).await)?;
    Ok(())
}

/// Everyone in the team.
pub async fn employees_of(conn: &mut Conn, team: Id) -> Result<Vec<EmployeeRow>> {
    let members = employees::table.filter(employees::team_id.eq(team)).order(employees::id);
    on!(conn, |c| members.select(EmployeeRow::as_select()).load(c).await)
}

/// The next employees by id with their teams, for going through all of them.
pub async fn employees_after(
    conn: &mut Conn,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<(EmployeeRow, Option<TeamRow>)>> {
    on!(conn, |c| {
        let mut query = employees::table
            .left_join(teams::table.on(employees::team_id.eq(teams::id.nullable())))
            .into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(employees::id.gt(after));
        }
        let both = (EmployeeRow::as_select(), Option::<TeamRow>::as_select());
        query.order(employees::id).limit(most).select(both).load(c).await
    })
}

pub async fn find_employee(conn: &mut Conn, reference: &Reference<EmployeeId>) -> Result<Option<EmployeeRow>> {
    match reference {
        Reference::Id(id) => {
            let one = employees::table.filter(employees::id.eq(Id::from(*id)));
            on!(conn, |c| one.select(EmployeeRow::as_select()).first(c).await.optional())
        }
        Reference::Code(code) => {
            let one = employees::table.filter(employees::code.eq(code));
            on!(conn, |c| one.select(EmployeeRow::as_select()).first(c).await.optional())
        }
    }
}

/// Everyone's id, code and manager: hundreds to thousands.
pub async fn all_staff(conn: &mut Conn) -> Result<Vec<(Id, String, Option<Id>)>> {
    let all = employees::table.select((employees::id, employees::code, employees::manager_id));
    on!(conn, |c| all.load(c).await)
}

/// Those of these codes that there are.
pub async fn employees_by_code(conn: &mut Conn, codes: &[&str]) -> Result<Vec<EmployeeRow>> {
    if codes.is_empty() {
        return Ok(vec![]);
    }
    let known = employees::table.filter(employees::code.eq_any(codes));
    on!(conn, |c| known.select(EmployeeRow::as_select()).load(c).await)
}

/// Who report to any of these directly, by code.
pub async fn reports_to(conn: &mut Conn, managers: &[Id]) -> Result<Vec<EmployeeRow>> {
    let reports = employees::table.filter(employees::manager_id.eq_any(managers)).order(employees::code);
    on!(conn, |c| reports.select(EmployeeRow::as_select()).load(c).await)
}

/// Expands to a boxed query of the employees that an [`EmployeeQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &EmployeeQuery = $wanted;
        let mut query = employees::table.into_boxed::<Backend>();
        if let Some(team) = wanted.team_id {
            query = query.filter(employees::team_id.eq(Id::from(team)));
        }
        if let Some(manager) = wanted.manager_id {
            query = query.filter(employees::manager_id.eq(Id::from(manager)));
        }
        if let Some(on) = wanted.active_on {
            let still = employees::active_until.is_null().or(employees::active_until.gt(on).assume_not_null());
            query = query.filter(employees::active_from.le(on)).filter(still);
        }
        if let Some(since) = wanted.updated_since {
            query = query.filter(employees::updated_at.ge(Instant::from(since)));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_employees(conn: &mut Conn, wanted: &EmployeeQuery, page: &PageRequest) -> Result<Vec<EmployeeRow>> {
    on!(conn, |c| {
        let query = keyset!(filtered!(wanted), page, employees, {
            "code" => code: String,
            "name" => name: String,
            "updated_at" => updated_at: Instant,
        });
        query.select(EmployeeRow::as_select()).load(c).await
    })
}

pub async fn count_employees(conn: &mut Conn, wanted: &EmployeeQuery) -> Result<i64> {
    on!(conn, |c| filtered!(wanted).count().get_result(c).await)
}

/// Whose key it is.
pub async fn employee_with_key(conn: &mut Conn, key: &ExternalId) -> Result<Option<EmployeeId>> {
    let one = employee_external_ids::table.find((&key.system, &key.id)).select(employee_external_ids::employee_id);
    let id: Option<Id> = on!(conn, |c| one.first(c).await.optional())?;
    Ok(id.map(|id| id.get()))
}

/// Makes these his keys, and no others.
pub async fn replace_employee_keys(tx: &mut Tx, employee: EmployeeId, keys: &[ExternalId]) -> Result<()> {
    let owner = Id::from(employee);
    let own = employee_external_ids::table.filter(employee_external_ids::employee_id.eq(owner));
    on!(tx, |c| diesel::delete(own).execute(c).await)?;
    for key in keys {
        let row = (
            employee_external_ids::system.eq(&key.system),
            employee_external_ids::external_id.eq(&key.id),
            employee_external_ids::employee_id.eq(owner),
        );
        on!(tx, |c| diesel::insert_into(employee_external_ids::table).values(row).execute(c).await)?;
    }
    Ok(())
}

/// The rows as whole employees, in their order.
pub async fn with_employee_keys(conn: &mut Conn, rows: Vec<EmployeeRow>) -> Result<Vec<Employee>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let keys = employee_external_ids::table
        .filter(employee_external_ids::employee_id.eq_any(&ids))
        .order((employee_external_ids::system, employee_external_ids::external_id))
        .select((
            employee_external_ids::employee_id,
            employee_external_ids::system,
            employee_external_ids::external_id,
        ));
    let keys: Vec<(Id, String, String)> = on!(conn, |c| keys.load(c).await)?;
    let mut of: HashMap<Id, Vec<ExternalId>> = HashMap::new();
    for (owner, system, id) in keys {
        of.entry(owner).or_default().push(ExternalId { system, id });
    }
    let with_keys = |row: EmployeeRow| {
        let keys = of.remove(&row.id).unwrap_or_default();
        row.with(keys)
    };
    Ok(rows.into_iter().map(with_keys).collect())
}
