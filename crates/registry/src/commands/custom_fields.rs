use chassis::audit;
use chassis::http::IfMatch;
use database::{Db, Tx};
use messaging::Act;
use registry_contract::{
    CustomField, CustomFieldId, CustomFieldPatch, CustomValues, Customer, NewCustomField, NewCustomer,
};

use super::races::made;
use crate::domain::{CustomFieldDetails, Faults};
use crate::error::{Error, Result};
use crate::store::{self, CustomFieldRow};

/// Fields beyond which nobody finds his way through a form.
const MOST: i64 = 200;

pub async fn create_custom_field(db: &Db, act: &Act, new: NewCustomField) -> Result<CustomField> {
    let id = act.new_id().into();
    let done = try_create(db, act, id, new).await;
    made(done, async || {
        Ok(store::find_custom_field(&mut db.read().await?, id).await?.map(CustomField::try_from).transpose()?)
    })
    .await
}

async fn try_create(db: &Db, act: &Act, id: CustomFieldId, new: NewCustomField) -> Result<CustomField> {
    let details = CustomFieldDetails::parse(new)?;
    let mut tx = db.begin().await?;
    store::lock_custom_fields(&mut tx).await?;
    if store::definitions(&mut tx).await?.has(&details.key) {
        let mut faults = Faults::default();
        faults.add("/key", "custom-field-taken", "is or was another field's; choose another key");
        return Err(Error::CustomFieldTaken(faults.into_vec()));
    }
    if store::count_custom_fields(&mut tx).await? >= MOST {
        let mut faults = Faults::default();
        faults.add("", "too-many", format!("there are {MOST} custom fields already"));
        return Err(faults.into());
    }
    let row = CustomFieldRow::new(id, &details, act.at.into())?;
    store::insert_custom_field(&mut tx, &row).await?;
    audit::record(&mut tx, act, "custom-field.created", "custom-field", id.into()).await?;
    tx.commit().await?;
    Ok(row.try_into()?)
}

pub async fn update_custom_field(
    db: &Db,
    act: &Act,
    id: CustomFieldId,
    expected: IfMatch,
    patch: CustomFieldPatch,
) -> Result<CustomField> {
    let mut tx = db.begin().await?;
    store::lock_custom_fields(&mut tx).await?;
    let found = store::find_custom_field(&mut tx, id).await?;
    let current = CustomField::try_from(found.ok_or_else(|| Error::CustomFieldNotFound(id.to_string()))?)?;
    expected.check(current.version)?;
    let mut wanted = NewCustomField::from(&current);
    patch.apply(&mut wanted);
    if wanted == NewCustomField::from(&current) {
        return Ok(current);
    }
    let mut in_use = Faults::default();
    if wanted.r#type != current.r#type && store::is_custom_field_used(&mut tx, &current.key).await? {
        in_use.add("/type", "field-in-use", "cannot change: customers have values of the type there is");
    }
    let details = Faults::join(CustomFieldDetails::parse(wanted), in_use)?;
    let row = CustomFieldRow::next(&current, &details, act.at.into())?;
    if !store::update_custom_field(&mut tx, &row).await? {
        return Err(Error::Contended);
    }
    audit::record(&mut tx, act, "custom-field.updated", "custom-field", id.into()).await?;
    tx.commit().await?;
    Ok(row.try_into()?)
}

/// Whether a new customer must have every required field: of a person that asks for it, not of a system or a file, which
/// may know nothing of our fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Demand {
    Required,
    AsKnown,
}

/// Brings a customer's custom values into their fields' form; names what is wrong with those that are new.
pub(super) async fn unfit_values(
    tx: &mut Tx,
    before: Option<&Customer>,
    wanted: &mut NewCustomer,
    demand: Demand,
) -> Result<Faults> {
    let mut faults = Faults::default();
    let none = CustomValues::new();
    let before = before.map_or(&none, |customer| &customer.custom_fields);
    if *before == wanted.custom_fields && demand == Demand::AsKnown {
        return Ok(faults);
    }
    store::hold_custom_fields(tx).await?;
    let definitions = store::definitions(tx).await?;
    definitions.check(before, &mut wanted.custom_fields, &mut faults);
    if demand == Demand::Required {
        definitions.demand(&wanted.custom_fields, &mut faults);
    }
    Ok(faults)
}

/// Names the required fields that a customer would lose by taking the values of another record over. These themselves are
/// not judged again: they have been held against their fields when they were new.
pub(super) async fn lost_values(tx: &mut Tx, before: &CustomValues, wanted: &CustomValues) -> Result<Faults> {
    let mut faults = Faults::default();
    if before != wanted {
        store::hold_custom_fields(tx).await?;
        store::definitions(tx).await?.keep(before, wanted, &mut faults);
    }
    Ok(faults)
}
