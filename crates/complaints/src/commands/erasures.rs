//! What becomes of complaints when the registry erases who made them.

use chassis::audit;
use chassis::idempotency::forget_answers;
use database::{Id, Tx};
use messaging::Act;
use registry_contract::v1::ContactFact;
use uuid::Uuid;

use super::clocks::Rules;
use super::replace;
use crate::domain::{Forgotten, Marks};
use crate::store::complaints::{self, Key};
use crate::store::{attachments, customers, erasures, history, intakes, mails, merges, messages, ratings, watched};

/// Takes in that a contact was erased: complaints that name it forget who made them, whosever they are by now. Later ones
/// that name it find it erased.
pub async fn contact_erased(tx: &mut Tx, act: &Act, fact: &ContactFact) -> database::Result<()> {
    erasures::alone(tx).await?;
    erasures::note(tx, fact.contact_id, act.at).await?;
    // Before any customer's row: whoever follows a merge takes both in this order.
    merges::hold(tx).await?;
    let own = complaints::of_contact(tx, fact.contact_id).await?;
    let of: Vec<Id> = own.iter().filter_map(|(_, customer)| *customer).collect();
    if !of.is_empty() {
        // All at once, so in their order.
        customers::hold_tiers(tx, &of).await?;
    }
    // The detectors send nobody to him any more.
    let holder = merges::followed(tx, &[fact.customer_id.into()]).await?;
    watched::mark_again(tx, &holder, act.at).await?;
    let rules = Rules::default();
    let mut forgotten = Vec::new();
    for (id, _) in own {
        let Some(mut complaint) = complaints::lock(tx, &Key::from(id)).await? else { continue };
        // Found to be somebody else's, just now.
        if complaint.details.contact_id != Some(fact.contact_id) {
            continue;
        }
        let Some((him, entry)) = complaint.forget_complainant(&Marks::default(), act.at, act.at) else { continue };
        replace(tx, act, &rules, &mut complaint, vec![entry], Uuid::now_v7()).await?;
        forgotten.push(him);
    }
    forget(tx, act, &forgotten).await
}

/// Takes what names them out of all that is kept beside these complaints, which are locked and have forgotten who made
/// them. Nothing that was still to be told is told, and no link leads to them any more.
pub(super) async fn forget(tx: &mut Tx, act: &Act, forgotten: &[Forgotten]) -> database::Result<()> {
    if forgotten.is_empty() {
        return Ok(());
    }
    for Forgotten { complaint, marks, .. } in forgotten {
        intakes::unseal(tx, *complaint).await?;
        messages::forget(tx, *complaint, act.at).await?;
        ratings::forget(tx, *complaint, marks).await?;
        mails::forget(tx, *complaint, marks.email()).await?;
        if !marks.is_empty() {
            history::strip(tx, *complaint, marks).await?;
            attachments::strip(tx, *complaint, marks).await?;
        }
        audit::record(tx, act, "complaint.complainant_erased", "complaint", (*complaint).into()).await?;
    }
    let names: Vec<String> = forgotten.iter().flat_map(|one| one.marks.texts().map(str::to_owned)).collect();
    erasures::empty_cells(tx, &names).await?;
    let mut keys: Vec<String> =
        forgotten.iter().flat_map(|one| [one.complaint.to_string(), one.number.clone()]).collect();
    for one in forgotten {
        // The answer to an upload names the file, and not the complaint.
        keys.extend(attachments::of(tx, one.complaint).await?.into_iter().map(|file| file.id.to_string()));
    }
    forget_answers(tx, &keys).await
}
