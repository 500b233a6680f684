//! Our own people, as far as the registry tells of them.

use database::{Id, Tx, on};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use registry_contract::v1::EmployeeFact;

use crate::schema::known_employees;

/// Keeps what is newer than what is known.
pub async fn keep(tx: &mut Tx, fact: &EmployeeFact) -> database::Result<()> {
    let row = (
        known_employees::employee_id.eq(Id::from(fact.employee_id)),
        known_employees::sequence.eq(fact.sequence),
        known_employees::code.eq(fact.code.to_lowercase()),
        known_employees::team.eq(fact.team.as_ref().map(|team| team.code.clone())),
    );
    on!(tx, |c| {
        let upsert = diesel::insert_into(known_employees::table)
            .values(row.clone())
            .on_conflict(known_employees::employee_id)
            .do_update()
            .set((
                known_employees::sequence.eq(excluded(known_employees::sequence)),
                known_employees::code.eq(excluded(known_employees::code)),
                known_employees::team.eq(excluded(known_employees::team)),
            ));
        // Named in full: the prelude's method of this name is for queries.
        let newer = known_employees::sequence.lt(excluded(known_employees::sequence));
        diesel::query_dsl::methods::FilterDsl::filter(upsert, newer).execute(c).await
    })?;
    Ok(())
}
