//! What two customers, whose merge is undone, have in common by then.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chassis::audit;
use database::{Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{
    Holding, HoldingId, MergeMoved, OpportunityId, Position, PositionId, ShareLine, ShareRecord, VendorId,
    VendorRelation, v1,
};
use serde_json::Value;
use uuid::Uuid;

use crate::commands::chains::{self, Chain};
use crate::domain::{Faults, structure};
use crate::error::{Error, Result};
use crate::facts::{holding_fact, position_fact, vendor_shares_fact};
use crate::store::{self, Crossing, MergeRow, ProfileVersionRow, ShareTableRow, part_named};

/// Notes that corrections of periods which go back go back too, where they name no vendor but those that do.
pub(super) async fn note_share_tables(tx: &mut Tx, merge: &MergeRow) -> Result<()> {
    let (vendors, tables) = (part_named("vendors")?, part_named("vendor_share_tables")?);
    let vendors: HashSet<Id> = noted(store::gone_along(tx, vendors, merge.id, merge.survivor_id).await?);
    let gone: HashSet<Id> = noted(store::gone_along(tx, tables, merge.id, merge.survivor_id).await?);
    let all = store::share_tables_of(tx, merge.survivor_id.get()).await?;
    let periods: HashSet<_> = all.iter().filter(|row| gone.contains(&row.id)).map(|row| row.period.0).collect();
    let mut back = Vec::new();
    for row in all.into_iter().filter(|row| !gone.contains(&row.id) && periods.contains(&row.period.0)) {
        let id = row.id;
        let lines = ShareRecord::try_from(row)?.lines;
        let mut named = lines.iter().flat_map(|line| &line.shares).map(|share| Id::from(share.vendor_id)).peekable();
        if named.peek().is_some() && named.all(|vendor| vendors.contains(&vendor)) {
            back.push(id);
        }
    }
    Ok(store::note_moves(tx, merge.id, tables, &back).await?)
}

fn noted(ids: Vec<Id>) -> HashSet<Id> {
    ids.into_iter().collect()
}

/// Everything of two customers that refers from the one to the other's.
pub(super) struct Crossings {
    customers: (Id, Id),
    rows: Vec<Crossing>,
    /// Vendors with the relations that stay.
    relations: Vec<(VendorId, Vec<VendorRelation>)>,
    /// What counts for a period, with what would be left of it.
    tables: Vec<(ShareTableRow, Vec<ShareLine>)>,
    /// Versions of profile sections, as they would be left.
    profiles: Vec<ProfileVersionRow>,
}

impl Crossings {
    pub(super) async fn between(tx: &mut Tx, customers: (Id, Id)) -> Result<Self> {
        let rows = store::crossings(tx, customers).await?;
        let (relations, tables, profiles) = (Vec::new(), Vec::new(), Vec::new());
        let mut found = Self { customers, rows, relations, tables, profiles };
        let (one, other) = customers;
        for (own, its) in [(one, other), (other, one)] {
            let seats = store::positions_of(tx, its).await?;
            let seats: HashSet<PositionId> = seats.into_iter().map(|row| row.id.get()).collect();
            for mut row in store::profile_versions_of(tx, own.get()).await? {
                if cut_steps(&mut row.content, &seats) {
                    found.profiles.push(row);
                }
            }
            let vendors = store::vendors_by_id(tx, own.get()).await?;
            for vendor in vendors.into_values() {
                let known = vendor.relations.len();
                let mut stay = vendor.relations;
                stay.retain(|relation| !seats.contains(&relation.position_id));
                if stay.len() < known {
                    found.relations.push((vendor.id, stay));
                }
            }
            let vendors: HashSet<VendorId> = store::vendors_by_id(tx, its.get()).await?.into_keys().collect();
            for row in store::current_share_tables(tx, own.get()).await? {
                let lines = ShareRecord::try_from(row.clone())?.lines;
                let stay: Vec<_> = lines.iter().map(|line| without(line, &vendors)).collect();
                if stay != lines {
                    found.tables.push((row, stay));
                }
            }
        }
        found.relations.sort_by_key(|(vendor, _)| *vendor);
        Ok(found)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.relations.is_empty() && self.tables.is_empty() && self.profiles.is_empty()
    }

    /// Names each.
    pub(super) fn faults(&self) -> Faults {
        let mut faults = Faults::default();
        let mut add = |message: String| faults.add("{id}", "crosses-customers", message);
        for row in &self.rows {
            add(told(row));
        }
        for (vendor, _) in &self.relations {
            add(format!("the vendor {vendor} has relations with positions of the other customer"));
        }
        for (row, _) in &self.tables {
            let period = row.period.0;
            add(format!("the vendor shares of {period} name vendors of the other customer; record the period anew"));
        }
        for row in &self.profiles {
            let (number, id) = (row.number, row.id.get::<Uuid>());
            add(format!("version {number} of a profile section ({id}) names positions of the other customer"));
        }
        faults
    }

    /// Cuts them all, and says so; answers how many of each kind.
    pub(super) async fn cut(self, tx: &mut Tx, act: &Act) -> Result<Vec<MergeMoved>> {
        let counts = self.counts();
        // Whoever knows them hears that they never held.
        let mut holdings: Vec<(Holding, Id)> = Vec::new();
        for row in self.rows.iter().filter(|row| row.what == "holdings") {
            let found = store::find_holding(tx, HoldingId::from(row.ids[0].get::<Uuid>())).await?;
            holdings.extend(found.map(|found| (Holding::from(found), row.customer)));
        }
        store::cut_crossings(tx, self.customers, act.at.into()).await?;
        for (holding, customer) in holdings {
            let gone = Holding { until: Some(holding.from), version: holding.version + 1, ..holding };
            outbox::enqueue(tx, act, &v1::HoldingUpdated(holding_fact(&gone, customer.get()))).await?;
        }
        for row in self.rows.iter().filter(|row| row.what == "positions") {
            if let Some(found) = store::find_position(tx, PositionId::from(row.ids[0].get::<Uuid>())).await? {
                outbox::enqueue(tx, act, &v1::PositionUpdated(position_fact(&Position::from(found)))).await?;
            }
        }
        tell_chains(tx, act, &self.rows).await?;
        for (vendor, relations) in self.relations {
            let Some(mut row) = store::find_vendor(tx, vendor).await? else { continue };
            row.relations = serde_json::to_value(relations).map_err(database::Error::other)?;
            (row.version, row.updated_at) = (row.version + 1, act.at.into());
            if !store::update_vendor(tx, &row).await? {
                return Err(Error::Contended);
            }
        }
        for mut row in self.profiles {
            (row.version, row.updated_at) = (row.version + 1, act.at.into());
            store::update_profile_version(tx, &row).await?;
        }
        for (row, lines) in self.tables {
            correct(tx, act, row, &lines).await?;
        }
        Ok(counts)
    }

    fn counts(&self) -> Vec<MergeMoved> {
        let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
        for row in &self.rows {
            *counts.entry(row.what).or_default() += 1;
        }
        let others = [
            ("vendor_relations", self.relations.len()),
            ("vendor_share_tables", self.tables.len()),
            ("profile_versions", self.profiles.len()),
        ];
        for (what, count) in others {
            if count > 0 {
                counts.insert(what, i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
        counts.into_iter().map(|(what, count)| MergeMoved { what: what.to_owned(), count }).collect()
    }
}

/// Takes the positions out of the steps of a section that has any; whether there were some.
fn cut_steps(content: &mut Value, seats: &HashSet<PositionId>) -> bool {
    let mut is_cut = false;
    let steps = content.get_mut("steps").and_then(Value::as_array_mut);
    for step in steps.into_iter().flatten().filter_map(Value::as_object_mut) {
        let named = step.get("position_id").and_then(|id| serde_json::from_value::<PositionId>(id.clone()).ok());
        if named.is_some_and(|id| seats.contains(&id)) {
            step.remove("position_id");
            is_cut = true;
        }
    }
    is_cut
}

fn without(line: &ShareLine, vendors: &HashSet<VendorId>) -> ShareLine {
    let mut line = line.clone();
    line.shares.retain(|share| !vendors.contains(&share.vendor_id));
    line
}

fn told(row: &Crossing) -> String {
    let [one, two, three] = row.ids.map(|id| id.get::<Uuid>());
    match row.what {
        "positions" => format!("the position {one} reports to {two}, which is the other customer's"),
        "holdings" => format!("by the holding {one} a contact of one of the two holds a position of the other"),
        "stance_readings" => {
            format!("the reading {one} is of the position {two}, its contact and the opportunity {three}, which part")
        }
        "chain_seats" => format!("the position {one} is in the chain of the opportunity {three}, which part"),
        _ => format!("the influence of {one} on {two} joins them, or the opportunity {three}, which part"),
    }
}

/// Tells of the chains that have lost something.
async fn tell_chains(tx: &mut Tx, act: &Act, rows: &[Crossing]) -> Result<()> {
    let of_chains = rows.iter().filter(|row| matches!(row.what, "stance_readings" | "chain_seats" | "influences"));
    let touched: BTreeSet<(Id, Id)> = of_chains.map(|row| (row.customer, row.ids[2])).collect();
    for (customer, opportunity) in touched {
        let id: Uuid = opportunity.get();
        let chain = match store::find_chain(tx, opportunity).await? {
            Some(row) => Chain { customer: row.customer_id, opportunity: Some(OpportunityId::from(id)) },
            None => Chain { customer, opportunity: None },
        };
        chains::changed(tx, act, chain, "decision_chain.parted").await?;
    }
    Ok(())
}

/// Records the period anew with what is left.
async fn correct(tx: &mut Tx, act: &Act, row: ShareTableRow, lines: &[ShareLine]) -> Result<()> {
    let row = ShareTableRow {
        id: Id::from(Uuid::now_v7()),
        revision: row.revision + 1,
        lines: serde_json::to_value(lines).map_err(database::Error::other)?,
        recorded_by: act.actor.clone(),
        recorded_at: act.at.into(),
        ..row
    };
    store::insert_share_table(tx, &row).await?;
    audit::record(tx, act, "vendor_shares.recorded", "vendor_share_table", row.id.get()).await?;
    let vendors: HashMap<_, _> = store::vendors_by_id(tx, row.customer_id.get()).await?;
    let fact = vendor_shares_fact(row.customer_id.get(), row.period.0, row.revision, &structure(lines, &vendors));
    Ok(outbox::enqueue(tx, act, &v1::VendorSharesRecorded(fact)).await?)
}
