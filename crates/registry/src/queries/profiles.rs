use chrono::{DateTime, NaiveDate, Utc};
use database::{Conn, Db, PageRequest};
use registry_contract::{
    CustomerId, ProfileDiff, ProfileDiffQuery, ProfileOverview, ProfileSection, ProfileState, ProfileVersion,
    SectionOverview, SectionProfile, VersionOverview, WaitingReview,
};
use wire::Reference;

use super::Listed;
use super::customers::customer_id;
use crate::domain::{completeness, diff, local_day, reviewers};
use crate::error::{Error, Result};
use crate::store::{self, ProfileVersionRow};

/// All versions of a section, and which of them count.
#[derive(Debug, Clone)]
pub struct Section {
    pub customer: CustomerId,
    pub section: ProfileSection,
    /// The first one first.
    pub rows: Vec<ProfileVersionRow>,
    pub approved: Option<ProfileVersionRow>,
    pub open: Option<ProfileVersionRow>,
}

impl Section {
    pub fn of(customer: CustomerId, section: ProfileSection, rows: Vec<ProfileVersionRow>) -> Self {
        let approved = rows.iter().rfind(|row| row.state.0 == ProfileState::Approved).cloned();
        let open = rows.iter().rfind(|row| is_open(row.state.0)).cloned();
        Self { customer, section, rows, approved, open }
    }

    /// Each change raises a row's version or adds one, so the sum only grows.
    pub fn revision(&self) -> i64 {
        self.rows.iter().map(|row| row.version).sum()
    }

    pub fn next_number(&self) -> i64 {
        self.rows.iter().map(|row| row.number).max().unwrap_or(0) + 1
    }

    pub fn version(&self, number: i64) -> Option<&ProfileVersionRow> {
        self.rows.iter().rfind(|row| row.number == number)
    }
}

fn is_open(state: ProfileState) -> bool {
    match state {
        ProfileState::Draft | ProfileState::InReview | ProfileState::ChangesRequested => true,
        ProfileState::Approved | ProfileState::Superseded => false,
    }
}

pub async fn section_profile(conn: &mut Conn, section: Section) -> Result<SectionProfile> {
    let revision = section.revision();
    let rows = section.approved.iter().chain(&section.open).cloned().collect();
    let mut versions = store::with_profile_reviews(conn, rows).await?;
    let open = section.open.and_then(|_| versions.pop());
    let (customer_id, section) = (section.customer, section.section);
    Ok(SectionProfile { customer_id, section, revision, approved: versions.pop(), open })
}

pub async fn get_profile_section(
    db: &Db,
    customer: &Reference<CustomerId>,
    section: ProfileSection,
) -> Result<SectionProfile> {
    let mut conn = db.read().await?;
    let section = load(&mut conn, customer, section).await?;
    section_profile(&mut conn, section).await
}

async fn load(conn: &mut Conn, customer: &Reference<CustomerId>, section: ProfileSection) -> Result<Section> {
    let customer = customer_id(conn, customer).await?;
    Ok(Section::of(customer, section, store::profile_section(conn, customer, section).await?))
}

pub async fn list_profile_versions(
    db: &Db,
    customer: &Reference<CustomerId>,
    section: ProfileSection,
    page: &PageRequest,
) -> Result<Listed<ProfileVersion>> {
    let mut conn = db.read().await?;
    let customer = customer_id(&mut conn, customer).await?;
    let rows = store::list_profile_versions(&mut conn, customer, section, page).await?;
    let items = store::with_profile_reviews(&mut conn, rows).await?;
    let count = match page.count {
        true => Some(store::count_profile_versions(&mut conn, customer, section).await?),
        false => None,
    };
    Ok(Listed { items, count })
}

pub async fn get_profile_version(
    db: &Db,
    customer: &Reference<CustomerId>,
    section: ProfileSection,
    number: i64,
) -> Result<ProfileVersion> {
    let mut conn = db.read().await?;
    let section = load(&mut conn, customer, section).await?;
    let rows = section.version(number).cloned().into_iter().collect();
    let version = store::with_profile_reviews(&mut conn, rows).await?.pop();
    version.ok_or(Error::ProfileVersionNotFound(number))
}

pub async fn diff_profile(
    db: &Db,
    customer: &Reference<CustomerId>,
    section: ProfileSection,
    wanted: &ProfileDiffQuery,
) -> Result<ProfileDiff> {
    let standing = load(&mut db.read().await?, customer, section).await?;
    let document = |number: i64| {
        let row = standing.version(number).ok_or(Error::ProfileVersionNotFound(number))?;
        Ok::<_, Error>(row.document())
    };
    let changes = diff(&document(wanted.from)?, &document(wanted.to)?);
    Ok(ProfileDiff { section, from: wanted.from, to: wanted.to, changes })
}

/// As of a day, today where the customer is unless said otherwise.
pub async fn get_profile(
    db: &Db,
    customer: &Reference<CustomerId>,
    (as_of, now): (Option<NaiveDate>, DateTime<Utc>),
) -> Result<ProfileOverview> {
    let mut conn = db.read().await?;
    let found = store::find_customer(&mut conn, customer).await?;
    let found = found.ok_or_else(|| Error::CustomerNotFound(customer.to_string()))?;
    let as_of = as_of.unwrap_or_else(|| local_day::day_at(now, &found.time_zone));
    let customer_id = found.id.get();
    let rows = store::profile_versions_of(&mut conn, customer_id).await?;
    let of = |section: ProfileSection| rows.iter().filter(move |row| row.section.0 == section).cloned().collect();
    let sections: Vec<_> = ProfileSection::ALL
        .iter()
        .map(|section| overview(&Section::of(customer_id, *section, of(*section)), as_of))
        .collect::<Result<_>>()?;
    let fresh = sections.iter().filter(|section| section.approved.is_some() && !section.stale).count();
    let completeness = i32::try_from(fresh * 100 / sections.len()).unwrap_or(100);
    Ok(ProfileOverview { customer_id, as_of, completeness, sections })
}

fn overview(section: &Section, as_of: NaiveDate) -> Result<SectionOverview> {
    let (approved, open) = (section.approved.as_ref(), section.open.as_ref());
    let completeness = match approved.or(open) {
        Some(row) => completeness(&row.content()?),
        None => 0,
    };
    Ok(SectionOverview {
        section: section.section,
        state: open.or(approved).map(|row| row.state.0),
        approved: approved.map(version_overview),
        open: open.map(version_overview),
        stale: approved.and_then(|row| row.valid_until).is_some_and(|last| last < as_of),
        completeness,
        reviewers: needed(section.section),
    })
}

fn version_overview(row: &ProfileVersionRow) -> VersionOverview {
    VersionOverview {
        number: row.number,
        state: row.state.0,
        valid_until: row.valid_until,
        updated_at: row.updated_at.into(),
    }
}

fn needed(section: ProfileSection) -> i32 {
    i32::try_from(reviewers(section)).unwrap_or(i32::MAX)
}

/// What waits for a review that `reviewer` may give.
pub async fn list_profile_reviews(db: &Db, reviewer: &str, page: &PageRequest) -> Result<Listed<WaitingReview>> {
    let mut conn = db.read().await?;
    let rows = store::list_waiting_profiles(&mut conn, reviewer, page).await?;
    let mut reviews = store::profile_reviews(&mut conn, &rows).await?;
    let waiting = |row: ProfileVersionRow| {
        let review = reviews.remove(&row.id).unwrap_or_default();
        let approvals = row.workflow(&review).approvals.len();
        WaitingReview {
            id: row.id.get(),
            customer_id: row.customer_id.get(),
            section: row.section.0,
            number: row.number,
            round: row.round,
            approvals: i32::try_from(approvals).unwrap_or(i32::MAX),
            reviewers: needed(row.section.0),
            submitted_at: row.submitted_at.unwrap_or(row.updated_at).into(),
            updated_at: row.updated_at.into(),
            authors: review.authors,
        }
    };
    let items = rows.into_iter().map(waiting).collect();
    let count = match page.count {
        true => Some(store::count_waiting_profiles(&mut conn, reviewer).await?),
        false => None,
    };
    Ok(Listed { items, count })
}
