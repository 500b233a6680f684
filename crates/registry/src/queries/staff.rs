use std::collections::HashSet;

use database::{Db, Id, PageRequest};
use registry_contract::{Employee, EmployeeId, EmployeeQuery, Report, Reports, Team, TeamId};
use wire::Reference;

use super::Listed;
use crate::error::{Error, Result};
use crate::store;

pub async fn get_employee(db: &Db, reference: &Reference<EmployeeId>) -> Result<Employee> {
    let mut conn = db.read().await?;
    let rows = store::find_employee(&mut conn, reference).await?.into_iter().collect();
    let employee = store::with_employee_keys(&mut conn, rows).await?.pop();
    employee.ok_or_else(|| Error::EmployeeNotFound(reference.to_string()))
}

pub async fn list_employees(db: &Db, wanted: &EmployeeQuery, page: &PageRequest) -> Result<Listed<Employee>> {
    let mut conn = db.read().await?;
    let rows = store::list_employees(&mut conn, wanted, page).await?;
    let items = store::with_employee_keys(&mut conn, rows).await?;
    let count = match page.count {
        true => Some(store::count_employees(&mut conn, wanted).await?),
        false => None,
    };
    Ok(Listed { items, count })
}

/// Who reports to an employee, `depth` levels down.
pub async fn list_reports(db: &Db, reference: &Reference<EmployeeId>, depth: i32) -> Result<Reports> {
    let top = get_employee(db, reference).await?;
    let mut conn = db.read().await?;
    let (mut items, mut managers) = (Vec::new(), vec![Id::from(top.id)]);
    // Without a transaction, someone may move while the levels are read.
    let mut seen: HashSet<Id> = managers.iter().copied().collect();
    for level in 1..=depth {
        let mut rows = store::reports_to(&mut conn, &managers).await?;
        rows.retain(|row| seen.insert(row.id));
        managers = rows.iter().map(|row| row.id).collect();
        if managers.is_empty() {
            break;
        }
        let employees = store::with_employee_keys(&mut conn, rows).await?;
        items.extend(employees.into_iter().map(|employee| Report { level, employee }));
    }
    Ok(Reports { employee_id: top.id, depth, items })
}

pub async fn get_team(db: &Db, reference: &Reference<TeamId>) -> Result<Team> {
    let row = store::find_team(&mut db.read().await?, reference).await?;
    row.map(Team::from).ok_or_else(|| Error::TeamNotFound(reference.to_string()))
}

pub async fn list_teams(db: &Db, page: &PageRequest) -> Result<Listed<Team>> {
    let mut conn = db.read().await?;
    let rows = store::list_teams(&mut conn, page).await?;
    let count = match page.count {
        true => Some(store::count_teams(&mut conn).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Team::from).collect(), count })
}
