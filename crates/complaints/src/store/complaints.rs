use std::collections::{BTreeMap, BTreeSet, HashMap};

use complaints_contract::ComplaintId;
use database::{Conn, Id, Instant, Tx, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{ContactId, Tier};
use wire::{ExternalId, Reference};

use super::{customers, due_times, intakes};
use crate::domain::{Clocks, Complaint, Customer, Details, FollowUp, Intake, Severity, Timeline, Wait};
use crate::schema::{clocks, complaints, courses};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = complaints, treat_none_as_null = true)]
pub struct ComplaintRow {
    id: Id,
    number: String,
    customer_id: Option<Id>,
    customer_system: Option<String>,
    customer_key: Option<String>,
    contact_id: Option<Id>,
    channel: String,
    subject: String,
    description: Option<String>,
    product: Option<String>,
    issue: Option<String>,
    remedy_sought: Option<String>,
    severity: i16,
    safety: bool,
    language: String,
    state: String,
    external_system: Option<String>,
    external_key: Option<String>,
    received_at: Instant,
    acknowledged_at: Option<Instant>,
    first_responded_at: Option<Instant>,
    resolved_at: Option<Instant>,
    closed_at: Option<Instant>,
    moved_at: Instant,
    reopened_count: i32,
    resolution: Option<String>,
    handler: Option<String>,
    version: i64,
    created_at: Instant,
    updated_at: Instant,
    about_staff: Option<String>,
    order_number: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = clocks, primary_key(complaint_id), treat_none_as_null = true)]
struct ClocksRow {
    complaint_id: Id,
    verdict: Option<bool>,
    timely: Option<bool>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = courses, primary_key(complaint_id), treat_none_as_null = true)]
struct CourseRow {
    complaint_id: Id,
    contained_at: Option<Instant>,
    told_at: Option<Instant>,
    accepted_at: Option<Instant>,
    waiting_since: Option<Instant>,
    waits_from: Option<String>,
    follow_up_due_at: Option<Instant>,
    follow_up_cancelled: bool,
}

pub async fn insert(tx: &mut Tx, complaint: &Complaint) -> database::Result<()> {
    let row = ComplaintRow::from(complaint);
    let course = CourseRow::from(complaint);
    on!(tx, |c| diesel::insert_into(complaints::table).values(&row).execute(c).await)?;
    intakes::insert(tx, complaint).await?;
    on!(tx, |c| diesel::insert_into(courses::table).values(&course).execute(c).await)?;
    Ok(())
}

/// Writes a complaint that the transaction has locked.
pub async fn replace(tx: &mut Tx, complaint: &Complaint) -> database::Result<()> {
    let row = ComplaintRow::from(complaint);
    let course = CourseRow::from(complaint);
    on!(tx, |c| diesel::update(complaints::table.find(row.id)).set(&row).execute(c).await)?;
    intakes::replace(tx, complaint).await?;
    on!(tx, |c| diesel::update(courses::table.find(row.id)).set(&course).execute(c).await)?;
    Ok(())
}

/// Writes what is known of whether the complaint was handled in time.
pub async fn judge(tx: &mut Tx, complaint: &Complaint) -> database::Result<()> {
    let row = ClocksRow::from(complaint);
    on!(tx, |c| {
        diesel::insert_into(clocks::table)
            .values(&row)
            .on_conflict(clocks::complaint_id)
            .do_update()
            .set(&row)
            .execute(c)
            .await
    })?;
    Ok(())
}

/// Where a complaint is looked for.
#[derive(Debug, Clone)]
pub enum Key {
    Reference(Reference<ComplaintId>),
    External(ExternalId),
}

impl From<ComplaintId> for Key {
    fn from(id: ComplaintId) -> Self {
        Self::Reference(Reference::Id(id))
    }
}

macro_rules! picked {
    ($key:expr) => {{
        let rows = complaints::table.into_boxed::<Backend>();
        match $key {
            Key::Reference(Reference::Id(id)) => rows.filter(complaints::id.eq(Id::from(*id))),
            Key::Reference(Reference::Code(number)) => rows.filter(complaints::number.eq(number)),
            Key::External(key) => {
                rows.filter(complaints::external_system.eq(&key.system)).filter(complaints::external_key.eq(&key.id))
            }
        }
    }};
}

pub async fn find(conn: &mut Conn, key: &Key) -> database::Result<Option<Complaint>> {
    let row: Option<ComplaintRow> =
        on!(conn, |c| picked!(key).select(ComplaintRow::as_select()).first(c).await.optional())?;
    Ok(assemble(conn, row.into_iter().collect()).await?.pop())
}

/// The complaint, which nobody else changes until the transaction ends.
pub async fn lock(tx: &mut Tx, key: &Key) -> database::Result<Option<Complaint>> {
    let found: Option<(Id, Option<Id>)> =
        on!(tx, |c| { picked!(key).select((complaints::id, complaints::customer_id)).first(c).await.optional() })?;
    let Some((id, customer)) = found else { return Ok(None) };
    if let Some(customer) = customer {
        // The customer before the complaint, as consumers do: whoever keeps the order never waits in a circle.
        customers::hold_tiers(tx, &[customer]).await?;
    }
    let row: ComplaintRow = on!(
        tx,
        pg: |c| complaints::table.find(id).for_update().select(ComplaintRow::as_select()).first(c).await,
        lite: |c| complaints::table.find(id).select(ComplaintRow::as_select()).first(c).await,
    )?;
    Ok(assemble(tx, vec![row]).await?.pop())
}

pub async fn find_all(conn: &mut Conn, ids: &[Id]) -> database::Result<Vec<Complaint>> {
    let rows: Vec<ComplaintRow> = on!(conn, |c| {
        complaints::table.filter(complaints::id.eq_any(ids)).select(ComplaintRow::as_select()).load(c).await
    })?;
    assemble(conn, rows).await
}

/// The next `limit` complaints after an id, by id: for walking through all of them.
pub async fn after(conn: &mut Conn, last: Option<Id>, limit: i64) -> database::Result<Vec<Complaint>> {
    let last = last.unwrap_or_else(|| Id::from(uuid::Uuid::nil()));
    let rows: Vec<ComplaintRow> = on!(conn, |c| {
        complaints::table
            .filter(complaints::id.gt(last))
            .order(complaints::id)
            .limit(limit)
            .select(ComplaintRow::as_select())
            .load(c)
            .await
    })?;
    assemble(conn, rows).await
}

/// Complaints that wait for a customer with one of these keys.
pub async fn waiting(tx: &mut Tx, keys: &[&ExternalId]) -> database::Result<Vec<ComplaintId>> {
    let mut by_system: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for key in keys {
        by_system.entry(&key.system).or_default().push(&key.id);
    }
    let mut waiting = BTreeSet::new();
    for (system, ids) in by_system {
        let ids: Vec<Id> = on!(tx, |c| {
            complaints::table
                .filter(complaints::customer_id.is_null())
                .filter(complaints::customer_system.eq(system))
                .filter(complaints::customer_key.eq_any(&ids))
                .select(complaints::id)
                .load(c)
                .await
        })?;
        waiting.extend(ids);
    }
    Ok(waiting.into_iter().map(Id::get).collect())
}

/// Complaints of the customers on which work is owed, each with whose it is.
pub async fn open_of(tx: &mut Tx, customers: &[Id]) -> database::Result<Vec<(ComplaintId, Id)>> {
    let open: Vec<(Id, Option<Id>)> = on!(tx, |c| {
        complaints::table
            .filter(complaints::customer_id.eq_any(customers))
            .filter(complaints::state.eq_any(super::lists::open_states()))
            .order(complaints::id)
            .select((complaints::id, complaints::customer_id))
            .load(c)
            .await
    })?;
    Ok(open.into_iter().filter_map(|(id, customer)| Some((id.get(), customer?))).collect())
}

/// The complaints that name this contact as who complains, each with whose it is.
pub async fn of_contact(tx: &mut Tx, contact: ContactId) -> database::Result<Vec<(ComplaintId, Option<Id>)>> {
    let own: Vec<(Id, Option<Id>)> = on!(tx, |c| {
        complaints::table
            .filter(complaints::contact_id.eq(Id::from(contact)))
            .order(complaints::id)
            .select((complaints::id, complaints::customer_id))
            .load(c)
            .await
    })?;
    Ok(own.into_iter().map(|(id, customer)| (id.get(), customer)).collect())
}

pub async fn assemble(conn: &mut Conn, rows: Vec<ComplaintRow>) -> database::Result<Vec<Complaint>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let found: Vec<ClocksRow> = on!(conn, |c| {
        clocks::table.filter(clocks::complaint_id.eq_any(&ids)).select(ClocksRow::as_select()).load(c).await
    })?;
    let mut clocks: HashMap<Id, ClocksRow> = found.into_iter().map(|row| (row.complaint_id, row)).collect();
    let found: Vec<CourseRow> = on!(conn, |c| {
        courses::table.filter(courses::complaint_id.eq_any(&ids)).select(CourseRow::as_select()).load(c).await
    })?;
    let mut courses: HashMap<Id, CourseRow> = found.into_iter().map(|row| (row.complaint_id, row)).collect();
    let mut intakes = intakes::of(conn, &ids).await?;
    let dues = due_times::dues(conn, &ids).await?;
    let of: Vec<Id> = rows.iter().filter_map(|row| row.customer_id).collect();
    let tiers = if of.is_empty() { HashMap::new() } else { customers::tiers(conn, &of).await? };
    rows.into_iter()
        .map(|row| {
            let clocks = clocks.remove(&row.id).ok_or(database::Error::NotFound)?;
            let course = courses.remove(&row.id).ok_or(database::Error::NotFound)?;
            let tier = row.customer_id.and_then(|id| tiers.get(&id).copied());
            let intake = intakes.remove(&row.id).ok_or(database::Error::NotFound)?;
            let dues = dues.get(&row.id).map(Vec::as_slice).unwrap_or_default();
            let mut complaint = row.into_complaint(clocks, course, intake, tier)?;
            complaint.clocks.reckon(dues);
            Ok(complaint)
        })
        .collect()
}

impl ComplaintRow {
    fn into_complaint(
        self,
        clocks: ClocksRow,
        course: CourseRow,
        intake: Intake,
        tier: Option<Tier>,
    ) -> database::Result<Complaint> {
        let broken = |what: &str| database::Error::other(format!("stored complaint has an unknown {what}"));
        Ok(Complaint {
            id: self.id.get(),
            number: self.number,
            customer: Customer {
                id: self.customer_id.map(Id::get),
                external: external_id(self.customer_system, self.customer_key),
                tier,
            },
            external_id: external_id(self.external_system, self.external_key),
            details: Details {
                contact_id: self.contact_id.map(Id::get),
                channel: self.channel.parse().map_err(database::Error::other)?,
                subject: self.subject,
                description: self.description,
                product: self.product,
                order_number: self.order_number,
                issue: self.issue,
                remedy_sought: self.remedy_sought,
                severity: Severity::try_from(self.severity).map_err(|_| broken("severity"))?,
                safety: self.safety,
                language: self.language,
                handler: self.handler,
                about_staff: self.about_staff,
            },
            timeline: Timeline {
                state: self.state.parse().map_err(database::Error::other)?,
                received_at: self.received_at.into(),
                acknowledged_at: self.acknowledged_at.map(Into::into),
                first_responded_at: self.first_responded_at.map(Into::into),
                contained_at: course.contained_at.map(Into::into),
                told_at: course.told_at.map(Into::into),
                accepted_at: course.accepted_at.map(Into::into),
                wait: course.wait()?,
                resolved_at: self.resolved_at.map(Into::into),
                closed_at: self.closed_at.map(Into::into),
                reopened_count: self.reopened_count,
                moved_at: self.moved_at.into(),
                version: self.version,
            },
            clocks: Clocks::judged(clocks.verdict),
            follow_up: course.follow_up(),
            resolution: self.resolution,
            intake,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

impl CourseRow {
    fn follow_up(&self) -> Option<FollowUp> {
        let due_at = self.follow_up_due_at?.into();
        Some(FollowUp { due_at, cancelled: self.follow_up_cancelled })
    }

    fn wait(&self) -> database::Result<Option<Wait>> {
        let (Some(since), Some(back)) = (self.waiting_since, &self.waits_from) else { return Ok(None) };
        Ok(Some(Wait { since: since.into(), back: back.parse().map_err(database::Error::other)? }))
    }
}

fn external_id(system: Option<String>, id: Option<String>) -> Option<ExternalId> {
    Some(ExternalId { system: system?, id: id? })
}

impl From<&Complaint> for ComplaintRow {
    fn from(complaint: &Complaint) -> Self {
        let Complaint {
            id, number, customer, external_id, details, timeline, resolution, created_at, updated_at, ..
        } = complaint.clone();
        let (customer_system, customer_key) = customer.external.map(|key| (key.system, key.id)).unzip();
        let (external_system, external_key) = external_id.map(|key| (key.system, key.id)).unzip();
        Self {
            id: id.into(),
            number,
            customer_id: customer.id.map(Id::from),
            customer_system,
            customer_key,
            contact_id: details.contact_id.map(Id::from),
            channel: details.channel.to_string(),
            subject: details.subject,
            description: details.description,
            product: details.product,
            order_number: details.order_number,
            issue: details.issue,
            remedy_sought: details.remedy_sought,
            severity: details.severity.get(),
            safety: details.safety,
            language: details.language,
            state: timeline.state.to_string(),
            external_system,
            external_key,
            received_at: timeline.received_at.into(),
            acknowledged_at: timeline.acknowledged_at.map(Into::into),
            first_responded_at: timeline.first_responded_at.map(Into::into),
            resolved_at: timeline.resolved_at.map(Into::into),
            closed_at: timeline.closed_at.map(Into::into),
            moved_at: timeline.moved_at.into(),
            reopened_count: timeline.reopened_count,
            resolution,
            handler: details.handler,
            version: timeline.version,
            created_at: created_at.into(),
            updated_at: updated_at.into(),
            about_staff: details.about_staff,
        }
    }
}

impl From<&Complaint> for CourseRow {
    fn from(complaint: &Complaint) -> Self {
        let timeline = &complaint.timeline;
        Self {
            complaint_id: complaint.id.into(),
            contained_at: timeline.contained_at.map(Into::into),
            told_at: timeline.told_at.map(Into::into),
            accepted_at: timeline.accepted_at.map(Into::into),
            waiting_since: timeline.wait.map(|wait| wait.since.into()),
            waits_from: timeline.wait.map(|wait| wait.back.to_string()),
            follow_up_due_at: complaint.follow_up.map(|follow_up| follow_up.due_at.into()),
            follow_up_cancelled: complaint.follow_up.is_some_and(|follow_up| follow_up.cancelled),
        }
    }
}

impl From<&Complaint> for ClocksRow {
    fn from(complaint: &Complaint) -> Self {
        Self {
            complaint_id: complaint.id.into(),
            verdict: complaint.clocks.verdict,
            timely: complaint.clocks.timely(&complaint.timeline),
        }
    }
}
