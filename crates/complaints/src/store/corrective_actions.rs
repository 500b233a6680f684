//! Actions against causes, and what closing demands.

use complaints_contract::{
    ActionState, ClosureRules, ClosureRulesInForce, ComplaintId, CorrectiveAction, CorrectiveActionId,
    CorrectiveActionQuery,
};
use database::{Conn, Id, Instant, PageRequest, Tx, keyset, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::sight::seen;
use crate::domain::Sight;
use crate::schema::{closure_rules, complaints, corrective_actions};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = corrective_actions, treat_none_as_null = true)]
struct ActionRow {
    id: Id,
    complaint_id: Id,
    cause_id: Option<Id>,
    kind: String,
    text: String,
    owner: String,
    due: chrono::NaiveDate,
    state: String,
    evidence: Option<String>,
    done_at: Option<Instant>,
    done_by: Option<String>,
    finding: Option<String>,
    checked_at: Option<Instant>,
    checked_by: Option<String>,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
}

impl From<&CorrectiveAction> for ActionRow {
    fn from(action: &CorrectiveAction) -> Self {
        let action = action.clone();
        Self {
            id: action.id.into(),
            complaint_id: action.complaint_id.into(),
            cause_id: action.cause_id.map(Id::from),
            kind: action.kind.to_string(),
            text: action.text,
            owner: action.owner,
            due: action.due,
            state: action.state.to_string(),
            evidence: action.evidence,
            done_at: action.done_at.map(Into::into),
            done_by: action.done_by,
            finding: action.finding,
            checked_at: action.checked_at.map(Into::into),
            checked_by: action.checked_by,
            version: action.version,
            created_at: action.created_at.into(),
            updated_at: action.updated_at.into(),
        }
    }
}

impl TryFrom<ActionRow> for CorrectiveAction {
    type Error = database::Error;

    fn try_from(row: ActionRow) -> database::Result<Self> {
        Ok(Self {
            id: row.id.get(),
            complaint_id: row.complaint_id.get(),
            cause_id: row.cause_id.map(|id| id.get()),
            kind: row.kind.parse().map_err(database::Error::other)?,
            text: row.text,
            owner: row.owner,
            due: row.due,
            state: row.state.parse().map_err(database::Error::other)?,
            evidence: row.evidence,
            done_at: row.done_at.map(Into::into),
            done_by: row.done_by,
            finding: row.finding,
            checked_at: row.checked_at.map(Into::into),
            checked_by: row.checked_by,
            version: row.version,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

pub async fn insert(tx: &mut Tx, action: &CorrectiveAction) -> database::Result<()> {
    let row = ActionRow::from(action);
    on!(tx, |c| diesel::insert_into(corrective_actions::table).values(&row).execute(c).await)?;
    Ok(())
}

/// Writes an action whose complaint the transaction has locked.
pub async fn replace(tx: &mut Tx, action: &CorrectiveAction) -> database::Result<()> {
    let row = ActionRow::from(action);
    on!(tx, |c| diesel::update(corrective_actions::table.find(row.id)).set(&row).execute(c).await)?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: CorrectiveActionId) -> database::Result<Option<CorrectiveAction>> {
    let one = corrective_actions::table.find(Id::from(id));
    let row: Option<ActionRow> = on!(conn, |c| one.select(ActionRow::as_select()).first(c).await.optional())?;
    row.map(CorrectiveAction::try_from).transpose()
}

/// The actions against causes of these complaints.
pub async fn all_of(conn: &mut Conn, complaints: &[Id]) -> database::Result<Vec<CorrectiveAction>> {
    let rows: Vec<ActionRow> = on!(conn, |c| {
        let own = corrective_actions::table.filter(corrective_actions::complaint_id.eq_any(complaints));
        own.select(ActionRow::as_select()).order(corrective_actions::id).load(c).await
    })?;
    rows.into_iter().map(CorrectiveAction::try_from).collect()
}

pub async fn states_of(conn: &mut Conn, complaint: ComplaintId) -> database::Result<Vec<ActionState>> {
    let own = corrective_actions::table.filter(corrective_actions::complaint_id.eq(Id::from(complaint)));
    let words: Vec<String> = on!(conn, |c| own.select(corrective_actions::state).load(c).await)?;
    words.into_iter().map(|word| word.parse().map_err(database::Error::other)).collect()
}

macro_rules! filtered {
    ($sight:expr, $wanted:expr) => {{
        let wanted: &CorrectiveActionQuery = $wanted;
        let seen = seen!(complaints::table.into_boxed::<Backend>(), $sight).select(complaints::id);
        let mut rows = corrective_actions::table.into_boxed::<Backend>();
        if *$sight != Sight::All {
            rows = rows.filter(corrective_actions::complaint_id.eq_any(seen));
        }
        if let Some(any) = &wanted.complaint_id {
            rows = rows.filter(corrective_actions::complaint_id.eq_any(any.0.iter().map(|id| Id::from(*id))));
        }
        if let Some(any) = &wanted.owner {
            rows = rows.filter(corrective_actions::owner.eq_any(any.0.clone()));
        }
        if let Some(any) = &wanted.state {
            let words: Vec<_> = any.0.iter().map(|state| state.as_str()).collect();
            rows = rows.filter(corrective_actions::state.eq_any(words));
        }
        if let Some(day) = wanted.due_before {
            rows = rows.filter(corrective_actions::due.lt(day));
        }
        rows
    }};
}

/// One row more than the page holds.
pub async fn list(
    conn: &mut Conn,
    sight: &Sight,
    wanted: &CorrectiveActionQuery,
    page: &PageRequest,
) -> database::Result<Vec<CorrectiveAction>> {
    let rows: Vec<ActionRow> = on!(conn, |c| {
        let query = keyset!(filtered!(sight, wanted).select(ActionRow::as_select()), page, corrective_actions, {
            "due" => due: chrono::NaiveDate,
            "owner" => owner: String,
        });
        query.load(c).await
    })?;
    rows.into_iter().map(CorrectiveAction::try_from).collect()
}

pub async fn count(conn: &mut Conn, sight: &Sight, wanted: &CorrectiveActionQuery) -> database::Result<i64> {
    on!(conn, |c| filtered!(sight, wanted).count().get_result(c).await)
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = closure_rules)]
struct RulesRow {
    version: i64,
    root_cause_to_severity: Option<i16>,
    effective_action_to_severity: Option<i16>,
    follow_up_days: Option<i16>,
    updated_at: Instant,
    updated_by: String,
}

/// The migration has set the first.
pub async fn rules(conn: &mut Conn) -> database::Result<ClosureRulesInForce> {
    let latest = closure_rules::table.order(closure_rules::version.desc());
    let row: RulesRow = on!(conn, |c| latest.select(RulesRow::as_select()).first(c).await)?;
    Ok(ClosureRulesInForce {
        rules: ClosureRules {
            root_cause_to_severity: row.root_cause_to_severity,
            effective_action_to_severity: row.effective_action_to_severity,
            follow_up_days: row.follow_up_days,
        },
        version: row.version,
        updated_at: row.updated_at.into(),
        updated_by: row.updated_by,
    })
}

/// The rules, which nobody else sets until the transaction ends. The first row, which is always there, is the lock.
pub async fn lock_rules(tx: &mut Tx) -> database::Result<ClosureRulesInForce> {
    let first = closure_rules::table.find(1_i64).select(closure_rules::version);
    on!(
        tx,
        pg: |c| first.for_update().first::<i64>(c).await.map(drop),
        // The only writer there is.
        lite: |_c| Ok(()),
    )?;
    rules(tx).await
}

/// Writes rules that follow those which the transaction has locked.
pub async fn set_rules(tx: &mut Tx, set: &ClosureRulesInForce) -> database::Result<()> {
    let row = RulesRow {
        version: set.version,
        root_cause_to_severity: set.rules.root_cause_to_severity,
        effective_action_to_severity: set.rules.effective_action_to_severity,
        follow_up_days: set.rules.follow_up_days,
        updated_at: set.updated_at.into(),
        updated_by: set.updated_by.clone(),
    };
    on!(tx, |c| diesel::insert_into(closure_rules::table).values(&row).execute(c).await)?;
    Ok(())
}
