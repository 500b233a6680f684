use database::{Conn, Error, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{
    CustomerId, OfCustomers, Qualification, QualificationDecision, QualificationId, QualificationPolicy,
    QualificationPolicyId, QualificationVerdict,
};
use serde_json::Value;

use super::Word;
use crate::schema::{qualification_policies, qualifications};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = qualification_policies)]
pub struct QualificationPolicyRow {
    pub id: Id,
    pub number: i64,
    pub terms: Value,
    pub created_by: String,
    pub created_at: Instant,
}

impl TryFrom<QualificationPolicyRow> for QualificationPolicy {
    type Error = Error;

    fn try_from(row: QualificationPolicyRow) -> Result<Self> {
        Ok(Self {
            id: row.id.get(),
            version: row.number,
            terms: serde_json::from_value(row.terms).map_err(Error::other)?,
            created_by: row.created_by,
            created_at: row.created_at.into(),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = qualifications, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct QualificationRow {
    pub id: Id,
    pub customer_id: Id,
    pub policy: i64,
    pub answers: Value,
    pub result: Value,
    pub decision: Option<Word<QualificationDecision>>,
    pub decision_number: Option<i64>,
    pub reason: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<Instant>,
    pub version: i64,
    pub created_by: String,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl TryFrom<Qualification> for QualificationRow {
    type Error = Error;

    fn try_from(one: Qualification) -> Result<Self> {
        let verdict = one.decision;
        Ok(Self {
            id: one.id.into(),
            customer_id: one.customer_id.into(),
            policy: one.policy_version,
            answers: serde_json::to_value(one.answers).map_err(Error::other)?,
            result: serde_json::to_value(one.result).map_err(Error::other)?,
            decision: verdict.as_ref().map(|verdict| Word(verdict.decision)),
            decision_number: verdict.as_ref().map(|verdict| verdict.number),
            decided_at: verdict.as_ref().map(|verdict| verdict.at.into()),
            decided_by: verdict.as_ref().map(|verdict| verdict.by.clone()),
            reason: verdict.map(|verdict| verdict.reason),
            version: one.version,
            created_by: one.created_by,
            created_at: one.created_at.into(),
            updated_at: one.updated_at.into(),
        })
    }
}

impl TryFrom<QualificationRow> for Qualification {
    type Error = Error;

    fn try_from(row: QualificationRow) -> Result<Self> {
        let decided = row.decision.zip(row.decision_number).zip(row.reason).zip(row.decided_by).zip(row.decided_at);
        Ok(Self {
            id: row.id.get(),
            customer_id: row.customer_id.get(),
            policy_version: row.policy,
            answers: serde_json::from_value(row.answers).map_err(Error::other)?,
            result: serde_json::from_value(row.result).map_err(Error::other)?,
            decision: decided.map(|((((Word(decision), number), reason), by), at)| QualificationVerdict {
                decision,
                number,
                reason,
                by,
                at: at.into(),
            }),
            version: row.version,
            created_by: row.created_by,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

pub async fn insert_qualification_policy(tx: &mut Tx, row: &QualificationPolicyRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(qualification_policies::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn find_qualification_policy(
    conn: &mut Conn,
    id: QualificationPolicyId,
) -> Result<Option<QualificationPolicyRow>> {
    let one = qualification_policies::table.find(Id::from(id));
    on!(conn, |c| one.select(QualificationPolicyRow::as_select()).first(c).await.optional())
}

/// The version of this number, or the newest.
pub async fn qualification_policy(conn: &mut Conn, number: Option<i64>) -> Result<Option<QualificationPolicyRow>> {
    on!(conn, |c| {
        let mut query = qualification_policies::table.into_boxed::<Backend>();
        if let Some(number) = number {
            query = query.filter(qualification_policies::number.eq(number));
        }
        let newest = query.order(qualification_policies::number.desc()).limit(1);
        newest.select(QualificationPolicyRow::as_select()).first(c).await.optional()
    })
}

/// One row more than the page holds.
pub async fn list_qualification_policies(conn: &mut Conn, page: &PageRequest) -> Result<Vec<QualificationPolicyRow>> {
    on!(conn, |c| {
        let query = qualification_policies::table.into_boxed::<Backend>();
        let query = keyset!(query, page, qualification_policies, { "version" => number: i64 });
        query.select(QualificationPolicyRow::as_select()).load(c).await
    })
}

pub async fn count_qualification_policies(conn: &mut Conn) -> Result<i64> {
    on!(conn, |c| qualification_policies::table.count().get_result(c).await)
}

pub async fn insert_qualification(tx: &mut Tx, row: &QualificationRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(qualifications::table).values(row).execute(c).await)?;
    Ok(())
}

/// The customer is locked, so nobody else writes.
pub async fn update_qualification(tx: &mut Tx, row: &QualificationRow) -> Result<()> {
    let one = qualifications::table.find(row.id);
    on!(tx, |c| diesel::update(one).set(row).execute(c).await)?;
    Ok(())
}

pub async fn find_qualification(conn: &mut Conn, id: QualificationId) -> Result<Option<QualificationRow>> {
    let one = qualifications::table.find(Id::from(id));
    on!(conn, |c| one.select(QualificationRow::as_select()).first(c).await.optional())
}

/// One row more than the page holds.
pub async fn list_qualifications(
    conn: &mut Conn,
    customer: CustomerId,
    page: &PageRequest,
) -> Result<Vec<QualificationRow>> {
    on!(conn, |c| {
        let query =
            qualifications::table.filter(qualifications::customer_id.eq(Id::from(customer))).into_boxed::<Backend>();
        let query = keyset!(query, page, qualifications, { "created_at" => created_at: Instant });
        query.select(QualificationRow::as_select()).load(c).await
    })
}

pub async fn count_qualifications(conn: &mut Conn, customer: CustomerId) -> Result<i64> {
    let query = qualifications::table.filter(qualifications::customer_id.eq(Id::from(customer))).count();
    on!(conn, |c| query.get_result(c).await)
}

/// The number of the last decision on a customer; 0 when there was none.
pub async fn last_decision_number(conn: &mut Conn, customer: CustomerId) -> Result<i64> {
    let query = qualifications::table
        .filter(qualifications::customer_id.eq(Id::from(customer)))
        .select(diesel::dsl::max(qualifications::decision_number));
    let last: Option<i64> = on!(conn, |c| query.first(c).await)?;
    Ok(last.unwrap_or(0))
}

/// The next decided qualifications by id, for going through all of them.
pub async fn decided_qualifications_after(
    conn: &mut Conn,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<QualificationRow>> {
    on!(conn, |c| {
        let mut query = qualifications::table.filter(qualifications::decision.is_not_null()).into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(qualifications::id.gt(after));
        }
        query.order(qualifications::id).limit(most).select(QualificationRow::as_select()).load(c).await
    })
}

/// The next of the qualifications of these customers by id, for going through all of them.
pub async fn qualifications_of_after(
    conn: &mut Conn,
    of: &OfCustomers,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<QualificationRow>> {
    on!(conn, |c| {
        let mut query = qualifications::table.into_boxed::<Backend>();
        if let Some(any) = &of.customer_id {
            query = query.filter(qualifications::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(after) = after {
            query = query.filter(qualifications::id.gt(after));
        }
        query.order(qualifications::id).limit(most).select(QualificationRow::as_select()).load(c).await
    })
}
