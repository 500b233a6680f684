//! An import taken back, from its last row to its first, as far as nobody has touched its customers since.

use std::collections::{HashMap, HashSet};

use chrono::Utc;
use database::{Db, Id, Tx};
use messaging::Act;
use registry_contract::{CellFault, Customer, ImportState, NewCustomer, RowOutcome};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::batch::count;
use super::job::end;
use crate::commands::customers::update_in;
use crate::commands::registration::withdraw;
use crate::error::{Error, Result};
use crate::store::{self, ImportRecord, ImportRowRecord, JobRecord};

/// Rows per transaction; each takes statements of its own.
const BATCH: i64 = 200;

/// Customers that others belong to come after those: what a pass has met too early is left to the next, through all rows
/// that are left. A pass that settled nothing met only customers whose others stay: the one behind it leaves nothing.
struct Pass {
    settled: bool,
    last: bool,
}

/// Goes on until nothing is left to take back, somebody cancels it, or the service stops.
pub(super) async fn run(db: &Db, mut job: JobRecord, stop: CancellationToken) -> Result<()> {
    // What the pass had settled before another worker took over is not known.
    let mut pass = Pass { settled: true, last: false };
    loop {
        let mut tx = db.begin().await?;
        // Before the customers, as whoever compares: a pair found meanwhile would pass for others' use of its customers.
        store::lock_comparisons(&mut tx).await?;
        let record = store::find_import(&mut tx, job.import_id.get()).await?;
        let mut record = record.ok_or_else(|| Error::ImportNotFound(format!("{:?}", job.import_id)))?;
        let before = if job.position == 0 { i64::MAX } else { job.position };
        let rows = store::revertible_rows(&mut tx, job.import_id.get(), before, BATCH).await?;
        let act = Act::new(job.actor.clone(), job.traceparent.clone(), Utc::now()).in_bulk();
        take_back(&mut tx, &act, &mut record, &rows, &mut pass).await?;
        let over = rows.is_empty() && job.position == 0;
        match rows.last() {
            Some(row) => (job.position, job.attempts) = (row.row_number, 0),
            None => (job.position, pass) = (0, Pass { settled: false, last: !pass.settled }),
        }
        let Some(cancelled) = store::keep_job(&mut tx, &job).await? else { return Ok(()) };
        if over || cancelled {
            let state = if cancelled { ImportState::Cancelled } else { ImportState::Reverted };
            end(&mut tx, record, state, None).await?;
            return Ok(tx.commit().await?);
        }
        record.version += 1;
        record.updated_at = Utc::now().into();
        store::update_import(&mut tx, &record).await?;
        if stop.is_cancelled() {
            store::release_job(&mut tx, &job).await?;
            return Ok(tx.commit().await?);
        }
        tx.commit().await?;
    }
}

/// Customers of some rows, as they are and as they were.
struct Past {
    now: HashMap<Id, Customer>,
    created: HashSet<Id>,
    before: HashMap<Id, (Value, i64)>,
    /// How many belong to each.
    children: HashMap<Id, i64>,
    owed: HashSet<Id>,
    /// With another of their rows.
    kept: HashSet<Id>,
}

async fn take_back(
    tx: &mut Tx,
    act: &Act,
    record: &mut ImportRecord,
    rows: &[ImportRowRecord],
    pass: &mut Pass,
) -> Result<()> {
    let ids: Vec<Id> = rows.iter().filter_map(|row| row.customer_id).collect::<HashSet<_>>().into_iter().collect();
    let now = store::lock_customers(tx, &ids).await?;
    let now = store::complete(tx, now).await?;
    let mut past = Past {
        now: now.into_iter().map(|customer| (customer.id.into(), customer)).collect(),
        created: store::created_among(tx, record.id.get(), &ids).await?,
        before: store::undo_of(tx, record.id, &ids).await?,
        children: store::children_of(tx, &ids).await?,
        owed: store::owed_among(tx, &ids).await?,
        kept: match record.kept {
            0 => HashSet::new(),
            _ => store::kept_among(tx, record.id.get(), &ids).await?,
        },
    };
    let mut fates: HashMap<Id, Option<RowOutcome>> = HashMap::new();
    for row in rows {
        // A customer of several rows is taken back with the first that is met; one created here goes as a whole.
        let fate = match row.customer_id {
            None => Some(RowOutcome::Kept),
            Some(id) => match fates.get(&id) {
                Some(fate) => *fate,
                None => {
                    let fate = past.take_back(tx, act, id, pass.last).await?;
                    fates.insert(id, fate);
                    fate
                }
            },
        };
        let Some(outcome) = fate else { continue };
        pass.settled = true;
        let faults = if outcome == RowOutcome::Kept { vec![touched()] } else { vec![] };
        store::settle_import_row(tx, row.id, outcome, &faults).await?;
        count(record, outcome);
        record.row_count -= 1;
    }
    Ok(())
}

fn touched() -> CellFault {
    let message = "others have changed or use the customer since; change it by hand".to_owned();
    CellFault { pointer: String::new(), code: "changed-since".to_owned(), message }
}

impl Past {
    /// None yet, if others belong to the customer that may be taken back before it.
    async fn take_back(&mut self, tx: &mut Tx, act: &Act, id: Id, last: bool) -> Result<Option<RowOutcome>> {
        if self.kept.contains(&id) {
            return Ok(Some(RowOutcome::Kept));
        }
        // Gone by an earlier batch of this reversal, with another of its rows.
        let Some(customer) = self.now.remove(&id) else { return Ok(Some(RowOutcome::Reverted)) };
        let noted = self.before.remove(&id);
        let left_at = noted.as_ref().map_or(1, |(_, version)| *version);
        let (changed, created) = (customer.version != left_at, self.created.contains(&id));
        let done = match noted {
            _ if changed => false,
            _ if created && self.owed.contains(&id) => false,
            _ if created && !last && self.children.get(&id).is_some_and(|count| *count > 0) => return Ok(None),
            _ if created => self.withdraw(tx, act, customer).await?,
            Some((before, _)) => restore(tx, act, customer, before).await?,
            None => false,
        };
        Ok(Some(if done { RowOutcome::Reverted } else { RowOutcome::Kept }))
    }

    async fn withdraw(&mut self, tx: &mut Tx, act: &Act, customer: Customer) -> Result<bool> {
        let parent = customer.parent_id;
        let gone = withdraw(tx, act, customer).await?;
        if gone && let Some(count) = parent.and_then(|parent| self.children.get_mut(&Id::from(parent))) {
            *count -= 1;
        }
        Ok(gone)
    }
}

/// Gives the customer its former values; false when they cannot be had any more, such as a key that another has taken.
async fn restore(tx: &mut Tx, act: &Act, customer: Customer, before: Value) -> Result<bool> {
    let before: NewCustomer = serde_json::from_value(before).map_err(database::Error::other)?;
    match update_in(tx, act, customer, before).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_refusal() => Ok(false),
        Err(error) => Err(error),
    }
}
