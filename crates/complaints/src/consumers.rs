mod observations;

use chrono::Utc;
use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, Envelope, Rejected, Subscription};
use registry_contract::v1::{self, CustomerCreated, CustomerFact, CustomerUpdated};

use crate::commands;

const CUSTOMERS: &[Subscription] = &[
    Subscription { event_type: v1::CUSTOMER_CREATED, handler: customer_created },
    Subscription { event_type: v1::CUSTOMER_UPDATED, handler: customer_updated },
];

pub const SUBSCRIPTIONS: &[Subscription] = &joined();

/// Both lists, in a constant: where services are declared nothing is computed.
const fn joined() -> [Subscription; CUSTOMERS.len() + observations::SUBSCRIPTIONS.len()] {
    let mut all = [CUSTOMERS[0]; CUSTOMERS.len() + observations::SUBSCRIPTIONS.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = match place < CUSTOMERS.len() {
            true => CUSTOMERS[place],
            false => observations::SUBSCRIPTIONS[place - CUSTOMERS.len()],
        };
        place += 1;
    }
    all
}

fn customer_created<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let CustomerCreated(fact) = envelope.decode()?;
        customer_known(tx, envelope, &fact).await
    }
    .boxed()
}

fn customer_updated<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let CustomerUpdated(fact) = envelope.decode()?;
        customer_known(tx, envelope, &fact).await
    }
    .boxed()
}

async fn customer_known(tx: &mut Tx, envelope: &Envelope, fact: &CustomerFact) -> Result<(), Rejected> {
    let act = Act::following(envelope, Utc::now());
    Ok(commands::customer_known(tx, &act, fact).await?)
}
