use complaints_contract::v1 as complaints;
use customer_merges::known;
use database::{Id, Tx};
use futures::FutureExt;
use futures::future::BoxFuture;
use interactions_contract::v1 as interactions;
use messaging::{Envelope, Rejected, Subscription};
use registry_contract::CustomerId;
use registry_contract::v1::{self as registry, CustomerFact, MergeFact};
use wire::Event;

use crate::store::facts::Snapshot;
use crate::store::{dirty, facts};

/// Declares a handler for each event, and the subscriptions of all: an event's snapshot goes into the facts of its
/// kind, and the customers whose facts changed are marked to be scored again.
macro_rules! subscriptions {
    ($($handler:ident: $source:ident::$event:ident($fact:ident) => $kind:ident { $id:ident, $customer:expr };)+) => {
        pub const SUBSCRIPTIONS: &[Subscription] =
            &[
                Subscription::together(registry::CUSTOMER_CREATED, customers_told),
                Subscription::together(registry::CUSTOMER_UPDATED, customers_told),
                Subscription::together(registry::CUSTOMER_WITHDRAWN, customers_told),
                $(Subscription::alone($source::$event::TYPE, $handler),)+
                Subscription::alone(registry::CUSTOMER_MERGED, customer_merged),
                Subscription::alone(registry::CUSTOMER_UNMERGED, customer_unmerged),
            ];

        $(
            fn $handler<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
                async move {
                    let $source::$event($fact) = envelope.decode()?;
                    let snapshot = Snapshot::of($fact.$id, $customer, $fact.sequence, envelope.time, &$fact)?;
                    let changed = facts::keep::$kind(tx, &snapshot).await?;
                    mark(tx, envelope, changed).await
                }
                .boxed()
            }
        )+
    };
}

subscriptions! {
    contact_created: registry::ContactCreated(fact) => contacts { contact_id, Some(fact.customer_id) };
    contact_updated: registry::ContactUpdated(fact) => contacts { contact_id, Some(fact.customer_id) };
    position_created: registry::PositionCreated(fact) => positions { position_id, Some(fact.customer_id) };
    position_updated: registry::PositionUpdated(fact) => positions { position_id, Some(fact.customer_id) };
    holding_created: registry::HoldingCreated(fact) => holdings { holding_id, Some(fact.customer_id) };
    holding_updated: registry::HoldingUpdated(fact) => holdings { holding_id, Some(fact.customer_id) };
    interaction_logged: interactions::InteractionLogged(fact) => interactions { interaction_id, Some(fact.customer_id) };
    interaction_amended: interactions::InteractionAmended(fact) => interactions { interaction_id, Some(fact.customer_id) };
    complaint_opened: complaints::ComplaintOpened(fact) => complaints { complaint_id, fact.customer_id };
    complaint_linked: complaints::ComplaintLinked(fact) => complaints { complaint_id, fact.customer_id };
    complaint_acknowledged: complaints::ComplaintAcknowledged(fact) => complaints { complaint_id, fact.customer_id };
    complaint_assessed: complaints::ComplaintAssessed(fact) => complaints { complaint_id, fact.customer_id };
    complaint_responded: complaints::ComplaintResponded(fact) => complaints { complaint_id, fact.customer_id };
    complaint_resolved: complaints::ComplaintResolved(fact) => complaints { complaint_id, fact.customer_id };
    complaint_closed: complaints::ComplaintClosed(fact) => complaints { complaint_id, fact.customer_id };
    complaint_reopened: complaints::ComplaintReopened(fact) => complaints { complaint_id, fact.customer_id };
    complaint_withdrawn: complaints::ComplaintWithdrawn(fact) => complaints { complaint_id, fact.customer_id };
    complaint_investigation_started: complaints::ComplaintInvestigationStarted(fact) => complaints { complaint_id, fact.customer_id };
    complaint_accepted: complaints::ComplaintAccepted(fact) => complaints { complaint_id, fact.customer_id };
    complaint_escalated: complaints::ComplaintEscalated(fact) => complaints { complaint_id, fact.customer_id };
    complaint_wait_started: complaints::ComplaintWaitStarted(fact) => complaints { complaint_id, fact.customer_id };
    complaint_resumed: complaints::ComplaintResumed(fact) => complaints { complaint_id, fact.customer_id };
    complaint_followed_up: complaints::ComplaintFollowedUp(fact) => complaints { complaint_id, fact.customer_id };
    complaint_rejected: complaints::ComplaintRejected(fact) => complaints { complaint_id, fact.customer_id };
    complaint_contained: complaints::ComplaintContained(fact) => complaints { complaint_id, fact.customer_id };
    complaint_informed: complaints::ComplaintInformed(fact) => complaints { complaint_id, fact.customer_id };
    complaint_customer_wrote: complaints::ComplaintCustomerWrote(fact) => complaints { complaint_id, fact.customer_id };
    complaint_amended: complaints::ComplaintAmended(fact) => complaints { complaint_id, fact.customer_id };
}

/// Follows a merge, or its undoing: the merged customer has no score of its own as long as it lasts. Its facts move by
/// the events of whoever keeps them.
async fn redirect(
    tx: &mut Tx,
    envelope: &Envelope,
    fact: &MergeFact,
    into: Option<CustomerId>,
) -> Result<(), Rejected> {
    if customer_merges::keep(tx, fact.merged_id, into, fact.sequence).await? {
        mark(tx, envelope, vec![fact.merged_id.into(), fact.survivor_id.into()]).await?;
    }
    Ok(())
}

fn customer_merged<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let registry::CustomerMerged(fact) = envelope.decode()?;
        redirect(tx, envelope, &fact, Some(fact.survivor_id)).await
    }
    .boxed()
}

fn customer_unmerged<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let registry::CustomerUnmerged(fact) = envelope.decode()?;
        redirect(tx, envelope, &fact, None).await
    }
    .boxed()
}

fn customers_told<'a>(tx: &'a mut Tx, envelopes: &'a [&'a Envelope]) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let snapshot = |(envelope, fact): (&&Envelope, CustomerFact)| {
            Snapshot::of(fact.customer_id, Some(fact.customer_id), fact.sequence, envelope.time, &fact)
        };
        let told = envelopes.iter().zip(known::told(envelopes)?);
        let changed = facts::keep::customers(tx, told.map(snapshot).collect::<database::Result<_>>()?).await?;
        match envelopes.iter().min_by_key(|envelope| envelope.time) {
            Some(first) => mark(tx, first, changed).await,
            None => Ok(()),
        }
    }
    .boxed()
}

async fn mark(tx: &mut Tx, envelope: &Envelope, customers: Vec<Id>) -> Result<(), Rejected> {
    Ok(dirty::mark(tx, customers, envelope.time).await?)
}
