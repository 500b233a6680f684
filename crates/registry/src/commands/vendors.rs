use std::collections::HashMap;

use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{
    CustomerId, NewVendor, Period, Vendor, VendorId, VendorPatch, VendorRelation, VendorShares, VendorStructure, v1,
};
use uuid::Uuid;
use wire::Reference;

use super::customers::load;
use crate::domain::{Faults, ShareTable, VendorDetails, renamed_vendor, same_vendor, structure, unfit_twin};
use crate::error::{Error, Result};
use crate::facts::vendor_shares_fact;
use crate::queries::vendor_structure;
use crate::store::{self, ShareTableRow, VendorRow, Word};

pub async fn create_vendor(db: &Db, act: &Act, customer: &Reference<CustomerId>, new: NewVendor) -> Result<Vendor> {
    let id = VendorId::from(act.new_id());
    let mut tx = db.begin().await?;
    let customer = load(&mut tx, customer).await?.id;
    let others = store::vendors_by_id(&mut tx, customer).await?;
    // A request repeated after a crash between the commit and its answer meets its own vendor.
    if let Some(own) = others.get(&id) {
        return Ok(own.clone());
    }
    let others: Vec<_> = others.into_values().collect();
    let mut unfit = same_vendor(&new, &others);
    unfit.extend(unknown_seats(&mut tx, customer, &new.relations, &[]).await?);
    let details = Faults::join(VendorDetails::parse(new), unfit)?;
    let row = VendorRow::new(id, customer.into(), &details, act.at.into())?;
    store::insert_vendor(&mut tx, &row).await?;
    audit::record(&mut tx, act, "vendor.created", "vendor", id.into()).await?;
    tx.commit().await?;
    Ok(row.try_into()?)
}

/// Judges only what the change changes: after a merge of customers two vendors may have one name, or both be us.
pub async fn update_vendor(db: &Db, act: &Act, id: VendorId, expected: IfMatch, patch: VendorPatch) -> Result<Vendor> {
    let mut tx = db.begin().await?;
    let found = store::find_vendor(&mut tx, id).await?.ok_or_else(|| Error::VendorNotFound(id.to_string()))?;
    let customer = load(&mut tx, &Reference::Id(found.customer_id.get())).await?.id;
    let mut others = store::vendors_by_id(&mut tx, customer).await?;
    // Gone to another customer between the two looks.
    let current = others.remove(&id).ok_or(Error::Contended)?;
    expected.check(current.version)?;
    let others: Vec<_> = others.into_values().collect();
    let same_as = patch.same_as.unwrap_or(current.same_as);
    let mut wanted = NewVendor::from(&current);
    patch.apply(&mut wanted);
    let mut unfit = renamed_vendor(&current, &wanted, &others);
    unfit.extend(unknown_seats(&mut tx, customer, &wanted.relations, &current.relations).await?);
    if let Some(twin) = same_as.filter(|_| same_as != current.same_as) {
        unfit.extend(unfit_twin(&current, twin, &others));
    }
    let details = Faults::join(VendorDetails::parse(wanted), unfit)?;
    if *details == NewVendor::from(&current) && same_as == current.same_as {
        return Ok(current);
    }
    let row = VendorRow::next(&current, &details, same_as, act.at.into())?;
    if !store::update_vendor(&mut tx, &row).await? {
        return Err(Error::Contended);
    }
    audit::record(&mut tx, act, "vendor.updated", "vendor", id.into()).await?;
    tx.commit().await?;
    Ok(row.try_into()?)
}

/// Replaces what is recorded for a whole period; what it replaces is kept.
pub async fn record_vendor_shares(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    period: Period,
    expected: IfMatch,
    shares: VendorShares,
) -> Result<VendorStructure> {
    let mut tx = db.begin().await?;
    // Locked: whoever else records shares of this customer waits, so what is checked here is what is kept.
    let customer = load(&mut tx, customer).await?.id;
    let vendors = store::vendors_by_id(&mut tx, customer).await?;
    let current = store::current_share_table(&mut tx, customer, period).await?;
    let revision = current.as_ref().map_or(0, |row| row.revision);
    expected.check(revision)?;
    let known: HashMap<_, _> = vendors.values().map(|one| (one.id, one.same_as.unwrap_or(one.id))).collect();
    let table = ShareTable::parse(shares, period, &known)?;
    // Of vendors that are one, the one that counts: undoing a merge parts the others from it.
    let mut counted = table.lines().to_vec();
    for share in counted.iter_mut().flat_map(|line| &mut line.shares) {
        share.vendor_id = known.get(&share.vendor_id).copied().unwrap_or(share.vendor_id);
    }
    let lines = serde_json::to_value(&counted).map_err(database::Error::other)?;
    if let Some(row) = current.filter(|row| row.lines == lines) {
        return Ok(vendor_structure(customer, period, Some(row), &vendors)?);
    }
    let row = ShareTableRow {
        id: Id::from(Uuid::now_v7()),
        customer_id: customer.into(),
        period: Word(period),
        revision: revision + 1,
        lines,
        recorded_by: act.actor.clone(),
        recorded_at: act.at.into(),
    };
    store::insert_share_table(&mut tx, &row).await?;
    audit::record(&mut tx, act, "vendor_shares.recorded", "vendor_share_table", row.id.get()).await?;
    let fact = vendor_shares_fact(customer, period, row.revision, &structure(&counted, &vendors));
    outbox::enqueue(&mut tx, act, &v1::VendorSharesRecorded(fact)).await?;
    let recorded = vendor_structure(customer, period, Some(row), &vendors)?;
    tx.commit().await?;
    Ok(recorded)
}

/// Seats of the relations that are new and not the customer's.
async fn unknown_seats(
    tx: &mut Tx,
    customer: CustomerId,
    relations: &[VendorRelation],
    before: &[VendorRelation],
) -> Result<Faults> {
    let mut unfit = Faults::default();
    for (i, relation) in relations.iter().enumerate() {
        if before.iter().all(|known| known.position_id != relation.position_id) {
            let at = format!("/relations/{i}/position_id");
            unfit.extend(super::seats::unknown_position(tx, &at, Some(relation.position_id), customer.into()).await?);
        }
    }
    Ok(unfit)
}
