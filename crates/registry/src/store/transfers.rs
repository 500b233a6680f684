use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, insert_all, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{
    CustomerId, HandoverOutcome, OpenItemKind, Transfer, TransferId, TransferItem, TransferQuery, TransferState,
};

use super::Word;
use crate::schema::{transfer_items, transfers};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = transfers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TransferRow {
    pub id: Id,
    pub customer_id: Id,
    pub from_owner: Option<String>,
    pub to_owner: String,
    pub reason: String,
    pub effective_on: NaiveDate,
    pub state: Word<TransferState>,
    pub started_by: String,
    pub ended_by: Option<String>,
    pub ended_at: Option<Instant>,
    /// Version of the customer that it made.
    pub sequence: Option<i64>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl TransferRow {
    pub fn with(self, checklist: Vec<TransferItem>) -> Transfer {
        Transfer {
            id: self.id.get(),
            customer_id: self.customer_id.get(),
            from_owner: self.from_owner,
            to_owner: self.to_owner,
            reason: self.reason,
            effective_on: self.effective_on,
            state: self.state.0,
            checklist,
            started_by: self.started_by,
            ended_by: self.ended_by,
            ended_at: self.ended_at.map(Into::into),
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = transfer_items, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TransferItemRow {
    pub id: Id,
    pub transfer_id: Id,
    pub kind: Word<OpenItemKind>,
    pub item_id: Id,
    pub label: Option<String>,
    pub owner: Option<String>,
    pub due_at: Option<Instant>,
    pub outcome: Option<Word<HandoverOutcome>>,
    pub note: Option<String>,
    pub ticked_by: Option<String>,
    pub ticked_at: Option<Instant>,
}

impl From<TransferItemRow> for TransferItem {
    fn from(row: TransferItemRow) -> Self {
        Self {
            kind: row.kind.0,
            item_id: row.item_id.get(),
            label: row.label,
            owner: row.owner,
            due_at: row.due_at.map(Into::into),
            outcome: row.outcome.map(|word| word.0),
            note: row.note,
            ticked_by: row.ticked_by,
            ticked_at: row.ticked_at.map(Into::into),
        }
    }
}

pub async fn insert_transfer(tx: &mut Tx, row: &TransferRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(transfers::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn update_transfer(tx: &mut Tx, row: &TransferRow) -> Result<()> {
    let one = transfers::table.find(row.id);
    on!(tx, |c| diesel::update(one).set(row).execute(c).await)?;
    Ok(())
}

pub async fn find_transfer(conn: &mut Conn, id: TransferId) -> Result<Option<TransferRow>> {
    let one = transfers::table.find(Id::from(id));
    on!(conn, |c| one.select(TransferRow::as_select()).first(c).await.optional())
}

/// The customer's transfer that is neither completed nor cancelled.
pub async fn open_transfer(conn: &mut Conn, customer: CustomerId) -> Result<Option<TransferId>> {
    let open = transfers::table
        .filter(transfers::customer_id.eq(Id::from(customer)))
        .filter(transfers::state.eq(Word(TransferState::Open)))
        .select(transfers::id);
    let id: Option<Id> = on!(conn, |c| open.first(c).await.optional())?;
    Ok(id.map(|id| id.get()))
}

/// Expands to a boxed query of the transfers that a [`TransferQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($wanted:expr) => {{
        let wanted: &TransferQuery = $wanted;
        let mut query = transfers::table.into_boxed::<Backend>();
        if let Some(any) = &wanted.state {
            query = query.filter(transfers::state.eq_any(any.0.iter().map(|state| state.as_str())));
        }
        if let Some(any) = &wanted.customer_id {
            query = query.filter(transfers::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(any) = &wanted.to_owner {
            query = query.filter(transfers::to_owner.eq_any(&any.0));
        }
        if let Some(any) = &wanted.from_owner {
            query = query.filter(transfers::from_owner.eq_any(&any.0));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_transfers(conn: &mut Conn, wanted: &TransferQuery, page: &PageRequest) -> Result<Vec<TransferRow>> {
    on!(conn, |c| {
        let query = keyset!(filtered!(wanted), page, transfers, { "created_at" => created_at: Instant });
        query.select(TransferRow::as_select()).load(c).await
    })
}

pub async fn count_transfers(conn: &mut Conn, wanted: &TransferQuery) -> Result<i64> {
    on!(conn, |c| filtered!(wanted).count().get_result(c).await)
}

pub async fn insert_transfer_items(tx: &mut Tx, rows: &[TransferItemRow]) -> Result<()> {
    insert_all!(
        tx,
        transfer_items,
        TransferItemRow { id, transfer_id, kind, item_id, label, owner, due_at, outcome, note, ticked_by, ticked_at },
        rows
    )?;
    Ok(())
}

pub async fn update_transfer_item(tx: &mut Tx, row: &TransferItemRow) -> Result<()> {
    let one = transfer_items::table.find(row.id);
    on!(tx, |c| diesel::update(one).set(row).execute(c).await)?;
    Ok(())
}

/// The checklists of these transfers, those due first.
pub async fn transfer_items_of(conn: &mut Conn, transfers: &[Id]) -> Result<Vec<TransferItemRow>> {
    let items = transfer_items::table
        .filter(transfer_items::transfer_id.eq_any(transfers))
        .order((transfer_items::kind, transfer_items::item_id));
    on!(conn, |c| items.select(TransferItemRow::as_select()).load(c).await)
}

/// The rows as whole transfers, in their order.
pub async fn with_checklists(conn: &mut Conn, rows: Vec<TransferRow>) -> Result<Vec<Transfer>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let items = transfer_items_of(conn, &ids).await?;
    let of = |id: Id| items.iter().filter(|row| row.transfer_id == id).cloned().map(TransferItem::from).collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let checklist = of(row.id);
            row.with(checklist)
        })
        .collect())
}

/// The next completed transfers by id, for going through all of them.
pub async fn completed_transfers_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<TransferRow>> {
    on!(conn, |c| {
        let completed = transfers::table.filter(transfers::state.eq(Word(TransferState::Completed)));
        let mut query = completed.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(transfers::id.gt(after));
        }
        query.order(transfers::id).limit(most).select(TransferRow::as_select()).load(c).await
    })
}
