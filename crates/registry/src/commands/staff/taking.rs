use std::collections::{HashMap, HashSet};

use chassis::audit;
use database::{Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{Employee, EmployeeId, NewEmployee, v1};
use wire::{ExternalId, Reference};

use crate::domain::{EmployeeDetails, Faults, circular};
use crate::error::{Error, Result};
use crate::facts::employee_fact;
use crate::store::{self, EmployeeRow, TeamRow};

/// Who somebody was, and what shall be known of him.
pub(super) struct Record {
    pub id: EmployeeId,
    pub current: Option<Employee>,
    pub new: NewEmployee,
}

/// Whether he was created, and what he is now; or why not.
pub(super) type Taken = std::result::Result<(bool, Employee), Error>;

/// A record that is right by itself.
struct Plan {
    id: EmployeeId,
    current: Option<Employee>,
    details: EmployeeDetails,
    team: Option<TeamRow>,
}

/// What the records of one request take from each other.
#[derive(Default)]
struct Seen {
    codes: HashSet<String>,
    keys: HashSet<ExternalId>,
}

/// Takes records together, under the lock on all staff. What a record itself is to blame for is in its result, and it
/// spoils only those who would report to somebody that is not there then.
pub(super) async fn take(tx: &mut Tx, act: &Act, records: Vec<Result<Record>>) -> Result<Vec<Taken>> {
    let staff = store::all_staff(tx).await?;
    let mut seen = Seen::default();
    let mut plans = Vec::with_capacity(records.len());
    for record in records {
        plans.push(match record {
            Ok(record) => plan(tx, act, record, &staff, &mut seen).await?,
            Err(error) => Err(error),
        });
    }
    let managers = settle_managers(&staff, &mut plans);
    let mut taken = Vec::with_capacity(plans.len());
    for plan in plans {
        taken.push(match plan {
            Ok(plan) => Ok(write(tx, act, plan, &managers).await?),
            Err(error) => Err(error),
        });
    }
    for (created, employee) in taken.iter().flatten() {
        if let (true, Some(manager)) = (created, employee.manager_id) {
            store::set_manager(tx, employee.id, manager).await?;
        }
    }
    Ok(taken)
}

async fn plan(
    tx: &mut Tx,
    act: &Act,
    record: Record,
    staff: &[(Id, String, Option<Id>)],
    seen: &mut Seen,
) -> Result<Result<Plan>> {
    let Record { id, current, new } = record;
    let mut faults = Faults::default();
    let code = new.code.trim();
    if staff.iter().any(|(other, taken, _)| taken == code && *other != Id::from(id)) {
        faults.add("/code", "code-taken", "belongs to another employee");
    } else if !code.is_empty() && !seen.codes.insert(code.to_owned()) {
        faults.add("/code", "not-unique", "is there twice");
    }
    let team = match &new.team {
        None => None,
        Some(team) => {
            let found = store::find_team(tx, team).await?;
            if found.is_none() {
                faults.add("/team", "unknown-team", "there is no such team");
            }
            found
        }
    };
    for (index, key) in new.external_ids.iter().enumerate() {
        let owner = store::employee_with_key(tx, key).await?;
        if owner.is_some_and(|owner| owner != id) || !seen.keys.insert(key.clone()) {
            let pointer = format!("/external_ids/{index}");
            faults.add(&pointer, "external-id-taken", "belongs to another employee, or is there twice");
        }
    }
    let details = Faults::join(EmployeeDetails::parse(new, act.at.date_naive()), faults);
    Ok(details.map(|details| Plan { id, current, details, team }).map_err(Error::from))
}

/// Finds everyone's manager among those who are there and those who are coming, and refuses whoever names nobody or would
/// close a circle; then whoever had named one of these, and so on.
fn settle_managers(
    staff: &[(Id, String, Option<Id>)],
    plans: &mut [Result<Plan>],
) -> HashMap<EmployeeId, Option<EmployeeId>> {
    let above: HashMap<EmployeeId, Option<EmployeeId>> =
        staff.iter().map(|(id, _, manager)| (id.get(), manager.map(|id| id.get()))).collect();
    loop {
        let (moves, unknown) = managers_of(staff, plans);
        let circles = circular(&above, &moves);
        if unknown.is_empty() && circles.is_empty() {
            return moves.into_iter().collect();
        }
        for plan in plans.iter_mut() {
            let Ok(id) = plan.as_ref().map(|plan| plan.id) else { continue };
            let mut faults = Faults::default();
            if unknown.contains(&id) {
                faults.add("/manager", "unknown-employee", "there is no such employee");
            } else if circles.contains(&id) {
                faults.add("/manager", "reporting-cycle", "reports to this employee himself");
            } else {
                continue;
            }
            *plan = Err(faults.into());
        }
    }
}

/// Who would report to whom, and who names a manager that is not there.
fn managers_of(
    staff: &[(Id, String, Option<Id>)],
    plans: &[Result<Plan>],
) -> (Vec<(EmployeeId, Option<EmployeeId>)>, HashSet<EmployeeId>) {
    let mut codes: HashMap<&str, EmployeeId> = staff.iter().map(|(id, code, _)| (code.as_str(), id.get())).collect();
    codes.extend(plans.iter().flatten().map(|plan| (plan.details.code.as_str(), plan.id)));
    let ids: HashSet<EmployeeId> = codes.values().copied().collect();
    let resolve = |reference: &Reference<EmployeeId>| match reference {
        Reference::Id(id) => ids.get(id).copied(),
        Reference::Code(code) => codes.get(code.trim()).copied(),
    };
    let (mut moves, mut unknown) = (Vec::new(), HashSet::new());
    for plan in plans.iter().flatten() {
        match plan.details.manager.as_ref().map(resolve) {
            Some(None) => {
                unknown.insert(plan.id);
            }
            Some(found) => moves.push((plan.id, found)),
            None => moves.push((plan.id, None)),
        }
    }
    (moves, unknown)
}

/// Nothing to change changes nothing, the version included.
async fn write(
    tx: &mut Tx,
    act: &Act,
    plan: Plan,
    managers: &HashMap<EmployeeId, Option<EmployeeId>>,
) -> Result<(bool, Employee)> {
    let manager = managers.get(&plan.id).copied().flatten();
    let mut keys = plan.details.external_ids.clone();
    keys.sort();
    let team = plan.team.as_ref();
    let fresh = EmployeeRow::new(plan.id, &plan.details, team.map(|team| team.id), act.at.into());
    let Some(current) = plan.current else {
        store::insert_employee(tx, &fresh).await?;
        store::replace_employee_keys(tx, plan.id, &keys).await?;
        // Written last of all: he may be as new.
        let employee = EmployeeRow { manager_id: manager.map(Id::from), ..fresh }.with(keys);
        audit::record(tx, act, "employee.created", "employee", plan.id.into()).await?;
        outbox::enqueue(tx, act, &v1::EmployeeChanged(employee_fact(&employee, team))).await?;
        return Ok((true, employee));
    };
    let same_age = EmployeeRow {
        manager_id: manager.map(Id::from),
        version: current.version,
        created_at: current.created_at.into(),
        updated_at: current.updated_at.into(),
        ..fresh
    };
    if same_age.clone().with(keys.clone()) == current {
        return Ok((false, current));
    }
    let row = EmployeeRow { version: current.version + 1, updated_at: act.at.into(), ..same_age };
    store::update_employee(tx, &row).await?;
    store::replace_employee_keys(tx, plan.id, &keys).await?;
    let employee = row.with(keys);
    audit::record(tx, act, "employee.updated", "employee", plan.id.into()).await?;
    outbox::enqueue(tx, act, &v1::EmployeeChanged(employee_fact(&employee, team))).await?;
    Ok((false, employee))
}
