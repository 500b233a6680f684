use database::{Id, Tx};
use messaging::Act;
use registry_contract::v1::CustomerFact;
use uuid::Uuid;
use wire::ExternalId;

use super::clocks::Rules;
use super::replace;
use crate::domain::Customer;
use crate::store::complaints::{self, Key};
use crate::store::{customers, merges, ranks, watched};

/// Takes in what the registry tells of a customer: complaints that waited for it are linked, and those on which work is
/// owed are measured by its tier. What is older than what is known already changes nothing.
pub async fn customer_known(tx: &mut Tx, act: &Act, fact: &CustomerFact) -> database::Result<()> {
    let before = customers::settle(tx, fact).await?;
    // Before any customer's row: whoever follows a merge takes both in this order.
    merges::hold(tx).await?;
    let Some(touched) = customers::keep(tx, fact, before).await? else { return Ok(()) };
    // Its tier says how long key people may be silent, and its owner is told.
    watched::mark_again(tx, fact.customer_id.into(), act.at).await?;
    let rules = Rules::default();
    link_waiting(tx, act, &rules, &touched).await?;
    for id in complaints::open_of(tx, fact.customer_id).await? {
        let Some(mut complaint) = complaints::lock(tx, &Key::from(id)).await? else { continue };
        let before = ranks::of(tx, id).await?.pop().and_then(|last| last.rank.tier);
        let entry = complaint.retier(before, fact.tier, act.at);
        replace(tx, act, &rules, &mut complaint, Vec::from_iter(entry), Uuid::now_v7()).await?;
    }
    Ok(())
}

/// Takes in that the customer is no more: what stood in the way of others who have its keys does so no longer. A row without
/// a code stays, so that what is told late does not bring it back.
pub async fn customer_withdrawn(tx: &mut Tx, act: &Act, fact: CustomerFact) -> database::Result<()> {
    let fact = CustomerFact { code: String::new(), external_ids: Vec::new(), ..fact };
    let before = customers::settle(tx, &fact).await?;
    merges::hold(tx).await?;
    let Some(touched) = customers::keep(tx, &fact, before).await? else { return Ok(()) };
    watched::mark_again(tx, fact.customer_id.into(), act.at).await?;
    link_waiting(tx, act, &Rules::default(), &touched).await
}

/// Links the complaints that wait for the customers of these keys. A key that this customer gave up may be another's,
/// told of before. Where a merge was told of before its customer, they go along with it, and come back with it.
async fn link_waiting(tx: &mut Tx, act: &Act, rules: &Rules, keys: &[ExternalId]) -> database::Result<()> {
    let waiting = complaints::waiting(tx, keys).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let owners = customers::by_external(tx, &Vec::from_iter(keys)).await?;
    let origins: Vec<Id> = owners.values().copied().collect();
    let redirects = merges::from(tx, &origins).await?;
    let become_of = |origin: Id| Id::from(redirects.resolve(origin.get()));
    let tiers = customers::tiers(tx, &origins.iter().map(|origin| become_of(*origin)).collect::<Vec<_>>()).await?;
    for id in waiting {
        let Some(mut complaint) = complaints::lock(tx, &Key::from(id)).await? else { continue };
        if complaint.customer.id.is_some() {
            continue;
        }
        let external = complaint.customer.external.clone();
        let Some(origin) = external.as_ref().and_then(|key| owners.get(key)).copied() else { continue };
        let owner = become_of(origin);
        let customer = Customer { id: Some(owner.get()), external, tier: tiers.get(&owner).copied() };
        let entry = complaint.set_customer(customer, act.at);
        replace(tx, act, rules, &mut complaint, Vec::from_iter(entry), Uuid::now_v7()).await?;
        if owner != origin {
            merges::note(tx, id.into(), origin).await?;
        }
    }
    Ok(())
}
