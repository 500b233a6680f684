use chrono::{DateTime, NaiveDate, Utc};
use database::{Db, Id, PageRequest};
use registry_contract::{
    AccountTeam, CustomerId, EmployeeCustomer, EmployeeId, TeamMember, TeamMemberId, TeamRole, Transfer, TransferId,
    TransferQuery,
};
use wire::Reference;

use super::Listed;
use crate::domain::{Ended, is_active, is_withdrawn, local_day, owner_on, owners};
use crate::error::{Error, Result};
use crate::store;

/// Who works for a customer on a day, today unless said otherwise.
pub async fn get_account_team(
    db: &Db,
    reference: &Reference<CustomerId>,
    on: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<AccountTeam> {
    let customer = super::get_customer(db, reference).await?;
    let mut conn = db.read().await?;
    let on = on.unwrap_or_else(|| local_day::day_at(now, &customer.time_zone));
    let ended = store::owner_periods_of(&mut conn, customer.id).await?.into_iter().map(Ended::from).collect();
    let created = local_day::day_at(customer.created_at, &customer.time_zone);
    let owners = owners(ended, created, customer.owner);
    let all = store::team_members_of(&mut conn, customer.id).await?.into_iter().map(TeamMember::from);
    let held = all.filter(|member| !is_withdrawn((member.from, member.until)));
    let (members, others) = held.partition(|member| is_active(member.from, member.until, on));
    Ok(AccountTeam { customer_id: customer.id, on, owner: owner_on(&owners, on).cloned(), members, owners, others })
}

pub async fn get_team_member(db: &Db, id: TeamMemberId) -> Result<TeamMember> {
    let row = store::find_team_member(&mut db.read().await?, id).await?;
    row.map(TeamMember::from).ok_or_else(|| Error::TeamMemberNotFound(id.to_string()))
}

/// The customers that an employee works for today, which is a day of its own where each of them is.
pub async fn list_employee_customers(
    db: &Db,
    reference: &Reference<EmployeeId>,
    now: DateTime<Utc>,
    page: &PageRequest,
) -> Result<Listed<EmployeeCustomer>> {
    let employee = super::get_employee(db, reference).await?;
    let mut conn = db.read().await?;
    let id = Id::from(employee.id);
    let todays = local_day::days_at(now, store::time_zones_of(&mut conn, id).await?);
    let rows = store::list_customers_of(&mut conn, id, &employee.code, &todays, page).await?;
    let count = match page.count {
        true => Some(store::count_customers_of(&mut conn, id, &employee.code, &todays).await?),
        false => None,
    };
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let roles = store::roles_of(&mut conn, id, &ids).await?;
    let item = |row: store::CustomerRow| {
        let owns = row.owner.as_deref() == Some(employee.code.as_str());
        let (own, today): (CustomerId, _) = (row.id.get(), local_day::day_at(now, &row.time_zone));
        let others =
            roles.iter().filter(|(customer, _, (from, until))| *customer == own && is_active(*from, *until, today));
        let roles = owns.then_some(TeamRole::Owner).into_iter().chain(others.map(|(_, role, _)| *role)).collect();
        EmployeeCustomer { id: own, code: row.code, name: row.name, tier: row.tier.0, roles }
    };
    Ok(Listed { items: rows.into_iter().map(item).collect(), count })
}

pub async fn get_transfer(db: &Db, id: TransferId) -> Result<Transfer> {
    let mut conn = db.read().await?;
    let rows = store::find_transfer(&mut conn, id).await?.into_iter().collect();
    let transfer = store::with_checklists(&mut conn, rows).await?.pop();
    transfer.ok_or_else(|| Error::TransferNotFound(id.to_string()))
}

pub async fn list_transfers(db: &Db, wanted: &TransferQuery, page: &PageRequest) -> Result<Listed<Transfer>> {
    let mut conn = db.read().await?;
    let rows = store::list_transfers(&mut conn, wanted, page).await?;
    let items = store::with_checklists(&mut conn, rows).await?;
    let count = match page.count {
        true => Some(store::count_transfers(&mut conn, wanted).await?),
        false => None,
    };
    Ok(Listed { items, count })
}
