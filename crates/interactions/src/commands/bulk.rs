use std::collections::HashMap;

use database::{Db, Id, Tx};
use interactions_contract::{
    BulkInteractionOutcome, BulkInteractionsResult, Interaction, InteractionId, NewInteraction,
};
use messaging::Act;
use problem::{Describe, Failure, FieldError, Language};
use registry_contract::BulkMode;
use uuid::Uuid;

use super::{Customers, due_contacts, parse, record};
use crate::error::Error;
use crate::store::interactions;

/// A row as it was sent: an interaction, or what is wrong with it already.
pub type Row = Result<NewInteraction, Vec<FieldError>>;

/// Logs many interactions in one transaction. `Atomic` refuses them all for one bad row, naming every fault of every
/// row; `PerRow` leaves the bad rows out.
pub async fn bulk_log_interactions(
    db: &Db,
    act: &Act,
    mode: BulkMode,
    rows: Vec<Row>,
) -> Result<BulkInteractionsResult, Error> {
    let ids = row_ids(act.new_id(), rows.len());
    let mut tx = db.begin().await?;
    let known = Customers::load(&mut tx, rows.iter().flatten()).await?;
    let parsed: Vec<_> = rows.into_iter().map(|row| parse(row.map_err(Error::Invalid)?, &known, act)).collect();
    if mode == BulkMode::Atomic {
        refuse_all_for_one(&parsed)?;
    }
    let mut before = logged_before(&mut tx, &ids).await?;
    let mut logged = Vec::with_capacity(parsed.len());
    for (id, parsed) in ids.into_iter().zip(parsed) {
        logged.push(match (before.remove(&id), parsed) {
            (Some(interaction), _) => Ok(interaction),
            (None, Ok((customer, draft))) => Ok(record(&mut tx, act, id, customer, draft).await?),
            (None, Err(error)) => Err(error),
        });
    }
    due_contacts::settle_after(&mut tx, logged.iter().flatten()).await?;
    tx.commit().await?;
    Ok(summary(mode, logged))
}

fn refuse_all_for_one<T>(rows: &[Result<T, Error>]) -> Result<(), Error> {
    let refused = || rows.iter().enumerate().filter_map(|(row, parsed)| Some((row, parsed.as_ref().err()?)));
    match refused().count() {
        0 => Ok(()),
        count => Err(Error::RowsInvalid {
            refused: count,
            rows: rows.len(),
            faults: refused().flat_map(row_faults).collect(),
        }),
    }
}

fn row_faults((row, error): (usize, &Error)) -> impl Iterator<Item = FieldError> {
    error.errors().into_iter().map(move |fault| fault.under(&format!("/interactions/{row}")))
}

fn summary(mode: BulkMode, rows: Vec<Result<Interaction, Error>>) -> BulkInteractionsResult {
    let results: Vec<_> = rows.into_iter().enumerate().map(|(row, logged)| outcome(row, logged)).collect();
    let failed = results.iter().filter(|outcome| outcome.problem.is_some()).count();
    BulkInteractionsResult { mode, succeeded: results.len() - failed, failed, results }
}

fn outcome(row: usize, logged: Result<Interaction, Error>) -> BulkInteractionOutcome {
    match logged {
        Ok(interaction) => BulkInteractionOutcome { row, status: 201, interaction: Some(interaction), problem: None },
        Err(error) => {
            let problem = Failure::from(error).problem(Language::English);
            let status = problem.status;
            BulkInteractionOutcome { row, status, interaction: None, problem: serde_json::to_value(problem).ok() }
        }
    }
}

async fn logged_before(tx: &mut Tx, ids: &[InteractionId]) -> database::Result<HashMap<InteractionId, Interaction>> {
    let ids: Vec<Id> = ids.iter().copied().map(Id::from).collect();
    let found = interactions::find_all(tx, &ids).await?;
    Ok(found.into_iter().map(|interaction| (interaction.id, interaction)).collect())
}

/// Ids that a repeated request finds again, since all follow from the one its `Idempotency-Key` reserved.
fn row_ids(first: Uuid, count: usize) -> Vec<InteractionId> {
    (0..count as u128).map(|row| Uuid::from_u128(first.as_u128().wrapping_add(row)).into()).collect()
}
