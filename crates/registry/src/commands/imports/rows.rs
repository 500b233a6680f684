use chassis::csv::FileRow;
use database::{Id, Tx};
use messaging::Act;
use registry_contract::{CellFault, Customer, CustomerId, ImportRowId, NewCustomer, RowOutcome};
use serde_json::Value;
use wire::{ExternalId, Reference};

use super::Intake;
use super::parents::Orphan;
use crate::commands::custom_fields::Demand;
use crate::commands::customers::{create_by_key, create_in, load, update_in};
use crate::domain::import::{Mapping, Reading};
use crate::domain::{CustomerDetails, Faults};
use crate::error::{Error, Result};
use crate::store::{self, ImportRecord, ImportRowRecord, Word};

/// Another request that took the same key makes the batch start anew; more than a few times is no accident.
const ATTEMPTS: usize = 4;

/// What became of a row.
struct Taken {
    outcome: RowOutcome,
    customer: Option<CustomerId>,
    faults: Faults,
    parent: Option<String>,
}

impl Intake<'_> {
    pub(super) async fn take_batch(&mut self, rows: &[FileRow]) -> Result<()> {
        let mut attempt = 1;
        loop {
            match self.try_batch(rows).await {
                Err(error) if error.is_race() && attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
                Ok((record, orphans)) => {
                    self.record = record;
                    self.orphans.extend(orphans);
                    return Ok(());
                }
            }
        }
    }

    /// Of rows taken before, only the parents are still to be settled.
    pub(super) async fn recall_batch(&mut self, rows: &[FileRow]) -> Result<()> {
        let (Some(first), Ok(most)) = (rows.first(), i64::try_from(rows.len())) else { return Ok(()) };
        let import = self.record.id.get();
        let before = store::import_rows_after(&mut self.db.read().await?, import, first.number - 1, most).await?;
        for (row, before) in rows.iter().zip(before) {
            let (reading, _) = Reading::of(&self.mapping, &row.cells);
            if let (Some(customer), Some(parent)) = (before.customer_id, reading.parent) {
                let (outcome, customer) = (before.outcome.0, customer.get());
                self.orphans.push(Orphan { row: before.id.get(), outcome, customer, parent, cells: row.cells.clone() });
            }
        }
        Ok(())
    }

    async fn try_batch(&self, rows: &[FileRow]) -> Result<(ImportRecord, Vec<Orphan>)> {
        let mut tx = self.db.begin().await?;
        let mut record = self.record.clone();
        let (mut records, mut orphans) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let taken = take(&mut tx, self.act, &self.mapping, row).await?;
            count(&mut record, taken.outcome);
            let id = ImportRowId::new();
            if let (Some(customer), Some(parent)) = (taken.customer, taken.parent.clone()) {
                orphans.push(Orphan { row: id, outcome: taken.outcome, customer, parent, cells: row.cells.clone() });
            }
            records.push(row_record(record.id, id, row, taken)?);
        }
        record.version += 1;
        store::insert_import_rows(&mut tx, &records).await?;
        store::update_import(&mut tx, &record).await?;
        tx.commit().await?;
        Ok((record, orphans))
    }
}

fn count(record: &mut ImportRecord, outcome: RowOutcome) {
    record.row_count += 1;
    match outcome {
        RowOutcome::Created => record.created += 1,
        RowOutcome::Updated => record.updated += 1,
        RowOutcome::Unchanged => record.unchanged += 1,
        RowOutcome::Failed => record.failed += 1,
    }
}

fn row_record(import: Id, id: ImportRowId, row: &FileRow, taken: Taken) -> Result<ImportRowRecord> {
    let cells = if taken.faults.is_empty() { Value::Array(vec![]) } else { Value::from(row.cells.clone()) };
    Ok(ImportRowRecord {
        id: id.into(),
        import_id: import,
        row_number: row.number,
        outcome: Word(taken.outcome),
        customer_id: taken.customer.map(Id::from),
        errors: serde_json::to_value(cell_faults(taken.faults)).map_err(database::Error::other)?,
        cells,
    })
}

pub(super) fn cell_faults(faults: Faults) -> Vec<CellFault> {
    let fault =
        |fault: problem::FieldError| CellFault { pointer: fault.pointer, code: fault.code, message: fault.message };
    faults.into_vec().into_iter().map(fault).collect()
}

/// `Err` is the database's; what the row itself is to blame for is in its faults.
async fn take(tx: &mut Tx, act: &Act, mapping: &Mapping, row: &FileRow) -> Result<Taken> {
    let failed = |faults| Taken { outcome: RowOutcome::Failed, customer: None, faults, parent: None };
    if !row.faults.is_empty() {
        return Ok(failed(row.faults.iter().cloned().collect()));
    }
    let (reading, faults) = Reading::of(mapping, &row.cells);
    let parent = reading.parent.clone();
    let key = reading.key().cloned();
    let known = known(tx, key.as_ref()).await?;
    let mut wanted = known.as_ref().map_or_else(|| NewCustomer::named(""), NewCustomer::from);
    reading.apply(&mut wanted);
    if !faults.is_empty() {
        let all = Faults::join(CustomerDetails::parse(wanted), faults).err().unwrap_or_default();
        return Ok(failed(all));
    }
    match store_row(tx, act, key.as_ref(), known, wanted).await {
        Ok((outcome, customer)) => {
            Ok(Taken { outcome, customer: Some(customer.id), faults: Faults::default(), parent })
        }
        Err(Error::Invalid(faults) | Error::ExternalIdTaken(faults) | Error::IdentifierTaken(faults)) => {
            Ok(failed(faults.into_iter().collect()))
        }
        Err(error) => Err(error),
    }
}

async fn known(tx: &mut Tx, key: Option<&ExternalId>) -> Result<Option<Customer>> {
    let Some(key) = key else { return Ok(None) };
    match store::owner_of(tx, key).await? {
        Some((owner, _)) => load(tx, &Reference::Id(owner)).await.map(Some),
        None => Ok(None),
    }
}

async fn store_row(
    tx: &mut Tx,
    act: &Act,
    key: Option<&ExternalId>,
    known: Option<Customer>,
    wanted: NewCustomer,
) -> Result<(RowOutcome, Customer)> {
    let Some(current) = known else {
        let created = match key {
            Some(key) => create_by_key(tx, act, key, wanted).await?,
            None => create_in(tx, act, act.new_id().into(), wanted, Demand::AsKnown).await?,
        };
        return Ok((RowOutcome::Created, created));
    };
    let before = current.version;
    let customer = update_in(tx, act, current, wanted).await?;
    let outcome = if customer.version == before { RowOutcome::Unchanged } else { RowOutcome::Updated };
    Ok((outcome, customer))
}
