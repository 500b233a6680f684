//! What the detectors are told. Nobody publishes yet what comes from sales and surveys, nor of meetings and of manners.

use chrono::Utc;
use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use interactions_contract::v1::{InteractionAmended, InteractionLogged, MannerMarked, MeetingChanged};
use messaging::{Envelope, Rejected, Subscription};
use registry_contract::v1::{HoldingCreated, HoldingUpdated, PositionCreated, PositionUpdated};
use sales_contract::v1::{InvoiceChanged, OrderChanged};
use surveys_contract::v1::InvitationChanged;
use wire::Event;

use crate::commands;

/// Declares a handler for each event.
macro_rules! observations {
    ($($handler:ident: $event:ident,)+) => {
        pub const SUBSCRIPTIONS: &[Subscription] =
            &[$(Subscription::alone($event::TYPE, $handler)),+];

        $(
            fn $handler<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
                async move {
                    let $event(fact) = envelope.decode()?;
                    Ok(commands::observe(tx, &fact.into(), Utc::now()).await?)
                }
                .boxed()
            }
        )+
    };
}

observations! {
    position_created: PositionCreated,
    position_updated: PositionUpdated,
    holding_created: HoldingCreated,
    holding_updated: HoldingUpdated,
    interaction_logged: InteractionLogged,
    interaction_amended: InteractionAmended,
    meeting_changed: MeetingChanged,
    manner_marked: MannerMarked,
    order_changed: OrderChanged,
    invoice_changed: InvoiceChanged,
    invitation_changed: InvitationChanged,
}
