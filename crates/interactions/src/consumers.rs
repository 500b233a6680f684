use chrono::Utc;
use complaints_contract::v1::{
    EXECUTIVE_CONTACT_PROPOSED, ExecutiveContactProposed, FOLLOW_UP_CHANGED, FollowUpChanged,
};
use customer_merges::known;
use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, Envelope, Rejected, Subscription};
use registry_contract::v1::{self, CustomerFact, CustomerMerged, CustomerUnmerged};

use crate::commands;
use crate::domain::DueContact;

pub const SUBSCRIPTIONS: &[Subscription] = &[
    Subscription::together(v1::CUSTOMER_CREATED, customers_told),
    Subscription::together(v1::CUSTOMER_UPDATED, customers_told),
    Subscription::alone(v1::CUSTOMER_MERGED, customer_merged),
    Subscription::alone(v1::CUSTOMER_UNMERGED, customer_unmerged),
    Subscription::together(v1::CUSTOMER_WITHDRAWN, customers_told),
    Subscription::alone(FOLLOW_UP_CHANGED, follow_up_changed),
    Subscription::alone(EXECUTIVE_CONTACT_PROPOSED, executive_contact_proposed),
];

fn customers_told<'a>(tx: &'a mut Tx, envelopes: &'a [&'a Envelope]) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let facts = CustomerFact::newest(known::told(envelopes)?);
        Ok(commands::keep_customers(tx, &facts).await?)
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

fn follow_up_changed<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let FollowUpChanged(fact) = envelope.decode()?;
        Ok(commands::keep_due_contact(tx, &DueContact::from(fact)).await?)
    }
    .boxed()
}

fn executive_contact_proposed<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let proposed: ExecutiveContactProposed = envelope.decode()?;
        Ok(commands::keep_proposed_contact(tx, &DueContact::from(proposed)).await?)
    }
    .boxed()
}
