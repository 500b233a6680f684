use database::Tx;
use messaging::Act;
use registry_contract::v1::CustomerFact;
use uuid::Uuid;

use super::replace;
use crate::domain::Customer;
use crate::store::complaints::{self, Key};
use crate::store::customers::{self, Linking};

/// Takes in what the registry tells of a customer: complaints that waited for it are linked, and those on which work is
/// owed are measured by its tier. What is older than what is known already changes nothing.
pub async fn customer_known(tx: &mut Tx, act: &Act, fact: &CustomerFact) -> database::Result<()> {
    customers::join(tx, Linking::Settling).await?;
    if !customers::keep(tx, fact).await? {
        return Ok(());
    }
    for id in complaints::waiting(tx, &fact.external_ids).await? {
        let Some(mut complaint) = complaints::lock(tx, &Key::from(id)).await? else { continue };
        if complaint.customer.id.is_some() {
            continue;
        }
        let customer = Customer {
            id: Some(fact.customer_id),
            external: complaint.customer.external.clone(),
            tier: Some(fact.tier),
        };
        let entry = complaint.set_customer(customer, act.at);
        replace(tx, act, &complaint, Vec::from_iter(entry), Uuid::now_v7()).await?;
    }
    for id in complaints::open_of(tx, fact.customer_id).await? {
        let Some(mut complaint) = complaints::lock(tx, &Key::from(id)).await? else { continue };
        let entry = complaint.retier(fact.tier, act.at);
        replace(tx, act, &complaint, Vec::from_iter(entry), Uuid::now_v7()).await?;
    }
    Ok(())
}
