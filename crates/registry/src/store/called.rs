//! What ids in lists stand for.

use std::collections::HashMap;

use database::{Conn, Id, Result, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{EmployeeId, TeamId};

use crate::schema::{employees, teams};

/// Code and name of each of the employees.
pub async fn employees_called(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<EmployeeId, (String, String)>> {
    let some = employees::table.filter(employees::id.eq_any(ids));
    let some = some.select((employees::id, employees::code, employees::name));
    let found: Vec<(Id, String, String)> = on!(conn, |c| some.load(c).await)?;
    Ok(found.into_iter().map(|(id, code, name)| (id.get(), (code, name))).collect())
}

/// The code of each of the teams.
pub async fn codes_of_teams(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<TeamId, String>> {
    let some = teams::table.filter(teams::id.eq_any(ids)).select((teams::id, teams::code));
    let found: Vec<(Id, String)> = on!(conn, |c| some.load(c).await)?;
    Ok(found.into_iter().map(|(id, code)| (id.get(), code)).collect())
}
