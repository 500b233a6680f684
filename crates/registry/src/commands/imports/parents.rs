use chassis::csv::FileRow;
use database::{Id, Tx};
use messaging::Act;
use registry_contract::{CustomerId, NewCustomer, RowOutcome};
use wire::Reference;

use super::batch::cell_faults;
use super::job::{Turn, Work};
use super::rehearsal::Rehearsal;
use crate::commands::customers::{load, update_in};
use crate::commands::races::{ATTEMPTS, raced};
use crate::domain::Faults;
use crate::domain::import::Reading;
use crate::error::{Error, Result};
use crate::store;

/// Whether a parent was found, and whether that was news.
enum Settled {
    AsBefore,
    Moved,
    Unsettled(Faults),
}

impl Work<'_> {
    /// Finds the parents that rows have named, now that every row of the file is there to be one.
    pub(super) async fn settle_batch(&mut self, rows: &[FileRow]) -> Result<Turn> {
        raced(ATTEMPTS, async || self.try_settling(rows).await).await
    }

    async fn try_settling(&mut self, rows: &[FileRow]) -> Result<Turn> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Turn::GoOn) };
        let most = i64::try_from(rows.len()).map_err(database::Error::other)?;
        let (act, mut record, mut tx) = (self.act(), self.record.clone(), self.db.begin().await?);
        let taken = store::import_rows_after(&mut tx, record.id.get(), first.number - 1, most).await?;
        for (row, taken) in rows.iter().zip(taken) {
            let (reading, _) = Reading::of(&self.mapping, &row.cells);
            let Some(parent) = reading.parent.filter(|_| taken.outcome.0 != RowOutcome::Failed) else { continue };
            let settled = match (&self.rehearsal, taken.customer_id) {
                (Some(rehearsal), _) => rehearse(&mut tx, rehearsal, &parent).await?,
                (None, Some(customer)) => settle(&mut tx, &act, record.id, customer.get(), &parent).await?,
                (None, None) => Settled::AsBefore,
            };
            match settled {
                Settled::AsBefore => {}
                Settled::Moved if taken.outcome.0 == RowOutcome::Unchanged => {
                    record.unchanged -= 1;
                    record.updated += 1;
                    store::mark_import_row(&mut tx, taken.id.get(), RowOutcome::Updated).await?;
                }
                Settled::Moved => {}
                Settled::Unsettled(faults) => {
                    record.warnings += 1;
                    store::blame_import_row(&mut tx, taken.id.get(), &cell_faults(faults), &row.cells).await?;
                }
            }
        }
        self.commit(tx, record, last.number).await
    }
}

async fn settle(tx: &mut Tx, act: &Act, import: Id, customer: CustomerId, parent: &str) -> Result<Settled> {
    let parent = match store::customers_called(tx, parent).await?.as_slice() {
        [one] => *one,
        [] => return Ok(unknown()),
        _ => return Ok(ambiguous()),
    };
    let current = load(tx, &Reference::Id(customer)).await?;
    if current.parent_id == Some(parent) {
        return Ok(Settled::AsBefore);
    }
    let before = NewCustomer::from(&current);
    let mut wanted = before.clone();
    wanted.parent_id = Some(parent);
    match update_in(tx, act, current, wanted).await {
        Ok(moved) => {
            let before = serde_json::to_value(&before).map_err(database::Error::other)?;
            store::note_undos(tx, import, &[(customer, before, moved.version)]).await?;
            Ok(Settled::Moved)
        }
        Err(Error::Invalid(faults)) => Ok(Settled::Unsettled(faults.into_iter().collect())),
        Err(error) => Err(error),
    }
}

async fn rehearse(tx: &mut Tx, rehearsal: &Rehearsal, parent: &str) -> Result<Settled> {
    Ok(match store::customers_called(tx, parent).await?.len() + rehearsal.called(parent) {
        0 => unknown(),
        1 => Settled::Moved,
        _ => ambiguous(),
    })
}

fn unknown() -> Settled {
    unsettled("unknown-parent", "there is no customer of this name")
}

fn ambiguous() -> Settled {
    unsettled("ambiguous-parent", "more than one customer has this name")
}

fn unsettled(code: &str, message: &str) -> Settled {
    let mut faults = Faults::default();
    faults.add("/parent", code, message);
    Settled::Unsettled(faults)
}
