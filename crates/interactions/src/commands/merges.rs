use chassis::audit;
use database::{Id, Tx};
use interactions_contract::Interaction;
use interactions_contract::v1::InteractionAmended;
use messaging::{Act, outbox};
use registry_contract::CustomerId;
use registry_contract::v1::MergeFact;

use crate::store::{customers, due_contacts, interactions, merges};

/// Follows a merge of customers, or its undoing: what belonged to the merged one goes with it, and comes back with it.
/// What is older than what is known already changes nothing.
pub async fn redirect_customer(
    tx: &mut Tx,
    act: &Act,
    fact: &MergeFact,
    into: Option<CustomerId>,
) -> database::Result<()> {
    let before = merges::all(tx).await?;
    customers::lock(tx, fact.merged_id.into()).await?;
    if !merges::keep(tx, fact.merged_id, into, fact.sequence).await? {
        return Ok(());
    }
    let after = before.with(fact.merged_id, into);
    let mut touched = Vec::new();
    for (origin, from, to) in before.moves(&after, fact.merged_id) {
        let ids = merges::to_move(tx, origin, from).await?;
        for interaction in interactions::find_all(tx, &ids).await? {
            let moved = Interaction {
                customer_id: to,
                version: interaction.version + 1,
                updated_at: act.at.max(interaction.updated_at),
                ..interaction
            };
            interactions::replace(tx, &moved).await?;
            audit::record(tx, act, "interaction.moved", "interaction", moved.id.into()).await?;
            outbox::enqueue(tx, act, &InteractionAmended((&moved).into())).await?;
        }
        due_contacts::redirect(tx, origin, to).await?;
        touched.extend([Id::from(from), Id::from(to)]);
        if to == origin {
            merges::forget(tx, origin).await?;
        }
    }
    due_contacts::settle(tx, &touched).await
}
