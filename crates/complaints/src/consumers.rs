mod observations;

use chrono::Utc;
use customer_merges::known;
use database::Tx;
use futures::FutureExt;
use futures::future::BoxFuture;
use messaging::{Act, Envelope, Rejected, Subscription};
use registry_contract::TeamRole;
use registry_contract::v1::{
    self, ContactErased, CustomerFact, CustomerMerged, CustomerUnmerged, EmployeeChanged, TeamMemberChanged,
};

use crate::commands;
use crate::store::employees;

const PEOPLE: &[Subscription] = &[
    Subscription::together(v1::CUSTOMER_CREATED, customers_told),
    Subscription::together(v1::CUSTOMER_UPDATED, customers_told),
    Subscription::alone(v1::CUSTOMER_MERGED, customer_merged),
    Subscription::alone(v1::CUSTOMER_UNMERGED, customer_unmerged),
    Subscription::together(v1::CUSTOMER_WITHDRAWN, customers_told),
    Subscription::alone(v1::EMPLOYEE_CHANGED, employee_changed),
    Subscription::alone(v1::TEAM_MEMBER_CHANGED, team_member_changed),
    Subscription::alone(v1::CONTACT_ERASED, contact_erased),
];

pub const SUBSCRIPTIONS: &[Subscription] = &joined();

/// Both lists, in a constant: where services are declared nothing is computed.
const fn joined() -> [Subscription; PEOPLE.len() + observations::SUBSCRIPTIONS.len()] {
    let mut all = [PEOPLE[0]; PEOPLE.len() + observations::SUBSCRIPTIONS.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] =
            if place < PEOPLE.len() { PEOPLE[place] } else { observations::SUBSCRIPTIONS[place - PEOPLE.len()] };
        place += 1;
    }
    all
}

/// What follows from many of them is in the trace of the first.
fn customers_told<'a>(tx: &'a mut Tx, envelopes: &'a [&'a Envelope]) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let facts = CustomerFact::newest(known::told(envelopes)?);
        let Some(first) = envelopes.first() else { return Ok(()) };
        Ok(commands::customers_known(tx, &Act::following(first, Utc::now()), &facts).await?)
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

/// Which role somebody has on a team never changes, only from and until when.
fn team_member_changed<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        match envelope.decode()? {
            TeamMemberChanged(fact) if fact.role == TeamRole::ExecutiveSponsor => {
                Ok(employees::keep_sponsor(tx, &fact).await?)
            }
            TeamMemberChanged(_) => Ok(()),
        }
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

fn contact_erased<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    async move {
        let ContactErased(fact) = envelope.decode()?;
        Ok(commands::contact_erased(tx, &Act::following(envelope, Utc::now()), &fact).await?)
    }
    .boxed()
}
