//! What happened to a customer, read from where each thing is kept.

use database::sql_types::{SqlId, SqlInstant};
use database::{Conn, Direction, Id, Instant, Result, on};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel_async::RunQueryDsl;
use registry_contract::TimelineKind;

use super::merges::numbered;
use super::{
    ConsentRow, CustomerLinkRow, HoldingRow, LifecycleMoveRow, MergeRow, ProfileVersionRow, QualificationRow,
    ShareTableRow, TeamMemberRow, TierChangeRow, TierProposalRow, TransferRow,
};
use crate::schema::{
    consent_entries, customer_links, holdings, lifecycle_moves, merges, profile_versions, qualifications, team_members,
    tier_changes, tier_proposals, transfers, vendor_share_tables,
};

/// Where a kind of entries is kept.
struct Source {
    table: &'static str,
    at: At,
    /// Which rows are of the customer `$1`. Each of them is found by an index that begins with the customer.
    of: &'static str,
}

/// The column that says when it happened.
enum At {
    Instant(&'static str),
    Day(&'static str),
}

fn source(kind: TimelineKind) -> Source {
    use At::{Day, Instant};
    use TimelineKind as Kind;
    let (table, at, of) = match kind {
        Kind::Created => ("customers", Instant("created_at"), "id = $1"),
        Kind::TierChanged => ("tier_changes", Instant("effective_at"), "customer_id = $1"),
        Kind::LifecycleMoved => ("lifecycle_moves", Instant("moved_at"), "customer_id = $1"),
        Kind::QualificationDecided => {
            ("qualifications", Instant("decided_at"), "customer_id = $1 AND decided_at IS NOT NULL")
        }
        Kind::TransferStarted => ("transfers", Instant("created_at"), "customer_id = $1"),
        Kind::TransferCompleted => ("transfers", Instant("ended_at"), "customer_id = $1 AND state = 'completed'"),
        Kind::TransferCancelled => ("transfers", Instant("ended_at"), "customer_id = $1 AND state = 'cancelled'"),
        Kind::OwnerChanged => ("owner_periods", Instant("ended_at"), "customer_id = $1 AND transfer_id IS NULL"),
        // A membership, or a link, that ended on its first day was withdrawn: it never held.
        Kind::MemberJoined => {
            ("team_members", Day("from_day"), "customer_id = $1 AND (until_day IS NULL OR until_day > from_day)")
        }
        Kind::MemberLeft => ("team_members", Day("until_day"), "customer_id = $1 AND until_day > from_day"),
        Kind::LinkBegan => {
            ("customer_links", Day("from_day"), "child_id = $1 AND (until_day IS NULL OR until_day > from_day)")
        }
        Kind::LinkEnded => ("customer_links", Day("until_day"), "child_id = $1 AND until_day > from_day"),
        Kind::Merged => ("merges", Instant("merged_at"), "(survivor_id = $1 OR merged_id = $1)"),
        Kind::MergeUndone => {
            ("merges", Instant("undone_at"), "(survivor_id = $1 OR merged_id = $1) AND undone_at IS NOT NULL")
        }
        Kind::ProfileApproved => {
            ("profile_versions", Instant("approved_at"), "customer_id = $1 AND approved_at IS NOT NULL")
        }
        Kind::VendorSharesRecorded => ("vendor_share_tables", Instant("recorded_at"), "customer_id = $1"),
        Kind::ContactAdded => ("contacts", Instant("created_at"), "customer_id = $1"),
        Kind::HoldingBegan => ("holdings", Day("from_day"), "customer_id = $1"),
        Kind::HoldingEnded => ("holdings", Day("until_day"), "customer_id = $1 AND until_day IS NOT NULL"),
        Kind::ConsentRecorded => ("consent_entries", Instant("decided_at"), "customer_id = $1"),
    };
    Source { table, at, of }
}

/// Whether the things of this kind are known by their day alone.
pub fn is_by_day(kind: TimelineKind) -> bool {
    matches!(source(kind).at, At::Day(_))
}

/// Where an entry stands, and in which order: of several at one instant what comes later in the vocabulary is the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub at: Instant,
    pub number: i32,
    pub id: Id,
}

impl Moment {
    pub fn kind(&self) -> Option<TimelineKind> {
        usize::try_from(self.number).ok().and_then(|number| TimelineKind::ALL.get(number)).copied()
    }
}

#[derive(QueryableByName)]
struct MomentRow {
    #[diesel(sql_type = SqlInstant)]
    at: Instant,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = SqlId)]
    id: Id,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// All of these kinds together, as a subquery; `$2` is now: what is only planned has not happened.
fn union(kinds: &[TimelineKind], postgres: bool) -> String {
    let one = |kind: &TimelineKind| {
        let Source { table, at, of } = source(*kind);
        let at = match at {
            At::Instant(column) => column.to_owned(),
            At::Day(column) if postgres => format!("({column}::timestamp AT TIME ZONE 'UTC')"),
            At::Day(column) => format!("(CAST(strftime('%s', {column}) AS INTEGER) * 1000000)"),
        };
        format!(
            "SELECT {at} AS at, {number} AS number, id FROM {table} WHERE {of} AND {at} <= $2",
            number = *kind as i32
        )
    };
    kinds.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ")
}

/// The next `most` things that happened to the customer until `now`, behind one of them if there is one.
pub async fn moments(
    conn: &mut Conn,
    (customer, now): (Id, Instant),
    kinds: &[TimelineKind],
    (direction, after): (Direction, Option<Moment>),
    most: i64,
) -> Result<Vec<Moment>> {
    if kinds.is_empty() {
        return Ok(vec![]);
    }
    let (further, order) = match direction {
        Direction::Ascending => (">", "ASC"),
        Direction::Descending => ("<", "DESC"),
    };
    let sql = |postgres: bool| {
        let behind = format!("(at, number, id) {further} ($4, $5, $6)");
        let behind = if after.is_some() { behind } else { format!("$4 = $4 OR {behind}") };
        format!(
            "SELECT at, number, id FROM ({}) AS moments WHERE {behind}
             ORDER BY at {order}, number {order}, id {order} LIMIT $3",
            union(kinds, postgres),
        )
    };
    let (pg, lite) = (sql(true), numbered(&sql(false)));
    // Bound by the first page as well, which asks for nothing behind it.
    let Moment { at, number, id } = after.unwrap_or(Moment { at: now, number: 0, id: customer });
    macro_rules! load {
        ($sql:expr, $c:expr) => {
            diesel::sql_query($sql)
                .bind::<SqlId, _>(customer)
                .bind::<SqlInstant, _>(now)
                .bind::<BigInt, _>(most)
                .bind::<SqlInstant, _>(at)
                .bind::<Integer, _>(number)
                .bind::<SqlId, _>(id)
                .load($c)
                .await
        };
    }
    let rows: Vec<MomentRow> = on!(conn, pg: |c| load!(pg, c), lite: |c| load!(lite, c))?;
    Ok(rows.into_iter().map(|MomentRow { at, number, id }| Moment { at, number, id }).collect())
}

pub async fn count_moments(conn: &mut Conn, (customer, now): (Id, Instant), kinds: &[TimelineKind]) -> Result<i64> {
    if kinds.is_empty() {
        return Ok(0);
    }
    let sql = |postgres: bool| format!("SELECT count(*) AS count FROM ({}) AS moments", union(kinds, postgres));
    let (pg, lite) = (sql(true), numbered(&sql(false)));
    let count: Count = on!(conn,
        pg: |c| diesel::sql_query(pg).bind::<SqlId, _>(customer).bind::<SqlInstant, _>(now).get_result(c).await,
        lite: |c| diesel::sql_query(lite).bind::<SqlId, _>(customer).bind::<SqlInstant, _>(now).get_result(c).await,
    )?;
    Ok(count.count)
}

#[derive(QueryableByName)]
struct Actor {
    #[diesel(sql_type = Text)]
    actor: String,
}

/// Who created the customer.
pub async fn creator_of(conn: &mut Conn, customer: Id) -> Result<Option<String>> {
    let sql = "SELECT actor FROM audit_entries WHERE resource = 'customer' AND resource_id = $1
               AND action = 'customer.created' ORDER BY at LIMIT 1";
    let found: Option<Actor> = on!(conn,
        pg: |c| diesel::sql_query(sql).bind::<SqlId, _>(customer).get_result(c).await.optional(),
        lite: |c| diesel::sql_query(numbered(sql)).bind::<SqlId, _>(customer).get_result(c).await.optional(),
    )?;
    Ok(found.map(|found| found.actor))
}

/// Those of a table that have these ids, each; none asked for costs nothing.
macro_rules! among {
    ($($name:ident = $table:ident as $row:ty;)+) => { $(
        pub async fn $name(conn: &mut Conn, ids: &[Id]) -> Result<Vec<$row>> {
            if ids.is_empty() {
                return Ok(vec![]);
            }
            let some = $table::table.filter($table::id.eq_any(ids));
            on!(conn, |c| some.select(<$row>::as_select()).load(c).await)
        }
    )+ };
}

among! {
    lifecycle_moves_among = lifecycle_moves as LifecycleMoveRow;
    qualifications_among = qualifications as QualificationRow;
    transfers_among = transfers as TransferRow;
    team_members_among = team_members as TeamMemberRow;
    links_among = customer_links as CustomerLinkRow;
    merges_among = merges as MergeRow;
    profile_versions_among = profile_versions as ProfileVersionRow;
    share_tables_among = vendor_share_tables as ShareTableRow;
    holdings_among = holdings as HoldingRow;
    consents_among = consent_entries as ConsentRow;
}

/// The changes of these ids, each with the proposal behind it.
pub async fn tier_changes_among(conn: &mut Conn, ids: &[Id]) -> Result<Vec<(TierChangeRow, TierProposalRow)>> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let some = tier_changes::table
        .inner_join(tier_proposals::table.on(tier_proposals::id.eq(tier_changes::proposal_id)))
        .filter(tier_changes::id.eq_any(ids));
    on!(conn, |c| some.select((TierChangeRow::as_select(), TierProposalRow::as_select())).load(c).await)
}
