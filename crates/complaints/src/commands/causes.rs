use chassis::audit;
use chassis::http::IfMatch;
use complaints_contract::{Cause, CauseId, CausePatch, ComplaintId, NewCause};
use database::Db;
use messaging::Act;
use wire::Reference;

use super::intake::existing;
use crate::domain::{Authority, CauseDetails};
use crate::error::Error;
use crate::store::causes;

/// Notes a cause. Causes may be found after the complaint was closed: learning goes on.
pub async fn create_cause(
    db: &Db,
    act: &Act,
    who: &Authority,
    complaint: &Reference<ComplaintId>,
    new: &NewCause,
) -> Result<Cause, Error> {
    let id = CauseId::from(act.new_id());
    let mut tx = db.begin().await?;
    let complaint = existing(&mut tx, who, complaint).await?.id;
    // The request was repeated after its commit and before its answer was kept.
    if let Some(cause) = causes::find(&mut tx, id).await? {
        return Ok(cause);
    }
    let others = causes::all_of(&mut tx, complaint).await?;
    let details = CauseDetails::parse(new, &others).map_err(Error::Invalid)?;
    let cause = Cause {
        id,
        complaint_id: complaint,
        parent_id: details.parent_id,
        depth: details.depth,
        category: details.category,
        label: details.label,
        text: details.text,
        state: details.state,
        version: 1,
        created_at: act.at,
        updated_at: act.at,
    };
    causes::insert(&mut tx, &cause).await?;
    audit::record(&mut tx, act, "complaint_cause.created", "complaint_cause", id.into()).await?;
    tx.commit().await?;
    Ok(cause)
}

pub async fn amend_cause(
    db: &Db,
    act: &Act,
    who: &Authority,
    id: CauseId,
    expected: IfMatch,
    patch: &CausePatch,
) -> Result<Cause, Error> {
    let mut tx = db.begin().await?;
    let complaint = causes::find(&mut tx, id).await?.ok_or(Error::CauseNotFound(id))?.complaint_id;
    // The complaint's lock keeps its causes still, which have to agree with each other.
    existing(&mut tx, who, &Reference::Id(complaint)).await?;
    let others = causes::all_of(&mut tx, complaint).await?;
    let before = others.iter().find(|cause| cause.id == id).ok_or(Error::CauseNotFound(id))?;
    expected.check(before.version)?;
    let details = CauseDetails::amended(before, patch, &others).map_err(Error::Invalid)?;
    if details.is_of(before) {
        return Ok(before.clone());
    }
    let cause = Cause {
        label: details.label,
        text: details.text,
        state: details.state,
        version: before.version + 1,
        updated_at: act.at,
        ..before.clone()
    };
    causes::replace(&mut tx, &cause).await?;
    audit::record(&mut tx, act, "complaint_cause.amended", "complaint_cause", id.into()).await?;
    tx.commit().await?;
    Ok(cause)
}
