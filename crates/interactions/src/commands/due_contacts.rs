use database::{Id, Tx};

use crate::domain::DueContact;
use crate::store::{due_contacts, merges};

/// Keeps what is told of a contact somebody is to make, unless something later is kept already. A customer that was
/// merged stands for what it was merged into.
pub async fn keep_due_contact(tx: &mut Tx, due: &DueContact) -> database::Result<()> {
    merges::hold(tx).await?;
    let told: Vec<Id> = due.customer_id.into_iter().map(Id::from).collect();
    let redirects = merges::from(tx, &told).await?;
    due_contacts::keep(tx, due, due.customer_id.map(|id| redirects.resolve(id))).await
}
