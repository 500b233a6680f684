use chrono::Utc;
use complaints_contract::v1 as complaints;
use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use interactions_contract::v1 as interactions;
use messaging::{Act, Envelope, Rejected, Subscription};
use registry_contract::OpenItemKind;
use scoring_contract::v1 as scoring;
use wire::Event;

use crate::commands;
use crate::error::Error;
use crate::store::{self, OpenItemRow};

/// Declares a handler for each event, and the subscriptions of all.
macro_rules! subscriptions {
    ($($handler:ident: $source:ident::$event:ident => $take:ident;)+) => {
        pub const SUBSCRIPTIONS: &[Subscription] =
            &[$(Subscription::alone($source::$event::TYPE, $handler)),+];

        $(
            fn $handler<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
                async move {
                    let event: $source::$event = envelope.decode()?;
                    $take(tx, envelope, event.into()).await
                }
                .boxed()
            }
        )+
    };
}

subscriptions! {
    tier_proposed: scoring::TierProposed => propose_tier;
    complaint_opened: complaints::ComplaintOpened => keep_open_item;
    complaint_linked: complaints::ComplaintLinked => keep_open_item;
    complaint_acknowledged: complaints::ComplaintAcknowledged => keep_open_item;
    complaint_assessed: complaints::ComplaintAssessed => keep_open_item;
    complaint_responded: complaints::ComplaintResponded => keep_open_item;
    complaint_resolved: complaints::ComplaintResolved => keep_open_item;
    complaint_closed: complaints::ComplaintClosed => keep_open_item;
    complaint_reopened: complaints::ComplaintReopened => keep_open_item;
    complaint_withdrawn: complaints::ComplaintWithdrawn => keep_open_item;
    complaint_investigation_started: complaints::ComplaintInvestigationStarted => keep_open_item;
    complaint_accepted: complaints::ComplaintAccepted => keep_open_item;
    complaint_escalated: complaints::ComplaintEscalated => keep_open_item;
    complaint_wait_started: complaints::ComplaintWaitStarted => keep_open_item;
    complaint_resumed: complaints::ComplaintResumed => keep_open_item;
    complaint_followed_up: complaints::ComplaintFollowedUp => keep_open_item;
    complaint_rejected: complaints::ComplaintRejected => keep_open_item;
    complaint_contained: complaints::ComplaintContained => keep_open_item;
    complaint_informed: complaints::ComplaintInformed => keep_open_item;
    complaint_customer_wrote: complaints::ComplaintCustomerWrote => keep_open_item;
    complaint_amended: complaints::ComplaintAmended => keep_open_item;
    promise_changed: interactions::PromiseChanged => keep_open_item;
    action_plan_changed: interactions::ActionPlanChanged => keep_open_item;
}

async fn propose_tier(tx: &mut Tx, envelope: &Envelope, proposed: scoring::TierProposed) -> Result<(), Rejected> {
    Ok(commands::propose_scored_tier(tx, &Act::following(envelope, Utc::now()), &proposed).await?)
}

async fn keep_open_item(tx: &mut Tx, _: &Envelope, item: OpenItemRow) -> Result<(), Rejected> {
    Ok(store::keep_open_item(tx, &item).await?)
}

impl From<complaints::ComplaintFact> for OpenItemRow {
    fn from(fact: complaints::ComplaintFact) -> Self {
        let (kind, item) = (OpenItemKind::Complaint, fact.complaint_id.into());
        // One about our own people is not there for those who hand customers over.
        let is_open = fact.state.is_open() && !fact.restricted;
        let row = Self::new(kind, item, fact.customer_id, is_open, fact.sequence);
        Self { label: Some(fact.number), ..row }
    }
}

macro_rules! complaints {
    ($($event:ident),+ $(,)?) => { $(
        impl From<complaints::$event> for OpenItemRow {
            fn from(event: complaints::$event) -> Self {
                event.0.into()
            }
        }
    )+ };
}

complaints!(
    ComplaintOpened,
    ComplaintLinked,
    ComplaintAcknowledged,
    ComplaintAssessed,
    ComplaintResponded,
    ComplaintResolved,
    ComplaintClosed,
    ComplaintReopened,
    ComplaintWithdrawn,
    ComplaintInvestigationStarted,
    ComplaintAccepted,
    ComplaintEscalated,
    ComplaintWaitStarted,
    ComplaintResumed,
    ComplaintFollowedUp,
    ComplaintRejected,
    ComplaintContained,
    ComplaintInformed,
    ComplaintCustomerWrote,
    ComplaintAmended,
);

impl From<interactions::PromiseChanged> for OpenItemRow {
    fn from(event: interactions::PromiseChanged) -> Self {
        let fact = event.0;
        let (kind, item) = (OpenItemKind::Promise, fact.promise_id.into());
        Self::new(kind, item, Some(fact.customer_id), fact.state.is_open(), fact.sequence)
            .owed_by(fact.owner, fact.due_at)
    }
}

impl From<interactions::ActionPlanChanged> for OpenItemRow {
    fn from(event: interactions::ActionPlanChanged) -> Self {
        let fact = event.0;
        let (kind, item) = (OpenItemKind::ActionPlan, fact.action_plan_id.into());
        Self::new(kind, item, Some(fact.customer_id), fact.state.is_open(), fact.sequence)
            .owed_by(fact.owner, fact.due_at)
    }
}

/// What the registry's own rules refuse will be refused again: it is shown among the dead letters.
impl From<Error> for Rejected {
    fn from(error: Error) -> Self {
        match error {
            Error::Database(error) => Self::Database(error),
            Error::Contended => Self::Retry(error.to_string()),
            other => Self::Poison(other.to_string()),
        }
    }
}
