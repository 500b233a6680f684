use complaints_contract::ComplaintId;
use database::{Id, Tx};
use messaging::Act;
use registry_contract::CustomerId;
use registry_contract::v1::MergeFact;
use uuid::Uuid;

use super::clocks::Rules;
use super::replace;
use super::signals::move_signals;
use crate::domain::Customer;
use crate::store::complaints::{self, Key};
use crate::store::{customers, merges};

/// Follows a merge of customers, or its undoing: complaints of the merged one go with it, and come back with it. What is
/// older than what is known already changes nothing.
pub async fn redirect_customer(
    tx: &mut Tx,
    act: &Act,
    fact: &MergeFact,
    into: Option<CustomerId>,
) -> database::Result<()> {
    let before = merges::all(tx).await?;
    customers::lock(tx, &[fact.merged_id.into(), fact.survivor_id.into()]).await?;
    if !merges::keep(tx, fact.merged_id, into, fact.sequence).await? {
        return Ok(());
    }
    let rules = Rules::default();
    let moves = before.moves(&before.with(fact.merged_id, into), fact.merged_id);
    move_signals(tx, act, &moves).await?;
    for (origin, from, to) in moves {
        let tier = customers::tiers(tx, &[to.into()]).await?.remove(&Id::from(to));
        for id in merges::to_move(tx, origin, from).await? {
            let found = complaints::lock(tx, &Key::from(id.get::<ComplaintId>())).await?;
            // Given to another by hand, just now.
            let Some(mut complaint) = found.filter(|found| found.customer.id == Some(from)) else { continue };
            let customer = Customer { id: Some(to), external: complaint.customer.external.clone(), tier };
            let entry = complaint.set_customer(customer, act.at);
            replace(tx, act, &rules, &mut complaint, Vec::from_iter(entry), Uuid::now_v7()).await?;
        }
        if to == origin {
            merges::forget(tx, origin).await?;
        }
    }
    Ok(())
}
