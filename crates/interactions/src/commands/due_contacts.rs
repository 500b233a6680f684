use database::{Id, Tx};
use interactions_contract::Interaction;

use crate::domain::{DueContact, EXECUTIVE_MEANS};
use crate::store::{due_contacts, merges};

/// Keeps what is told of a contact somebody is to make, unless something later is kept already. A customer that was
/// merged stands for what it was merged into.
pub async fn keep_due_contact(tx: &mut Tx, due: &DueContact) -> database::Result<()> {
    merges::hold(tx).await?;
    let told: Vec<Id> = due.customer_id.into_iter().map(Id::from).collect();
    let redirects = merges::from(tx, &told).await?;
    due_contacts::keep(tx, due, due.customer_id.map(|id| redirects.resolve(id))).await
}

/// Keeps a proposal of a contact that an interaction makes. Nobody logs one meanwhile, which would neither be seen here
/// nor see the proposal.
pub async fn keep_proposed_contact(tx: &mut Tx, due: &DueContact) -> database::Result<()> {
    let redirects = merges::all(tx).await?;
    let customer = due.customer_id.map(|id| redirects.resolve(id));
    due_contacts::keep(tx, due, customer).await?;
    due_contacts::settle(tx, &Vec::from_iter(customer.map(Id::from))).await
}

/// Settles the contacts that these interactions, as they are or were, may make. Once a transaction, with all of them:
/// two that lock contacts bit by bit would wait for each other.
pub async fn settle_after(tx: &mut Tx, interactions: impl IntoIterator<Item = &Interaction>) -> database::Result<()> {
    let executive = interactions.into_iter().filter(|interaction| interaction.means == EXECUTIVE_MEANS);
    let customers: Vec<Id> = executive.map(|interaction| interaction.customer_id.into()).collect();
    due_contacts::settle(tx, &customers).await
}
