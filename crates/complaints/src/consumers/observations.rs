//! Facts for the detectors.

use chrono::{NaiveTime, Utc};
use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use interactions_contract::v1 as interactions;
use messaging::{Envelope, Rejected, Subscription};
use registry_contract::v1 as registry;
use sales_contract::v1 as sales;
use wire::Event;

use crate::store::signals::{self, Snapshot};

/// Declares a handler for each event: its snapshot is kept, and its customer looked at.
macro_rules! observations {
    ($($handler:ident: $source:ident::$event:ident($fact:ident) => $kind:literal, $id:ident, $at:expr;)+) => {
        pub const SUBSCRIPTIONS: &[Subscription] =
            &[$(Subscription { event_type: $source::$event::TYPE, handler: $handler }),+];

        $(
            fn $handler<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
                async move {
                    let $source::$event($fact) = envelope.decode()?;
                    let snapshot = Snapshot::of($kind, $fact.$id, $fact.customer_id, $fact.sequence, $at, &$fact)?;
                    Ok(signals::keep(tx, &snapshot, Utc::now()).await?)
                }
                .boxed()
            }
        )+
    };
}

observations! {
    position_created: registry::PositionCreated(fact) => "position", position_id, Utc::now();
    holding_created: registry::HoldingCreated(fact) => "holding", holding_id, fact.from.and_time(NaiveTime::MIN).and_utc();
    interaction_logged: interactions::InteractionLogged(fact) => "interaction", interaction_id, fact.occurred_at;
    interaction_amended: interactions::InteractionAmended(fact) => "interaction", interaction_id, fact.occurred_at;
    meeting_changed: interactions::MeetingChanged(fact) => "meeting", meeting_id, fact.planned_at;
    order_changed: sales::OrderChanged(fact) => "order", order_id, fact.ordered_on.and_time(NaiveTime::MIN).and_utc();
    invoice_changed: sales::InvoiceChanged(fact) => "invoice", invoice_id, fact.due_on.and_time(NaiveTime::MIN).and_utc();
}
