use complaints_contract::{
    Cause, CauseId, CausePareto, ClosureRulesInForce, ComplaintId, CorrectiveAction, CorrectiveActionId,
    CorrectiveActionQuery, ParetoBy, ParetoQuery,
};
use database::{Db, PageRequest};
use wire::Reference;

use super::{Rows, existing};
use crate::domain;
use crate::error::Error;
use crate::store::{causes, corrective_actions as actions};

pub async fn cause(db: &Db, id: CauseId) -> Result<Cause, Error> {
    causes::find(&mut db.read().await?, id).await?.ok_or(Error::CauseNotFound(id))
}

pub async fn list_causes(
    db: &Db,
    complaint: &Reference<ComplaintId>,
    page: &PageRequest,
) -> Result<Rows<Cause>, Error> {
    let mut conn = db.read().await?;
    let complaint = existing(&mut conn, complaint).await?.id;
    let rows = causes::list(&mut conn, complaint, page).await?;
    let count = if page.count { Some(causes::count(&mut conn, complaint).await?) } else { None };
    Ok((rows, count))
}

pub async fn pareto(db: &Db, query: &ParetoQuery) -> Result<CausePareto, Error> {
    let by = query.by.unwrap_or(ParetoBy::Category);
    let occurrences = causes::occurrences(&mut db.read().await?, by, query).await?;
    Ok(domain::pareto(by, &occurrences))
}

pub async fn corrective_action(db: &Db, id: CorrectiveActionId) -> Result<CorrectiveAction, Error> {
    actions::find(&mut db.read().await?, id).await?.ok_or(Error::CorrectiveActionNotFound(id))
}

pub async fn list_corrective_actions(
    db: &Db,
    wanted: &CorrectiveActionQuery,
    page: &PageRequest,
) -> Result<Rows<CorrectiveAction>, Error> {
    let mut conn = db.read().await?;
    let rows = actions::list(&mut conn, wanted, page).await?;
    let count = if page.count { Some(actions::count(&mut conn, wanted).await?) } else { None };
    Ok((rows, count))
}

/// Those of one complaint.
pub async fn list_complaint_actions(
    db: &Db,
    complaint: &Reference<ComplaintId>,
    page: &PageRequest,
) -> Result<Rows<CorrectiveAction>, Error> {
    let complaint = existing(&mut db.read().await?, complaint).await?.id;
    let wanted = CorrectiveActionQuery { complaint_id: Some(complaint.into()), ..CorrectiveActionQuery::default() };
    list_corrective_actions(db, &wanted, page).await
}

pub async fn closure_rules(db: &Db) -> Result<ClosureRulesInForce, Error> {
    Ok(actions::rules(&mut db.read().await?).await?)
}
