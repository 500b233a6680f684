//! Legal holds, proofs of erasures, and copies of what is known of a person beside his own rows.

use chrono::NaiveDate;
use database::sql_types::SqlId;
use database::{Conn, Id, Instant, Result, Tx, on};
use diesel::prelude::*;
use diesel::result::Error::DeserializationError;
use diesel::sql_types::{Array, Jsonb, Text};
use diesel_async::RunQueryDsl;
use registry_contract::{ContactErasure, ContactId, LegalHold};
use serde_json::Value;

use crate::schema::{contact_erasures, import_rows, legal_holds};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = legal_holds, treat_none_as_null = true, treat_none_as_default_value = false)]
struct HoldRow {
    contact_id: Id,
    reason: String,
    until_day: Option<NaiveDate>,
    placed_by: String,
    placed_at: Instant,
}

impl From<&LegalHold> for HoldRow {
    fn from(hold: &LegalHold) -> Self {
        Self {
            contact_id: hold.contact_id.into(),
            reason: hold.reason.clone(),
            until_day: hold.until,
            placed_by: hold.placed_by.clone(),
            placed_at: hold.placed_at.into(),
        }
    }
}

impl From<HoldRow> for LegalHold {
    fn from(row: HoldRow) -> Self {
        Self {
            contact_id: row.contact_id.get(),
            reason: row.reason,
            until: row.until_day,
            placed_by: row.placed_by,
            placed_at: row.placed_at.into(),
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = contact_erasures)]
struct ErasureRow {
    contact_id: Id,
    reason: String,
    erased_by: String,
    erased_at: Instant,
}

/// In the place of the hold before, if there was one.
pub async fn put_legal_hold(tx: &mut Tx, hold: &LegalHold) -> Result<()> {
    let row = HoldRow::from(hold);
    on!(tx, |c| {
        diesel::insert_into(legal_holds::table)
            .values(&row)
            .on_conflict(legal_holds::contact_id)
            .do_update()
            .set(&row)
            .execute(c)
            .await
    })?;
    Ok(())
}

/// The hold on a contact, perhaps one that has ended by itself.
pub async fn find_legal_hold(conn: &mut Conn, contact: ContactId) -> Result<Option<LegalHold>> {
    let one = legal_holds::table.find(Id::from(contact));
    let row: Option<HoldRow> = on!(conn, |c| one.select(HoldRow::as_select()).first(c).await.optional())?;
    Ok(row.map(LegalHold::from))
}

/// False when there was none.
pub async fn delete_legal_hold(tx: &mut Tx, contact: ContactId) -> Result<bool> {
    let one = legal_holds::table.find(Id::from(contact));
    Ok(on!(tx, |c| diesel::delete(one).execute(c).await)? == 1)
}

pub async fn insert_erasure(tx: &mut Tx, contact: ContactId, erasure: &ContactErasure) -> Result<()> {
    let row = ErasureRow {
        contact_id: contact.into(),
        reason: erasure.reason.clone(),
        erased_by: erasure.erased_by.clone(),
        erased_at: erasure.erased_at.into(),
    };
    on!(tx, |c| diesel::insert_into(contact_erasures::table).values(&row).execute(c).await)?;
    Ok(())
}

pub async fn find_erasure(conn: &mut Conn, contact: ContactId) -> Result<Option<ContactErasure>> {
    let one = contact_erasures::table.find(Id::from(contact));
    let row: Option<ErasureRow> = on!(conn, |c| one.select(ErasureRow::as_select()).first(c).await.optional())?;
    let erasure = |row: ErasureRow| ContactErasure {
        reason: row.reason,
        erased_by: row.erased_by,
        erased_at: row.erased_at.into(),
    };
    Ok(row.map(erasure))
}

#[derive(QueryableByName)]
struct RowCells {
    #[diesel(sql_type = SqlId)]
    id: Id,
    #[diesel(sql_type = Jsonb)]
    cells: Value,
}

/// Empties the cells that are just one of these texts, in the rows of files that could not be taken.
pub async fn empty_cells(tx: &mut Tx, texts: &[&str]) -> Result<()> {
    let quoted: Vec<String> = texts.iter().map(|text| Value::from(*text).to_string()).collect();
    let rows: Vec<RowCells> = on!(tx,
        pg: |c| {
            diesel::sql_query(
                "SELECT id, cells FROM import_rows WHERE cells <> '[]'
                 AND EXISTS (SELECT 1 FROM unnest($1) AS said WHERE position(said IN cells::text) > 0)",
            )
            .bind::<Array<Text>, _>(&quoted)
            .load(c)
            .await
        },
        // An empty list takes one byte.
        lite: |c| {
            let quoted = serde_json::to_string(&quoted).map_err(|error| DeserializationError(error.into()))?;
            diesel::sql_query(
                "SELECT id, cells FROM import_rows WHERE length(cells) > 1
                 AND EXISTS (SELECT 1 FROM json_each(?1) AS said WHERE instr(json(cells), said.value) > 0)",
            )
            .bind::<Text, _>(quoted)
            .load(c)
            .await
        },
    )?;
    for RowCells { id, cells } in rows {
        let mut cells: Vec<String> = serde_json::from_value(cells).map_err(database::Error::other)?;
        cells.iter_mut().filter(|cell| texts.contains(&cell.as_str())).for_each(String::clear);
        let cells = serde_json::to_value(cells).map_err(database::Error::other)?;
        let one = import_rows::table.find(id);
        on!(tx, |c| diesel::update(one).set(import_rows::cells.eq(cells)).execute(c).await)?;
    }
    Ok(())
}
