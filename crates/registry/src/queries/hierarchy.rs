use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use database::{Conn, Db, Id, PageRequest};
use registry_contract::{
    CustomerId, CustomerLink, CustomerLinkId, Hierarchy, HierarchyMember, HierarchyNode, MemberLink,
};
use wire::Reference;

use super::Listed;
use crate::domain::{Figures, LEVELS_READ, Links, MOST_MEMBERS, roll_up};
use crate::error::{Error, Result};
use crate::store::{self, CustomerLinkRow, Member};

pub async fn get_customer_link(db: &Db, id: CustomerLinkId) -> Result<CustomerLink> {
    let row = store::find_customer_link(&mut db.read().await?, id).await?;
    row.map(CustomerLink::from).ok_or_else(|| Error::CustomerLinkNotFound(id.to_string()))
}

/// Whom one customer belonged to, belongs to and will belong to.
pub async fn list_customer_links(
    db: &Db,
    child: &Reference<CustomerId>,
    page: &PageRequest,
) -> Result<Listed<CustomerLink>> {
    let mut conn = db.read().await?;
    let child = customer(&mut conn, child).await?.get();
    let rows = store::list_customer_links(&mut conn, child, page).await?;
    let count = match page.count {
        true => Some(store::count_customer_links(&mut conn, child).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(CustomerLink::from).collect(), count })
}

async fn customer(conn: &mut Conn, reference: &Reference<CustomerId>) -> Result<Id> {
    let found = store::find_customer(conn, reference).await?;
    Ok(found.ok_or_else(|| Error::CustomerNotFound(reference.to_string()))?.id)
}

/// The customer among those above and below it on a day, `depth` levels of them listed, and all of them counted.
pub async fn get_customer_hierarchy(
    db: &Db,
    reference: &Reference<CustomerId>,
    as_of: NaiveDate,
    depth: usize,
) -> Result<Hierarchy> {
    let reference = reference.clone();
    // A thread of its own: on SQLite a statement runs where it stands, and that of a large group takes a while.
    db.offload(move |db| async move { Ok(show(&db, &reference, as_of, depth).await) }).await?
}

async fn show(db: &Db, reference: &Reference<CustomerId>, as_of: NaiveDate, depth: usize) -> Result<Hierarchy> {
    let mut conn = db.read().await?;
    let top = customer(&mut conn, reference).await?;
    let above = line_above(&mut conn, top, as_of).await?;
    let below = store::links_below(&mut conn, top.get(), as_of, depth, MOST_MEMBERS).await?;
    if below.len() > MOST_MEMBERS {
        return Err(Error::HierarchyTooLarge);
    }
    let mut ids: Vec<Id> = above.iter().map(|row| row.parent_id).collect();
    ids.push(top);
    ids.extend(below.iter().map(|row| row.child_id));
    let members = store::members(&mut conn, &ids).await?;
    let figures = store::figures_below(&mut conn, top.get(), as_of, depth).await?;
    let own = above.first();
    Ok(Hierarchy { as_of, ancestors: ancestors(&above, &members), nodes: nodes(top, own, &below, &members, figures) })
}

/// The links that hold on the day, from the customer upwards.
async fn line_above(conn: &mut Conn, from: Id, day: NaiveDate) -> Result<Vec<CustomerLinkRow>> {
    let rows = store::links_above(conn, &[from.get()]).await?;
    let links: Links = rows.iter().map(CustomerLinkRow::link).collect();
    let by_id: HashMap<CustomerLinkId, CustomerLinkRow> = rows.into_iter().map(|row| (row.id.get(), row)).collect();
    let mut line: Vec<CustomerLinkRow> = Vec::new();
    let mut at: CustomerId = from.get();
    while let Some(link) = links.on(at, day).filter(|_| line.len() < LEVELS_READ) {
        line.extend(by_id.get(&link.id).cloned());
        at = link.parent;
    }
    Ok(line)
}

fn member(id: Id, link: Option<&CustomerLinkRow>, members: &HashMap<Id, Member>) -> Option<HierarchyMember> {
    let Member { code, name, kind, tier } = members.get(&id)?.clone();
    let link = link.map(|row| MemberLink { parent_id: row.parent_id.get(), kind: row.kind.0, from: row.from_day });
    Some(HierarchyMember { id: id.get(), code, name, kind, tier, link })
}

fn ancestors(above: &[CustomerLinkRow], members: &HashMap<Id, Member>) -> Vec<HierarchyMember> {
    let own_links = above.iter().skip(1).map(Some).chain([None]);
    let mut line: Vec<_> =
        above.iter().zip(own_links).filter_map(|(row, link)| member(row.parent_id, link, members)).collect();
    line.reverse();
    line
}

/// A customer's place in the tree: its parent's place, how deep it is, and what joins it to its parent.
struct Place<'a> {
    id: Id,
    parent: Option<usize>,
    depth: usize,
    link: Option<&'a CustomerLinkRow>,
}

fn nodes(
    top: Id,
    own: Option<&CustomerLinkRow>,
    below: &[CustomerLinkRow],
    members: &HashMap<Id, Member>,
    mut figures: HashMap<Id, Figures>,
) -> Vec<HierarchyNode> {
    let places = in_order(top, own, below, members);
    let figures = places.iter().map(|place| (place.parent, figures.remove(&place.id).unwrap_or_default()));
    let totals = roll_up(figures.collect());
    let node = |(place, total): (&Place<'_>, _)| {
        let member = member(place.id, place.link, members)?;
        Some(HierarchyNode { member, depth: place.depth, total })
    };
    places.iter().zip(totals).filter_map(node).collect()
}

/// Each branch whole before the next, brothers and sisters by name.
fn in_order<'a>(
    top: Id,
    own: Option<&'a CustomerLinkRow>,
    below: &'a [CustomerLinkRow],
    members: &HashMap<Id, Member>,
) -> Vec<Place<'a>> {
    let mut children: HashMap<Id, Vec<&CustomerLinkRow>> = HashMap::new();
    for row in below {
        children.entry(row.parent_id).or_default().push(row);
    }
    let name = |row: &CustomerLinkRow| members.get(&row.child_id).map(|member| (&member.name, row.child_id));
    children.values_mut().for_each(|rows| rows.sort_by(|a, b| name(b).cmp(&name(a))));
    let (mut places, mut seen) = (Vec::new(), HashSet::new());
    let mut open = vec![Place { id: top, parent: None, depth: 0, link: own }];
    while let Some(place) = open.pop() {
        if !members.contains_key(&place.id) || !seen.insert(place.id) {
            continue;
        }
        let index = places.len();
        let below = children.remove(&place.id).unwrap_or_default();
        open.extend(below.into_iter().map(|row| Place {
            id: row.child_id,
            parent: Some(index),
            depth: place.depth + 1,
            link: Some(row),
        }));
        places.push(place);
    }
    places
}
