use std::collections::{HashMap, HashSet};

use chassis::csv::FileRow;
use database::{Id, Tx};
use messaging::Act;
use registry_contract::{Customer, CustomerId, NewCustomer, RowOutcome};

use super::batch::cell_faults;
use super::job::{Turn, Work};
use super::rehearsal::Rehearsal;
use crate::commands::customers::update_in;
use crate::commands::links::from_today;
use crate::commands::races::{ATTEMPTS, raced};
use crate::domain::Faults;
use crate::domain::import::Reading;
use crate::error::{Error, Result};
use crate::store::{self, ImportRecord, Undo};

/// Rows per transaction: a move takes some twenty statements, and all of them together less than the lease.
const AT_ONCE: usize = 200;

/// Whether a parent was found, and whether that was news.
enum Settled {
    AsBefore,
    Moved,
    Unsettled(Faults),
}

impl Work<'_> {
    /// Finds the parents that rows have named, now that every row of the file is there to be one.
    pub(super) async fn settle_batch(&mut self, rows: &[FileRow]) -> Result<Turn> {
        // What a rehearsal has moved in a try that failed is not to be unmoved: it begins anew as a whole.
        let most = if self.rehearsal.is_some() { 1 } else { ATTEMPTS };
        for some in rows.chunks(AT_ONCE) {
            let turn = raced(most, async || self.try_settling(some).await).await?;
            if turn != Turn::GoOn {
                return Ok(turn);
            }
        }
        Ok(Turn::GoOn)
    }

    async fn try_settling(&mut self, rows: &[FileRow]) -> Result<Turn> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Turn::GoOn) };
        let most = i64::try_from(rows.len()).map_err(database::Error::other)?;
        let (act, mut record, mut tx) = (self.act(), self.record.clone(), self.db.begin().await?);
        let taken = store::import_rows_after(&mut tx, record.id.get(), first.number - 1, most).await?;
        let mut named = Vec::new();
        for (row, taken) in rows.iter().zip(taken) {
            let customer = match (&mut self.rehearsal, taken.outcome.0) {
                (Some(rehearsal), RowOutcome::Created) => rehearsal.next_created().map(Id::from),
                _ => taken.customer_id,
            };
            let (reading, _) = Reading::of(&self.mapping, &row.cells);
            let parent = reading.parent.filter(|_| taken.outcome.0 != RowOutcome::Failed);
            if let (Some(customer), Some(parent)) = (customer, parent) {
                named.push((row, taken, customer, parent));
            }
        }
        let ids: HashSet<Id> = named.iter().map(|(_, _, customer, _)| *customer).collect();
        let mut known = lock(&mut tx, ids).await?;
        for (row, taken, customer, parent) in named {
            let settled = match (&mut self.rehearsal, known.get_mut(&customer)) {
                (Some(rehearsal), current) => {
                    let before = current.and_then(|current| current.parent_id);
                    rehearse(&mut tx, &act, rehearsal, (customer.get(), before), &parent).await?
                }
                (None, Some(current)) => settle(&mut tx, &act, &record, current, &parent).await?,
                // Merged or withdrawn since: whoever did that has said where it belongs.
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

/// The customers as they are. All of them are locked before the hierarchy, as everywhere: nobody waits in a circle.
async fn lock(tx: &mut Tx, ids: HashSet<Id>) -> Result<HashMap<Id, Customer>> {
    let ids: Vec<Id> = ids.into_iter().collect();
    let rows = store::lock_standing_customers(tx, &ids).await?;
    let customers = store::complete(tx, rows).await?;
    Ok(customers.into_iter().map(|customer| (customer.id.into(), customer)).collect())
}

async fn settle(
    tx: &mut Tx,
    act: &Act,
    import: &ImportRecord,
    current: &mut Customer,
    parent: &str,
) -> Result<Settled> {
    let parent = match store::customers_called(tx, parent).await?.as_slice() {
        [one] => *one,
        [] => return Ok(unknown()),
        _ => return Ok(ambiguous()),
    };
    if current.parent_id == Some(parent) {
        return Ok(Settled::AsBefore);
    }
    let mut wanted = NewCustomer::from(&*current);
    wanted.parent_id = Some(parent);
    match update_in(tx, act, current.clone(), wanted).await {
        Ok(moved) => {
            let undo = Undo::of(current, moved.version, import.created_at)?;
            store::note_undos(tx, import.id, &[undo]).await?;
            *current = moved;
            Ok(Settled::Moved)
        }
        Err(Error::Invalid(faults)) => Ok(Settled::Unsettled(faults.into_iter().collect())),
        Err(error) => Err(error),
    }
}

/// The same without writing. `before` is whom the customer belongs to if no row has moved it.
async fn rehearse(
    tx: &mut Tx,
    act: &Act,
    rehearsal: &mut Rehearsal,
    (customer, before): (CustomerId, Option<CustomerId>),
    parent: &str,
) -> Result<Settled> {
    let stored = store::customers_called(tx, parent).await?;
    let parent = match (stored.as_slice(), rehearsal.called(parent)) {
        ([one], None) => *one,
        ([], Some((one, 1))) => one,
        ([], None) => return Ok(unknown()),
        _ => return Ok(ambiguous()),
    };
    let moves = &mut rehearsal.moves;
    if moves.parent(customer, act.at.date_naive()).or(before) == Some(parent) {
        return Ok(Settled::AsBefore);
    }
    let faults = moves.make(tx, from_today(act, customer, parent)).await?;
    Ok(if faults.is_empty() { Settled::Moved } else { Settled::Unsettled(faults) })
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
