//! Promises to customers, every version of them.

use complaints_contract::{NewSlaPolicy, SlaPolicy, SlaPolicyId};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::written;
use crate::schema::sla_policies;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sla_policies)]
pub struct PolicyRow {
    pub id: Id,
    pub version: i64,
    pub body: String,
    pub valid_from: Instant,
    pub actor: String,
}

pub async fn find(conn: &mut Conn, id: SlaPolicyId) -> database::Result<Option<SlaPolicy>> {
    let row: Option<PolicyRow> = on!(conn, |c| {
        sla_policies::table.find(Id::from(id)).select(PolicyRow::as_select()).first(c).await.optional()
    })?;
    row.map(into_policy).transpose()
}

/// The one that counts.
pub async fn latest(conn: &mut Conn) -> database::Result<SlaPolicy> {
    let row: PolicyRow = on!(conn, |c| {
        sla_policies::table.order(sla_policies::version.desc()).select(PolicyRow::as_select()).first(c).await
    })?;
    into_policy(row)
}

pub async fn all(conn: &mut Conn) -> database::Result<Vec<PolicyRow>> {
    on!(conn, |c| sla_policies::table.select(PolicyRow::as_select()).load(c).await)
}

/// One more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, page: &PageRequest) -> database::Result<Vec<SlaPolicy>> {
    let rows: Vec<PolicyRow> = on!(conn, |c| {
        let query = sla_policies::table.into_boxed::<Backend>();
        keyset!(query.select(PolicyRow::as_select()), page, sla_policies, { "version" => version: i64 }).load(c).await
    })?;
    rows.into_iter().map(into_policy).collect()
}

pub async fn count(conn: &mut Conn) -> database::Result<i64> {
    on!(conn, |c| sla_policies::table.count().get_result(c).await)
}

pub async fn insert(tx: &mut Tx, policy: &SlaPolicy) -> database::Result<()> {
    let row = PolicyRow {
        id: policy.id.into(),
        version: policy.version,
        body: written(&NewSlaPolicy::from(policy))?,
        valid_from: policy.valid_from.into(),
        actor: policy.by.clone(),
    };
    on!(tx, |c| diesel::insert_into(sla_policies::table).values(&row).execute(c).await)?;
    Ok(())
}

fn into_policy(row: PolicyRow) -> database::Result<SlaPolicy> {
    let new: NewSlaPolicy = serde_json::from_str(&row.body).map_err(database::Error::other)?;
    Ok(new.numbered(row.id.get(), row.version, row.valid_from.into(), row.actor))
}
