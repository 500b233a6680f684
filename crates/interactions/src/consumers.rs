use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Envelope, Rejected, Subscription};
use registry_contract::v1::{self, CustomerCreated, CustomerUpdated};

use crate::store::customers;

pub const SUBSCRIPTIONS: &[Subscription] = &[
    Subscription { event_type: v1::CUSTOMER_CREATED, handler: customer_created },
    Subscription { event_type: v1::CUSTOMER_UPDATED, handler: customer_updated },
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
