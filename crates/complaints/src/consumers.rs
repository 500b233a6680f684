mod observations;

use chrono::Utc;
use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, Envelope, Rejected, Subscription};
use registry_contract::v1::{
    self, CustomerCreated, CustomerFact, CustomerMerged, CustomerUnmerged, CustomerUpdated, CustomerWithdrawn,
    EmployeeChanged,
};

use crate::commands;
use crate::store::employees;

const CUSTOMERS: &[Subscription] = &[
    Subscription::alone(v1::CUSTOMER_CREATED, customer_created),
    Subscription::alone(v1::CUSTOMER_UPDATED, customer_updated),
    Subscription::alone(v1::CUSTOMER_MERGED, customer_merged),
    Subscription::alone(v1::CUSTOMER_UNMERGED, customer_unmerged),
    Subscription::alone(v1::CUSTOMER_WITHDRAWN, customer_withdrawn),
    Subscription::alone(v1::EMPLOYEE_CHANGED, employee_changed),
];

pub const SUBSCRIPTIONS: &[Subscription] = &joined();

/// Both lists, in a constant: where services are declared nothing is computed.
const fn joined() -> [Subscription; CUSTOMERS.len() + observations::SUBSCRIPTIONS.len()] {
    let mut all = [CUSTOMERS[0]; CUSTOMERS.len() + observations::SUBSCRIPTIONS.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = if place < CUSTOMERS.len() {
            CUSTOMERS[place]
        } else {
            observations::SUBSCRIPTIONS[place - CUSTOMERS.len()]
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

fn employee_changed<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let EmployeeChanged(fact) = envelope.decode()?;
        Ok(employees::keep(tx, &fact).await?)
    }
    .boxed()
}

async fn customer_known(tx: &mut Tx, envelope: &Envelope, fact: &CustomerFact) -> Result<(), Rejected> {
    let act = Act::following(envelope, Utc::now());
    Ok(commands::customer_known(tx, &act, fact).await?)
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
        let act = Act::following(envelope, Utc::now());
        Ok(commands::customer_withdrawn(tx, &act, fact).await?)
    }
    .boxed()
}
