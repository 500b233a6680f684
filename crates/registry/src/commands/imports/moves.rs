use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use database::Tx;
use registry_contract::{CustomerId, CustomerLinkId};

use crate::domain::{Days, Faults, Link, begin};
use crate::error::Result;
use crate::store::{self, CustomerLinkRow};

/// Whom customers would belong to by now, were the rows of a file taken in: what these move goes before what is stored.
#[derive(Default)]
pub(super) struct Moves {
    /// All links of each customer that is moved, as they would be.
    of: HashMap<CustomerId, Box<[Link]>>,
    /// Who is moved, or has been for a while, below each customer.
    below: HashMap<CustomerId, Vec<CustomerId>>,
}

impl Moves {
    /// Whom rows have made the customer belong to on that day.
    pub fn parent(&self, child: CustomerId, day: NaiveDate) -> Option<CustomerId> {
        self.links(child).iter().find(|link| link.days.has(day)).map(|link| link.parent)
    }

    /// Moves a customer by a link from its first day on, unless something forbids it. Nothing is written.
    pub async fn make(&mut self, tx: &mut Tx, link: Link) -> Result<Faults> {
        let above = self.above(tx, &[link.child, link.parent]).await?;
        let beneath = self.beneath(tx, link.child, link.days.from).await?;
        let mut faults = Faults::default();
        let (ended, begun) = begin(link, &above, &beneath, &mut faults);
        if faults.is_empty() {
            let own = above.into_iter().filter(|one| one.child == begun.child);
            let left = own.map(|one| match Some(one) == ended {
                true => Link { days: Days { until: Some(begun.days.from), ..one.days }, ..one },
                false => one,
            });
            self.of.insert(begun.child, left.chain([begun]).collect());
            self.below.entry(begun.parent).or_default().push(begun.child);
        }
        Ok(faults)
    }

    /// As [`store::links_above`].
    async fn above(&self, tx: &mut Tx, from: &[CustomerId]) -> Result<Vec<Link>> {
        let mut found = Found::default();
        let mut level = from.to_vec();
        while !level.is_empty() {
            let stored = store::links_above(tx, &level).await?;
            let met = found.meet(level.iter().copied().chain(stored.iter().map(|row| row.parent_id.get())));
            let moved: Vec<Link> = met.iter().flat_map(|one| self.links(*one)).copied().collect();
            level = moved.iter().map(|link| link.parent).filter(|parent| !found.met.contains(parent)).collect();
            found.take(self.standing(&stored).chain(moved));
        }
        Ok(found.links)
    }

    /// As [`store::links_beneath`].
    async fn beneath(&self, tx: &mut Tx, from: CustomerId, since: NaiveDate) -> Result<Vec<Link>> {
        let mut found = Found::default();
        let mut level = vec![from];
        while !level.is_empty() {
            let stored = store::links_beneath(tx, &level, Some(since)).await?;
            let met = found.meet(level.iter().copied().chain(stored.iter().map(|row| row.child_id.get())));
            let moved: Vec<Link> = met.iter().flat_map(|one| self.moved_below(*one, since)).collect();
            level = moved.iter().map(|link| link.child).filter(|child| !found.met.contains(child)).collect();
            found.take(self.standing(&stored).chain(moved));
        }
        Ok(found.links)
    }

    fn links(&self, child: CustomerId) -> &[Link] {
        self.of.get(&child).map(|links| &links[..]).unwrap_or_default()
    }

    /// Links by which those that are moved belong to the customer on that day or later.
    fn moved_below(&self, parent: CustomerId, since: NaiveDate) -> impl Iterator<Item = Link> {
        let children = self.below.get(&parent).into_iter().flatten();
        let links = children.flat_map(move |child| self.links(*child)).copied();
        links.filter(move |link| link.parent == parent && link.days.until.is_none_or(|until| until > since))
    }

    /// The stored links of those that no row moves.
    fn standing(&self, stored: &[CustomerLinkRow]) -> impl Iterator<Item = Link> {
        stored.iter().map(CustomerLinkRow::link).filter(move |link| !self.of.contains_key(&link.child))
    }
}

/// What is found on the way through the hierarchy, each once.
#[derive(Default)]
struct Found {
    met: HashSet<CustomerId>,
    known: HashSet<CustomerLinkId>,
    links: Vec<Link>,
}

impl Found {
    /// Those of the customers that are met for the first time.
    fn meet(&mut self, customers: impl Iterator<Item = CustomerId>) -> Vec<CustomerId> {
        customers.filter(|one| self.met.insert(*one)).collect()
    }

    fn take(&mut self, links: impl Iterator<Item = Link>) {
        self.links.extend(links.filter(|link| self.known.insert(link.id)));
    }
}
