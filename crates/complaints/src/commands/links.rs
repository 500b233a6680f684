use chassis::audit;
use complaints_contract::{ComplaintLink, NewComplaintLink};
use database::Db;
use messaging::Act;

use super::intake::existing;
use super::transitions::Which;
use crate::domain::Authority;
use crate::error::Error;
use crate::store::links;

/// Links a complaint to another. Linking them again says anew what one is to the other.
pub async fn link_complaints(
    db: &Db,
    act: &Act,
    who: &Authority,
    which: &Which,
    new: NewComplaintLink,
) -> Result<ComplaintLink, Error> {
    let mut tx = db.begin().await?;
    let one = existing(&mut tx, who, which).await?;
    let other = existing(&mut tx, who, &new.to).await?;
    if one.id == other.id {
        return Err(Error::LinkToItself);
    }
    links::set(&mut tx, act, one.id, other.id, new.relation).await?;
    audit::record(&mut tx, act, "complaint.related", "complaint", one.id.into()).await?;
    tx.commit().await?;
    Ok(ComplaintLink { to: other.id, number: other.number, relation: new.relation, by: act.actor.clone(), at: act.at })
}
