use chassis::audit;
use chassis::http::IfMatch;
use chrono::NaiveDate;
use database::{Db, Id, Tx};
use messaging::Act;
use registry_contract::{
    Customer, CustomerId, CustomerLink, CustomerLinkId, CustomerLinkPatch, LinkKind, NewCustomer, NewCustomerLink,
};
use wire::Reference;

use super::customers::{load, write};
use super::races::made;
use crate::domain::{CustomerDetails, Days, Faults, Link, Links, Move, begin, move_on};
use crate::error::{Error, Result};
use crate::store::{self, CustomerLinkRow, Word};

/// Customers looked for at a time.
const BATCH: i64 = 200;

/// Whether anybody may belong to the customer that moves.
#[derive(Clone, Copy)]
enum Below {
    Nobody,
    Perhaps,
}

/// What a customer's move comes to in links; to be checked before anything is written.
pub(super) struct Plan {
    ended: Option<Link>,
    begun: Option<(Link, LinkKind)>,
}

impl Plan {
    /// That `child` belongs to `parent`, or to nobody, from the act's day on. Names what forbids it.
    pub(super) async fn to(
        tx: &mut Tx,
        act: &Act,
        child: CustomerId,
        parent: Option<CustomerId>,
    ) -> Result<(Self, Faults)> {
        let Some(parent) = parent else {
            let Move { ended, .. } = move_on(&own_links(tx, child).await?, act.at.date_naive());
            return Ok((Self { ended, begun: None }, Faults::default()));
        };
        Self::of(tx, from_today(act, child, parent), LinkKind::default(), Below::Perhaps).await
    }

    /// The same of a customer that is yet to be.
    pub(super) async fn of_new(
        tx: &mut Tx,
        act: &Act,
        child: CustomerId,
        parent: CustomerId,
    ) -> Result<(Self, Faults)> {
        Self::of(tx, from_today(act, child, parent), LinkKind::default(), Below::Nobody).await
    }

    /// The same from any day on, and on the link's own terms.
    async fn of(tx: &mut Tx, wanted: Link, kind: LinkKind, below: Below) -> Result<(Self, Faults)> {
        store::lock_hierarchy(tx).await?;
        let mut faults = Faults::default();
        match store::find_customer(tx, &Reference::Id(wanted.parent)).await? {
            None => faults.add("/parent_id", "unknown-customer", "there is no such customer"),
            Some(row) if row.id != wanted.parent.into() => {
                faults.add("/parent_id", "customer-merged", format!("was merged into {}; name that one", row.code));
            }
            Some(_) => {}
        }
        let above = links(&store::links_above(tx, &[wanted.child, wanted.parent]).await?);
        let beneath = match below {
            Below::Nobody => vec![],
            Below::Perhaps => links(&store::links_beneath(tx, &[wanted.child], Some(wanted.days.from)).await?),
        };
        let (ended, begun) = begin(wanted, &above, &beneath, &mut faults);
        Ok((Self { ended, begun: Some((begun, kind)) }, faults))
    }

    pub(super) async fn carry_out(&self, tx: &mut Tx, act: &Act) -> Result<()> {
        if let Some(ended) = &self.ended {
            let day = self.begun.map_or(act.at.date_naive(), |(link, _)| link.days.from);
            store::end_customer_link(tx, ended.id, day, act.at.into()).await?;
        }
        let begun = self.begun.map(|(link, kind)| CustomerLinkRow::new(&link, kind, act.at.into()));
        Ok(store::insert_customer_links(tx, begun.as_slice()).await?)
    }
}

fn links(rows: &[CustomerLinkRow]) -> Vec<Link> {
    rows.iter().map(CustomerLinkRow::link).collect()
}

/// That `child` belongs to `parent` from the act's day on.
pub(super) fn from_today(act: &Act, child: CustomerId, parent: CustomerId) -> Link {
    let days = Days { from: act.at.date_naive(), until: None };
    Link { id: CustomerLinkId::new(), child, parent, days }
}

async fn own_links(tx: &mut Tx, child: CustomerId) -> Result<Vec<Link>> {
    store::lock_hierarchy(tx).await?;
    let above = store::links_above(tx, &[child]).await?;
    Ok(above.iter().map(CustomerLinkRow::link).filter(|link| link.child == child).collect())
}

pub async fn create_customer_link(
    db: &Db,
    act: &Act,
    child: &Reference<CustomerId>,
    new: NewCustomerLink,
) -> Result<CustomerLink> {
    let id = act.new_id().into();
    let done = try_create(db, act, id, child, new).await;
    made(done, async || Ok(store::find_customer_link(&mut db.read().await?, id).await?.map(CustomerLink::from))).await
}

async fn try_create(
    db: &Db,
    act: &Act,
    id: CustomerLinkId,
    child: &Reference<CustomerId>,
    new: NewCustomerLink,
) -> Result<CustomerLink> {
    let mut tx = db.begin().await?;
    let customer = load(&mut tx, child).await?;
    let days = Days { from: new.from, until: new.until };
    let faults = backwards(days);
    let wanted = Link { id, child: customer.id, parent: new.parent_id, days };
    let (plan, unfit) = Plan::of(&mut tx, wanted, new.kind, Below::Perhaps).await?;
    let plan = Faults::join(faults.or(plan), unfit)?;
    plan.carry_out(&mut tx, act).await?;
    let row = store::find_customer_link(&mut tx, id).await?.ok_or(database::Error::NotFound)?;
    audit::record(&mut tx, act, "customer-link.created", "customer-link", id.into()).await?;
    keep_in_step(&mut tx, act, customer).await?;
    tx.commit().await?;
    Ok(row.into())
}

/// Changes how a link is, or when it ends.
pub async fn update_customer_link(
    db: &Db,
    act: &Act,
    id: CustomerLinkId,
    expected: IfMatch,
    patch: CustomerLinkPatch,
) -> Result<CustomerLink> {
    try_update(db, act, id, expected, patch).await.map_err(Error::settled)
}

async fn try_update(
    db: &Db,
    act: &Act,
    id: CustomerLinkId,
    expected: IfMatch,
    patch: CustomerLinkPatch,
) -> Result<CustomerLink> {
    let mut tx = db.begin().await?;
    let unknown = || Error::CustomerLinkNotFound(id.to_string());
    let child = store::find_customer_link(&mut tx, id).await?.ok_or_else(unknown)?.child_id.get();
    // The customer before the hierarchy, as everywhere: nobody waits in a circle.
    let customer = load(&mut tx, &Reference::Id(child)).await?;
    // It waits with its customer until the merge is undone.
    if customer.id != child {
        return Err(Error::AlreadyMerged(customer.id));
    }
    store::lock_hierarchy(&mut tx).await?;
    let before = store::find_customer_link(&mut tx, id).await?.ok_or_else(unknown)?;
    expected.check(before.version)?;
    let mut after = before.clone();
    after.kind = Word(patch.kind.unwrap_or(before.kind.0));
    after.until_day = patch.until.unwrap_or(before.until_day);
    if (after.kind, after.until_day) == (before.kind, before.until_day) {
        return Ok(before.into());
    }
    let link = after.link();
    let mut faults = Faults::default();
    if after.until_day.is_some_and(|until| until < after.from_day) {
        faults.add("/until", "not-after-from", "must not be before the first day");
    } else if is_longer(before.until_day, after.until_day) {
        faults.extend(unfit_days(&mut tx, &link).await?);
    }
    faults.or(())?;
    (after.version, after.updated_at) = (before.version + 1, act.at.into());
    if !store::update_customer_link(&mut tx, &after).await? {
        return Err(Error::Contended);
    }
    audit::record(&mut tx, act, "customer-link.updated", "customer-link", id.into()).await?;
    keep_in_step(&mut tx, act, customer).await?;
    tx.commit().await?;
    Ok(after.into())
}

fn is_longer(before: Option<NaiveDate>, after: Option<NaiveDate>) -> bool {
    before.is_some_and(|before| after.is_none_or(|after| after > before))
}

/// What is wrong with a link that lasts longer than before.
async fn unfit_days(tx: &mut Tx, link: &Link) -> Result<Faults> {
    let mut faults = Faults::default();
    let parent = store::find_customer(tx, &Reference::Id(link.parent)).await?;
    if let Some(row) = parent.filter(|row| row.id != Id::from(link.parent)) {
        let message = format!("the one that it belonged to was merged into {}; make a link to that one", row.code);
        faults.add("/until", "customer-merged", message);
    }
    let above = store::links_above(tx, &[link.child, link.parent]).await?;
    let beneath = store::links_beneath(tx, &[link.child], Some(link.days.from)).await?;
    above.iter().chain(&beneath).map(CustomerLinkRow::link).collect::<Links>().check(link, &mut faults);
    Ok(faults)
}

fn backwards(days: Days) -> Faults {
    let mut faults = Faults::default();
    if days.until.is_some_and(|until| until <= days.from) {
        faults.add("/until", "not-after-from", "must be after the first day");
    }
    faults
}

/// Makes the customer's parent the one of the link that holds on the act's day; false when it was.
pub(super) async fn keep_in_step(tx: &mut Tx, act: &Act, customer: Customer) -> Result<bool> {
    let own = store::links_above(tx, &[customer.id]).await?;
    let links: Links = own.iter().map(CustomerLinkRow::link).collect();
    let parent = links.on(customer.id, act.at.date_naive()).map(|link| link.parent);
    if parent == customer.parent_id {
        return Ok(false);
    }
    let wanted = NewCustomer { parent_id: parent, ..NewCustomer::from(&customer) };
    write(tx, act, &customer, &CustomerDetails::stored(wanted), None).await?;
    Ok(true)
}

/// Gives customers the parents whose day has come, and takes those whose last day has gone. Answers how many changed.
pub async fn settle_hierarchy(db: &Db, act: &Act) -> Result<usize> {
    let out_of_step = store::customers_out_of_step(&mut db.read().await?, act.at.date_naive(), BATCH).await?;
    let mut changed = 0;
    for id in out_of_step {
        let mut tx = db.begin().await?;
        let customer = load(&mut tx, &Reference::Id(id)).await?;
        store::lock_hierarchy(&mut tx).await?;
        changed += usize::from(keep_in_step(&mut tx, act, customer).await?);
        tx.commit().await?;
    }
    Ok(changed)
}
