use chrono::{DateTime, Utc};
use database::{Conn, Id, Instant, Result, Tx, on};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use registry_contract::{CustomerId, OpenItemKind};
use uuid::Uuid;

use super::Word;
use crate::schema::open_items;

/// Something owed to a customer, as the service that has it last told.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = open_items, treat_none_as_default_value = false)]
pub struct OpenItemRow {
    pub kind: Word<OpenItemKind>,
    pub item_id: Id,
    pub customer_id: Option<Id>,
    pub label: Option<String>,
    pub owner: Option<String>,
    pub due_at: Option<Instant>,
    pub open: bool,
    pub sequence: i64,
}

impl OpenItemRow {
    /// What is owed, without a word on how it is called, by whom and until when.
    pub fn new(kind: OpenItemKind, item: Uuid, customer: Option<CustomerId>, open: bool, sequence: i64) -> Self {
        let (item_id, customer_id) = (item.into(), customer.map(Id::from));
        Self { kind: Word(kind), item_id, customer_id, label: None, owner: None, due_at: None, open, sequence }
    }

    pub fn owed_by(self, owner: Option<String>, due_at: Option<DateTime<Utc>>) -> Self {
        Self { owner, due_at: due_at.map(Into::into), ..self }
    }
}

/// Keeps the snapshot unless a newer one is kept already.
pub async fn keep_open_item(tx: &mut Tx, row: &OpenItemRow) -> Result<()> {
    use diesel::query_dsl::methods::FilterDsl as _;

    on!(tx, |c| {
        diesel::insert_into(open_items::table)
            .values(row)
            .on_conflict((open_items::kind, open_items::item_id))
            .do_update()
            .set((
                open_items::customer_id.eq(excluded(open_items::customer_id)),
                open_items::label.eq(excluded(open_items::label)),
                open_items::owner.eq(excluded(open_items::owner)),
                open_items::due_at.eq(excluded(open_items::due_at)),
                open_items::open.eq(excluded(open_items::open)),
                open_items::sequence.eq(excluded(open_items::sequence)),
            ))
            .filter(open_items::sequence.lt(excluded(open_items::sequence)))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// What is owed to a customer now.
pub async fn open_items_of(conn: &mut Conn, customer: CustomerId) -> Result<Vec<OpenItemRow>> {
    let open = open_items::table
        .filter(open_items::customer_id.eq(Id::from(customer)))
        .filter(open_items::open.eq(true))
        .order((open_items::kind, open_items::item_id));
    on!(conn, |c| open.select(OpenItemRow::as_select()).load(c).await)
}

/// Those of the items that are no longer owed.
pub async fn settled_among(conn: &mut Conn, items: &[Id]) -> Result<Vec<(OpenItemKind, Uuid)>> {
    let settled = open_items::table
        .filter(open_items::item_id.eq_any(items))
        .filter(open_items::open.eq(false))
        .select((open_items::kind, open_items::item_id));
    let rows: Vec<(Word<OpenItemKind>, Id)> = on!(conn, |c| settled.load(c).await)?;
    Ok(rows.into_iter().map(|(kind, id)| (kind.0, id.get())).collect())
}
