use database::Tx;
use messaging::Act;
use registry_contract::{CustomerId, ImportRowId, NewCustomer, RowOutcome};
use wire::Reference;

use super::rows::cell_faults;
use super::{BATCH, Intake};
use crate::commands::customers::{load, update_in};
use crate::domain::Faults;
use crate::error::{Error, Result};
use crate::store;

/// A row that names the customer it belongs to.
pub(super) struct Orphan {
    pub row: ImportRowId,
    pub outcome: RowOutcome,
    pub customer: CustomerId,
    pub parent: String,
    pub cells: Vec<String>,
}

/// Whether a parent was found, and whether that was news.
enum Settled {
    AsBefore,
    Moved,
    Unsettled(Faults),
}

impl Intake<'_> {
    /// Finds the parents that rows have named, now that every row of the file is there to be one.
    pub(super) async fn settle_parents(&mut self) -> Result<()> {
        let orphans = std::mem::take(&mut self.orphans);
        for batch in orphans.chunks(BATCH) {
            let mut record = self.record.clone();
            let mut tx = self.db.begin().await?;
            for orphan in batch {
                match settle(&mut tx, self.act, orphan).await? {
                    Settled::AsBefore => {}
                    Settled::Moved if orphan.outcome == RowOutcome::Unchanged => {
                        record.unchanged -= 1;
                        record.updated += 1;
                        store::mark_import_row(&mut tx, orphan.row, RowOutcome::Updated).await?;
                    }
                    Settled::Moved => {}
                    Settled::Unsettled(faults) => {
                        record.warnings += 1;
                        store::blame_import_row(&mut tx, orphan.row, &cell_faults(faults), &orphan.cells).await?;
                    }
                }
            }
            record.version += 1;
            store::update_import(&mut tx, &record).await?;
            tx.commit().await?;
            self.record = record;
        }
        Ok(())
    }
}

async fn settle(tx: &mut Tx, act: &Act, orphan: &Orphan) -> Result<Settled> {
    let parent = match store::customers_called(tx, &orphan.parent).await?.as_slice() {
        [one] => *one,
        [] => return Ok(unsettled("unknown-parent", "there is no customer of this name")),
        _ => return Ok(unsettled("ambiguous-parent", "more than one customer has this name")),
    };
    let current = load(tx, &Reference::Id(orphan.customer)).await?;
    if current.parent_id == Some(parent) {
        return Ok(Settled::AsBefore);
    }
    let mut wanted = NewCustomer::from(&current);
    wanted.parent_id = Some(parent);
    match update_in(tx, act, current, wanted).await {
        Ok(_) => Ok(Settled::Moved),
        Err(Error::Invalid(faults)) => Ok(Settled::Unsettled(faults.into_iter().collect())),
        Err(error) => Err(error),
    }
}

fn unsettled(code: &str, message: &str) -> Settled {
    let mut faults = Faults::default();
    faults.add("/parent", code, message);
    Settled::Unsettled(faults)
}
