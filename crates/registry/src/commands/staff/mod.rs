//! Our own people, from the personnel system or by hand.

mod taking;

use chassis::http::IfMatch;
use database::{Db, Tx};
use messaging::Act;
use problem::{Failure, FieldError, Language};
use registry_contract::{
    BulkEmployeeOutcome, BulkEmployeesResult, BulkMode, Employee, EmployeeId, EmployeePatch, EmployeeUpsert,
    NewEmployee,
};
use wire::{ExternalId, Reference};

use self::taking::{Record, Taken, take};
use crate::domain::{Faults, Freshness};
use crate::error::{Error, Result};
use crate::store;

/// A record that another system sent was taken.
#[derive(Debug)]
pub enum UpsertedEmployee {
    Created(Employee),
    Known(Employee),
}

pub async fn create_employee(db: &Db, act: &Act, new: NewEmployee) -> Result<Employee> {
    let id: EmployeeId = act.new_id().into();
    let mut tx = locked(db).await?;
    // A request repeated after a crash between the commit and its answer meets its own employee.
    if let Some(stored) = find(&mut tx, &Reference::Id(id)).await? {
        return Ok(stored);
    }
    let (_, employee) = take_one(&mut tx, act, Record { id, current: None, new }).await?;
    tx.commit().await?;
    Ok(employee)
}

pub async fn update_employee(
    db: &Db,
    act: &Act,
    reference: &Reference<EmployeeId>,
    expected: IfMatch,
    patch: EmployeePatch,
) -> Result<Employee> {
    let mut tx = locked(db).await?;
    let missing = || Error::EmployeeNotFound(reference.to_string());
    let current = find(&mut tx, reference).await?.ok_or_else(missing)?;
    expected.check(current.version)?;
    let mut new = NewEmployee::from(&current);
    patch.apply(&mut new);
    let (_, employee) = take_one(&mut tx, act, Record { id: current.id, current: Some(current), new }).await?;
    tx.commit().await?;
    Ok(employee)
}

/// Takes what the personnel system knows of an employee, by its key there. Who is known by the code already is the same. A
/// field that a newer record has told stays.
pub async fn upsert_external_employee(
    db: &Db,
    act: &Act,
    key: ExternalId,
    record: EmployeeUpsert,
) -> Result<UpsertedEmployee> {
    let mut tx = locked(db).await?;
    let current = match (store::employee_with_key(&mut tx, &key).await?, &record.code) {
        (Some(id), _) => find(&mut tx, &Reference::Id(id)).await?,
        (None, Some(code)) => find(&mut tx, &Reference::Code(code.trim().to_owned())).await?,
        (None, None) => None,
    };
    let (record, told) = sifted(&mut tx, current.as_ref(), record).await?;
    let mut record = upsert(current, record)?;
    if !record.new.external_ids.contains(&key) {
        record.new.external_ids.push(key);
    }
    let (created, employee) = take_one(&mut tx, act, record).await?;
    keep_told(&mut tx, &employee, told).await?;
    tx.commit().await?;
    Ok(if created { UpsertedEmployee::Created(employee) } else { UpsertedEmployee::Known(employee) })
}

/// A row as it was sent: a record, or what is wrong with it already.
pub type EmployeeRecordSent = std::result::Result<EmployeeUpsert, Vec<FieldError>>;

/// Creates and changes many in one transaction, known again by their codes; a manager may stand further down. `Atomic`
/// refuses them all for one bad row, naming every fault of every row; `PerRow` leaves the bad rows out.
pub async fn bulk_upsert_employees(
    db: &Db,
    act: &Act,
    mode: BulkMode,
    rows: Vec<EmployeeRecordSent>,
) -> Result<BulkEmployeesResult> {
    let mut tx = locked(db).await?;
    let (mut records, mut told) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for row in rows {
        let (record, news) = match row {
            Ok(record) => by_code(&mut tx, record).await?,
            Err(faults) => (Err(Error::Invalid(faults)), None),
        };
        records.push(record);
        told.push(news);
    }
    let results = take(&mut tx, act, records).await?;
    for (result, told) in results.iter().zip(told) {
        if let Ok((_, employee)) = result {
            keep_told(&mut tx, employee, told).await?;
        }
    }
    if mode == BulkMode::Atomic {
        let faults: Faults = results
            .iter()
            .enumerate()
            .filter_map(|(row, result)| Some((row, result.as_ref().err()?)))
            .flat_map(|(row, error)| {
                let under = format!("/employees/{row}");
                problem::Describe::errors(error).into_iter().map(move |fault| fault.under(&under))
            })
            .collect();
        faults.or(())?;
    }
    tx.commit().await?;
    let results: Vec<_> = results.into_iter().enumerate().map(|(row, result)| outcome(row, result)).collect();
    let failed = results.iter().filter(|outcome| outcome.problem.is_some()).count();
    Ok(BulkEmployeesResult { mode, succeeded: results.len() - failed, failed, results })
}

fn outcome(row: usize, result: Taken) -> BulkEmployeeOutcome {
    match result {
        Ok((created, employee)) => {
            let status = if created { 201 } else { 200 };
            BulkEmployeeOutcome { row, status, employee: Some(employee), problem: None }
        }
        Err(error) => {
            let problem = Failure::from(error).problem(Language::English);
            let status = problem.status;
            BulkEmployeeOutcome { row, status, employee: None, problem: serde_json::to_value(problem).ok() }
        }
    }
}

/// The record of a row, or what is wrong with it; and what records have told of the employee then.
async fn by_code(tx: &mut Tx, record: EmployeeUpsert) -> Result<(Result<Record>, Option<Freshness>)> {
    let Some(code) = record.code.as_deref().map(str::trim) else {
        let missing = FieldError::new("/code", "missing", "is what a row is known again by");
        return Ok((Err(Error::Invalid(vec![missing])), None));
    };
    let current = find(tx, &Reference::Code(code.to_owned())).await?;
    let (record, told) = sifted(tx, current.as_ref(), record).await?;
    Ok((upsert(current, record), told))
}

/// What of the record is news, and what records have told of the employee with it; nothing of the latter where this one does
/// not say how new it is, and is taken whole.
async fn sifted(
    tx: &mut Tx,
    current: Option<&Employee>,
    record: EmployeeUpsert,
) -> Result<(EmployeeUpsert, Option<Freshness>)> {
    if record.source_updated_at.is_none() {
        return Ok((record, None));
    }
    let mut told = match current {
        Some(current) => store::employee_freshness(tx, current.id).await?,
        None => Freshness::default(),
    };
    let news = told.sift_employee(record).map_err(database::Error::other)?;
    Ok((news, Some(told)))
}

async fn keep_told(tx: &mut Tx, employee: &Employee, told: Option<Freshness>) -> Result<()> {
    match told {
        Some(told) => Ok(store::keep_employee_freshness(tx, employee.id, &told).await?),
        None => Ok(()),
    }
}

/// The record over what is stored; the code of whoever is known stays.
fn upsert(current: Option<Employee>, record: EmployeeUpsert) -> Result<Record> {
    let code = record.code.clone().unwrap_or_default().trim().to_owned();
    if let Some(current) = current.as_ref().filter(|current| !code.is_empty() && current.code != code) {
        let message = format!("is {:?} and never changes", current.code);
        return Err(Error::Invalid(vec![FieldError::new("/code", "code-fixed", message)]));
    }
    // Without a code or name in the record the blank one is refused, with all that is wrong besides.
    let blank = NewEmployee {
        code,
        name: String::new(),
        title: None,
        rank: None,
        email: None,
        team: None,
        manager: None,
        active_from: None,
        active_until: None,
        external_ids: vec![],
    };
    let mut new = current.as_ref().map_or(blank, NewEmployee::from);
    record.apply(&mut new);
    let id = current.as_ref().map_or_else(EmployeeId::new, |current| current.id);
    Ok(Record { id, current, new })
}

async fn locked(db: &Db) -> Result<Tx> {
    let mut tx = db.begin().await?;
    store::lock_staff(&mut tx).await?;
    Ok(tx)
}

async fn find(tx: &mut Tx, reference: &Reference<EmployeeId>) -> Result<Option<Employee>> {
    let rows = store::find_employee(tx, reference).await?.into_iter().collect();
    Ok(store::with_employee_keys(tx, rows).await?.pop())
}

async fn take_one(tx: &mut Tx, act: &Act, record: Record) -> Taken {
    take(tx, act, vec![Ok(record)]).await?.pop().ok_or(Error::Contended)?
}
