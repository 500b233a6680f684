use customer_merges::known;
use database::Tx;
use registry_contract::v1::CustomerFact;

use crate::store::{due_contacts, merges};

/// Keeps what is told of customers, each of another one, unless something as new is kept already. A contact that was
/// proposed is for whoever owns its customer now.
pub async fn keep_customers(tx: &mut Tx, facts: &[CustomerFact]) -> database::Result<()> {
    // Before any customer's row: whoever follows a merge takes both in this order.
    merges::hold(tx).await?;
    let newer = known::keep(tx, facts).await?;
    due_contacts::settle(tx, &Vec::from_iter(newer)).await
}
