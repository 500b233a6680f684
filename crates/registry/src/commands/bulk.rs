use std::collections::HashMap;

use database::{Db, Id, Tx};
use messaging::Act;
use problem::{Failure, FieldError, Language};
use registry_contract::{BulkMode, BulkOutcome, BulkResult, Customer, CustomerId, NewCustomer};
use uuid::Uuid;

use super::custom_fields::Demand;
use super::registration::{Known, Origin, Wanted, register, vet};
use crate::domain::Faults;
use crate::error::{Error, Result};
use crate::store;

/// A row as it was sent: a customer, or what is wrong with it already.
pub type Row = std::result::Result<NewCustomer, Vec<FieldError>>;

/// Creates many customers in one transaction. `Atomic` refuses them all for one bad row, naming every fault of every
/// row; `PerRow` leaves the bad rows out.
pub async fn bulk_create_customers(db: &Db, act: &Act, mode: BulkMode, rows: Vec<Row>) -> Result<BulkResult> {
    let ids: Vec<CustomerId> = row_ids(act.new_id(), rows.len());
    let mut tx = db.begin().await?;
    let mut stored = stored_already(&mut tx, &ids).await?;
    let (mut fates, mut new) = (Vec::with_capacity(rows.len()), Vec::new());
    for (row, id) in rows.into_iter().zip(ids) {
        fates.push(match (stored.remove(&id), row) {
            (Some(customer), _) => Fate::Stored(Box::new(customer)),
            (None, Err(faults)) => Fate::Refused(Error::Invalid(faults)),
            (None, Ok(customer)) => {
                new.push(Wanted::Told(id, Box::new(customer)));
                Fate::New
            }
        });
    }
    let mut registrations = Vec::with_capacity(new.len());
    let mut vetted = vet(&mut tx, act, Demand::Required, new, Known::default()).await?.into_iter();
    for fate in fates.iter_mut().filter(|fate| matches!(fate, Fate::New)) {
        match vetted.next() {
            Some(Err(refusal)) => *fate = Fate::Refused(refusal),
            vetted => registrations.extend(vetted.and_then(std::result::Result::ok)),
        }
    }
    if mode == BulkMode::Atomic {
        refuse_all_for_one(&fates)?;
    }
    let mut created = register(&mut tx, act, registrations, Origin::Request).await?.into_iter();
    tx.commit().await?;
    Ok(summary(mode, fates.into_iter().filter_map(|fate| fate.settled(&mut created)).collect()))
}

/// What becomes of a row.
enum Fate {
    /// An earlier try of the same request has created it.
    Stored(Box<Customer>),
    Refused(Error),
    New,
}

impl Fate {
    /// `created` gives the customers of the new rows, in their order.
    fn settled(self, created: &mut impl Iterator<Item = Customer>) -> Option<Created> {
        match self {
            Self::Stored(customer) => Some(Ok(*customer)),
            Self::Refused(refusal) => Some(Err(refusal)),
            Self::New => created.next().map(Ok),
        }
    }
}

type Created = std::result::Result<Customer, Error>;

/// Ids that a repeated request finds again, since all follow from the one its `Idempotency-Key` reserved.
pub(super) fn row_ids<I: From<Uuid>>(first: Uuid, count: usize) -> Vec<I> {
    (0..count as u128).map(|offset| Uuid::from_u128(first.as_u128().wrapping_add(offset)).into()).collect()
}

async fn stored_already(tx: &mut Tx, ids: &[CustomerId]) -> Result<HashMap<CustomerId, Customer>> {
    let ids: Vec<Id> = ids.iter().map(|id| Id::from(*id)).collect();
    let rows = store::customers_among(tx, &ids).await?;
    let customers = store::complete(tx, rows).await?;
    Ok(customers.into_iter().map(|customer| (customer.id, customer)).collect())
}

fn refuse_all_for_one(fates: &[Fate]) -> Result<()> {
    let refused = || {
        fates.iter().enumerate().filter_map(|(row, fate)| match fate {
            Fate::Refused(refusal) => Some((row, refusal)),
            Fate::Stored(_) | Fate::New => None,
        })
    };
    let only_taken = refused().all(|(_, error)| error.is_taken());
    let only_identifiers = refused().all(|(_, error)| matches!(error, Error::IdentifierTaken(_)));
    let faults: Faults = refused()
        .flat_map(|(row, error)| {
            problem::Describe::errors(error).into_iter().map(move |fault| fault.under(&format!("/customers/{row}")))
        })
        .collect();
    match (faults.is_empty(), only_taken) {
        (true, _) => Ok(()),
        (false, true) if only_identifiers => Err(Error::IdentifierTaken(faults.into_vec())),
        (false, true) => Err(Error::ExternalIdTaken(faults.into_vec())),
        (false, false) => Err(faults.into()),
    }
}

fn summary(mode: BulkMode, results: Vec<Created>) -> BulkResult {
    let results: Vec<_> = results.into_iter().enumerate().map(|(row, result)| outcome(row, result)).collect();
    let failed = results.iter().filter(|outcome| outcome.problem.is_some()).count();
    BulkResult { mode, succeeded: results.len() - failed, failed, results }
}

fn outcome(row: usize, result: Created) -> BulkOutcome {
    match result {
        Ok(customer) => BulkOutcome { row, status: 201, customer: Some(customer), problem: None },
        Err(error) => {
            let problem = Failure::from(error).problem(Language::English);
            let status = problem.status;
            BulkOutcome { row, status, customer: None, problem: serde_json::to_value(problem).ok() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_ids_follow_from_the_first() {
        let first = Uuid::now_v7();
        let ids: Vec<CustomerId> = row_ids(first, 3);
        assert_eq!(ids[0], CustomerId::from(first));
        assert!(ids.is_sorted());
        assert_eq!(ids, row_ids(first, 3));
    }
}
