use std::collections::{HashMap, HashSet};

use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{
    CustomerId, NewVendor, Period, Vendor, VendorId, VendorPatch, VendorShares, VendorStructure, v1,
};
use uuid::Uuid;
use wire::Reference;

use super::customers::load;
use crate::domain::{Faults, ShareTable, VendorDetails, same_vendor, structure};
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
    let row = VendorRow::new(id, customer.into(), &fit(&mut tx, customer, others, new).await?, act.at.into())?;
    store::insert_vendor(&mut tx, &row).await?;
    audit::record(&mut tx, act, "vendor.created", "vendor", id.into()).await?;
    tx.commit().await?;
    Ok(row.try_into()?)
}

pub async fn update_vendor(db: &Db, act: &Act, id: VendorId, expected: IfMatch, patch: VendorPatch) -> Result<Vendor> {
    let mut tx = db.begin().await?;
    let found = store::find_vendor(&mut tx, id).await?.ok_or_else(|| Error::VendorNotFound(id.to_string()))?;
    let customer = load(&mut tx, &Reference::Id(found.customer_id.get())).await?.id;
    let mut others = store::vendors_by_id(&mut tx, customer).await?;
    // Gone to another customer between the two looks.
    let current = others.remove(&id).ok_or(Error::Contended)?;
    expected.check(current.version)?;
    let mut wanted = NewVendor::from(&current);
    patch.apply(&mut wanted);
    let details = fit(&mut tx, customer, others, wanted).await?;
    if *details == NewVendor::from(&current) {
        return Ok(current);
    }
    let row = VendorRow::next(&current, &details, act.at.into())?;
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
    let known: HashSet<_> = vendors.keys().copied().collect();
    let table = ShareTable::parse(shares, period, &known)?;
    let lines = serde_json::to_value(table.lines()).map_err(database::Error::other)?;
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
    let fact = vendor_shares_fact(customer, period, row.revision, &structure(table.lines(), &vendors));
    outbox::enqueue(&mut tx, act, &v1::VendorSharesRecorded(fact)).await?;
    let recorded = vendor_structure(customer, period, Some(row), &vendors)?;
    tx.commit().await?;
    Ok(recorded)
}

/// What the vendor is to be, if nothing speaks against it.
async fn fit(
    tx: &mut Tx,
    customer: CustomerId,
    others: HashMap<VendorId, Vendor>,
    wanted: NewVendor,
) -> Result<VendorDetails> {
    let others: Vec<_> = others.into_values().collect();
    let mut unfit = same_vendor(&wanted, &others);
    for (i, relation) in wanted.relations.iter().enumerate() {
        let at = format!("/relations/{i}/position_id");
        unfit.extend(super::seats::unknown_position(tx, &at, Some(relation.position_id), customer.into()).await?);
    }
    Ok(Faults::join(VendorDetails::parse(wanted), unfit)?)
}
