use chrono::Utc;
use complaints_contract::v1::{FOLLOW_UP_CHANGED, FollowUpChanged};
use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, Envelope, Rejected, Subscription};
use registry_contract::v1::{
    self, CustomerCreated, CustomerMerged, CustomerUnmerged, CustomerUpdated, CustomerWithdrawn,
};

use crate::commands;
use crate::domain::DueContact;
use crate::store::customers;

pub const SUBSCRIPTIONS: &[Subscription] = &[
    Subscription { event_type: v1::CUSTOMER_CREATED, handler: customer_created },
    Subscription { event_type: v1::CUSTOMER_UPDATED, handler: customer_updated },
    Subscription { event_type: v1::CUSTOMER_MERGED, handler: customer_merged },
    Subscription { event_type: v1::CUSTOMER_UNMERGED, handler: customer_unmerged },
    Subscription { event_type: v1::CUSTOMER_WITHDRAWN, handler: customer_withdrawn },
    Subscription { event_type: FOLLOW_UP_CHANGED, handler: follow_up_changed },
];

fn customer_created<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let CustomerCreated(fact) = envelope.decode()?;
        Ok(customers::keep(tx, &fact).await?)
    }
    .boxed()
}

fn customer_updated<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let CustomerUpdated(fact) = envelope.decode()?;
        Ok(customers::keep(tx, &fact).await?)
    }
    .boxed()
}

fn customer_merged<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let CustomerMerged(fact) = envelope.decode()?;
        let act = Act::following(envelope, Utc::now());
        Ok(commands::redirect_customer(tx, &act, &fact, Some(fact.survivor_id)).await?)
    }
    .boxed()
}

fn customer_unmerged<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let CustomerUnmerged(fact) = envelope.decode()?;
        let act = Act::following(envelope, Utc::now());
        Ok(commands::redirect_customer(tx, &act, &fact, None).await?)
    }
    .boxed()
}

fn customer_withdrawn<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let CustomerWithdrawn(fact) = envelope.decode()?;
        Ok(customers::withdraw(tx, fact).await?)
    }
    .boxed()
}

fn follow_up_changed<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let FollowUpChanged(fact) = envelope.decode()?;
        Ok(commands::keep_due_contact(tx, &DueContact::from(fact)).await?)
    }
    .boxed()
}
