//! Who did what to which thing, when: written in the transaction of the act itself.

use database::{Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use messaging::Act;
use uuid::Uuid;

use crate::tables::audit_entries;

/// Records one act, such as `customer.created` on the `customer` of this id.
pub async fn record(tx: &mut Tx, act: &Act, action: &str, resource: &str, id: Uuid) -> database::Result<()> {
    let entry = (
        audit_entries::id.eq(Id::from(Uuid::now_v7())),
        audit_entries::at.eq(Instant::from(act.at)),
        audit_entries::actor.eq(&act.actor),
        audit_entries::action.eq(action),
        audit_entries::resource.eq(resource),
        audit_entries::resource_id.eq(Id::from(id)),
        audit_entries::traceparent.eq(&act.traceparent),
    );
    on!(tx, |c| diesel::insert_into(audit_entries::table).values(entry).execute(c).await)?;
    Ok(())
}
