mod bulk;
mod customers;
mod due_contacts;
mod merges;

use std::collections::{HashMap, HashSet};

use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Id, Tx};
use interactions_contract::v1::{InteractionAmended, InteractionLogged};
use interactions_contract::{Interaction, InteractionId, InteractionPatch, NewInteraction};
use messaging::{Act, outbox};
use registry_contract::{CustomerId, Redirects};
use wire::Reference;

use crate::domain::{self, Customer, Draft};
use crate::error::{Error, customer_unknown};
use crate::queries;
use crate::store::{self, interactions};

pub use bulk::bulk_log_interactions;
pub use customers::keep_customers;
pub use due_contacts::{keep_due_contact, keep_proposed_contact};
pub use merges::redirect_customer;

pub async fn log_interaction(db: &Db, act: &Act, new: NewInteraction) -> Result<Interaction, Error> {
    let id = InteractionId::from(act.new_id());
    let mut tx = db.begin().await?;
    let known = Customers::load(&mut tx, std::iter::once(&new)).await?;
    let (customer, draft) = parse(new, &known, act)?;
    match record(&mut tx, act, id, customer, draft).await {
        Ok(interaction) => {
            due_contacts::settle_after(&mut tx, [&interaction]).await?;
            tx.commit().await?;
            Ok(interaction)
        }
        // The request was repeated after its commit and before its answer was kept.
        Err(error) if is_taken(&error) => {
            drop(tx);
            queries::interaction(db, &Reference::Id(id)).await
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn amend_interaction(
    db: &Db,
    act: &Act,
    reference: &Reference<InteractionId>,
    expected: IfMatch,
    patch: InteractionPatch,
) -> Result<Interaction, Error> {
    let mut tx = db.begin().await?;
    let before = interactions::lock(&mut tx, reference).await?;
    let before = before.ok_or_else(|| Error::InteractionNotFound(reference.to_string()))?;
    expected.check(before.version)?;
    let mut new = NewInteraction::from(&before);
    patch.apply(&mut new);
    let known = Customers::load(&mut tx, std::iter::once(&new)).await?;
    let (customer, draft) = parse(new, &known, act)?;
    let Some(after) = draft.amended(&before, customer, act.at) else {
        return Ok(before);
    };
    interactions::replace(&mut tx, &after).await?;
    audit::record(&mut tx, act, "interaction.amended", "interaction", after.id.into()).await?;
    outbox::enqueue(&mut tx, act, &InteractionAmended((&after).into())).await?;
    due_contacts::settle_after(&mut tx, [&before, &after]).await?;
    tx.commit().await?;
    Ok(after)
}

async fn record(
    tx: &mut Tx,
    act: &Act,
    id: InteractionId,
    customer: Customer,
    draft: Draft,
) -> database::Result<Interaction> {
    let code = domain::code(database::next_number(tx, "interaction_code").await?);
    let interaction = draft.logged(id, code, customer, act.at);
    interactions::insert(tx, &interaction).await?;
    audit::record(tx, act, "interaction.logged", "interaction", id.into()).await?;
    outbox::enqueue(tx, act, &InteractionLogged((&interaction).into())).await?;
    Ok(interaction)
}

/// PostgreSQL names the constraint, SQLite the column.
fn is_taken(error: &database::Error) -> bool {
    error.is_unique("interactions_pkey") || error.is_unique("interactions.id")
}

fn parse(new: NewInteraction, known: &Customers, act: &Act) -> Result<(Customer, Draft), Error> {
    let customer = known.find(&new.customer_id);
    match (customer, Draft::parse(new, act.at)) {
        (Ok(customer), Ok(draft)) => Ok((customer, draft)),
        (Err(code), Ok(_)) => Err(Error::CustomerUnknown { code }),
        (Ok(_), Err(faults)) => Err(Error::Invalid(faults)),
        (Err(code), Err(mut faults)) => {
            faults.insert(0, customer_unknown(&code));
            Err(Error::Invalid(faults))
        }
    }
}

/// What is known of the customers that some new interactions name.
struct Customers {
    by_code: HashMap<String, Id>,
    known: HashSet<Id>,
    redirects: Redirects,
}

impl Customers {
    /// Looks the customers up and keeps them from being merged until the transaction ends.
    async fn load(conn: &mut Tx, news: impl Iterator<Item = &NewInteraction>) -> database::Result<Self> {
        let mut codes = Vec::new();
        let mut ids = Vec::new();
        for new in news {
            match &new.customer_id {
                Reference::Id(id) => ids.push(Id::from(*id)),
                Reference::Code(code) => codes.push(code.as_str()),
            }
        }
        let by_code = store::customers::by_code(conn, codes).await?;
        ids.extend(by_code.values().copied());
        // Who is unknown has no row to hold, and may have been merged already.
        store::merges::hold(conn).await?;
        let redirects = store::merges::from(conn, &ids).await?;
        let known = store::customers::hold(conn, ids).await?;
        Ok(Self { by_code, known, redirects })
    }

    /// An id nobody told us of is taken as it is, because the registry's events may lag; a code nobody has is handed
    /// back. One that was merged stands for what it was merged into.
    fn find(&self, reference: &Reference<CustomerId>) -> Result<Customer, String> {
        match reference {
            Reference::Id(id) => {
                let known = self.known.contains(&Id::from(*id));
                Ok(Customer { id: self.redirects.resolve(*id), known })
            }
            Reference::Code(code) => match self.by_code.get(code) {
                Some(id) => Ok(Customer { id: self.redirects.resolve(id.get()), known: true }),
                None => Err(code.clone()),
            },
        }
    }
}
