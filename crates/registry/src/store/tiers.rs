use std::collections::HashMap;

use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, insert_all, keyset, on};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{
    CustomerId, PolicyTier, Tier, TierDecision, TierPolicy, TierPolicyId, TierProposal, TierProposalId,
    TierProposalQuery, TierProposalState, TierSource, TierVerdict,
};
use serde_json::Value;

use super::Word;
use crate::schema::{
    customers, first_tiers, scored_tiers, tier_changes, tier_decisions, tier_policies, tier_proposals,
};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tier_policies, treat_none_as_default_value = false)]
pub struct TierPolicyRow {
    pub id: Id,
    pub code: String,
    pub revision: i32,
    pub name: String,
    pub name_zh: String,
    pub tiers: Value,
    pub active: bool,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl TryFrom<TierPolicyRow> for TierPolicy {
    type Error = database::Error;

    fn try_from(row: TierPolicyRow) -> Result<Self> {
        let tiers: Vec<PolicyTier> = serde_json::from_value(row.tiers).map_err(database::Error::other)?;
        Ok(Self {
            id: row.id.get(),
            code: row.code,
            revision: row.revision,
            name: row.name,
            name_zh: row.name_zh,
            tiers,
            active: row.active,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tier_proposals, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TierProposalRow {
    pub id: Id,
    pub customer_id: Id,
    pub policy_id: Id,
    pub policy_version: String,
    pub policy_tier: String,
    pub tier: Word<Tier>,
    pub from_tier: Word<Tier>,
    pub source: Word<TierSource>,
    pub proposed_by: String,
    pub reason: String,
    pub evidence: Value,
    pub effective_from: Option<NaiveDate>,
    pub effective_at: Option<Instant>,
    pub approvals_needed: i32,
    pub state: Word<TierProposalState>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
    /// Whose row made it.
    pub import_id: Option<Id>,
    /// Withdrawn with that import, and not by anybody.
    pub taken_back: bool,
}

impl TierProposalRow {
    pub fn with(self, decisions: Vec<TierDecision>) -> Result<TierProposal> {
        Ok(TierProposal {
            id: self.id.get(),
            customer_id: self.customer_id.get(),
            policy_id: self.policy_id.get(),
            policy_version: self.policy_version,
            policy_tier: self.policy_tier,
            tier: self.tier.0,
            from_tier: self.from_tier.0,
            source: self.source.0,
            proposed_by: self.proposed_by,
            reason: self.reason,
            evidence: serde_json::from_value(self.evidence).map_err(database::Error::other)?,
            effective_from: self.effective_from,
            effective_at: self.effective_at.map(Into::into),
            approvals_needed: self.approvals_needed,
            decisions,
            state: self.state.0,
            version: self.version,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tier_decisions, treat_none_as_default_value = false)]
pub struct TierDecisionRow {
    pub id: Id,
    pub proposal_id: Id,
    pub decider: String,
    pub verdict: Word<TierVerdict>,
    pub reason: Option<String>,
    pub decided_at: Instant,
}

impl From<TierDecisionRow> for TierDecision {
    fn from(row: TierDecisionRow) -> Self {
        Self { decider: row.decider, verdict: row.verdict.0, reason: row.reason, decided_at: row.decided_at.into() }
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tier_changes, treat_none_as_default_value = false)]
pub struct TierChangeRow {
    pub id: Id,
    pub customer_id: Id,
    pub proposal_id: Id,
    pub from_tier: Word<Tier>,
    pub to_tier: Word<Tier>,
    pub sequence: i64,
    pub effective_at: Instant,
    /// The policy's own tier before, where people had decided on one.
    pub from_policy_tier: Option<String>,
}

/// Whence the tier is that a customer began with, where it was given one above the lowest by a file, or by a record of
/// another system.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = first_tiers, treat_none_as_default_value = false)]
pub struct FirstTierRow {
    pub customer_id: Id,
    pub import_id: Option<Id>,
    pub system: Option<String>,
}

/// What waits for approvals or for its day.
const UNDONE: [&str; 2] = [TierProposalState::Open.as_str(), TierProposalState::Approved.as_str()];

pub async fn insert_tier_policy(tx: &mut Tx, row: &TierPolicyRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(tier_policies::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn find_tier_policy(conn: &mut Conn, id: TierPolicyId) -> Result<Option<TierPolicyRow>> {
    let one = tier_policies::table.find(Id::from(id));
    on!(conn, |c| one.select(TierPolicyRow::as_select()).first(c).await.optional())
}

/// The policy that tiers are proposed by. There is always one: the first comes with the migration.
pub async fn active_tier_policy(conn: &mut Conn) -> Result<TierPolicy> {
    let active = tier_policies::table.filter(tier_policies::active.eq(true));
    on!(conn, |c| active.select(TierPolicyRow::as_select()).first(c).await)?.try_into()
}

pub async fn last_tier_policy_revision(conn: &mut Conn, code: &str) -> Result<Option<i32>> {
    let last =
        tier_policies::table.filter(tier_policies::code.eq(code)).select(diesel::dsl::max(tier_policies::revision));
    on!(conn, |c| last.first(c).await)
}

/// Makes this policy the active one, and the one before it no longer. Of two that meet, one meets the unique index.
pub async fn activate_tier_policy(tx: &mut Tx, id: TierPolicyId, at: Instant) -> Result<()> {
    let (version, updated_at) = (tier_policies::version, tier_policies::updated_at);
    let before = tier_policies::table.filter(tier_policies::active.eq(true));
    let off = (tier_policies::active.eq(false), version.eq(version + 1), updated_at.eq(at));
    on!(tx, |c| diesel::update(before).set(off).execute(c).await)?;
    let one = tier_policies::table.find(Id::from(id));
    let on = (tier_policies::active.eq(true), version.eq(version + 1), updated_at.eq(at));
    on!(tx, |c| diesel::update(one).set(on).execute(c).await)?;
    Ok(())
}

/// One row more than the page holds.
pub async fn list_tier_policies(conn: &mut Conn, page: &PageRequest) -> Result<Vec<TierPolicyRow>> {
    on!(conn, |c| {
        let query = tier_policies::table.into_boxed::<Backend>();
        let query = keyset!(query, page, tier_policies, {
            "created_at" => created_at: Instant,
            "code" => code: String,
        });
        query.select(TierPolicyRow::as_select()).load(c).await
    })
}

pub async fn count_tier_policies(conn: &mut Conn) -> Result<i64> {
    on!(conn, |c| tier_policies::table.count().get_result(c).await)
}

pub async fn insert_tier_proposal(tx: &mut Tx, row: &TierProposalRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(tier_proposals::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn update_tier_proposal(tx: &mut Tx, row: &TierProposalRow) -> Result<()> {
    let one = tier_proposals::table.find(row.id);
    on!(tx, |c| diesel::update(one).set(row).execute(c).await)?;
    Ok(())
}

pub async fn find_tier_proposal(conn: &mut Conn, id: TierProposalId) -> Result<Option<TierProposalRow>> {
    let one = tier_proposals::table.find(Id::from(id));
    on!(conn, |c| one.select(TierProposalRow::as_select()).first(c).await.optional())
}

/// The customer's proposal that waits for approvals or for its day; the oldest, where a merge brought two together.
pub async fn undone_tier_proposal(conn: &mut Conn, customer: CustomerId) -> Result<Option<TierProposalRow>> {
    let one = tier_proposals::table
        .filter(tier_proposals::customer_id.eq(Id::from(customer)))
        .filter(tier_proposals::state.eq_any(UNDONE))
        .order((tier_proposals::created_at, tier_proposals::id));
    on!(conn, |c| one.select(TierProposalRow::as_select()).first(c).await.optional())
}

/// The customer's last proposal of this tier from this source that none of the same source took the place of, and that went
/// with no import, whatever became of it.
pub async fn last_tier_proposal(
    conn: &mut Conn,
    customer: CustomerId,
    source: TierSource,
    tier: Tier,
) -> Result<Option<TierProposalRow>> {
    let last = tier_proposals::table
        .filter(tier_proposals::customer_id.eq(Id::from(customer)))
        .filter(tier_proposals::source.eq(Word(source)))
        .filter(tier_proposals::tier.eq(Word(tier)))
        .filter(tier_proposals::state.ne(Word(TierProposalState::Superseded)))
        .filter(tier_proposals::taken_back.eq(false))
        .order((tier_proposals::created_at.desc(), tier_proposals::id.desc()));
    on!(conn, |c| last.select(TierProposalRow::as_select()).first(c).await.optional())
}

/// What an import has proposed of each of the customers, whatever became of it.
pub async fn tier_proposals_of_import(
    conn: &mut Conn,
    import: Id,
    customers: &[Id],
) -> Result<HashMap<Id, Vec<TierProposalRow>>> {
    let made = tier_proposals::table
        .filter(tier_proposals::customer_id.eq_any(customers))
        .filter(tier_proposals::import_id.eq(import))
        .order((tier_proposals::created_at, tier_proposals::id));
    let rows: Vec<TierProposalRow> = on!(conn, |c| made.select(TierProposalRow::as_select()).load(c).await)?;
    let mut of: HashMap<Id, Vec<TierProposalRow>> = HashMap::new();
    for row in rows {
        of.entry(row.customer_id).or_default().push(row);
    }
    Ok(of)
}

/// The customer's proposals that newer ones took the place of, the latest first.
pub async fn superseded_tier_proposals(conn: &mut Conn, customer: Id) -> Result<Vec<TierProposalRow>> {
    let superseded = tier_proposals::table
        .filter(tier_proposals::customer_id.eq(customer))
        .filter(tier_proposals::state.eq(Word(TierProposalState::Superseded)))
        .order((tier_proposals::created_at.desc(), tier_proposals::id.desc()));
    on!(conn, |c| superseded.select(TierProposalRow::as_select()).load(c).await)
}

/// Approved proposals whose day has come, the longest due first.
pub async fn due_tier_proposals(conn: &mut Conn, now: Instant, most: i64) -> Result<Vec<TierProposalId>> {
    let merged = customers::table
        .filter(customers::id.eq(tier_proposals::customer_id))
        .filter(customers::merged_into.is_not_null());
    let due = tier_proposals::table
        .filter(tier_proposals::state.eq(Word(TierProposalState::Approved)))
        .filter(tier_proposals::effective_at.le(now))
        // Those of merged customers wait for the undoing.
        .filter(not(exists(merged)))
        .order((tier_proposals::effective_at, tier_proposals::id))
        .limit(most)
        .select(tier_proposals::id);
    let ids: Vec<Id> = on!(conn, |c| due.load(c).await)?;
    Ok(ids.into_iter().map(|id| id.get()).collect())
}

/// Expands to a boxed query of the proposals that a [`TierProposalQuery`] asks for; inside `on!`.
macro_rules! filtered {
    ($wanted:expr, $caller:expr) => {{
        let wanted: &TierProposalQuery = $wanted;
        // Undone ones of a merged customer wait for the undoing of the merge: until then nobody can do anything about them.
        let merged = customers::table
            .filter(customers::id.eq(tier_proposals::customer_id))
            .filter(customers::merged_into.is_not_null());
        let mut query = tier_proposals::table
            .filter(not(tier_proposals::state.eq_any(UNDONE).and(exists(merged))))
            .into_boxed::<Backend>();
        if let Some(any) = &wanted.state {
            query = query.filter(tier_proposals::state.eq_any(any.0.iter().map(|state| state.as_str())));
        }
        if let Some(any) = &wanted.tier {
            query = query.filter(tier_proposals::tier.eq_any(any.0.iter().map(|tier| tier.as_str())));
        }
        if let Some(any) = &wanted.source {
            query = query.filter(tier_proposals::source.eq_any(any.0.iter().map(|source| source.as_str())));
        }
        if let Some(any) = &wanted.customer_id {
            query = query.filter(tier_proposals::customer_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if wanted.mine_to_decide == Some(true) {
            let caller: &str = $caller;
            let decided = tier_decisions::table
                .filter(tier_decisions::proposal_id.eq(tier_proposals::id))
                .filter(tier_decisions::decider.eq(caller));
            query = query
                .filter(tier_proposals::state.eq(Word(TierProposalState::Open)))
                .filter(tier_proposals::proposed_by.ne(caller))
                .filter(not(exists(decided)));
        }
        query
    }};
}

/// One row more than the page holds.
pub async fn list_tier_proposals(
    conn: &mut Conn,
    wanted: &TierProposalQuery,
    caller: &str,
    page: &PageRequest,
) -> Result<Vec<TierProposalRow>> {
    on!(conn, |c| {
        let query = keyset!(filtered!(wanted, caller), page, tier_proposals, {
            "created_at" => created_at: Instant,
            "updated_at" => updated_at: Instant,
        });
        query.select(TierProposalRow::as_select()).load(c).await
    })
}

pub async fn count_tier_proposals(conn: &mut Conn, wanted: &TierProposalQuery, caller: &str) -> Result<i64> {
    on!(conn, |c| filtered!(wanted, caller).count().get_result(c).await)
}

pub async fn insert_tier_decision(tx: &mut Tx, row: &TierDecisionRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(tier_decisions::table).values(row).execute(c).await)?;
    Ok(())
}

/// The decisions on any of these proposals, in their order.
pub async fn tier_decisions_on(conn: &mut Conn, proposals: &[Id]) -> Result<Vec<TierDecisionRow>> {
    let decisions = tier_decisions::table
        .filter(tier_decisions::proposal_id.eq_any(proposals))
        .order((tier_decisions::decided_at, tier_decisions::id));
    on!(conn, |c| decisions.select(TierDecisionRow::as_select()).load(c).await)
}

/// The rows as whole proposals, in their order.
pub async fn with_tier_decisions(conn: &mut Conn, rows: Vec<TierProposalRow>) -> Result<Vec<TierProposal>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let decisions = tier_decisions_on(conn, &ids).await?;
    let of = |id: Id| decisions.iter().filter(|row| row.proposal_id == id).cloned().map(TierDecision::from).collect();
    rows.into_iter()
        .map(|row| {
            let decisions = of(row.id);
            row.with(decisions)
        })
        .collect()
}

pub async fn insert_tier_change(tx: &mut Tx, row: &TierChangeRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(tier_changes::table).values(row).execute(c).await)?;
    Ok(())
}

/// A customer's changes of tier with the proposals behind them, the oldest first.
pub async fn tier_changes_of(conn: &mut Conn, customer: CustomerId) -> Result<Vec<(TierChangeRow, TierProposalRow)>> {
    let changes = tier_changes::table
        .inner_join(tier_proposals::table.on(tier_proposals::id.eq(tier_changes::proposal_id)))
        .filter(tier_changes::customer_id.eq(Id::from(customer)))
        .order((tier_changes::effective_at, tier_changes::id));
    on!(conn, |c| changes.select((TierChangeRow::as_select(), TierProposalRow::as_select())).load(c).await)
}

/// A customer's last change of tier with the proposal behind it.
pub async fn last_tier_change(
    conn: &mut Conn,
    customer: CustomerId,
) -> Result<Option<(TierChangeRow, TierProposalRow)>> {
    let last = tier_changes::table
        .inner_join(tier_proposals::table.on(tier_proposals::id.eq(tier_changes::proposal_id)))
        .filter(tier_changes::customer_id.eq(Id::from(customer)))
        .order((tier_changes::effective_at.desc(), tier_changes::id.desc()));
    on!(conn, |c| last.select((TierChangeRow::as_select(), TierProposalRow::as_select())).first(c).await.optional())
}

pub async fn insert_first_tiers(tx: &mut Tx, rows: &[FirstTierRow]) -> Result<()> {
    insert_all!(tx, first_tiers, FirstTierRow { customer_id, import_id, system }, rows)?;
    Ok(())
}

/// Whence the customer's first tier is, where that is kept.
pub async fn first_tier_of(conn: &mut Conn, customer: CustomerId) -> Result<Option<FirstTierRow>> {
    let one = first_tiers::table.find(Id::from(customer));
    on!(conn, |c| one.select(FirstTierRow::as_select()).first(c).await.optional())
}

/// The policies of these ids.
pub async fn tier_policies_among(conn: &mut Conn, ids: &[Id]) -> Result<HashMap<Id, TierPolicy>> {
    let some = tier_policies::table.filter(tier_policies::id.eq_any(ids));
    let rows: Vec<TierPolicyRow> = on!(conn, |c| some.select(TierPolicyRow::as_select()).load(c).await)?;
    rows.into_iter().map(|row| Ok((row.id, TierPolicy::try_from(row)?))).collect()
}

/// The next changes by id, with their proposals, for going through all of them.
pub async fn tier_changes_after(
    conn: &mut Conn,
    after: Option<Id>,
    most: i64,
) -> Result<Vec<(TierChangeRow, TierProposalRow)>> {
    on!(conn, |c| {
        let mut query = tier_changes::table
            .inner_join(tier_proposals::table.on(tier_proposals::id.eq(tier_changes::proposal_id)))
            .into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(tier_changes::id.gt(after));
        }
        query
            .order(tier_changes::id)
            .limit(most)
            .select((TierChangeRow::as_select(), TierProposalRow::as_select()))
            .load(c)
            .await
    })
}

/// Notes what scoring proposed; `false` when something as new was noted before. The customer is locked.
pub async fn note_scored_tier(tx: &mut Tx, customer: CustomerId, sequence: i64, tier: Tier) -> Result<bool> {
    let one = scored_tiers::table.find(Id::from(customer));
    let newest: Option<i64> = on!(tx, |c| one.select(scored_tiers::sequence).first(c).await.optional())?;
    if newest.is_some_and(|newest| newest >= sequence) {
        return Ok(false);
    }
    let columns = (scored_tiers::sequence.eq(sequence), scored_tiers::tier.eq(Word(tier)));
    on!(tx, |c| {
        diesel::insert_into(scored_tiers::table)
            .values((scored_tiers::customer_id.eq(Id::from(customer)), columns))
            .on_conflict(scored_tiers::customer_id)
            .do_update()
            .set(columns)
            .execute(c)
            .await
    })?;
    Ok(true)
}
