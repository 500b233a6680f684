use chassis::http::IfMatch;
use complaints_contract::{Complaint, ComplaintId, ComplaintPatch, ImportOutcome, NewComplaint};
use database::{Db, Tx};
use messaging::Act;
use problem::FieldError;
use wire::{ExternalId, Reference};

use super::clocks::Rules;
use super::customers::{Customers, Names};
use super::{erasures, feedback, insert, replace};
use crate::domain::{self, Authority, Customer, Draft, Entry, Marks};
use crate::error::{Error, customer_unknown};
use crate::queries;
use crate::store::complaints::{self, Key};
use crate::store::intakes;

pub async fn open_complaint(db: &Db, act: &Act, who: &Authority, new: NewComplaint) -> Result<Complaint, Error> {
    let id = ComplaintId::from(act.new_id());
    let mut tx = db.begin().await?;
    let customers = Customers::load(&mut tx, &Names::of([&new])).await?;
    let (named, draft) = parse(&new, &customers, act, who).map_err(invalid)?;
    match register(&mut tx, act, &Rules::default(), id, named, &draft).await {
        Ok(complaint) => {
            tx.commit().await?;
            Ok(who.shown(complaint))
        }
        // The request was repeated after its commit and before its answer was kept.
        Err(error) if is_repeated(&error) => {
            drop(tx);
            // Whoever sent it may see what was sent, as the first time.
            queries::complaint(db, &Authority::House, &Reference::Id(id)).await
        }
        Err(error) if is_external_taken(&error) => {
            drop(tx);
            Err(taken_by(db, who, draft.external_id, error).await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// Registers the complaint that another system knows by this key, or brings it up to date.
pub async fn upsert_external_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    key: ExternalId,
    new: NewComplaint,
) -> Result<(Complaint, ImportOutcome), Error> {
    if new.external_id.as_ref().is_some_and(|given| *given != key) {
        let fault = FieldError::new("/external_id", "mismatch", "is another one than that of the path");
        return Err(Error::Invalid(vec![fault]));
    }
    let new = NewComplaint { external_id: Some(key), ..new };
    let id = ComplaintId::from(act.new_id());
    match upsert(db, act, who, id, &new).await {
        // Someone else has just registered it: now it is there to be brought up to date.
        Err(Error::Database(error)) if is_external_taken(&error) => upsert(db, act, who, id, &new).await,
        other => other,
    }
}

async fn upsert(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: ComplaintId,
    new: &NewComplaint,
) -> Result<(Complaint, ImportOutcome), Error> {
    let mut tx = db.begin().await?;
    let customers = Customers::load(&mut tx, &Names::of([new])).await?;
    let (named, draft) = parse(new, &customers, act, who).map_err(invalid)?;
    let taken = take_in(&mut tx, act, &Rules::default(), who, id, named, &draft).await?;
    let (complaint, outcome) = taken.ok_or_else(hidden)?;
    tx.commit().await?;
    Ok((who.shown(complaint), outcome))
}

pub async fn amend_complaint(
    db: &Db,
    act: &Act,
    who: &Authority,
    reference: &Reference<ComplaintId>,
    expected: IfMatch,
    patch: ComplaintPatch,
) -> Result<Complaint, Error> {
    let mut tx = db.begin().await?;
    let mut names = Names::default();
    names.extend(&patch.customer_id);
    names.contact(patch.contact_id.flatten());
    let customers = Customers::load(&mut tx, &names).await?;
    let mut complaint = existing(&mut tx, who, reference).await?;
    expected.check(complaint.timeline.version)?;
    if patch.confidential.as_ref().is_some_and(|parts| !who.marks(&complaint.intake, parts)) {
        return Err(Error::StaysConfidential);
    }
    let named = patch.customer_id.as_ref().map(|reference| customers.find(reference)).transpose();
    let (named, details) = together(named, complaint.details.amended(&patch)).map_err(invalid)?;
    let mut entries = Vec::new();
    entries.extend(named.and_then(|named| complaint.set_customer(complaint.renamed(named), act.at)));
    entries.extend(complaint.amend(details, patch.confidential.as_deref(), act.at));
    let erased_at = customers.erased_at(complaint.details.contact_id);
    let (forgotten, entry) =
        erased_at.and_then(|at| complaint.forget_complainant(&Marks::default(), at, act.at)).unzip();
    entries.extend(entry);
    replace(&mut tx, act, &Rules::default(), &mut complaint, entries, act.new_id()).await?;
    erasures::forget(&mut tx, act, forgotten.as_slice()).await?;
    tx.commit().await?;
    Ok(who.shown(complaint))
}

/// The complaint, locked. What may not be seen is not there.
pub(super) async fn existing(
    tx: &mut Tx,
    who: &Authority,
    reference: &Reference<ComplaintId>,
) -> Result<domain::Complaint, Error> {
    let found = complaints::lock(tx, &Key::Reference(reference.clone())).await?;
    found.filter(|found| who.sees(found)).ok_or_else(|| Error::ComplaintNotFound(reference.to_string()))
}

/// What a source hears of a complaint that it told of and may not see.
pub(super) fn hidden() -> Error {
    Error::ComplaintNotFound("with this external id".to_owned())
}

/// Registers the draft, or brings the complaint up to date that has its external id; nothing where
/// that one may not be seen.
pub(super) async fn take_in(
    tx: &mut Tx,
    act: &Act,
    rules: &Rules,
    who: &Authority,
    id: ComplaintId,
    named: Option<Customer>,
    draft: &Draft,
) -> database::Result<Option<(domain::Complaint, ImportOutcome)>> {
    let existing = match &draft.external_id {
        Some(key) => complaints::lock(tx, &Key::External(key.clone())).await?,
        None => None,
    };
    let Some(mut complaint) = existing else {
        return Ok(Some((register(tx, act, rules, id, named, draft).await?, ImportOutcome::Created)));
    };
    if !who.sees(&complaint) {
        return Ok(None);
    }
    let before = complaint.intake.as_of;
    let mut entries = complaint.catch_up(draft, named, act.at);
    // Overtaken, it says nothing of who complains.
    let erased_at = draft.erased_at.filter(|_| complaint.details.contact_id == draft.contact_id);
    let (forgotten, entry) = erased_at.and_then(|at| complaint.forget_complainant(&draft.marks, at, act.at)).unzip();
    entries.extend(entry);
    if entries.is_empty() {
        if complaint.intake.as_of != before {
            // Nothing new, but of a later time: what was reported in between comes too late now.
            intakes::replace(tx, &complaint).await?;
        }
        return Ok(Some((complaint, ImportOutcome::Unchanged)));
    }
    replace(tx, act, rules, &mut complaint, entries, uuid::Uuid::now_v7()).await?;
    erasures::forget(tx, act, forgotten.as_slice()).await?;
    Ok(Some((complaint, ImportOutcome::Updated)))
}

pub(super) async fn register(
    tx: &mut Tx,
    act: &Act,
    rules: &Rules,
    id: ComplaintId,
    named: Option<Customer>,
    draft: &Draft,
) -> database::Result<domain::Complaint> {
    let (complaint, entries) = register_with(tx, act, rules, id, named, draft).await?;
    if is_to_be_acknowledged(draft) {
        feedback::tell(tx, act, &complaint, &entries).await?;
    }
    Ok(complaint)
}

/// The same where nobody waits for an acknowledgement.
pub(super) async fn register_unanswered(
    tx: &mut Tx,
    act: &Act,
    rules: &Rules,
    id: ComplaintId,
    named: Option<Customer>,
    draft: &Draft,
) -> database::Result<domain::Complaint> {
    Ok(register_with(tx, act, rules, id, named, draft).await?.0)
}

async fn register_with(
    tx: &mut Tx,
    act: &Act,
    rules: &Rules,
    id: ComplaintId,
    named: Option<Customer>,
    draft: &Draft,
) -> database::Result<(domain::Complaint, Vec<Entry>)> {
    let number = domain::number(act.at, database::next_number(tx, "complaint_number").await?);
    let (mut complaint, entries) = domain::Complaint::register(id, number, named.unwrap_or_default(), draft, act.at);
    insert(tx, act, rules, &mut complaint, entries.clone()).await?;
    Ok((complaint, entries))
}

/// What another system has, it has acknowledged; and what has come further already is past that.
fn is_to_be_acknowledged(draft: &Draft) -> bool {
    draft.course.is_none() && draft.external_id.is_none()
}

/// The draft and whom it is from, or everything that is wrong with it. A contact that was erased complains by no name: what a
/// source still knows of him stays with the source.
pub(super) fn parse(
    new: &NewComplaint,
    customers: &Customers,
    act: &Act,
    who: &Authority,
) -> Result<(Option<Customer>, Draft), Vec<FieldError>> {
    let mut parsed = together(customers.named_by(new), Draft::parse(new, act.at));
    if new.progress.is_some() && !who.reports() {
        let message = "needs the permission imports:write or complaints:handle";
        let mut faults = parsed.err().unwrap_or_default();
        faults.push(FieldError::new("/progress", "forbidden", message));
        parsed = Err(faults);
    }
    let (named, draft) = parsed?;
    let customer_language = named.as_ref().and_then(|named| customers.language(named));
    let draft = match customers.erased_at(draft.contact_id) {
        Some(at) => draft.of_erased(at),
        None => draft,
    };
    Ok((named, Draft { customer_language, ..draft }))
}

fn together<A, B>(one: Result<A, FieldError>, other: Result<B, Vec<FieldError>>) -> Result<(A, B), Vec<FieldError>> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(fault), Ok(_)) => Err(vec![fault]),
        (Ok(_), Err(faults)) => Err(faults),
        (Err(fault), Err(mut faults)) => {
            faults.insert(0, fault);
            Err(faults)
        }
    }
}

/// An unknown customer alone has a code of its own, on which callers can decide to wait.
pub(super) fn invalid(faults: Vec<FieldError>) -> Error {
    if faults == [customer_unknown()] { Error::CustomerUnknown } else { Error::Invalid(faults) }
}

async fn taken_by(db: &Db, who: &Authority, key: Option<ExternalId>, error: database::Error) -> Result<Error, Error> {
    let Some(key) = key else { return Err(error.into()) };
    let mut conn = db.read().await?;
    match complaints::find(&mut conn, &Key::External(key)).await? {
        Some(other) => Ok(Error::ExternalIdTaken { number: who.sees(&other).then_some(other.number) }),
        None => Err(error.into()),
    }
}

/// PostgreSQL names the constraint, SQLite the column.
pub(super) fn is_repeated(error: &database::Error) -> bool {
    error.is_unique("complaints_pkey") || error.is_unique("complaints.id")
}

/// Whether another was in the way who may be gone when it is tried again.
pub(super) fn is_race(error: &database::Error) -> bool {
    matches!(error, database::Error::Conflict(_)) || is_external_taken(error)
}

fn is_external_taken(error: &database::Error) -> bool {
    error.is_unique("complaints_external") || error.is_unique("complaints.external_system")
}
