//! By what complaints were promised, from when on.

use chrono::{DateTime, Utc};
use complaints_contract::ComplaintId;
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::Severity;
use crate::domain::sla::Rank;
use crate::schema::clock_ranks;

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = clock_ranks)]
struct RankRow {
    complaint_id: Id,
    seq: i64,
    at: Instant,
    tier: Option<String>,
    severity: i16,
    kind: Option<String>,
}

/// A rank, and since which entry of the history and which instant it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub rank: Rank,
}

/// Oldest first.
pub async fn of(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<Ranked>> {
    let rows: Vec<RankRow> = on!(conn, |c| {
        clock_ranks::table
            .filter(clock_ranks::complaint_id.eq(Id::from(complaint)))
            .order(clock_ranks::seq)
            .select(RankRow::as_select())
            .load(c)
            .await
    })?;
    rows.into_iter().map(RankRow::into_ranked).collect()
}

pub async fn add(tx: &mut Tx, complaint: ComplaintId, ranked: &Ranked) -> database::Result<()> {
    let row = RankRow {
        complaint_id: complaint.into(),
        seq: ranked.seq,
        at: ranked.at.into(),
        tier: ranked.rank.tier.map(|tier| tier.to_string()),
        severity: ranked.rank.severity.get(),
        kind: ranked.rank.kind.clone(),
    };
    on!(tx, |c| diesel::insert_into(clock_ranks::table).values(&row).execute(c).await)?;
    Ok(())
}

impl RankRow {
    fn into_ranked(self) -> database::Result<Ranked> {
        let severity = Severity::try_from(self.severity).map_err(|_| database::Error::other("an unknown severity"))?;
        let tier = self.tier.map(|tier| tier.parse()).transpose().map_err(database::Error::other)?;
        Ok(Ranked { seq: self.seq, at: self.at.into(), rank: Rank { tier, severity, kind: self.kind } })
    }
}
