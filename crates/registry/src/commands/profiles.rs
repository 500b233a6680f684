use chassis::audit;
use chassis::http::IfMatch;
use chrono::NaiveDate;
use database::{Db, Id, Tx};
use messaging::{Act, outbox};
use registry_contract::{
    Customer, CustomerId, NewProfileReview, ProfileAct, ProfileContent, ProfileEdit, ProfileEntry, ProfileSection,
    ProfileState, ReviewDecision, SectionProfile, v1,
};
use wire::Reference;

use super::customers::load;
use crate::domain::{Faults, ProfileDetails, Workflow, completeness, local_day};
use crate::error::{Error, Result};
use crate::facts::profile_fact;
use crate::queries::{Section, section_profile};
use crate::store::{self, ProfileVersionRow};

/// Writes the section's draft, and begins its next version where none is open.
pub async fn edit_profile(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    section: ProfileSection,
    expected: IfMatch,
    edit: ProfileEdit<ProfileContent>,
) -> Result<SectionProfile> {
    let mut tx = db.begin().await?;
    let (standing, time_zone) = stand(&mut tx, customer, section).await?;
    expected.check(standing.revision())?;
    let unknown = unknown_positions(&mut tx, standing.customer, &edit.content).await?;
    let details = Faults::join(ProfileDetails::parse(edit, local_day::day_at(act.at, &time_zone)), unknown)?;
    let written = match &standing.open {
        Some(open) => write_open(&mut tx, act, open, &details).await?,
        None => Some(begin(&mut tx, act, &standing, &details).await?),
    };
    let Some(id) = written else { return section_profile(&mut tx, standing).await };
    audit::record(&mut tx, act, "profile.edited", "profile_version", id.get()).await?;
    finish(tx, standing.customer, section).await
}

/// The version that was written; none where the draft says the same already.
async fn write_open(tx: &mut Tx, act: &Act, open: &ProfileVersionRow, details: &ProfileDetails) -> Result<Option<Id>> {
    let mut workflow = workflow(tx, open).await?;
    let is_new_author = !workflow.authors.contains(&act.actor);
    workflow.edit(&act.actor)?;
    let row = open.clone().saying(details, act.at.into())?;
    if open.state.0 == ProfileState::Draft && row.document() == open.document() {
        return Ok(None);
    }
    store::update_profile_version(tx, &row.standing(&workflow, act.at.into())).await?;
    if is_new_author {
        store::insert_profile_author(tx, open.id, &act.actor, act.at.into()).await?;
    }
    Ok(Some(open.id))
}

async fn begin(tx: &mut Tx, act: &Act, standing: &Section, details: &ProfileDetails) -> Result<Id> {
    let (customer, number, at) = (standing.customer.into(), standing.next_number(), act.at.into());
    let row = ProfileVersionRow::new(customer, standing.section, number, details, at)?;
    store::insert_profile_version(tx, &row).await?;
    store::insert_profile_author(tx, row.id, &act.actor, at).await?;
    Ok(row.id)
}

/// Hands the section's draft to its reviewers.
pub async fn submit_profile(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    section: ProfileSection,
    expected: IfMatch,
) -> Result<SectionProfile> {
    let id = Id::from(act.new_id());
    let mut tx = db.begin().await?;
    let (standing, time_zone) = stand(&mut tx, customer, section).await?;
    if store::has_profile_act(&mut tx, id).await? {
        return section_profile(&mut tx, standing).await;
    }
    expected.check(standing.revision())?;
    let open = standing.open.clone().ok_or(Error::ProfileVersionNotFound(standing.next_number()))?;
    let mut workflow = workflow(&mut tx, &open).await?;
    workflow.submit()?;
    unfit_for_review(&open, local_day::day_at(act.at, &time_zone))?;
    keep(&mut tx, act, id, open, &workflow, (ProfileAct::Submitted, None)).await?;
    finish(tx, standing.customer, section).await
}

/// Takes a reviewer's decision. With the last approval that is needed the version is what is relied on from now on.
pub async fn review_profile(
    db: &Db,
    act: &Act,
    customer: &Reference<CustomerId>,
    section: ProfileSection,
    review: NewProfileReview,
) -> Result<SectionProfile> {
    let id = Id::from(act.new_id());
    let mut tx = db.begin().await?;
    let (standing, _) = stand(&mut tx, customer, section).await?;
    if store::has_profile_act(&mut tx, id).await? {
        return section_profile(&mut tx, standing).await;
    }
    let row = standing.version(review.number).cloned();
    let row = row.ok_or(Error::ProfileVersionNotFound(review.number))?;
    let comment = comment(review.decision, review.comment)?;
    let mut workflow = workflow(&mut tx, &row).await?;
    workflow.review(&act.actor, review.round, review.decision)?;
    let what = match review.decision {
        ReviewDecision::Approve => ProfileAct::Approved,
        ReviewDecision::RequestChanges => ProfileAct::ChangesRequested,
    };
    let row = keep(&mut tx, act, id, row, &workflow, (what, comment)).await?;
    if workflow.state == ProfileState::Approved {
        supersede(&mut tx, act, &standing, row.id).await?;
        if let Some(fact) = profile_fact(&row) {
            outbox::enqueue(&mut tx, act, &v1::ProfileApproved(fact)).await?;
        }
    }
    finish(tx, standing.customer, section).await
}

/// The section as it is, and stays until the transaction ends; and its customer's time zone.
async fn stand(tx: &mut Tx, customer: &Reference<CustomerId>, section: ProfileSection) -> Result<(Section, String)> {
    let Customer { id, time_zone, .. } = load(tx, customer).await?;
    Ok((Section::of(id, section, store::profile_section(tx, id, section).await?), time_zone))
}

async fn finish(mut tx: Tx, customer: CustomerId, section: ProfileSection) -> Result<SectionProfile> {
    let rows = store::profile_section(&mut tx, customer, section).await?;
    let profile = section_profile(&mut tx, Section::of(customer, section, rows)).await?;
    tx.commit().await?;
    Ok(profile)
}

async fn workflow(tx: &mut Tx, row: &ProfileVersionRow) -> Result<Workflow> {
    let review = store::profile_reviews(tx, std::slice::from_ref(row)).await?.remove(&row.id).unwrap_or_default();
    Ok(row.workflow(&review))
}

/// Writes where the version stands now, and the act that brought it there.
async fn keep(
    tx: &mut Tx,
    act: &Act,
    id: Id,
    row: ProfileVersionRow,
    workflow: &Workflow,
    (what, comment): (ProfileAct, Option<String>),
) -> Result<ProfileVersionRow> {
    let row = row.standing(workflow, act.at.into());
    store::update_profile_version(tx, &row).await?;
    let entry = ProfileEntry { act: what, round: workflow.round, by: act.actor.clone(), at: act.at, comment };
    store::insert_profile_act(tx, id, row.id, &entry).await?;
    audit::record(tx, act, &format!("profile.{what}"), "profile_version", row.id.get()).await?;
    Ok(row)
}

async fn supersede(tx: &mut Tx, act: &Act, standing: &Section, by: Id) -> Result<()> {
    for row in standing.rows.iter().filter(|row| row.state.0 == ProfileState::Approved && row.id != by) {
        let version = row.version + 1;
        let row = ProfileVersionRow {
            state: store::Word(ProfileState::Superseded),
            version,
            updated_at: act.at.into(),
            ..row.clone()
        };
        store::update_profile_version(tx, &row).await?;
    }
    Ok(())
}

/// What nobody could review, or rely on afterwards.
fn unfit_for_review(row: &ProfileVersionRow, today: NaiveDate) -> Result<()> {
    let mut faults = Faults::default();
    if completeness(&row.content()?) == 0 {
        faults.add("/content", "empty", "says nothing yet");
    }
    if row.evidence.as_array().is_none_or(Vec::is_empty) {
        faults.add("/evidence", "missing-evidence", "needs at least one piece of evidence");
    }
    match row.valid_until {
        None => faults.add("/valid_until", "missing-field", "is needed to submit"),
        Some(day) if day < today => faults.add("/valid_until", "in-past", "must not lie in the past"),
        Some(_) => {}
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::ProfileIncomplete(faults.into_vec())) }
}

fn comment(decision: ReviewDecision, mut comment: Option<String>) -> Result<Option<String>> {
    let mut faults = Faults::default();
    faults.optional_text("/comment", &mut comment, 2000, &[]);
    if decision == ReviewDecision::RequestChanges && comment.is_none() {
        faults.add("/comment", "missing-field", "is required to request changes");
    }
    Ok(faults.or(comment)?)
}

/// A seat of another customer is as unknown as none.
async fn unknown_positions(tx: &mut Tx, customer: CustomerId, content: &ProfileContent) -> Result<Faults> {
    let mut faults = Faults::default();
    for (pointer, position) in ProfileDetails::positions(content) {
        faults.extend(super::seats::unknown_position(tx, &pointer, Some(position), customer.into()).await?);
    }
    Ok(faults)
}
