//! How complaints came.

use std::collections::HashMap;

use complaints_contract::{Complainant, ComplaintId, Confidential};
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::{Complaint, Intake};
use crate::schema::{complaints, intakes};

/// All but the secret, which is set once, and taken away again only where whoever complained is forgotten.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = intakes, primary_key(complaint_id), treat_none_as_null = true)]
struct IntakeRow {
    complaint_id: Id,
    reported_by: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    confidential: String,
    as_of: Option<Instant>,
    preferred_channel: Option<String>,
    erased_at: Option<Instant>,
}

pub async fn insert(tx: &mut Tx, complaint: &Complaint) -> database::Result<()> {
    let row = IntakeRow::from(complaint);
    on!(tx, |c| diesel::insert_into(intakes::table).values(&row).execute(c).await)?;
    Ok(())
}

pub async fn replace(tx: &mut Tx, complaint: &Complaint) -> database::Result<()> {
    let row = IntakeRow::from(complaint);
    on!(tx, |c| diesel::update(intakes::table.find(row.complaint_id)).set(&row).execute(c).await)?;
    Ok(())
}

pub async fn of(conn: &mut Conn, ids: &[Id]) -> database::Result<HashMap<Id, Intake>> {
    let rows: Vec<IntakeRow> = on!(conn, |c| {
        intakes::table.filter(intakes::complaint_id.eq_any(ids)).select(IntakeRow::as_select()).load(c).await
    })?;
    rows.into_iter().map(|row| Ok((row.complaint_id, row.into_intake()?))).collect()
}

/// Keeps what proves that somebody made this complaint.
pub async fn seal(tx: &mut Tx, complaint: ComplaintId, secret: &str) -> database::Result<()> {
    let row = intakes::table.find(Id::from(complaint));
    on!(tx, |c| diesel::update(row).set(intakes::secret.eq(secret)).execute(c).await)?;
    Ok(())
}

/// Nobody follows this complaint in the portal any more.
pub async fn unseal(tx: &mut Tx, complaint: ComplaintId) -> database::Result<()> {
    let row = intakes::table.find(Id::from(complaint));
    on!(tx, |c| diesel::update(row).set(intakes::secret.eq(None::<String>)).execute(c).await)?;
    Ok(())
}

/// Whether nothing is kept of who made this complaint, since that one was erased.
pub async fn is_erased(conn: &mut Conn, complaint: ComplaintId) -> database::Result<bool> {
    let row = intakes::table.find(Id::from(complaint)).filter(intakes::erased_at.is_not_null());
    let found: Option<Id> = on!(conn, |c| row.select(intakes::complaint_id).first(c).await.optional())?;
    Ok(found.is_some())
}

/// Whether anybody can follow this complaint in the portal.
pub async fn is_sealed(conn: &mut Conn, complaint: ComplaintId) -> database::Result<bool> {
    let row = intakes::table.find(Id::from(complaint)).filter(intakes::secret.is_not_null());
    let found: Option<Id> = on!(conn, |c| row.select(intakes::complaint_id).first(c).await.optional())?;
    Ok(found.is_some())
}

/// The complaint of this number, and what proves who made it, where anything does.
pub async fn sealed(conn: &mut Conn, number: &str) -> database::Result<Option<(ComplaintId, String)>> {
    let found: Option<(Id, Option<String>)> = on!(conn, |c| {
        complaints::table
            .inner_join(intakes::table)
            .filter(complaints::number.eq(number))
            .select((complaints::id, intakes::secret))
            .first(c)
            .await
            .optional()
    })?;
    Ok(found.and_then(|(id, secret)| Some((id.get(), secret?))))
}

impl IntakeRow {
    fn into_intake(self) -> database::Result<Intake> {
        let parts = self.confidential.split(',').filter(|part| !part.is_empty());
        let confidential: Result<Vec<Confidential>, _> = parts.map(str::parse).collect();
        let preferred_channel =
            self.preferred_channel.map(|word| word.parse()).transpose().map_err(database::Error::other)?;
        let complainant = Complainant { name: self.name, email: self.email, phone: self.phone, preferred_channel };
        Ok(Intake {
            reported_by: self.reported_by,
            complainant: (complainant != Complainant::default()).then_some(complainant),
            confidential: confidential.map_err(database::Error::other)?,
            as_of: self.as_of.map(Into::into),
            erased_at: self.erased_at.map(Into::into),
        })
    }
}

impl From<&Complaint> for IntakeRow {
    fn from(complaint: &Complaint) -> Self {
        let Intake { reported_by, complainant, confidential, as_of, erased_at } = complaint.intake.clone();
        let Complainant { name, email, phone, preferred_channel } = complainant.unwrap_or_default();
        let confidential: Vec<_> = confidential.iter().map(|part| part.as_str()).collect();
        Self {
            complaint_id: complaint.id.into(),
            reported_by,
            name,
            email,
            phone,
            confidential: confidential.join(","),
            as_of: as_of.map(Into::into),
            preferred_channel: preferred_channel.map(|channel| channel.to_string()),
            erased_at: erased_at.map(Into::into),
        }
    }
}
