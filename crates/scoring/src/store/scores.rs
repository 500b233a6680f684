use std::collections::HashMap;

use chrono::{DateTime, Utc};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::v1::CustomerFact;
use scoring_contract::{Score, ScoreQuery, ScoreRevision};
use serde_json::Value;
use uuid::Uuid;

use crate::domain::Computed;
use crate::schema::{merged_customers, score_history, scores};

#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = scores)]
struct ScoreRow {
    id: Id,
    customer_code: String,
    engagement: i64,
    satisfaction: i64,
    level: String,
    confidence: String,
    satisfaction_confidence: String,
    inputs: Value,
    reasons: Value,
    policy_version: String,
    as_of: Instant,
    version: i64,
    updated_at: Instant,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = scores, treat_none_as_null = true)]
struct ScoreChange<'a> {
    id: Id,
    customer_code: &'a str,
    tier: &'a str,
    owner: Option<&'a str>,
    engagement: i64,
    satisfaction: i64,
    level: &'a str,
    confidence: &'a str,
    satisfaction_confidence: &'a str,
    inputs: Value,
    reasons: Value,
    policy_version: &'a str,
    as_of: Instant,
    version: i64,
    updated_at: Instant,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = score_history)]
struct RevisionRow {
    id: Id,
    customer_id: Id,
    version: i64,
    engagement: i64,
    satisfaction: i64,
    level: String,
    confidence: String,
    satisfaction_confidence: String,
    inputs: Value,
    reasons: Value,
    policy_version: String,
    as_of: Instant,
}

/// The score a customer gets, computed for an instant.
pub fn next(customer: &CustomerFact, computed: Computed, as_of: DateTime<Utc>, version: i64) -> Score {
    Score {
        customer_id: customer.customer_id,
        customer_code: customer.code.clone(),
        engagement: computed.engagement,
        satisfaction: computed.satisfaction,
        level: computed.level,
        confidence: computed.confidence,
        satisfaction_confidence: computed.satisfaction_confidence,
        inputs: computed.inputs,
        reasons: computed.reasons,
        policy_version: computed.policy_version,
        as_of,
        version,
        updated_at: as_of,
    }
}

/// Keeps the score in place of the one before, and its revision besides.
pub async fn keep(tx: &mut Tx, score: &Score, owner: Option<&str>) -> database::Result<()> {
    let inputs = serde_json::to_value(&score.inputs).map_err(database::Error::other)?;
    let reasons = serde_json::to_value(&score.reasons).map_err(database::Error::other)?;
    let revision = RevisionRow {
        id: Id::from(Uuid::now_v7()),
        customer_id: score.customer_id.into(),
        version: score.version,
        engagement: score.engagement,
        satisfaction: score.satisfaction,
        level: score.level.as_str().to_owned(),
        confidence: score.confidence.as_str().to_owned(),
        satisfaction_confidence: score.satisfaction_confidence.as_str().to_owned(),
        inputs: inputs.clone(),
        reasons: reasons.clone(),
        policy_version: score.policy_version.clone(),
        as_of: score.as_of.into(),
    };
    let change = ScoreChange {
        id: score.customer_id.into(),
        customer_code: &score.customer_code,
        tier: score.inputs.tier.as_str(),
        owner,
        engagement: score.engagement,
        satisfaction: score.satisfaction,
        level: score.level.as_str(),
        confidence: score.confidence.as_str(),
        satisfaction_confidence: score.satisfaction_confidence.as_str(),
        inputs,
        reasons,
        policy_version: &score.policy_version,
        as_of: score.as_of.into(),
        version: score.version,
        updated_at: score.updated_at.into(),
    };
    on!(tx, |c| {
        diesel::insert_into(scores::table)
            .values(&change)
            .on_conflict(scores::id)
            .do_update()
            .set(&change)
            .execute(c)
            .await?;
        diesel::insert_into(score_history::table).values(&revision).execute(c).await
    })?;
    Ok(())
}

/// Notes that the same numbers hold for a later instant, and who looks after the customer now.
pub async fn confirm(tx: &mut Tx, customer: Id, as_of: DateTime<Utc>, owner: Option<&str>) -> database::Result<()> {
    on!(tx, |c| {
        diesel::update(scores::table.find(customer))
            .set((scores::as_of.eq(Instant::from(as_of)), scores::owner.eq(owner)))
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Takes the customer's score away, and what it was before.
pub async fn remove(tx: &mut Tx, customer: Id) -> database::Result<()> {
    let history = score_history::table.filter(score_history::customer_id.eq(customer));
    on!(tx, |c| diesel::delete(history).execute(c).await)?;
    on!(tx, |c| diesel::delete(scores::table.find(customer)).execute(c).await)?;
    Ok(())
}

pub async fn find(conn: &mut Conn, customer: Id) -> database::Result<Option<Score>> {
    let row: Option<ScoreRow> =
        on!(conn, |c| scores::table.find(customer).select(ScoreRow::as_select()).first(c).await.optional())?;
    row.map(Score::try_from).transpose()
}

pub async fn find_all(conn: &mut Conn, customers: &[Id]) -> database::Result<HashMap<Id, Score>> {
    let rows: Vec<ScoreRow> = on!(conn, |c| {
        scores::table.filter(scores::id.eq_any(customers)).select(ScoreRow::as_select()).load(c).await
    })?;
    rows.into_iter().map(|row| Ok((row.id, Score::try_from(row)?))).collect()
}

/// The next `limit` scores after a customer, by id: for walking through all of them.
pub async fn after(conn: &mut Conn, last: Option<Id>, limit: i64) -> database::Result<Vec<Score>> {
    let last = last.unwrap_or_else(|| Id::from(Uuid::nil()));
    let rows: Vec<ScoreRow> = on!(conn, |c| {
        scores::table
            .filter(scores::id.gt(last))
            .order(scores::id)
            .limit(limit)
            .select(ScoreRow::as_select())
            .load(c)
            .await
    })?;
    rows.into_iter().map(Score::try_from).collect()
}

macro_rules! filtered {
    ($query:expr) => {{
        let query: &ScoreQuery = $query;
        let merged = merged_customers::table
            .filter(merged_customers::into_id.is_not_null())
            .select(merged_customers::customer_id);
        let mut rows = scores::table.filter(scores::id.ne_all(merged)).into_boxed::<Backend>();
        if let Some(tiers) = &query.tier {
            let words: Vec<_> = tiers.0.iter().map(|tier| tier.as_str()).collect();
            rows = rows.filter(scores::tier.eq_any(words));
        }
        if let Some(levels) = &query.level {
            let words: Vec<_> = levels.0.iter().map(|level| level.as_str()).collect();
            rows = rows.filter(scores::level.eq_any(words));
        }
        if let Some(owners) = &query.owner {
            rows = rows.filter(scores::owner.eq_any(owners.0.clone()));
        }
        if let Some(least) = query.min_engagement {
            rows = rows.filter(scores::engagement.ge(least));
        }
        if let Some(most) = query.max_engagement {
            rows = rows.filter(scores::engagement.le(most));
        }
        if let Some(least) = query.min_satisfaction {
            rows = rows.filter(scores::satisfaction.ge(least));
        }
        if let Some(most) = query.max_satisfaction {
            rows = rows.filter(scores::satisfaction.le(most));
        }
        if let Some(since) = query.updated_since {
            rows = rows.filter(scores::updated_at.ge(Instant::from(since)));
        }
        rows
    }};
}

/// One row more than the page holds, so that the caller knows whether there is a next one.
pub async fn list(conn: &mut Conn, query: &ScoreQuery, page: &PageRequest) -> database::Result<Vec<Score>> {
    let rows: Vec<ScoreRow> = on!(conn, |c| {
        let query = filtered!(query).select(ScoreRow::as_select());
        let query = keyset!(query, page, scores, {
            "engagement" => engagement: i64,
            "satisfaction" => satisfaction: i64,
            "updated_at" => updated_at: Instant,
        });
        query.load(c).await
    })?;
    rows.into_iter().map(Score::try_from).collect()
}

pub async fn count(conn: &mut Conn, query: &ScoreQuery) -> database::Result<i64> {
    on!(conn, |c| filtered!(query).count().get_result(c).await)
}

pub async fn history(conn: &mut Conn, customer: Id, page: &PageRequest) -> database::Result<Vec<ScoreRevision>> {
    let rows: Vec<RevisionRow> = on!(conn, |c| {
        let query = score_history::table
            .into_boxed::<Backend>()
            .filter(score_history::customer_id.eq(customer))
            .select(RevisionRow::as_select());
        let query = keyset!(query, page, score_history, { "version" => version: i64 });
        query.load(c).await
    })?;
    rows.into_iter().map(ScoreRevision::try_from).collect()
}

pub async fn count_history(conn: &mut Conn, customer: Id) -> database::Result<i64> {
    on!(conn, |c| score_history::table.filter(score_history::customer_id.eq(customer)).count().get_result(c).await)
}

impl TryFrom<ScoreRow> for Score {
    type Error = database::Error;

    fn try_from(row: ScoreRow) -> database::Result<Self> {
        Ok(Self {
            customer_id: row.id.get(),
            customer_code: row.customer_code,
            engagement: row.engagement,
            satisfaction: row.satisfaction,
            level: row.level.parse().map_err(database::Error::other)?,
            confidence: row.confidence.parse().map_err(database::Error::other)?,
            satisfaction_confidence: row.satisfaction_confidence.parse().map_err(database::Error::other)?,
            inputs: serde_json::from_value(row.inputs).map_err(database::Error::other)?,
            reasons: serde_json::from_value(row.reasons).map_err(database::Error::other)?,
            policy_version: row.policy_version,
            as_of: row.as_of.into(),
            version: row.version,
            updated_at: row.updated_at.into(),
        })
    }
}

impl TryFrom<RevisionRow> for ScoreRevision {
    type Error = database::Error;

    fn try_from(row: RevisionRow) -> database::Result<Self> {
        Ok(Self {
            id: row.id.get(),
            version: row.version,
            engagement: row.engagement,
            satisfaction: row.satisfaction,
            level: row.level.parse().map_err(database::Error::other)?,
            confidence: row.confidence.parse().map_err(database::Error::other)?,
            satisfaction_confidence: row.satisfaction_confidence.parse().map_err(database::Error::other)?,
            inputs: serde_json::from_value(row.inputs).map_err(database::Error::other)?,
            reasons: serde_json::from_value(row.reasons).map_err(database::Error::other)?,
            policy_version: row.policy_version,
            as_of: row.as_of.into(),
        })
    }
}
