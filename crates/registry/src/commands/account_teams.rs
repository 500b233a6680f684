use chassis::audit;
use chassis::http::IfMatch;
use chrono::NaiveDate;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{
    Customer, CustomerId, NewTeamMember, TeamMember, TeamMemberId, TeamMemberPatch, TransferId, v1,
};
use uuid::Uuid;
use wire::Reference;

use super::customers::load;
use crate::domain::{Ended, Faults, is_active, is_withdrawn, local_day, member_faults, overlap};
use crate::error::{Error, Result};
use crate::facts::team_member_fact;
use crate::store::{self, EmployeeRow, OwnerPeriodRow, TeamMemberRow, Word};

/// Ends the period of who owned the customer until now; whoever changes `customers.owner` does this too.
pub(super) async fn end_owner(tx: &mut Tx, act: &Act, before: &Customer, transfer: Option<TransferId>) -> Result<()> {
    let day = |at| local_day::day_at(at, &before.time_zone);
    let last = store::last_owner_until(tx, before.id).await?;
    let ended = Ended::today(before.owner.clone(), last, day(before.created_at), day(act.at), transfer);
    let row = OwnerPeriodRow {
        id: Uuid::now_v7().into(),
        customer_id: before.id.into(),
        owner: ended.owner,
        from_day: ended.from,
        until_day: ended.until,
        ended_at: act.at.into(),
        transfer_id: ended.transfer_id.map(Id::from),
    };
    Ok(store::insert_owner_period(tx, &row).await?)
}

pub async fn create_team_member(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    new: NewTeamMember,
) -> Result<TeamMember> {
    let id: TeamMemberId = act.new_id().into();
    let mut tx = db.begin().await?;
    let customer = load(&mut tx, customer).await?;
    // A request repeated after a crash between the commit and its answer meets its own member.
    if let Some(stored) = store::find_team_member(&mut tx, id).await? {
        return Ok(stored.into());
    }
    let from = new.from.unwrap_or_else(|| local_day::day_at(act.at, &customer.time_zone));
    let mut faults = member_faults(new.role, from, new.until);
    let employee = active_employee(&mut tx, &new.employee, from, "/employee", &mut faults).await?;
    let span = (from, new.until);
    let there = store::team_members_of(&mut tx, customer.id).await?;
    let meets = |row: &TeamMemberRow| row.role.0 == new.role && overlap((row.from_day, row.until_day), span);
    if employee.as_ref().is_some_and(|own| there.iter().any(|row| row.employee_id == own.id && meets(row))) {
        faults.add("/employee", "member-already", "has this role on the team in that time already");
    }
    faults.or(())?;
    let Some(employee) = employee else { return Err(Error::EmployeeNotFound(new.employee.to_string())) };
    let row = TeamMemberRow {
        id: id.into(),
        customer_id: customer.id.into(),
        employee_id: employee.id,
        role: Word(new.role),
        from_day: from,
        until_day: new.until,
        version: 1,
        created_at: act.at.into(),
        updated_at: act.at.into(),
    };
    store::insert_team_member(&mut tx, &row).await?;
    audit::record(&mut tx, act, "team_member.created", "team_member", id.into()).await?;
    let member = TeamMember::from(row);
    outbox::enqueue(&mut tx, act, &v1::TeamMemberChanged(team_member_fact(&member))).await?;
    tx.commit().await?;
    Ok(member)
}

/// Corrects the days of a membership: it ends, or does not, began on another day, or never held.
pub async fn update_team_member(
    db: &Db,
    act: &Act,
    id: TeamMemberId,
    expected: IfMatch,
    patch: TeamMemberPatch,
) -> Result<TeamMember> {
    let missing = || Error::TeamMemberNotFound(id.to_string());
    let mut tx = db.begin().await?;
    let customer = store::find_team_member(&mut tx, id).await?.ok_or_else(missing)?.customer_id;
    let customer = load(&mut tx, &Reference::Id(customer.get())).await?;
    let row = store::find_team_member(&mut tx, id).await?.ok_or_else(missing)?;
    expected.check(row.version)?;
    let (from, until) = (patch.from.unwrap_or(row.from_day), patch.until.unwrap_or(row.until_day));
    if (from, until) == (row.from_day, row.until_day) {
        return Ok(row.into());
    }
    let mut faults = Faults::default();
    if until.is_some_and(|until| until < from) {
        faults.add("/until", "not-after-from", "must not come before `from`, which itself withdraws the membership");
    }
    if from != row.from_day && !is_withdrawn((from, until)) {
        let employee = Reference::Id(row.employee_id.get());
        active_employee(&mut tx, &employee, from, "/from", &mut faults).await?;
    }
    let there = store::team_members_of(&mut tx, customer.id).await?;
    let again = |other: &TeamMemberRow| {
        other.id != row.id
            && other.employee_id == row.employee_id
            && other.role.0 == row.role.0
            && overlap((other.from_day, other.until_day), (from, until))
    };
    if there.iter().any(again) {
        let pointer = if from < row.from_day { "/from" } else { "/until" };
        faults.add(pointer, "member-already", "runs into the time in which this role is taken up again");
    }
    faults.or(())?;
    let (version, updated_at) = (row.version + 1, act.at.into());
    let row = TeamMemberRow { from_day: from, until_day: until, version, updated_at, ..row };
    store::update_team_member(&mut tx, &row).await?;
    let done = if is_withdrawn((from, until)) { "team_member.withdrawn" } else { "team_member.updated" };
    audit::record(&mut tx, act, done, "team_member", id.into()).await?;
    let member = TeamMember::from(row);
    outbox::enqueue(&mut tx, act, &v1::TeamMemberChanged(team_member_fact(&member))).await?;
    tx.commit().await?;
    Ok(member)
}

/// The employee, if there is one who is with us on that day; a fault otherwise.
pub(super) async fn active_employee(
    tx: &mut Tx,
    reference: &Reference<registry_contract::EmployeeId>,
    on: NaiveDate,
    pointer: &str,
    faults: &mut Faults,
) -> Result<Option<EmployeeRow>> {
    let found = store::find_employee(tx, reference).await?;
    match &found {
        None => faults.add(pointer, "unknown-employee", "there is no such employee"),
        Some(row) if !is_active(row.active_from, row.active_until, on) => {
            faults.add(pointer, "employee-inactive", format!("is not with us on {on}"));
        }
        Some(_) => {}
    }
    Ok(found)
}
