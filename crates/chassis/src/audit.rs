//! Who did what to which thing, when: written in the transaction of the act itself.

use database::{Id, Instant, Tx, insert_all};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use messaging::Act;
use uuid::Uuid;

use crate::tables::audit_entries;

#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
struct Entry<'a> {
    id: Id,
    at: Instant,
    actor: &'a str,
    action: &'a str,
    resource: &'a str,
    resource_id: Id,
    traceparent: Option<&'a str>,
}

/// Records one act, such as `customer.created` on the `customer` of this id.
pub async fn record(tx: &mut Tx, act: &Act, action: &str, resource: &str, id: Uuid) -> database::Result<()> {
    record_many(tx, act, action, resource, [id]).await
}

/// Records the same act on many things.
pub async fn record_many(
    tx: &mut Tx,
    act: &Act,
    action: &str,
    resource: &str,
    ids: impl IntoIterator<Item = Uuid>,
) -> database::Result<()> {
    let entry = |id: Uuid| Entry {
        id: Uuid::now_v7().into(),
        at: act.at.into(),
        actor: &act.actor,
        action,
        resource,
        resource_id: id.into(),
        traceparent: act.traceparent.as_deref(),
    };
    let entries: Vec<_> = ids.into_iter().map(entry).collect();
    insert_all!(
        tx,
        audit_entries,
        Entry { id, at, actor, action, resource, resource_id, traceparent },
        entries.as_slice()
    )?;
    Ok(())
}
