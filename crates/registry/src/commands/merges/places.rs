//! What a merge, and its undoing, does to who belongs to whom.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use database::{Id, Tx};
use messaging::Act;
use registry_contract::{CustomerId, CustomerLinkId};

use crate::domain::{Faults, Joined, Links, MOST_LEVELS};
use crate::error::Result;
use crate::store::{self, CustomerLinkRow, MergeRow};

/// What becomes of the links to the merged customer. Names what forbids the merge.
pub(super) async fn judge(
    tx: &mut Tx,
    act: &Act,
    survivor: CustomerId,
    merged: CustomerId,
    faults: &mut Faults,
) -> Result<Joined> {
    let above = store::links_above(tx, &[survivor, merged]).await?;
    let beneath = store::links_beneath(tx, &[merged], None).await?;
    let links: Links = above.iter().chain(&beneath).map(CustomerLinkRow::link).collect();
    let joined = match links.join(survivor, merged, act.at.date_naive()) {
        Ok(joined) => joined,
        Err(day) => {
            let message =
                format!("on {day} the survivor belongs to it; merge them the other way round, or end that before");
            faults.add("/merged_id", "ancestor", message);
            return Ok(Joined::default());
        }
    };
    if !beneath.is_empty()
        && let Some(day) = links.joined(survivor, merged, &joined).too_deep(survivor, act.at.date_naive())
    {
        let message = format!(
            "somebody that belongs to it would be more than {MOST_LEVELS} levels below the top, from {day} on; move what \
             belongs to it, or the survivor, first"
        );
        faults.add("/merged_id", "too-deep", message);
    }
    Ok(joined)
}

/// Before the links go along: those that are not to.
pub(super) async fn keep(tx: &mut Tx, merge: &MergeRow, joined: &Joined) -> Result<()> {
    let kept: Vec<Id> = joined.kept.iter().map(|id| Id::from(*id)).collect();
    Ok(store::note_kept_links(tx, merge.id, &kept).await?)
}

/// After they went along: the days on which some did not.
pub(super) async fn split(tx: &mut Tx, act: &Act, merge: &MergeRow, joined: &Joined) -> Result<()> {
    for (link, day) in &joined.split {
        let past = CustomerLinkId::new();
        let before = (past, merge.merged_id.get());
        store::split_customer_link(tx, *link, before, *day, act.at.into()).await?;
        store::note_split(tx, merge.id, *link, past).await?;
    }
    Ok(())
}

/// After the links went back: they are whole again, and so is the group.
pub(super) async fn give_back(tx: &mut Tx, act: &Act, merge: &MergeRow) -> Result<()> {
    for (link, past) in store::splits_of(tx, merge.id).await? {
        store::rejoin_customer_link(tx, link, past, act.at.into()).await?;
    }
    let (from, to) = (merge.survivor_id, merge.merged_id);
    Ok(store::reclaim_members(tx, from, to, act.at.date_naive(), act.at.into()).await?)
}

/// What of today's links does not go together with those that are back.
pub(super) async fn in_the_way(tx: &mut Tx, act: &Act, merged: CustomerId) -> Result<Faults> {
    let mut rows = store::links_above(tx, &[merged]).await?;
    rows.extend(store::links_beneath(tx, &[merged], None).await?);
    let links: Links = rows.iter().map(CustomerLinkRow::link).collect();
    let by_id: HashMap<CustomerLinkId, &CustomerLinkRow> = rows.iter().map(|row| (row.id.get(), row)).collect();
    let (mut faults, mut named) = (Faults::default(), HashSet::new());
    for way in links.circles(merged) {
        let all: Vec<_> = way.links.iter().filter_map(|id| by_id.get(id).copied()).collect();
        // Those of the customer itself are as they were: another one has come since.
        let others = all.iter().filter(|row| row.child_id != merged.into() && row.parent_id != merged.into());
        let latest = others.max_by_key(|row| row.updated_at).or(all.last());
        if let Some(row) = latest.filter(|row| named.insert(row.id)) {
            let what = format!("with it the customer would belong to itself on {}", way.days.from);
            faults.add("{id}", "hierarchy-cycle", told(tx, row, &what).await?);
        }
    }
    // Days that are over are as they were: nobody can move anything on them.
    let deep = if faults.is_empty() { links.too_deep(merged, act.at.date_naive()) } else { None };
    // Without a place of its own it is no deeper than it was.
    let own = deep.and_then(|day| links.on(merged, day).map(|link| (day, link.id)));
    if let Some((day, row)) = own.and_then(|(day, id)| Some((day, *by_id.get(&id)?))) {
        faults.add("{id}", "too-deep", told(tx, row, &too_deep(day)).await?);
    }
    Ok(faults)
}

fn too_deep(day: NaiveDate) -> String {
    format!(
        "with it somebody would be more than {MOST_LEVELS} levels below the top, from {day} on; what is above or below is to \
         be moved"
    )
}

async fn told(tx: &mut Tx, row: &CustomerLinkRow, what: &str) -> Result<String> {
    let known = store::codes_and_names_of(tx, &[row.child_id, row.parent_id]).await?;
    let code = |id: Id| known.get(&id.get::<CustomerId>()).map_or("?", |(code, _)| code.as_str());
    let (id, from): (CustomerLinkId, _) = (row.id.get(), row.from_day);
    let (child, parent) = (code(row.child_id), code(row.parent_id));
    Ok(format!("{child} belongs to {parent} from {from} on (link {id}): {what}"))
}
