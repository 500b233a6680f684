//! A batch of rows: what is known of them is asked at once, and what they create or change is written at once.

use std::collections::{HashMap, HashSet};

use chassis::csv::FileRow;
use database::{Id, Instant, Tx};
use messaging::Act;
use registry_contract::{
    CellFault, Customer, CustomerId, Identifier, IdentifierType, ImportMatch, ImportRowId, NewCustomer, RowOutcome,
};
use serde_json::Value;
use wire::ExternalId;

use super::changes::Changes;
use super::draft::{Draft, New, told};
use super::job::{Turn, Work};
use super::rehearsal::Rehearsal;
use crate::commands::custom_fields::Demand;
use crate::commands::customers::{Change, update_by_row};
use crate::commands::races::{ATTEMPTS, raced};
use crate::commands::registration::{Known, Origin, Wanted, register, vet};
use crate::domain::import::Reading;
use crate::domain::{CustomerDetails, Definitions, Faults};
use crate::error::{Error, Result};
use crate::store::{self, ImportRecord, ImportRowRecord, Undo, Word};

/// What became of a row.
struct Fate {
    outcome: RowOutcome,
    customer: Option<CustomerId>,
    faults: Faults,
}

impl Fate {
    fn failed(faults: Faults) -> Self {
        Self { outcome: RowOutcome::Failed, customer: None, faults }
    }

    fn taken(outcome: RowOutcome, customer: CustomerId) -> Self {
        Self { outcome, customer: Some(customer), faults: Faults::default() }
    }
}

/// A row with cells that cannot be read, which hide no other faults.
fn faulty(wanted: NewCustomer, faults: &Faults) -> Fate {
    Fate::failed(Faults::join(CustomerDetails::parse(wanted), faults.clone()).err().unwrap_or_default())
}

impl Work<'_> {
    pub(super) async fn take_batch(&mut self, mut drafts: Vec<Draft>) -> Result<Turn> {
        // What a rehearsal has seen of a batch that failed is not to be unseen: it begins anew as a whole.
        let most = if self.rehearsal.is_some() { 1 } else { ATTEMPTS };
        // Another request that took the same key makes the batch start anew.
        raced(most, async || self.try_batch(&mut drafts).await).await
    }

    async fn try_batch(&mut self, drafts: &mut [Draft]) -> Result<Turn> {
        // Gone at the second try, which makes them anew.
        let new: Vec<_> = drafts.iter_mut().map(|draft| draft.new.take()).collect();
        let drafts = &*drafts;
        let Some(last) = drafts.last() else { return Ok(Turn::GoOn) };
        let (act, mut tx) = (self.act(), self.db.begin().await?);
        let fields =
            if self.mapping.fills_custom() { store::definitions(&mut tx).await? } else { Definitions::default() };
        let rehearsal = self.rehearsal.as_mut();
        let scene = Scene {
            act: &act,
            import: self.record.id,
            began: self.record.created_at,
            match_by: self.match_by,
            defaults: &self.defaults,
            fields: &fields,
        };
        let mut batch = Batch::open(&mut tx, scene, drafts, rehearsal).await?;
        batch.take_all(drafts, new).await?;
        let fates = batch.fates;

        let mut record = self.record.clone();
        let mut records = Vec::with_capacity(drafts.len());
        for (draft, fate) in drafts.iter().zip(fates.into_iter().flatten()) {
            count(&mut record, fate.outcome);
            let known = fate.customer.filter(|_| !record.dry_run || fate.outcome != RowOutcome::Created);
            records.push(row_record(record.id, &draft.row, fate, known)?);
        }
        store::insert_import_rows(&mut tx, &records).await?;
        self.commit(tx, record, last.row.number).await
    }
}

pub(super) fn count(record: &mut ImportRecord, outcome: RowOutcome) {
    record.row_count += 1;
    match outcome {
        RowOutcome::Created => record.created += 1,
        RowOutcome::Updated => record.updated += 1,
        RowOutcome::Unchanged => record.unchanged += 1,
        RowOutcome::Failed => record.failed += 1,
        RowOutcome::Reverted => record.reverted += 1,
        RowOutcome::Kept => record.kept += 1,
    }
}

fn row_record(import: Id, row: &FileRow, fate: Fate, customer: Option<CustomerId>) -> Result<ImportRowRecord> {
    let cells = if fate.faults.is_empty() { Value::Array(vec![]) } else { Value::from(row.cells.clone()) };
    Ok(ImportRowRecord {
        id: ImportRowId::new().into(),
        import_id: import,
        row_number: row.number,
        outcome: Word(fate.outcome),
        customer_id: customer.map(Id::from),
        errors: serde_json::to_value(cell_faults(fate.faults)).map_err(database::Error::other)?,
        cells,
    })
}

pub(super) fn cell_faults(faults: Faults) -> Vec<CellFault> {
    let fault =
        |fault: problem::FieldError| CellFault { pointer: fault.pointer, code: fault.code, message: fault.message };
    faults.into_vec().into_iter().map(fault).collect()
}

/// An identifier that one customer has.
type Number = (IdentifierType, String);

fn numbers(identifiers: &[Identifier]) -> impl Iterator<Item = Number> {
    let own = identifiers.iter().filter(|one| one.r#type.has_one_holder());
    own.map(|one| (one.r#type, one.value.clone()))
}

/// What is the same for all rows.
#[derive(Clone, Copy)]
struct Scene<'a> {
    act: &'a Act,
    import: Id,
    began: Instant,
    match_by: ImportMatch,
    defaults: &'a Reading,
    fields: &'a Definitions,
}

/// Rows under way in one transaction.
struct Batch<'a> {
    tx: &'a mut Tx,
    scene: Scene<'a>,
    owners: HashMap<ExternalId, CustomerId>,
    codes: HashMap<String, CustomerId>,
    holders: HashMap<Number, CustomerId>,
    /// As they are now, changes of this batch included; locked.
    known: HashMap<CustomerId, Customer>,
    changes: Changes,
    /// New customers by the index of their row, not yet created.
    pending: Vec<Pending<'a>>,
    pending_keys: HashSet<ExternalId>,
    pending_numbers: HashSet<Number>,
    fates: Vec<Option<Fate>>,
    rehearsal: Option<&'a mut Rehearsal>,
}

struct Pending<'a> {
    row: usize,
    key: Option<&'a ExternalId>,
    wanted: Wanted,
}

impl<'a> Batch<'a> {
    async fn open(
        tx: &'a mut Tx,
        scene: Scene<'a>,
        drafts: &'a [Draft],
        rehearsal: Option<&'a mut Rehearsal>,
    ) -> Result<Self> {
        let readings = || drafts.iter().map(|draft| &draft.reading);
        let owners = store::owners_of(tx, readings().flat_map(Reading::external_ids)).await?;
        let codes = match scene.match_by {
            ImportMatch::ExternalId | ImportMatch::Identifier => HashMap::new(),
            ImportMatch::Code => {
                let codes: Vec<_> = readings().filter_map(|reading| reading.code.as_deref()).collect();
                store::ids_of_codes(tx, &codes).await?
            }
        };
        let holders: HashMap<Number, CustomerId> = match scene.match_by {
            ImportMatch::ExternalId | ImportMatch::Code => HashMap::new(),
            ImportMatch::Identifier => {
                let holders = store::holders_of(tx, readings().flat_map(Reading::identifiers)).await?;
                holders.into_iter().map(|(number, (id, _))| (number, id)).collect()
            }
        };
        let ids: HashSet<Id> = match scene.match_by {
            ImportMatch::ExternalId => {
                let keys = readings().filter_map(Reading::key);
                keys.filter_map(|key| owners.get(key)).map(|id| Id::from(*id)).collect()
            }
            ImportMatch::Code => codes.values().map(|id| Id::from(*id)).collect(),
            ImportMatch::Identifier => holders.values().map(|id| Id::from(*id)).collect(),
        };
        let ids: Vec<Id> = ids.into_iter().collect();
        let rows = if ids.is_empty() { vec![] } else { store::lock_standing_customers(tx, &ids).await? };
        // One was merged or withdrawn while this waited for it: whose its key is now is to be asked anew.
        if rows.len() < ids.len() {
            return Err(Error::Contended);
        }
        let known = store::complete(tx, rows).await?;
        let known = known.into_iter().map(|customer| (customer.id, customer)).collect();
        Ok(Self {
            tx,
            scene,
            owners,
            codes,
            holders,
            known,
            changes: Changes::default(),
            pending: Vec::new(),
            pending_keys: HashSet::new(),
            pending_numbers: HashSet::new(),
            fates: Vec::new(),
            rehearsal,
        })
    }

    async fn take_all(&mut self, drafts: &'a [Draft], new: Vec<Option<New>>) -> Result<()> {
        self.fates.resize_with(drafts.len(), || None);
        for (at, (draft, new)) in drafts.iter().zip(new).enumerate() {
            let fate = if draft.row.faults.is_empty() {
                self.take(at, draft, new).await?
            } else {
                Some(Fate::failed(draft.row.faults.iter().cloned().collect()))
            };
            if let Some(fate) = fate {
                self.fates[at] = Some(fate);
            }
        }
        self.write_changes().await?;
        self.create_pending().await
    }

    /// What became of the row; none yet, if it is a new customer.
    async fn take(&mut self, at: usize, draft: &'a Draft, new: Option<New>) -> Result<Option<Fate>> {
        let (reading, faults) = (&draft.reading, &draft.faults);
        // A row above may be about to create the very customer that this one speaks of.
        if reading.external_ids().iter().any(|key| self.pending_keys.contains(key))
            || numbers(reading.identifiers()).any(|number| self.pending_numbers.contains(&number))
        {
            self.create_pending().await?;
        }
        let current = match self.current(reading, reading.key()) {
            Ok(current) => current,
            Err(Error::Invalid(unknown)) => return Ok(Some(Fate::failed(unknown.into_iter().collect()))),
            Err(error) => return Err(error),
        };
        let Some(current) = current else {
            let wanted = match new {
                Some(Ok(candidate)) => Wanted::Fit(candidate),
                Some(Err(unfit)) => return Ok(Some(Fate::failed(unfit))),
                None => {
                    let new = told(reading, self.scene.defaults, self.scene.fields);
                    Wanted::Told(CustomerId::new(), Box::new(new))
                }
            };
            if let (Wanted::Told(_, new), false) = (&wanted, faults.is_empty()) {
                return Ok(Some(faulty(NewCustomer::clone(new), faults)));
            }
            self.pending_keys.extend(wanted.customer().external_ids.iter().cloned());
            self.pending_numbers.extend(numbers(&wanted.customer().identifiers));
            self.pending.push(Pending { row: at, key: reading.key(), wanted });
            return Ok(None);
        };
        let mut wanted = NewCustomer::from(&current);
        reading.clone().apply(&mut wanted, self.scene.fields);
        if !faults.is_empty() {
            return Ok(Some(faulty(wanted, faults)));
        }
        self.update(current, wanted).await.map(Some)
    }

    /// The customer that the row is known to be.
    fn current(&self, reading: &Reading, key: Option<&ExternalId>) -> Result<Option<Customer>> {
        let rehearsed = self.rehearsal.as_deref();
        let id = match (self.scene.match_by, reading.code.as_deref()) {
            (ImportMatch::ExternalId, _) => {
                let owner = |key| self.owners.get(key).copied().or_else(|| rehearsed?.taken.owner_of(key));
                key.and_then(owner)
            }
            (ImportMatch::Identifier, _) => self.holder(reading.identifiers())?,
            (ImportMatch::Code, None) => None,
            (ImportMatch::Code, Some(code)) => Some(self.codes.get(code).copied().ok_or_else(|| {
                let mut unknown = Faults::default();
                unknown.add("/code", "unknown-code", "no customer has this code; leave the cell empty for a new one");
                unknown
            })?),
        };
        let Some(id) = id else { return Ok(None) };
        let rehearsed = match rehearsed {
            Some(rehearsal) => rehearsal.customer(id)?,
            None => None,
        };
        Ok(rehearsed.or_else(|| self.known.get(&id).cloned()))
    }

    /// Whose the numbers are, if anybody's.
    fn holder(&self, identifiers: &[Identifier]) -> std::result::Result<Option<CustomerId>, Faults> {
        let rehearsed = self.rehearsal.as_deref();
        let holder = |number| {
            let known = self.holders.get(&number).copied();
            known.or_else(|| rehearsed?.taken.holder_of(&number))
        };
        let mut holders = numbers(identifiers).filter_map(holder);
        let first = holders.next();
        if holders.any(|other| Some(other) != first) {
            let mut faults = Faults::default();
            faults.add("/identifiers", "identifiers-differ", "they belong to more than one customer");
            return Err(faults);
        }
        Ok(first)
    }

    async fn update(&mut self, current: Customer, wanted: NewCustomer) -> Result<Fate> {
        let (id, version, act) = (current.id, current.version, self.scene.act);
        if self.changes.holds(id) {
            self.write_changes().await?;
        }
        let is_plain = Change::is_plain(&current, &wanted);
        let before = (self.rehearsal.is_none() && !is_plain).then(|| current.clone());
        let updated = match &mut self.rehearsal {
            Some(rehearsal) => rehearsal.update(self.tx, current, wanted, Instant::from(act.at)).await,
            None if is_plain => self.changes.add(self.tx, act, current, wanted).await.map(|customer| (customer, false)),
            None => update_by_row(self.tx, act, current, wanted, self.scene.import).await,
        };
        let (customer, proposes) = match updated {
            Ok(updated) => updated,
            Err(Error::Invalid(faults) | Error::ExternalIdTaken(faults) | Error::IdentifierTaken(faults)) => {
                return Ok(Fate::failed(faults.into_iter().collect()));
            }
            Err(error) => return Err(error),
        };
        if customer.version == version {
            // The customer is as it was, and has nothing to be taken back but the proposal.
            let outcome = if proposes { RowOutcome::Updated } else { RowOutcome::Unchanged };
            return Ok(Fate::taken(outcome, id));
        }
        if let Some(before) = before {
            let undo = Undo::of(&before, customer.version, self.scene.began)?;
            store::note_undos(self.tx, self.scene.import, &[undo]).await?;
        }
        self.know(customer);
        Ok(Fate::taken(RowOutcome::Updated, id))
    }

    async fn write_changes(&mut self) -> Result<()> {
        self.changes.write(self.tx, self.scene.act, self.scene.import, self.scene.began).await
    }

    async fn create_pending(&mut self) -> Result<()> {
        let pending = std::mem::take(&mut self.pending);
        self.pending_keys.clear();
        self.pending_numbers.clear();
        let (fates, wanted): (Vec<_>, Vec<_>) =
            pending.into_iter().map(|one| ((one.row, one.key, one.wanted.id()), one.wanted)).unzip();
        // Those of the rows were asked for when the batch was opened, and defaults name none.
        let known =
            Known { besides: self.rehearsal.as_deref().map(|rehearsal| &rehearsal.taken), owners: Some(&self.owners) };
        let vetted = vet(self.tx, self.scene.act, Demand::AsKnown, wanted, known).await?;
        let mut registrations = Vec::with_capacity(vetted.len());
        for ((row, key, id), vetted) in fates.into_iter().zip(vetted) {
            match vetted {
                Ok(registration) => {
                    self.fates[row] = Some(Fate::taken(RowOutcome::Created, id));
                    registrations.push(registration);
                }
                Err(Error::Invalid(faults) | Error::IdentifierTaken(faults)) => {
                    self.fates[row] = Some(Fate::failed(faults.into_iter().collect()));
                }
                Err(Error::ExternalIdTaken(faults)) => {
                    self.refuse_overtaken(key).await?;
                    self.fates[row] = Some(Fate::failed(faults.into_iter().collect()));
                }
                Err(error) => return Err(error),
            }
        }
        let at = Instant::from(self.scene.act.at);
        let created: Vec<Customer> = match &mut self.rehearsal {
            Some(rehearsal) => registrations.into_iter().map(|one| rehearsal.create(one, at)).collect::<Result<_>>()?,
            None => register(self.tx, self.scene.act, registrations, Origin::File(self.scene.import)).await?,
        };
        for customer in created {
            self.know(customer);
        }
        Ok(())
    }

    /// Rows below may speak of the customer.
    fn know(&mut self, customer: Customer) {
        self.owners.extend(customer.external_ids.iter().map(|key| (key.clone(), customer.id)));
        self.holders.extend(numbers(&customer.identifiers).map(|number| (number, customer.id)));
        self.known.insert(customer.id, customer);
    }

    /// Whoever took the row's own key since it was asked for is not in the way: the batch is to be done again.
    async fn refuse_overtaken(&mut self, key: Option<&ExternalId>) -> Result<()> {
        match key {
            Some(key) if store::owner_of(self.tx, key).await?.is_some() => Err(Error::Contended),
            _ => Ok(()),
        }
    }
}
