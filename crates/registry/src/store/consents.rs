use database::{Conn, Id, Instant, Result, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{ConsentChannel, ConsentDecision, ConsentEntry, ConsentId, ConsentPurpose, ContactId};

use super::Word;
use super::batch::insert_rows;
use crate::schema::consent_entries;

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = consent_entries, treat_none_as_default_value = false)]
pub struct ConsentRow {
    pub id: Id,
    pub contact_id: Id,
    pub customer_id: Id,
    pub purpose: Word<ConsentPurpose>,
    pub channel: Word<ConsentChannel>,
    pub decision: Word<ConsentDecision>,
    pub decided_at: Instant,
    pub source: String,
    pub text_version: Option<String>,
    pub evidence: Option<String>,
    pub recorded_by: String,
    pub created_at: Instant,
}

impl From<&ConsentEntry> for ConsentRow {
    fn from(entry: &ConsentEntry) -> Self {
        Self {
            id: entry.id.into(),
            contact_id: entry.contact_id.into(),
            customer_id: entry.customer_id.into(),
            purpose: Word(entry.purpose),
            channel: Word(entry.channel),
            decision: Word(entry.decision),
            decided_at: entry.decided_at.into(),
            source: entry.source.clone(),
            text_version: entry.text_version.clone(),
            evidence: entry.evidence.clone(),
            recorded_by: entry.recorded_by.clone(),
            created_at: entry.created_at.into(),
        }
    }
}

impl From<ConsentRow> for ConsentEntry {
    fn from(row: ConsentRow) -> Self {
        Self {
            id: row.id.get(),
            contact_id: row.contact_id.get(),
            customer_id: row.customer_id.get(),
            purpose: row.purpose.0,
            channel: row.channel.0,
            decision: row.decision.0,
            decided_at: row.decided_at.into(),
            source: row.source,
            text_version: row.text_version,
            evidence: row.evidence,
            recorded_by: row.recorded_by,
            created_at: row.created_at.into(),
        }
    }
}

pub async fn insert_consents(tx: &mut Tx, entries: &[ConsentEntry]) -> Result<()> {
    let rows: Vec<ConsentRow> = entries.iter().map(ConsentRow::from).collect();
    insert_rows!(tx, consent_entries, rows.as_slice())
}

pub async fn find_consent(conn: &mut Conn, id: ConsentId) -> Result<Option<ConsentEntry>> {
    let one = consent_entries::table.find(Id::from(id));
    let row: Option<ConsentRow> = on!(conn, |c| one.select(ConsentRow::as_select()).first(c).await.optional())?;
    Ok(row.map(ConsentEntry::from))
}

/// All that the contact said, in the order in which it was said.
pub async fn consents_of(conn: &mut Conn, contact: ContactId) -> Result<Vec<ConsentEntry>> {
    let all = consent_entries::table
        .filter(consent_entries::contact_id.eq(Id::from(contact)))
        .order((consent_entries::decided_at, consent_entries::id));
    let rows: Vec<ConsentRow> = on!(conn, |c| all.select(ConsentRow::as_select()).load(c).await)?;
    Ok(rows.into_iter().map(ConsentEntry::from).collect())
}

/// Takes out of all that the contact said where and by which proof, which may name him.
pub async fn strip_consents(tx: &mut Tx, contact: ContactId, source: &str) -> Result<()> {
    let all = consent_entries::table.filter(consent_entries::contact_id.eq(Id::from(contact)));
    let stripped = (consent_entries::source.eq(source), consent_entries::evidence.eq(None::<String>));
    on!(tx, |c| diesel::update(all).set(stripped).execute(c).await)?;
    Ok(())
}

/// The next entries by id, for going through all of them.
pub async fn consents_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<ConsentEntry>> {
    let rows: Vec<ConsentRow> = on!(conn, |c| {
        let mut query = consent_entries::table.into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(consent_entries::id.gt(after));
        }
        query.order(consent_entries::id).limit(most).select(ConsentRow::as_select()).load(c).await
    })?;
    Ok(rows.into_iter().map(ConsentEntry::from).collect())
}
