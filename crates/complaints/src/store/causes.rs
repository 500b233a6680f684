//! Causes of complaints.

use chrono::{DateTime, Utc};
use complaints_contract::{Cause, CauseCategory, CauseId, CauseState, ComplaintId, ParetoBy, Relation};
use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use diesel_async::RunQueryDsl;

use crate::domain::{Occurrence, Sight};
use crate::schema::causes;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = causes, treat_none_as_null = true)]
struct CauseRow {
    id: Id,
    complaint_id: Id,
    parent_id: Option<Id>,
    depth: i32,
    category: String,
    label: Option<String>,
    text: String,
    state: String,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

impl From<&Cause> for CauseRow {
    fn from(cause: &Cause) -> Self {
        Self {
            id: cause.id.into(),
            complaint_id: cause.complaint_id.into(),
            parent_id: cause.parent_id.map(Id::from),
            depth: cause.depth,
            category: cause.category.to_string(),
            label: cause.label.clone(),
            text: cause.text.clone(),
            state: cause.state.to_string(),
            version: cause.version,
            created_at: cause.created_at.into(),
            updated_at: cause.updated_at.into(),
        }
    }
}

impl TryFrom<CauseRow> for Cause {
    type Error = database::Error;

    fn try_from(row: CauseRow) -> database::Result<Self> {
        Ok(Self {
            id: row.id.get(),
            complaint_id: row.complaint_id.get(),
            parent_id: row.parent_id.map(|id| id.get()),
            depth: row.depth,
            category: row.category.parse().map_err(database::Error::other)?,
            label: row.label,
            text: row.text,
            state: row.state.parse().map_err(database::Error::other)?,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

pub async fn insert(tx: &mut Tx, cause: &Cause) -> database::Result<()> {
    let row = CauseRow::from(cause);
    on!(tx, |c| diesel::insert_into(causes::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Writes a cause whose complaint the transaction has locked.
pub async fn replace(tx: &mut Tx, cause: &Cause) -> database::Result<()> {
    let row = CauseRow::from(cause);
    on!(tx, |c| diesel::update(causes::table.find(row.id)).set(&row).execute(c).await)?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: CauseId) -> database::Result<Option<Cause>> {
    let one = causes::table.find(Id::from(id));
    let row: Option<CauseRow> = on!(conn, |c| one.select(CauseRow::as_select()).first(c).await.optional())?;
    row.map(Cause::try_from).transpose()
}

pub async fn all_of(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<Cause>> {
    let own = causes::table.filter(causes::complaint_id.eq(Id::from(complaint)));
    let rows: Vec<CauseRow> = on!(conn, |c| own.select(CauseRow::as_select()).order(causes::id).load(c).await)?;
    rows.into_iter().map(Cause::try_from).collect()
}

/// One row more than the page holds.
pub async fn list(conn: &mut Conn, complaint: ComplaintId, page: &PageRequest) -> database::Result<Vec<Cause>> {
    let rows: Vec<CauseRow> = on!(conn, |c| {
        let query = causes::table.filter(causes::complaint_id.eq(Id::from(complaint))).into_boxed::<Backend>();
        let query = keyset!(query.select(CauseRow::as_select()), page, causes, { "created_at" => created_at: Instant });
        query.load(c).await
    })?;
    rows.into_iter().map(Cause::try_from).collect()
}

pub async fn count(conn: &mut Conn, complaint: ComplaintId) -> database::Result<i64> {
    let own = causes::table.filter(causes::complaint_id.eq(Id::from(complaint)));
    on!(conn, |c| own.count().get_result(c).await)
}

#[derive(QueryableByName)]
struct OccurrenceRow {
    #[diesel(sql_type = SqlId)]
    id: Id,
    #[diesel(sql_type = SqlInstant)]
    received_at: Instant,
    #[diesel(sql_type = Nullable<SqlId>)]
    customer_id: Option<Id>,
    #[diesel(sql_type = Nullable<Text>)]
    product: Option<String>,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Nullable<Text>)]
    label: Option<String>,
    #[diesel(sql_type = Bool)]
    is_linked: bool,
}

/// The root causes of complaints received within the bounds, as they are counted. A link is there for whoever sees the
/// complaints at both of its ends.
pub async fn occurrences(
    conn: &mut Conn,
    sight: &Sight,
    by: ParetoBy,
    (from, until): (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
) -> database::Result<Vec<Occurrence>> {
    let seen = |which: &str| format!("({which}.about_staff IS NULL OR ($2 AND lower({which}.about_staff) <> $3))");
    // Links are set from either side. Of two complaints that came in at once, the one that the link leads from recurs.
    let sql = format!(
        "SELECT c.id, c.received_at, c.customer_id, c.product, r.category, r.label,
             (EXISTS (SELECT 1 FROM links l JOIN complaints o ON o.id = l.other_id
                 WHERE l.complaint_id = c.id AND l.relation = $1 AND o.received_at <= c.received_at AND {seen_other})
             OR EXISTS (SELECT 1 FROM links l JOIN complaints o ON o.id = l.complaint_id
                 WHERE l.other_id = c.id AND l.relation = $1 AND o.received_at < c.received_at AND {seen_other})
             ) AS is_linked
         FROM causes r JOIN complaints c ON c.id = r.complaint_id
         WHERE {} AND r.state = $4 AND ($5 IS NULL OR c.received_at >= $5) AND ($6 IS NULL OR c.received_at < $6)",
        seen("c"),
        seen_other = seen("o"),
    );
    let (of_staff, but) = match sight {
        Sight::Unrestricted => (false, ""),
        Sight::All => (true, ""),
        Sight::NotAbout(name) => (true, name.as_str()),
    };
    let rows: Vec<OccurrenceRow> = on!(conn, |c| {
        diesel::sql_query(sql)
            .bind::<Text, _>(Relation::Recurrence.as_str())
            .bind::<Bool, _>(of_staff)
            .bind::<Text, _>(but)
            .bind::<Text, _>(CauseState::Root.as_str())
            .bind::<Nullable<SqlInstant>, _>(from.map(Instant::from))
            .bind::<Nullable<SqlInstant>, _>(until.map(Instant::from))
            .load(c)
            .await
    })?;
    rows.into_iter().map(|row| row.into_occurrence(by)).collect()
}

impl OccurrenceRow {
    fn into_occurrence(self, by: ParetoBy) -> database::Result<Occurrence> {
        let category: CauseCategory = self.category.parse().map_err(database::Error::other)?;
        let (category, value) = match by {
            ParetoBy::Category => (Some(category), None),
            ParetoBy::Label => (Some(category), self.label),
            ParetoBy::Product => (None, self.product),
        };
        Ok(Occurrence {
            complaint: self.id.get(),
            received_at: self.received_at.into(),
            customer: self.customer_id.map(|id| id.get()),
            is_linked: self.is_linked,
            category,
            value,
        })
    }
}
