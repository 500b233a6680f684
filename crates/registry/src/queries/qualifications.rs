use database::{Db, PageRequest};
use registry_contract::{CustomerId, Qualification, QualificationId, QualificationPolicy, QualificationPolicyId};
use wire::Reference;

use super::Listed;
use super::customers::customer_id;
use crate::error::{Error, Result};
use crate::store;

pub async fn get_qualification_policy(db: &Db, id: QualificationPolicyId) -> Result<QualificationPolicy> {
    let row = store::find_qualification_policy(&mut db.read().await?, id).await?;
    Ok(row.ok_or_else(|| Error::QualificationPolicyNotFound(id.to_string()))?.try_into()?)
}

pub async fn list_qualification_policies(db: &Db, page: &PageRequest) -> Result<Listed<QualificationPolicy>> {
    let mut conn = db.read().await?;
    let rows = store::list_qualification_policies(&mut conn, page).await?;
    let count = match page.count {
        true => Some(store::count_qualification_policies(&mut conn).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(QualificationPolicy::try_from).collect::<database::Result<_>>()?, count })
}

pub async fn get_qualification(db: &Db, id: QualificationId) -> Result<Qualification> {
    let row = store::find_qualification(&mut db.read().await?, id).await?;
    Ok(row.ok_or_else(|| Error::QualificationNotFound(id.to_string()))?.try_into()?)
}

pub async fn list_qualifications(
    db: &Db,
    customer: &Reference<CustomerId>,
    page: &PageRequest,
) -> Result<Listed<Qualification>> {
    let mut conn = db.read().await?;
    let customer = customer_id(&mut conn, customer).await?;
    let rows = store::list_qualifications(&mut conn, customer, page).await?;
    let count = match page.count {
        true => Some(store::count_qualifications(&mut conn, customer).await?),
        false => None,
    };
    Ok(Listed { items: rows.into_iter().map(Qualification::try_from).collect::<database::Result<_>>()?, count })
}
