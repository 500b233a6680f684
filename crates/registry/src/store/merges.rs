//! Merges of customers, and which rows went along.

use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, MergeMoved};
use serde_json::Value;

use super::lock_comparisons;
use crate::schema::{customers, merges};

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
    /// Rows that stay because the survivor has one like them; `this` is the row, `$3` the survivor.
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
    Part { table: "customers", column: "parent_id", versioned: true, ..part("subsidiaries", ID) },
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
        unless: Some("this.child_id = $3"),
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
    ("tier_proposals.customer_id", "was about the record's own tier"),
    ("scored_tiers.customer_id", "is scoring's latest word on the record"),
    ("owner_periods.customer_id", "tells of the record's own owners"),
    ("transfers.customer_id", "handed the record over"),
    ("search_terms.customer_id", "is written again from what belongs to whom"),
    ("search_queue.customer_id", "is work to be done"),
    ("duplicate_keys.customer_id", "is written again from what belongs to whom"),
    ("duplicate_queue.customer_id", "is work to be done"),
    ("duplicate_pairs.first_id", "waits until the merge is undone"),
    ("duplicate_pairs.second_id", "waits until the merge is undone"),
];

impl Part {
    /// The key as one text, the same whenever it is computed.
    fn key_sql(&self, postgres: bool) -> String {
        let one = |key: &Key| match key {
            Key::Id(column) if postgres => format!("this.{column}::text"),
            Key::Id(column) => format!("hex(this.{column})"),
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
        let unless = self.unless.map(|clause| format!(" AND NOT ({clause})")).unwrap_or_default();
        let note = |postgres: bool| {
            format!(
                "INSERT INTO merge_moves (merge_id, part, row_key)
                 SELECT $1, '{}', {} FROM {} AS this WHERE this.{} = $2 AND $3 = $3{unless}",
                self.name,
                self.key_sql(postgres),
                self.table,
                self.column,
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

pub async fn set_undone(tx: &mut Tx, id: Id, at: Instant, by: &str) -> Result<()> {
    let undone = (merges::undone_at.eq(at), merges::undone_by.eq(by));
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
