//! Which contacts the registry has erased, and copies of what is known of them beside the complaints.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use database::sql_types::SqlId;
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel::sql_types::{Array, Jsonb, Text};
use diesel_async::RunQueryDsl;
use registry_contract::ContactId;
use serde_json::Value;

use super::written;
use crate::schema::{erased_contacts, import_rows};

const LOCK: &str = "erased_contacts";

/// Nobody is erased until the transaction ends: neither side sees what the other has not committed, and what is written of
/// somebody at this moment would stay. To be called before any other lock is taken, as [`alone`] is.
pub async fn hold(tx: &mut Tx) -> database::Result<()> {
    database::lock_shared(tx, LOCK).await
}

/// The other side: keeps out who writes of contacts.
pub async fn alone(tx: &mut Tx) -> database::Result<()> {
    database::lock(tx, LOCK).await
}

/// Remembers that a contact was erased; told again, it stays what it is.
pub async fn note(tx: &mut Tx, contact: ContactId, at: DateTime<Utc>) -> database::Result<()> {
    let row = (erased_contacts::contact_id.eq(Id::from(contact)), erased_contacts::erased_at.eq(Instant::from(at)));
    on!(tx, |c| diesel::insert_into(erased_contacts::table).values(row).on_conflict_do_nothing().execute(c).await)?;
    Ok(())
}

/// Since when those of the contacts are erased that are.
pub async fn of(conn: &mut Conn, contacts: &[Id]) -> database::Result<HashMap<ContactId, DateTime<Utc>>> {
    let some = erased_contacts::table.filter(erased_contacts::contact_id.eq_any(contacts));
    let found: Vec<(Id, Instant)> =
        on!(conn, |c| some.select((erased_contacts::contact_id, erased_contacts::erased_at)).load(c).await)?;
    Ok(found.into_iter().map(|(contact, at)| (contact.get(), at.into())).collect())
}

#[derive(QueryableByName)]
struct RowCells {
    #[diesel(sql_type = SqlId)]
    id: Id,
    #[diesel(sql_type = Jsonb)]
    cells: Value,
}

/// Empties the cells that are just one of these texts, in whatever letters, in the rows of files that could not be taken.
pub async fn empty_cells(tx: &mut Tx, texts: &[String]) -> database::Result<()> {
    const POSTGRES: &str = "SELECT id, cells FROM import_rows WHERE cells <> '[]'
        AND EXISTS (SELECT 1 FROM unnest($1) AS said WHERE position(lower(said) IN lower(cells::text)) > 0)";
    // An empty list takes one byte.
    const SQLITE: &str = "SELECT id, cells FROM import_rows WHERE length(cells) > 1
        AND EXISTS (SELECT 1 FROM json_each(?1) AS said WHERE instr(lower(json(cells)), lower(said.value)) > 0)";
    if texts.is_empty() {
        return Ok(());
    }
    // As JSON has them, without the quotes: a cell is kept with its blanks.
    let quoted = texts.iter().map(|text| Value::from(text.as_str()).to_string());
    let quoted: Vec<String> = quoted.map(|text| text[1..text.len() - 1].to_owned()).collect();
    let list = written(&quoted)?;
    let rows: Vec<RowCells> = on!(tx,
        pg: |c| diesel::sql_query(POSTGRES).bind::<Array<Text>, _>(&quoted).load(c).await,
        lite: |c| diesel::sql_query(SQLITE).bind::<Text, _>(list.as_str()).load(c).await,
    )?;
    for RowCells { id, cells } in rows {
        let mut cells: Vec<String> = serde_json::from_value(cells).map_err(database::Error::other)?;
        for cell in &mut cells {
            if texts.iter().any(|text| text.eq_ignore_ascii_case(cell.trim())) {
                cell.clear();
            }
        }
        let cells = serde_json::to_value(cells).map_err(database::Error::other)?;
        let one = import_rows::table.find(id);
        on!(tx, |c| diesel::update(one).set(import_rows::cells.eq(cells)).execute(c).await)?;
    }
    Ok(())
}
