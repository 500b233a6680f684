use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use database::{Conn, Db, Id, Instant, PageRequest};
use registry_contract::{
    ConsentEntry, CustomerId, CustomerLink, Holding, LifecycleMove, Merge, Qualification, TeamMember, TimelineEntry,
    TimelineEvent, TimelineHolding, TimelineKind, TimelineLink, TimelineMember, TimelineMerge, TimelineQuery,
    TimelineTransfer,
};
use serde_json::Value;
use wire::Reference;

use super::{Listed, customers};
use crate::domain::Sight;
use crate::error::Result;
use crate::store::{self, Moment, OwnerPeriodRow, TransferRow};

/// What tells of persons at the customer.
const OF_PERSONS: &[TimelineKind] = &[
    TimelineKind::ContactAdded,
    TimelineKind::HoldingBegan,
    TimelineKind::HoldingEnded,
    TimelineKind::ConsentRecorded,
];

/// What happened to a customer until now, a page of it and where the next begins.
pub async fn list_timeline(
    db: &Db,
    customer: &Reference<CustomerId>,
    wanted: &TimelineQuery,
    (sight, now): (Sight, DateTime<Utc>),
    page: &PageRequest,
) -> Result<(Listed<TimelineEntry>, Option<Vec<Value>>)> {
    let mut conn = db.read().await?;
    let customer = Id::from(customers::customer_id(&mut conn, customer).await?);
    let is_asked = |kind: TimelineKind| wanted.kind.as_ref().is_none_or(|any| any.0.contains(&kind));
    let is_shown = |kind: TimelineKind| sight.is_everything() || !OF_PERSONS.contains(&kind);
    let kinds: Vec<_> = TimelineKind::ALL.iter().copied().filter(|kind| is_asked(*kind) && is_shown(*kind)).collect();
    let of = (customer, Instant::from(now));
    let position = (page.id_direction(), read(page.after.as_ref())?);
    let mut moments = store::moments(&mut conn, of, &kinds, position, page.rows()).await?;
    let limit = usize::try_from(page.limit).map_err(database::Error::other)?;
    let next = (moments.len() > limit).then(|| moments[limit - 1]).map(write);
    moments.truncate(limit);
    let items = entries(&mut conn, customer, &moments).await?;
    let count = match page.count {
        true => Some(store::count_moments(&mut conn, of, &kinds).await?),
        false => None,
    };
    Ok((Listed { items, count }, next))
}

fn read(after: Option<&Vec<Value>>) -> database::Result<Option<Moment>> {
    let Some(after) = after else { return Ok(None) };
    let (at, number, id) = serde_json::from_value(Value::Array(after.clone())).map_err(database::Error::other)?;
    Ok(Some(Moment { at, number, id }))
}

fn write(last: Moment) -> Vec<Value> {
    let at = DateTime::<Utc>::from(last.at);
    vec![serde_json::json!(at), serde_json::json!(last.number), serde_json::json!(last.id)]
}

/// What tells of a moment, by the record's kind and id: who did it, where that is known, and what happened.
type Told = HashMap<(TimelineKind, Id), (Option<String>, TimelineEvent)>;

/// The moments with what is told of them, in their order.
async fn entries(conn: &mut Conn, customer: Id, moments: &[Moment]) -> Result<Vec<TimelineEntry>> {
    let mut told = told(conn, customer, moments).await?;
    let entry = |moment: &Moment| {
        let kind = moment.kind()?;
        let (by, event) = told.remove(&(kind, moment.id))?;
        let at = DateTime::<Utc>::from(moment.at);
        let on: Option<NaiveDate> = store::is_by_day(kind).then(|| at.date_naive());
        Some(TimelineEntry { at, on, by, event })
    };
    Ok(moments.iter().filter_map(entry).collect())
}

async fn told(conn: &mut Conn, customer: Id, moments: &[Moment]) -> Result<Told> {
    use TimelineKind as Kind;
    let of = |kinds: &[Kind]| -> Vec<Id> {
        let some = moments.iter().filter(|moment| moment.kind().is_some_and(|kind| kinds.contains(&kind)));
        some.map(|moment| moment.id).collect()
    };
    let mut told = Told::new();
    if !of(&[Kind::Created]).is_empty() {
        let by = store::creator_of(conn, customer).await?;
        told.insert((Kind::Created, customer), (by, TimelineEvent::Created { customer_id: customer.get() }));
    }
    for (change, proposal) in store::tier_changes_among(conn, &of(&[Kind::TierChanged])).await? {
        let event = TimelineEvent::TierChanged {
            proposal_id: proposal.id.get(),
            from: change.from_tier.0,
            to: change.to_tier.0,
            policy_tier: proposal.policy_tier,
            source: proposal.source.0,
            proposed_by: proposal.proposed_by,
            reason: proposal.reason,
        };
        told.insert((Kind::TierChanged, change.id), (None, event));
    }
    for row in store::lifecycle_moves_among(conn, &of(&[Kind::LifecycleMoved])).await? {
        let LifecycleMove { id, from, to, by, rule, order, reason, .. } = row.into();
        let event = TimelineEvent::LifecycleMoved { move_id: id, from, to, rule, order, reason };
        told.insert((Kind::LifecycleMoved, id.into()), (Some(by), event));
    }
    for row in store::qualifications_among(conn, &of(&[Kind::QualificationDecided])).await? {
        let Qualification { id, result, decision, .. } = Qualification::try_from(row)?;
        let Some(verdict) = decision else { continue };
        let event = TimelineEvent::QualificationDecided {
            qualification_id: id,
            decision: verdict.decision,
            score: result.score,
            outcome: result.outcome,
            reason: verdict.reason,
        };
        told.insert((Kind::QualificationDecided, id.into()), (Some(verdict.by), event));
    }
    let handed = [Kind::TransferStarted, Kind::TransferCompleted, Kind::TransferCancelled];
    for row in store::transfers_among(conn, &of(&handed)).await? {
        told_of_transfer(&mut told, row);
    }
    if !of(&[Kind::OwnerChanged]).is_empty() {
        told_of_owners(conn, customer, &mut told).await?;
    }
    for row in store::team_members_among(conn, &of(&[Kind::MemberJoined, Kind::MemberLeft])).await? {
        let TeamMember { id, employee_id, role, .. } = row.into();
        let member = TimelineMember { member_id: id, employee_id, role };
        told.insert((Kind::MemberJoined, id.into()), (None, TimelineEvent::MemberJoined(member.clone())));
        told.insert((Kind::MemberLeft, id.into()), (None, TimelineEvent::MemberLeft(member)));
    }
    for row in store::links_among(conn, &of(&[Kind::LinkBegan, Kind::LinkEnded])).await? {
        let CustomerLink { id, parent_id, kind, .. } = row.into();
        let link = TimelineLink { link_id: id, parent_id, link_kind: kind };
        told.insert((Kind::LinkBegan, id.into()), (None, TimelineEvent::LinkBegan(link.clone())));
        told.insert((Kind::LinkEnded, id.into()), (None, TimelineEvent::LinkEnded(link)));
    }
    for row in store::merges_among(conn, &of(&[Kind::Merged, Kind::MergeUndone])).await? {
        let Merge { id, survivor_id, merged_id, merged_code, reason, merged_by, undone_by, .. } = Merge::try_from(row)?;
        let merge = TimelineMerge { merge_id: id, survivor_id, merged_id, merged_code, reason };
        told.insert((Kind::Merged, id.into()), (Some(merged_by), TimelineEvent::Merged(merge.clone())));
        told.insert((Kind::MergeUndone, id.into()), (undone_by, TimelineEvent::MergeUndone(merge)));
    }
    for row in store::profile_versions_among(conn, &of(&[Kind::ProfileApproved])).await? {
        let event = TimelineEvent::ProfileApproved {
            version_id: row.id.get(),
            section: row.section.0,
            number: row.number,
            valid_until: row.valid_until,
        };
        told.insert((Kind::ProfileApproved, row.id), (None, event));
    }
    for row in store::share_tables_among(conn, &of(&[Kind::VendorSharesRecorded])).await? {
        let event = TimelineEvent::VendorSharesRecorded { period: row.period.0, revision: row.revision };
        told.insert((Kind::VendorSharesRecorded, row.id), (Some(row.recorded_by), event));
    }
    told_of_persons(conn, of, &mut told).await?;
    Ok(told)
}

fn told_of_transfer(told: &mut Told, row: TransferRow) {
    let transfer =
        TimelineTransfer { transfer_id: row.id.get(), from: row.from_owner, to: row.to_owner, reason: row.reason };
    let started = (Some(row.started_by), TimelineEvent::TransferStarted(transfer.clone()));
    told.insert((TimelineKind::TransferStarted, row.id), started);
    let completed = (row.ended_by.clone(), TimelineEvent::TransferCompleted(transfer.clone()));
    told.insert((TimelineKind::TransferCompleted, row.id), completed);
    let cancelled = (row.ended_by, TimelineEvent::TransferCancelled(transfer));
    told.insert((TimelineKind::TransferCancelled, row.id), cancelled);
}

/// Each period was followed by the one after it, the last of them by who owns the customer now.
async fn told_of_owners(conn: &mut Conn, customer: Id, told: &mut Told) -> Result<()> {
    let periods = store::owner_periods_of(conn, customer.get()).await?;
    let now = store::find_customer_itself(conn, &Reference::Id(customer.get())).await?.and_then(|row| row.owner);
    let next = periods.iter().skip(1).map(|period| period.owner.clone()).chain([now]).collect::<Vec<_>>();
    for (OwnerPeriodRow { id, owner, .. }, to) in periods.into_iter().zip(next) {
        told.insert((TimelineKind::OwnerChanged, id), (None, TimelineEvent::OwnerChanged { from: owner, to }));
    }
    Ok(())
}

async fn told_of_persons(conn: &mut Conn, of: impl Fn(&[TimelineKind]) -> Vec<Id>, told: &mut Told) -> Result<()> {
    use TimelineKind as Kind;
    for id in of(&[Kind::ContactAdded]) {
        told.insert((Kind::ContactAdded, id), (None, TimelineEvent::ContactAdded { contact_id: id.get() }));
    }
    for row in store::holdings_among(conn, &of(&[Kind::HoldingBegan, Kind::HoldingEnded])).await? {
        let Holding { id, contact_id, position_id, .. } = row.into();
        let holding = TimelineHolding { holding_id: id, contact_id, position_id };
        told.insert((Kind::HoldingBegan, id.into()), (None, TimelineEvent::HoldingBegan(holding.clone())));
        told.insert((Kind::HoldingEnded, id.into()), (None, TimelineEvent::HoldingEnded(holding)));
    }
    for row in store::consents_among(conn, &of(&[Kind::ConsentRecorded])).await? {
        let ConsentEntry { id, contact_id, purpose, channel, decision, recorded_by, .. } = row.into();
        let event = TimelineEvent::ConsentRecorded { consent_id: id, contact_id, purpose, channel, decision };
        told.insert((Kind::ConsentRecorded, id.into()), (Some(recorded_by), event));
    }
    Ok(())
}
