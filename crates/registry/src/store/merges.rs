//! Merges of customers, and which rows went along.

use chrono::NaiveDate;
use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel::sql_types::{Date, Text};
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, CustomerLinkId, MergeMoved};
use serde_json::Value;

use super::lock_comparisons;
use crate::schema::{customers, merge_moves, merges};

/// A table whose rows belong to a customer and go with it into another.
pub struct Part {
    /// As it is shown, and kept with the merge.
    pub name: &'static str,
    pub table: &'static str,
    pub column: &'static str,
    /// What tells its rows apart, besides the customer.
    pub key: &'static [Key],
    /// Rows whose versions others watch.
    pub versioned: bool,
    /// Rows that stay because the survivor has one like them; `this` is the row, `{key}` its key, `$1` the merge, `$3` the
    /// survivor.
    pub unless: Option<&'static str>,
}

pub enum Key {
    Id(&'static str),
    Text(&'static str),
}

const fn part(name: &'static str, key: &'static [Key]) -> Part {
    Part { name, table: name, column: "customer_id", key, versioned: false, unless: None }
}

const ID: &[Key] = &[Key::Id("id")];

/// Whose customers follow from the links.
pub const SUBSIDIARIES: &str = "subsidiaries";
/// Links that stay because they would close a circle on days that are over.
const KEPT_LINKS: &str = "kept_links";
/// Links that go along from a day on, each with the one that stays for the days before.
const SPLIT_LINKS: &str = "split_links";

/// Everything that goes along. A test reads the schema and fails for a table with a customer that is neither here nor in
/// [`STAYS`].
pub const PARTS: &[Part] = &[
    Part { versioned: true, ..part("contacts", ID) },
    Part { versioned: true, ..part("positions", ID) },
    Part { versioned: true, ..part("holdings", ID) },
    part("stance_readings", ID),
    part("consent_entries", ID),
    part("chain_seats", &[Key::Id("position_id"), Key::Id("opportunity_id")]),
    part("influences", &[Key::Id("from_position"), Key::Id("to_position"), Key::Id("opportunity_id")]),
    Part { table: "customer_external_ids", ..part("external_ids", &[Key::Text("system"), Key::Text("external_id")]) },
    // VAT groups and namesakes' schemes: both may have had the same.
    Part {
        table: "customer_identifiers",
        unless: Some(
            "EXISTS (SELECT 1 FROM customer_identifiers AS own WHERE own.customer_id = $3 AND own.type = this.type
             AND own.scheme = this.scheme AND own.value = this.value)",
        ),
        ..part("identifiers", &[Key::Text("type"), Key::Text("scheme"), Key::Text("value")])
    },
    Part {
        table: "customers",
        column: "parent_id",
        versioned: true,
        unless: Some("this.id = $3"),
        ..part(SUBSIDIARIES, ID)
    },
    // A customer's own chain has its id, and counts on with the record; seats and readings go along.
    Part {
        table: "decision_chains",
        versioned: true,
        unless: Some("this.id = this.customer_id"),
        ..part("opportunity_chains", ID)
    },
    // What the survivor was to the merged one would be what it was to itself.
    Part {
        table: "customer_links",
        column: "parent_id",
        versioned: true,
        unless: Some(
            "this.child_id = $3 OR EXISTS (SELECT 1 FROM merge_moves AS kept WHERE kept.merge_id = $1
             AND kept.part = 'kept_links' AND kept.row_key = {key})",
        ),
        ..part("links", ID)
    },
    // A section or a period that the survivor has too stays as it was; the other waits for the undoing.
    Part {
        unless: Some(
            "EXISTS (SELECT 1 FROM profile_versions AS own WHERE own.customer_id = $3 AND own.section = this.section)",
        ),
        ..part("profile_versions", ID)
    },
    part("vendors", ID),
    Part {
        unless: Some(
            "EXISTS (SELECT 1 FROM vendor_share_tables AS own WHERE own.customer_id = $3 AND own.period = this.period)",
        ),
        ..part("vendor_share_tables", ID)
    },
    part("order_facts", &[Key::Text("system"), Key::Text("order_id")]),
    part("qualifications", ID),
    part("open_items", &[Key::Text("kind"), Key::Id("item_id")]),
    Part { versioned: true, ..part("team_members", ID) },
];

/// Tables that name a customer and stay with the record they were written for, with the reason.
#[cfg(test)]
pub const STAYS: &[(&str, &str)] = &[
    ("customers.merged_into", "is the merge itself"),
    ("merges.survivor_id", "is the merge itself"),
    ("merges.merged_id", "is the merge itself"),
    ("import_rows.customer_id", "tells what became of a row of a file at that time"),
    ("import_undo.customer_id", "tells what the record was before a file changed it"),
    ("customer_classifications.customer_id", "belongs to the record, and is taken over field by field"),
    ("customer_links.child_id", "tells where the record stood itself"),
    ("lifecycle_moves.customer_id", "tells of the record's own stages"),
    ("tier_changes.customer_id", "tells of the record's own tiers"),
    ("first_tiers.customer_id", "tells of the record's own first tier"),
    ("tier_proposals.customer_id", "was about the record's own tier"),
    ("scored_tiers.customer_id", "is scoring's latest word on the record"),
    ("owner_periods.customer_id", "tells of the record's own owners"),
    ("transfers.customer_id", "handed the record over"),
    ("search_terms.customer_id", "is written again from what belongs to whom"),
    ("customer_values.customer_id", "follows the record's own fields"),
    ("search_queue.customer_id", "is work to be done"),
    ("duplicate_keys.customer_id", "is written again from what belongs to whom"),
    ("duplicate_queue.customer_id", "is work to be done"),
    ("duplicate_pairs.first_id", "waits until the merge is undone"),
    ("duplicate_pairs.second_id", "waits until the merge is undone"),
];

/// The part of this name, which is one of [`PARTS`].
pub fn part_named(name: &str) -> Result<&'static Part> {
    let unknown = || database::Error::other(std::io::Error::other(format!("nothing called {name} goes along")));
    PARTS.iter().find(|part| part.name == name).ok_or_else(unknown)
}

/// An id as it stands in keys.
pub(super) fn id_text(column: &str, postgres: bool) -> String {
    if postgres { format!("{column}::text") } else { format!("hex({column})") }
}

impl Part {
    /// The key as one text, the same whenever it is computed.
    pub(super) fn key_sql(&self, postgres: bool) -> String {
        let one = |key: &Key| match key {
            Key::Id(column) => id_text(&format!("this.{column}"), postgres),
            Key::Text(column) => format!("this.{column}"),
        };
        self.key.iter().map(one).collect::<Vec<_>>().join(if postgres { " || chr(31) || " } else { " || char(31) || " })
    }

    fn update_sql(&self) -> String {
        let version = if self.versioned { ", version = version + 1, updated_at = $4" } else { "" };
        format!("UPDATE {} AS this SET {} = $3{version}", self.table, self.column)
    }

    /// Gives the merged customer's rows to the survivor and notes which; answers how many.
    pub async fn move_along(&self, tx: &mut Tx, merge: Id, merged: Id, survivor: Id, at: Instant) -> Result<i64> {
        let note = |postgres: bool| {
            let key = self.key_sql(postgres);
            let unless = self.unless.map(|clause| format!(" AND NOT ({})", clause.replace("{key}", &key)));
            let unless = unless.unwrap_or_default();
            format!(
                "INSERT INTO merge_moves (merge_id, part, row_key)
                 SELECT $1, '{}', {key} FROM {} AS this WHERE this.{} = $2 AND $3 = $3{unless}",
                self.name, self.table, self.column,
            )
        };
        let (pg, lite) = (note(true), numbered(&note(false)));
        let count = on!(tx,
            pg: |c| diesel::sql_query(pg).bind::<SqlId, _>(merge).bind::<SqlId, _>(merged).bind::<SqlId, _>(survivor).execute(c).await,
            lite: |c| diesel::sql_query(lite).bind::<SqlId, _>(merge).bind::<SqlId, _>(merged).bind::<SqlId, _>(survivor).execute(c).await,
        )?;
        if count > 0 {
            self.give(tx, merge, merged, survivor, at).await?;
        }
        Ok(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Gives the noted rows back, as far as they still are the survivor's.
    pub async fn move_back(&self, tx: &mut Tx, merge: Id, survivor: Id, merged: Id, at: Instant) -> Result<()> {
        self.give(tx, merge, survivor, merged, at).await
    }

    async fn give(&self, tx: &mut Tx, merge: Id, from: Id, to: Id, at: Instant) -> Result<()> {
        let update = |postgres: bool| {
            format!(
                "{} WHERE this.{} = $2 AND {} IN (SELECT row_key FROM merge_moves WHERE merge_id = $1 AND part = '{}'){}",
                self.update_sql(),
                self.column,
                self.key_sql(postgres),
                self.name,
                if self.versioned { "" } else { " AND $4 = $4" },
            )
        };
        let (pg, lite) = (update(true), numbered(&update(false)));
        on!(tx,
            pg: |c| diesel::sql_query(pg).bind::<SqlId, _>(merge).bind::<SqlId, _>(from).bind::<SqlId, _>(to).bind::<SqlInstant, _>(at).execute(c).await,
            lite: |c| diesel::sql_query(lite).bind::<SqlId, _>(merge).bind::<SqlId, _>(from).bind::<SqlId, _>(to).bind::<SqlInstant, _>(at).execute(c).await,
        )?;
        Ok(())
    }
}

/// To SQLite `$1` is a name, numbered by where it first appears; `?1` is the first parameter wherever it stands.
#[derive(QueryableByName)]
struct Brought {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// Whether a merge had brought rows of a part that have the same keys as these of another customer.
pub async fn brought_like(conn: &mut Conn, merge: Id, part: &Part, customer: Id) -> Result<bool> {
    let sql = |postgres: bool| {
        format!(
            "SELECT count(*) AS count FROM {} AS this WHERE this.{} = $2 AND {} IN
             (SELECT row_key FROM merge_moves WHERE merge_id = $1 AND part = '{}')",
            part.table,
            part.column,
            part.key_sql(postgres),
            part.name,
        )
    };
    let (pg, lite) = (sql(true), numbered(&sql(false)));
    let rows: Vec<Brought> = on!(conn,
        pg: |c| diesel::sql_query(pg).bind::<SqlId, _>(merge).bind::<SqlId, _>(customer).load(c).await,
        lite: |c| diesel::sql_query(lite).bind::<SqlId, _>(merge).bind::<SqlId, _>(customer).load(c).await,
    )?;
    Ok(rows.iter().any(|row| row.count > 0))
}

pub(super) fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = merges)]
pub struct MergeRow {
    pub id: Id,
    pub survivor_id: Id,
    pub merged_id: Id,
    pub merged_code: String,
    pub before: Value,
    pub taken: Value,
    pub moved: Value,
    pub reason: Option<String>,
    pub merged_at: Instant,
    pub merged_by: String,
    pub undone_at: Option<Instant>,
    pub undone_by: Option<String>,
    pub cut: Option<Value>,
}

/// Lets one transaction at a time merge or undo, and none that compares: it has read who is like whom, and is yet to read
/// which pairs stand. SQLite has one writer anyway.
pub async fn lock_merges(tx: &mut Tx) -> Result<()> {
    database::lock(tx, "merges").await?;
    lock_comparisons(tx).await
}

pub async fn insert_merge(tx: &mut Tx, row: &MergeRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(merges::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn set_moved(tx: &mut Tx, id: Id, moved: &[MergeMoved]) -> Result<()> {
    let moved = serde_json::to_value(moved).map_err(database::Error::other)?;
    on!(tx, |c| diesel::update(merges::table.find(id)).set(merges::moved.eq(&moved)).execute(c).await)?;
    Ok(())
}

pub async fn find_merge(conn: &mut Conn, id: Id) -> Result<Option<MergeRow>> {
    let one = merges::table.find(id);
    on!(conn, |c| one.select(MergeRow::as_select()).first(c).await.optional())
}

/// The merge that holds of this customer.
pub async fn standing_merge(conn: &mut Conn, merged: Id) -> Result<Option<MergeRow>> {
    let one = merges::table.filter(merges::merged_id.eq(merged)).filter(merges::undone_at.is_null());
    on!(conn, |c| one.select(MergeRow::as_select()).first(c).await.optional())
}

/// All merges into a customer, undone or not, in their order.
pub async fn merges_into(conn: &mut Conn, survivor: Id) -> Result<Vec<MergeRow>> {
    let all = merges::table.filter(merges::survivor_id.eq(survivor)).order((merges::merged_at, merges::id));
    on!(conn, |c| all.select(MergeRow::as_select()).load(c).await)
}

/// What the undoing of a merge gives back is something else now.
pub async fn set_before(tx: &mut Tx, id: Id, before: &Value) -> Result<()> {
    on!(tx, |c| diesel::update(merges::table.find(id)).set(merges::before.eq(before)).execute(c).await)?;
    Ok(())
}

pub async fn set_undone(tx: &mut Tx, id: Id, at: Instant, by: &str, cut: Option<Value>) -> Result<()> {
    let undone = (merges::undone_at.eq(at), merges::undone_by.eq(by), merges::cut.eq(cut));
    on!(tx, |c| diesel::update(merges::table.find(id)).set(undone).execute(c).await)?;
    Ok(())
}

/// One row more than the page holds, of the merges into a customer or out of it.
pub async fn list_merges(conn: &mut Conn, customer: Id, page: &PageRequest) -> Result<Vec<MergeRow>> {
    on!(conn, |c| {
        let of = merges::table.filter(merges::survivor_id.eq(customer).or(merges::merged_id.eq(customer)));
        let query = keyset!(of.into_boxed::<Backend>(), page, merges, { "merged_at" => merged_at: Instant });
        query.select(MergeRow::as_select()).load(c).await
    })
}

pub async fn count_merges(conn: &mut Conn, customer: Id) -> Result<i64> {
    let of = merges::table.filter(merges::survivor_id.eq(customer).or(merges::merged_id.eq(customer)));
    on!(conn, |c| of.count().get_result(c).await)
}

/// The next merges that hold, by id, for going through all of them.
pub async fn standing_merges_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<MergeRow>> {
    on!(conn, |c| {
        let mut query = merges::table.filter(merges::undone_at.is_null()).into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(merges::id.gt(after));
        }
        query.order(merges::id).limit(most).select(MergeRow::as_select()).load(c).await
    })
}

/// Marks the customer as merged, or as itself again.
pub async fn set_merged_into(tx: &mut Tx, customer: Id, into: Option<Id>, at: Instant) -> Result<()> {
    let change =
        (customers::merged_into.eq(into), customers::version.eq(customers::version + 1), customers::updated_at.eq(at));
    on!(tx, |c| diesel::update(customers::table.find(customer)).set(change).execute(c).await)?;
    Ok(())
}

/// The customer that this one has become: itself where it was not merged.
pub async fn merged_into(conn: &mut Conn, customer: CustomerId) -> Result<CustomerId> {
    let mut at = Id::from(customer);
    loop {
        let one = customers::table.find(at).select(customers::merged_into);
        let next: Option<Option<Id>> = on!(conn, |c| one.first(c).await.optional())?;
        match next.flatten() {
            Some(next) => at = next,
            None => return Ok(at.get()),
        }
    }
}

#[derive(QueryableByName)]
struct RowId {
    #[diesel(sql_type = SqlId)]
    id: Id,
}

/// Ids of the rows of a part that went along and belong to `owner` now; of parts whose key is an id.
pub async fn gone_along(conn: &mut Conn, part: &Part, merge: Id, owner: Id) -> Result<Vec<Id>> {
    let sql = |postgres: bool| {
        format!(
            "SELECT this.id FROM {} AS this WHERE this.{} = $2 AND {} IN
             (SELECT row_key FROM merge_moves WHERE merge_id = $1 AND part = $3) ORDER BY this.id",
            part.table,
            part.column,
            part.key_sql(postgres),
        )
    };
    let (pg, lite) = (sql(true), numbered(&sql(false)));
    let rows: Vec<RowId> = on!(conn,
        pg: |c| diesel::sql_query(pg).bind::<SqlId, _>(merge).bind::<SqlId, _>(owner).bind::<Text, _>(part.name).load(c).await,
        lite: |c| diesel::sql_query(lite).bind::<SqlId, _>(merge).bind::<SqlId, _>(owner).bind::<Text, _>(part.name).load(c).await,
    )?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Notes rows of a part by their ids, to go back with those that went along.
pub async fn note_moves(tx: &mut Tx, merge: Id, part: &Part, ids: &[Id]) -> Result<()> {
    note(tx, merge, part.name, part, ids).await
}

/// Notes links that are not to go along.
pub async fn note_kept_links(tx: &mut Tx, merge: Id, links: &[Id]) -> Result<()> {
    note(tx, merge, KEPT_LINKS, part_named("links")?, links).await
}

async fn note(tx: &mut Tx, merge: Id, name: &str, part: &Part, ids: &[Id]) -> Result<()> {
    let sql = |postgres: bool| {
        format!(
            "INSERT INTO merge_moves (merge_id, part, row_key)
             SELECT $1, $3, {} FROM {} AS this WHERE this.id = $2 ON CONFLICT DO NOTHING",
            part.key_sql(postgres),
            part.table,
        )
    };
    let (pg, lite) = (sql(true), numbered(&sql(false)));
    for id in ids {
        on!(tx,
            pg: |c| diesel::sql_query(&pg).bind::<SqlId, _>(merge).bind::<SqlId, _>(*id).bind::<Text, _>(name).execute(c).await,
            lite: |c| diesel::sql_query(&lite).bind::<SqlId, _>(merge).bind::<SqlId, _>(*id).bind::<Text, _>(name).execute(c).await,
        )?;
    }
    Ok(())
}

pub async fn note_split(tx: &mut Tx, merge: Id, link: CustomerLinkId, past: CustomerLinkId) -> Result<()> {
    let noted = (
        merge_moves::merge_id.eq(merge),
        merge_moves::part.eq(SPLIT_LINKS),
        merge_moves::row_key.eq(format!("{link} {past}")),
    );
    on!(tx, |c| diesel::insert_into(merge_moves::table).values(noted).execute(c).await)?;
    Ok(())
}

/// What there was to go along, or to go back: the names of the parts.
pub async fn parts_moved(conn: &mut Conn, merge: Id) -> Result<Vec<String>> {
    let noted = merge_moves::table.filter(merge_moves::merge_id.eq(merge)).select(merge_moves::part).distinct();
    on!(conn, |c| noted.load(c).await)
}

/// The links that went along from a day on, each with the one that stayed for the days before.
pub async fn splits_of(conn: &mut Conn, merge: Id) -> Result<Vec<(CustomerLinkId, CustomerLinkId)>> {
    let noted = merge_moves::table
        .filter(merge_moves::merge_id.eq(merge))
        .filter(merge_moves::part.eq(SPLIT_LINKS))
        .select(merge_moves::row_key);
    let keys: Vec<String> = on!(conn, |c| noted.load(c).await)?;
    let pair = |key: &String| -> Option<(CustomerLinkId, CustomerLinkId)> {
        let (link, past) = key.split_once(' ')?;
        Some((link.parse().ok()?, past.parse().ok()?))
    };
    Ok(keys.iter().filter_map(pair).collect())
}

/// Gives a customer those who belong to another back, as far as their link of the day says that they belong to it.
pub async fn reclaim_members(tx: &mut Tx, from: Id, to: Id, day: NaiveDate, at: Instant) -> Result<()> {
    const SQL: &str = "UPDATE customers AS this SET parent_id = $2, version = version + 1, updated_at = $4
                       WHERE this.parent_id = $1 AND EXISTS (
                           SELECT 1 FROM customer_links AS link WHERE link.child_id = this.id AND link.parent_id = $2
                           AND link.from_day <= $3 AND (link.until_day IS NULL OR link.until_day > $3)
                       )";
    on!(tx,
        pg: |c| diesel::sql_query(SQL).bind::<SqlId, _>(from).bind::<SqlId, _>(to).bind::<Date, _>(day).bind::<SqlInstant, _>(at).execute(c).await,
        lite: |c| diesel::sql_query(numbered(SQL)).bind::<SqlId, _>(from).bind::<SqlId, _>(to).bind::<Date, _>(day).bind::<SqlInstant, _>(at).execute(c).await,
    )?;
    Ok(())
}

/// Who belongs to the customer now.
pub async fn members_of(conn: &mut Conn, customer: Id) -> Result<Vec<Id>> {
    let members = customers::table.filter(customers::parent_id.eq(customer)).order(customers::id);
    on!(conn, |c| members.select(customers::id).load(c).await)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use testkit::{App, TestDb};

    use super::*;

    #[derive(QueryableByName)]
    struct Place {
        #[diesel(sql_type = Text)]
        place: String,
    }

    /// Whoever adds a table that names a customer decides here what a merge does to it.
    #[tokio::test(flavor = "multi_thread")]
    async fn every_row_that_names_a_customer_goes_along_or_stays() {
        let app = App::start(&crate::SERVICE, TestDb::sqlite()).await;
        let mut conn = app.db.read().await.expect("a connection");
        let sql = "SELECT m.name || '.' || f.\"from\" AS place FROM sqlite_master m, pragma_foreign_key_list(m.name) f
                   WHERE m.type = 'table' AND f.\"table\" = 'customers'
                   UNION SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
                   WHERE m.type = 'table' AND c.name = 'customer_id'";
        let found: Vec<Place> = on!(conn, |c| diesel::sql_query(sql).load(c).await).expect("the schema");
        let found: BTreeSet<String> = found.into_iter().map(|row| row.place).collect();
        let goes = PARTS.iter().map(|part| format!("{}.{}", part.table, part.column));
        let stays = STAYS.iter().map(|(place, _)| (*place).to_owned());
        assert_eq!(found, goes.chain(stays).collect::<BTreeSet<_>>());
    }
}
