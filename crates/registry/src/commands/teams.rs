use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{NewTeam, Team, TeamId, TeamPatch, v1};
use wire::Reference;

use crate::domain::{Faults, TeamDetails, may_stand_above};
use crate::error::{Error, Result};
use crate::facts::employee_fact;
use crate::store::{self, EmployeeRow, TeamRow};

pub async fn create_team(db: &Db, act: &Act, new: NewTeam) -> Result<Team> {
    let id: TeamId = act.new_id().into();
    let mut tx = db.begin().await?;
    store::lock_staff(&mut tx).await?;
    // A request repeated after a crash between the commit and its answer meets its own team.
    if let Some(stored) = store::find_team(&mut tx, &Reference::Id(id)).await? {
        return Ok(stored.into());
    }
    let row = TeamRow { created_at: act.at.into(), ..parse(&mut tx, act, id, 1, new).await? };
    store::insert_team(&mut tx, &row).await?;
    audit::record(&mut tx, act, "team.created", "team", id.into()).await?;
    tx.commit().await?;
    Ok(row.into())
}

pub async fn update_team(
    db: &Db,
    act: &Act,
    reference: &Reference<TeamId>,
    expected: IfMatch,
    patch: TeamPatch,
) -> Result<Team> {
    let mut tx = db.begin().await?;
    store::lock_staff(&mut tx).await?;
    let missing = || Error::TeamNotFound(reference.to_string());
    let current = Team::from(store::find_team(&mut tx, reference).await?.ok_or_else(missing)?);
    expected.check(current.version)?;
    let mut new = NewTeam::from(&current);
    patch.apply(&mut new);
    let row = parse(&mut tx, act, current.id, current.version + 1, new).await?;
    let row = TeamRow { created_at: current.created_at.into(), ..row };
    let same = TeamRow { version: current.version, updated_at: current.updated_at.into(), ..row.clone() };
    if Team::from(same) == current {
        return Ok(current);
    }
    store::update_team(&mut tx, &row).await?;
    audit::record(&mut tx, act, "team.updated", "team", current.id.into()).await?;
    if row.name != current.name || row.lead_id != current.lead_id.map(Id::from) {
        tell_members(&mut tx, act, &row).await?;
    }
    tx.commit().await?;
    Ok(row.into())
}

/// What is told of an employee names his team and its lead: another one is another version of everyone in it.
async fn tell_members(tx: &mut Tx, act: &Act, team: &TeamRow) -> Result<()> {
    store::touch_employees_of(tx, team.id, act.at.into()).await?;
    let members = store::employees_of(tx, team.id).await?;
    let told = |row: EmployeeRow| v1::EmployeeChanged(employee_fact(&row.with(vec![]), Some(team)));
    let events: Vec<_> = members.into_iter().map(told).collect();
    Ok(outbox::enqueue_many(tx, act, &events).await?)
}

/// The row of what is wanted, with all references found.
async fn parse(tx: &mut Tx, act: &Act, id: TeamId, version: i64, new: NewTeam) -> Result<TeamRow> {
    let mut faults = Faults::default();
    let own = Id::from(id);
    if store::find_team(tx, &Reference::Code(new.code.trim().to_owned())).await?.is_some_and(|row| row.id != own) {
        faults.add("/code", "code-taken", "belongs to another team");
    }
    let mut parent_id = None;
    if let Some(parent) = &new.parent {
        match store::find_team(tx, parent).await?.map(|row| row.id) {
            None => faults.add("/parent", "unknown-team", "there is no such team"),
            Some(above) if !may_stand_above(&above, &own, &store::teams_above(tx, above).await?) => {
                faults.add("/parent", "team-cycle", "belongs to this team itself");
            }
            found => parent_id = found,
        }
    }
    let mut lead_id = None;
    if let Some(lead) = &new.lead {
        lead_id = store::find_employee(tx, lead).await?.map(|row| row.id);
        if lead_id.is_none() {
            faults.add("/lead", "unknown-employee", "there is no such employee");
        }
    }
    let details = Faults::join(TeamDetails::parse(new), faults)?;
    let (code, name) = (details.code.clone(), details.name.clone());
    let at = act.at.into();
    Ok(TeamRow { id: own, code, name, parent_id, lead_id, version, created_at: at, updated_at: at })
}
