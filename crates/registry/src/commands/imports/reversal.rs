//! An import taken back, from its last row to its first, as far as nobody has touched its customers since.

use std::collections::{HashMap, HashSet};

use chrono::Utc;
use database::{Db, Id, Tx};
use messaging::Act;
use registry_contract::{CellFault, Customer, ImportState, NewCustomer, RowOutcome, TierProposalState};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::batch::count;
use super::job::end;
use crate::commands::customers::update_in;
use crate::commands::lifecycles::take_stage_back;
use crate::commands::registration::withdraw;
use crate::commands::tiers::{propose_former_tier, take_back_tier_proposals};
use crate::error::{Error, Result};
use crate::store::{self, ImportRecord, ImportRowRecord, JobRecord, TierProposalRow};

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
    import: Id,
    /// The import's name.
    called: String,
    now: HashMap<Id, Customer>,
    created: HashSet<Id>,
    before: HashMap<Id, (Value, i64)>,
    /// What the import has proposed of each.
    proposed: HashMap<Id, Vec<TierProposalRow>>,
    /// How many belong to each.
    children: HashMap<Id, i64>,
    owed: HashSet<Id>,
    /// With another of their rows, and why.
    kept: HashMap<Id, Vec<CellFault>>,
    /// As they were before the import, since an earlier batch of this reversal.
    reverted: HashSet<Id>,
}

/// What became of a row.
#[derive(Clone)]
enum Fate {
    Reverted,
    /// And why.
    Kept(Vec<CellFault>),
}

impl Fate {
    fn kept(code: &str, message: impl Into<String>) -> Self {
        Self::Kept(vec![CellFault { pointer: String::new(), code: code.to_owned(), message: message.into() }])
    }

    fn changed() -> Self {
        Self::kept("changed-since", "others have changed the customer since; change it by hand")
    }

    fn in_use() -> Self {
        Self::kept("in-use", "the customer is in use: something belongs to it, or other services know of it")
    }

    /// Its former values are refused now.
    fn refused(error: &Error) -> Self {
        let faults = problem::Describe::errors(error).into_iter();
        let faults: Vec<_> = faults
            .map(|fault| CellFault { pointer: fault.pointer, code: fault.code, message: fault.message })
            .collect();
        if faults.is_empty() { Self::kept("not-restorable", error.to_string()) } else { Self::Kept(faults) }
    }
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
        import: record.id,
        called: record.name.clone(),
        now: now.into_iter().map(|customer| (customer.id.into(), customer)).collect(),
        created: store::created_among(tx, record.id.get(), &ids).await?,
        before: store::undo_of(tx, record.id, &ids).await?,
        proposed: store::tier_proposals_of_import(tx, record.id, &ids).await?,
        children: store::children_of(tx, &ids).await?,
        owed: store::owed_among(tx, &ids).await?,
        kept: match record.kept {
            0 => HashMap::new(),
            _ => store::kept_among(tx, record.id.get(), &ids).await?,
        },
        reverted: match record.reverted {
            0 => HashSet::new(),
            _ => store::reverted_among(tx, record.id.get(), &ids).await?,
        },
    };
    let mut fates: HashMap<Id, Option<Fate>> = HashMap::new();
    for row in rows {
        // A customer of several rows is taken back with the first that is met; one created here goes as a whole.
        let fate = match row.customer_id {
            None => Some(Fate::changed()),
            Some(id) => match fates.get(&id) {
                Some(fate) => fate.clone(),
                None => {
                    let fate = past.take_back(tx, act, id, pass.last).await?;
                    fates.insert(id, fate.clone());
                    fate
                }
            },
        };
        let Some(fate) = fate else { continue };
        pass.settled = true;
        let (outcome, faults) = match fate {
            Fate::Reverted => (RowOutcome::Reverted, vec![]),
            Fate::Kept(why) => (RowOutcome::Kept, why),
        };
        store::settle_import_row(tx, row.id, outcome, &faults).await?;
        count(record, outcome);
        record.row_count -= 1;
    }
    Ok(())
}

impl Past {
    /// None yet, if others belong to the customer that may be taken back before it.
    async fn take_back(&mut self, tx: &mut Tx, act: &Act, id: Id, last: bool) -> Result<Option<Fate>> {
        if let Some(why) = self.kept.get(&id) {
            return Ok(Some(Fate::Kept(why.clone())));
        }
        if self.reverted.contains(&id) {
            return Ok(Some(Fate::Reverted));
        }
        // Gone by an earlier batch of this reversal, with another of its rows.
        let Some(customer) = self.now.remove(&id) else { return Ok(Some(Fate::Reverted)) };
        let (noted, created) = (self.before.remove(&id), self.created.contains(&id));
        let left_at = noted.as_ref().map_or(1, |(_, version)| *version);
        let is_changed = customer.version != left_at;
        let proposed = self.proposed.remove(&id).unwrap_or_default();
        if created && !is_changed && !self.owed.contains(&id) {
            if !last && self.children.get(&id).is_some_and(|count| *count > 0) {
                return Ok(None);
            }
            if self.withdraw(tx, act, customer.clone()).await? {
                return Ok(Some(Fate::Reverted));
            }
        }
        // Whatever becomes of the customer: it stays, and nobody has settled them.
        take_back_tier_proposals(tx, act, &customer, &proposed).await?;
        Ok(Some(match noted {
            _ if created && !is_changed => Fate::in_use(),
            _ if created => Fate::changed(),
            // It had nothing to change but the tier, for which it asked.
            None if proposed.iter().any(|row| row.state.0 == TierProposalState::InEffect) => {
                Fate::kept("tier-decided", "people have given the customer the tier that the row asked for")
            }
            None => Fate::Reverted,
            Some(_) if is_changed => Fate::changed(),
            Some((before, _)) => self.restore(tx, act, customer, before).await?,
        }))
    }

    async fn withdraw(&mut self, tx: &mut Tx, act: &Act, customer: Customer) -> Result<bool> {
        let parent = customer.parent_id;
        let gone = withdraw(tx, act, customer, self.import).await?;
        if gone && let Some(count) = parent.and_then(|parent| self.children.get_mut(&Id::from(parent))) {
            *count -= 1;
        }
        Ok(gone)
    }

    /// Gives the customer its former values, unless they cannot be had any more, such as a key that another has taken. The
    /// stage goes back wherever it was: that is no move along the table.
    async fn restore(&self, tx: &mut Tx, act: &Act, customer: Customer, before: Value) -> Result<Fate> {
        let before: NewCustomer = serde_json::from_value(before).map_err(database::Error::other)?;
        let (stage, tier) = (before.lifecycle, before.tier);
        let wanted = NewCustomer { lifecycle: customer.lifecycle, tier: customer.tier, ..before };
        let customer = match update_in(tx, act, customer, wanted).await {
            Ok(customer) => customer,
            Err(error) if error.is_refusal() => return Ok(Fate::refused(&error)),
            Err(error) => return Err(error),
        };
        let customer = take_stage_back(tx, act, customer, &self.called, stage).await?;
        // A policy that asks nobody let the file give another.
        if customer.tier != tier {
            propose_former_tier(tx, act, &customer, &self.called, tier).await?;
        }
        Ok(Fate::Reverted)
    }
}
