use std::collections::HashMap;

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

/// Takes in what the registry tells of customers, each of another one: complaints that waited for them are linked, and those
/// on which work is owed are measured by their tiers. What is older than what is known already changes nothing.
///
/// One who was withdrawn has nothing measured by its tier any more, and stands in the way of nobody who has its keys.
pub async fn customers_known(tx: &mut Tx, act: &Act, facts: &[CustomerFact]) -> database::Result<()> {
    let mut before = customers::settle(tx, facts).await?;
    // Before any customer's row: whoever follows a merge takes both in this order.
    merges::hold(tx).await?;
    let kept = customers::keep(tx, facts, &before).await?;
    if kept.is_empty() {
        return Ok(());
    }
    before.retain(|id, _| kept.contains(id));
    let facts = || facts.iter().filter(|fact| kept.contains(&fact.customer_id.into()));
    // Their tiers say how long key people may be silent, and their owners are told.
    watched::mark_again(tx, &Vec::from_iter(kept.iter().copied()), act.at).await?;
    let rules = Rules::default();
    let touched: Vec<&ExternalId> =
        before.values().flatten().chain(facts().flat_map(|fact| &fact.external_ids)).collect();
    link_waiting(tx, act, &rules, &touched).await?;
    let tiers: HashMap<Id, _> =
        facts().filter(|fact| !fact.is_withdrawn()).map(|fact| (Id::from(fact.customer_id), fact.tier)).collect();
    for (id, customer) in complaints::open_of(tx, &Vec::from_iter(tiers.keys().copied())).await? {
        let Some(tier) = tiers.get(&customer) else { continue };
        let Some(mut complaint) = complaints::lock(tx, &Key::from(id)).await? else { continue };
        let before = ranks::of(tx, id).await?.pop().and_then(|last| last.rank.tier);
        let entry = complaint.retier(before, *tier, act.at);
        replace(tx, act, &rules, &mut complaint, Vec::from_iter(entry), Uuid::now_v7()).await?;
    }
    Ok(())
}

/// Links the complaints that wait for the customers of these keys. A key that this customer gave up may be another's,
/// told of before. Where a merge was told of before its customer, they go along with it, and come back with it.
async fn link_waiting(tx: &mut Tx, act: &Act, rules: &Rules, keys: &[&ExternalId]) -> database::Result<()> {
    let waiting = complaints::waiting(tx, keys).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let owners = customers::by_external(tx, keys).await?;
    let origins: Vec<Id> = owners.values().copied().collect();
    let redirects = merges::from(tx, &origins).await?;
    let become_of = |origin: Id| Id::from(redirects.resolve(origin.get()));
    let targets: Vec<Id> = origins.iter().map(|origin| become_of(*origin)).collect();
    customers::stand_in_for(tx, targets.iter().filter(|target| !origins.contains(target)).copied()).await?;
    let tiers = customers::hold_tiers(tx, &targets).await?;
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
