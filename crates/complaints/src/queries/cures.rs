use complaints_contract::{
    Cause, CauseId, ClosureRulesInForce, ComplaintId, CorrectiveAction, CorrectiveActionId, CorrectiveActionQuery,
};
use database::{Db, PageRequest};
use wire::Reference;

use super::{Rows, existing};
use crate::domain::Authority;
use crate::error::Error;
use crate::store::{causes, corrective_actions as actions};

/// What belongs to a complaint that may not be seen is not there either.
fn hidden_as(error: Error, not_there: Error) -> Error {
    if matches!(error, Error::ComplaintNotFound(_)) { not_there } else { error }
}

pub async fn cause(db: &Db, who: &Authority, id: CauseId) -> Result<Cause, Error> {
    let mut conn = db.read().await?;
    let cause = causes::find(&mut conn, id).await?.ok_or(Error::CauseNotFound(id))?;
    existing(&mut conn, who, &Reference::Id(cause.complaint_id))
        .await
        .map_err(|error| hidden_as(error, Error::CauseNotFound(id)))?;
    Ok(cause)
}

pub async fn list_causes(
    db: &Db,
    who: &Authority,
    complaint: &Reference<ComplaintId>,
    page: &PageRequest,
) -> Result<Rows<Cause>, Error> {
    let mut conn = db.read().await?;
    let complaint = existing(&mut conn, who, complaint).await?.id;
    let rows = causes::list(&mut conn, complaint, page).await?;
    let count = if page.count { Some(causes::count(&mut conn, complaint).await?) } else { None };
    Ok((rows, count))
}

pub async fn corrective_action(db: &Db, who: &Authority, id: CorrectiveActionId) -> Result<CorrectiveAction, Error> {
    let mut conn = db.read().await?;
    let action = actions::find(&mut conn, id).await?.ok_or(Error::CorrectiveActionNotFound(id))?;
    let of = existing(&mut conn, who, &Reference::Id(action.complaint_id)).await;
    of.map_err(|error| hidden_as(error, Error::CorrectiveActionNotFound(id)))?;
    Ok(action)
}

pub async fn list_corrective_actions(
    db: &Db,
    who: &Authority,
    wanted: &CorrectiveActionQuery,
    page: &PageRequest,
) -> Result<Rows<CorrectiveAction>, Error> {
    let mut conn = db.read().await?;
    let rows = actions::list(&mut conn, &who.sight(), wanted, page).await?;
    let count = if page.count { Some(actions::count(&mut conn, &who.sight(), wanted).await?) } else { None };
    Ok((rows, count))
}

/// Those of one complaint.
pub async fn list_complaint_actions(
    db: &Db,
    who: &Authority,
    complaint: &Reference<ComplaintId>,
    page: &PageRequest,
) -> Result<Rows<CorrectiveAction>, Error> {
    let complaint = existing(&mut db.read().await?, who, complaint).await?.id;
    let wanted = CorrectiveActionQuery { complaint_id: Some(complaint.into()), ..CorrectiveActionQuery::default() };
    list_corrective_actions(db, who, &wanted, page).await
}

pub async fn closure_rules(db: &Db) -> Result<ClosureRulesInForce, Error> {
    Ok(actions::rules(&mut db.read().await?).await?)
}
