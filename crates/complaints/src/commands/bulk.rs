use std::collections::HashMap;

use complaints_contract::{Complaint, ComplaintId, ImportOutcome, NewComplaint};
use database::{Db, Id, Tx};
use messaging::Act;
use problem::FieldError;
use registry_contract::BulkMode;
use uuid::Uuid;

use super::clocks::Rules;
use super::customers::{Customers, Names};
use super::intake::{hidden, invalid, is_race, parse, take_in};
use crate::domain::{Authority, Customer, Draft};
use crate::error::Error;
use crate::store::complaints;

/// What a row of a bulk request comes to.
pub type Taken = (Complaint, ImportOutcome);

/// A row as it was sent: a complaint, or what is wrong with it already.
pub type Row = Result<NewComplaint, Vec<FieldError>>;

/// Takes in many complaints in one transaction. `Atomic` refuses them all for one bad row, naming every fault of every
/// row; `PerRow` leaves the bad rows out.
pub async fn bulk_open_complaints(
    db: &Db,
    act: &Act,
    who: &Authority,
    mode: BulkMode,
    rows: &[Row],
) -> Result<Vec<Result<Taken, Error>>, Error> {
    let ids = row_ids(act.new_id(), rows.len());
    match open_once(db, act, who, mode, &ids, rows).await {
        // Someone else has just registered one of them: now it is there to be brought up to date. Or each of the two waited
        // for what the other had.
        Err(Error::Database(error)) if is_race(&error) => open_once(db, act, who, mode, &ids, rows).await,
        other => other,
    }
}

type Parsed = Result<(Option<Customer>, Draft), Vec<FieldError>>;

fn refuse_all_for_one(rows: &[Parsed]) -> Result<(), Error> {
    let refused = rows.iter().filter(|row| row.is_err()).count();
    if refused == 0 {
        return Ok(());
    }
    let faults = rows.iter().enumerate().flat_map(|(row, parsed)| {
        let faults = parsed.as_ref().err().cloned().unwrap_or_default();
        faults.into_iter().map(move |fault| fault.under(&format!("/complaints/{row}")))
    });
    Err(Error::RowsInvalid { refused, rows: rows.len(), faults: faults.collect() })
}

async fn open_once(
    db: &Db,
    act: &Act,
    who: &Authority,
    mode: BulkMode,
    ids: &[ComplaintId],
    rows: &[Row],
) -> Result<Vec<Result<Taken, Error>>, Error> {
    let mut tx = db.begin().await?;
    let customers = Customers::load(&mut tx, &Names::of(rows.iter().flatten())).await?;
    let parse_row = |row: &Row| row.as_ref().map_err(Clone::clone).and_then(|new| parse(new, &customers, act, who));
    let parsed: Vec<Parsed> = rows.iter().map(parse_row).collect();
    if mode == BulkMode::Atomic {
        refuse_all_for_one(&parsed)?;
    }
    let rules = Rules::default();
    let mut before = registered_before(&mut tx, who, ids).await?;
    let mut taken = Vec::with_capacity(parsed.len());
    for (id, parsed) in ids.iter().zip(parsed) {
        taken.push(match (before.remove(id), parsed) {
            (Some(complaint), _) => Ok((complaint, ImportOutcome::Created)),
            (None, Ok((named, draft))) => match take_in(&mut tx, act, &rules, who, *id, named, &draft).await {
                Ok(Some((complaint, outcome))) => Ok((who.shown(complaint), outcome)),
                Ok(None) if mode == BulkMode::PerRow => Err(hidden()),
                Ok(None) => return Err(hidden()),
                Err(error) => return Err(error.into()),
            },
            (None, Err(faults)) => Err(invalid(faults)),
        });
    }
    tx.commit().await?;
    Ok(taken)
}

async fn registered_before(
    tx: &mut Tx,
    who: &Authority,
    ids: &[ComplaintId],
) -> database::Result<HashMap<ComplaintId, Complaint>> {
    let ids: Vec<Id> = ids.iter().copied().map(Id::from).collect();
    let found = complaints::find_all(tx, &ids).await?;
    Ok(found.into_iter().map(|complaint| (complaint.id, who.shown(complaint))).collect())
}

/// Ids that a repeated request finds again, since all follow from the one its `Idempotency-Key` reserved.
fn row_ids(first: Uuid, count: usize) -> Vec<ComplaintId> {
    (0..count as u128).map(|row| Uuid::from_u128(first.as_u128().wrapping_add(row)).into()).collect()
}
