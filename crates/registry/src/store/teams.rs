use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{Team, TeamId};
use wire::Reference;

use crate::schema::teams;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = teams, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TeamRow {
    pub id: Id,
    pub code: String,
    pub name: String,
    pub parent_id: Option<Id>,
    pub lead_id: Option<Id>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl From<TeamRow> for Team {
    fn from(row: TeamRow) -> Self {
        Self {
            id: row.id.get(),
            code: row.code,
            name: row.name,
            parent_id: row.parent_id.map(|id| id.get()),
            lead_id: row.lead_id.map(|id| id.get()),
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

pub async fn insert_team(tx: &mut Tx, row: &TeamRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(teams::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn update_team(tx: &mut Tx, row: &TeamRow) -> Result<()> {
    let one = teams::table.find(row.id);
    on!(tx, |c| diesel::update(one).set(row).execute(c).await)?;
    Ok(())
}

pub async fn find_team(conn: &mut Conn, reference: &Reference<TeamId>) -> Result<Option<TeamRow>> {
    match reference {
        Reference::Id(id) => {
            let one = teams::table.filter(teams::id.eq(Id::from(*id)));
            on!(conn, |c| one.select(TeamRow::as_select()).first(c).await.optional())
        }
        Reference::Code(code) => {
            let one = teams::table.filter(teams::code.eq(code));
            on!(conn, |c| one.select(TeamRow::as_select()).first(c).await.optional())
        }
    }
}

/// The teams above this one, nearest first.
pub async fn teams_above(conn: &mut Conn, team: Id) -> Result<Vec<Id>> {
    let mut line: Vec<Id> = Vec::new();
    let mut next = team;
    loop {
        let one = teams::table.find(next).select(teams::parent_id);
        let above: Option<Option<Id>> = on!(conn, |c| one.first(c).await.optional())?;
        match above.flatten() {
            Some(above) if !line.contains(&above) => {
                line.push(above);
                next = above;
            }
            _ => return Ok(line),
        }
    }
}

/// One row more than the page holds.
pub async fn list_teams(conn: &mut Conn, page: &PageRequest) -> Result<Vec<TeamRow>> {
    on!(conn, |c| {
        let query = teams::table.into_boxed::<Backend>();
        let query = keyset!(query, page, teams, { "code" => code: String, "name" => name: String });
        query.select(TeamRow::as_select()).load(c).await
    })
}

pub async fn count_teams(conn: &mut Conn) -> Result<i64> {
    on!(conn, |c| teams::table.count().get_result(c).await)
}
