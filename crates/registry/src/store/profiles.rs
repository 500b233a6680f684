use std::collections::HashMap;

use chrono::NaiveDate;
use database::{Conn, Id, Instant, PageRequest, Result, Tx, keyset, on};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use registry_contract::{
    CustomerId, ProfileAct, ProfileContent, ProfileEntry, ProfileSection, ProfileState, ProfileVersion,
};
use serde_json::{Value, json};

use super::Word;
use crate::domain::{ProfileDetails, Workflow, completeness, ratios};
use crate::schema::{profile_acts, profile_authors, profile_versions};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = profile_versions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ProfileVersionRow {
    pub id: Id,
    pub customer_id: Id,
    pub section: Word<ProfileSection>,
    pub number: i64,
    pub state: Word<ProfileState>,
    pub round: i64,
    pub content: Value,
    pub evidence: Value,
    pub valid_until: Option<NaiveDate>,
    pub submitted_at: Option<Instant>,
    pub approved_at: Option<Instant>,
    pub version: i64,
    pub created_at: Instant,
    pub updated_at: Instant,
}

impl ProfileVersionRow {
    /// The first draft of a version.
    pub fn new(
        customer: Id,
        section: ProfileSection,
        number: i64,
        details: &ProfileDetails,
        at: Instant,
    ) -> Result<Self> {
        Ok(Self {
            id: Id::from(uuid::Uuid::now_v7()),
            customer_id: customer,
            section: Word(section),
            number,
            state: Word(ProfileState::Draft),
            round: 0,
            content: content_of(details)?,
            evidence: serde_json::to_value(&details.evidence).map_err(database::Error::other)?,
            valid_until: details.valid_until,
            submitted_at: None,
            approved_at: None,
            version: 1,
            created_at: at,
            updated_at: at,
        })
    }

    /// The row that follows when the version says what `details` do.
    pub fn saying(self, details: &ProfileDetails, at: Instant) -> Result<Self> {
        let said = Self::new(self.customer_id, self.section.0, self.number, details, at)?;
        let next = Self { content: said.content, evidence: said.evidence, valid_until: said.valid_until, ..self };
        Ok(next)
    }

    /// The row that follows when the version stands where `workflow` does.
    pub fn standing(self, workflow: &Workflow, at: Instant) -> Self {
        let (was, is) = (self.state.0, workflow.state);
        let now_when =
            |state: ProfileState, before: Option<Instant>| if is == state && was != is { Some(at) } else { before };
        Self {
            state: Word(is),
            round: workflow.round,
            submitted_at: now_when(ProfileState::InReview, self.submitted_at),
            approved_at: now_when(ProfileState::Approved, self.approved_at),
            version: self.version + 1,
            updated_at: at,
            ..self
        }
    }

    pub fn content(&self) -> Result<ProfileContent> {
        let tagged = json!({ "section": self.section.0, "content": self.content });
        serde_json::from_value(tagged).map_err(database::Error::other)
    }

    /// What two versions are compared by.
    pub fn document(&self) -> Value {
        let mut document = json!({ "content": self.content, "evidence": self.evidence });
        if let Some(valid_until) = self.valid_until {
            document["valid_until"] = json!(valid_until);
        }
        document
    }

    pub fn workflow(&self, review: &ProfileReviewRows) -> Workflow {
        let approvals =
            review.history.iter().filter(|entry| entry.act == ProfileAct::Approved && entry.round == self.round);
        Workflow {
            section: self.section.0,
            state: self.state.0,
            round: self.round,
            authors: review.authors.clone(),
            approvals: approvals.map(|entry| entry.by.clone()).collect(),
        }
    }

    pub fn with(self, review: ProfileReviewRows) -> Result<ProfileVersion> {
        let content = self.content()?;
        let ratios = match &content {
            ProfileContent::FinancialAnalysis(finance) => ratios(finance),
            _ => vec![],
        };
        Ok(ProfileVersion {
            id: self.id.get(),
            number: self.number,
            state: self.state.0,
            round: self.round,
            completeness: completeness(&content),
            content,
            evidence: serde_json::from_value(self.evidence).map_err(database::Error::other)?,
            valid_until: self.valid_until,
            authors: review.authors,
            history: review.history,
            ratios,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        })
    }
}

/// Without the name of its section, which the row has.
fn content_of(details: &ProfileDetails) -> Result<Value> {
    let mut tagged = serde_json::to_value(&details.content).map_err(database::Error::other)?;
    Ok(tagged["content"].take())
}

/// Who wrote a version, and what became of it.
#[derive(Debug, Clone, Default)]
pub struct ProfileReviewRows {
    pub authors: Vec<String>,
    pub history: Vec<ProfileEntry>,
}

pub async fn insert_profile_version(tx: &mut Tx, row: &ProfileVersionRow) -> Result<()> {
    on!(tx, |c| diesel::insert_into(profile_versions::table).values(row).execute(c).await)?;
    Ok(())
}

/// The customer is locked, so nobody else writes.
pub async fn update_profile_version(tx: &mut Tx, row: &ProfileVersionRow) -> Result<()> {
    let one = profile_versions::table.find(row.id);
    on!(tx, |c| diesel::update(one).set(row).execute(c).await)?;
    Ok(())
}

pub async fn insert_profile_author(tx: &mut Tx, version: Id, author: &str, at: Instant) -> Result<()> {
    let row = (profile_authors::version_id.eq(version), profile_authors::author.eq(author), profile_authors::at.eq(at));
    on!(tx, |c| diesel::insert_into(profile_authors::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn insert_profile_act(tx: &mut Tx, id: Id, version: Id, entry: &ProfileEntry) -> Result<()> {
    let row = (
        profile_acts::id.eq(id),
        profile_acts::version_id.eq(version),
        profile_acts::round.eq(entry.round),
        profile_acts::act.eq(entry.act.as_str()),
        profile_acts::actor.eq(&entry.by),
        profile_acts::comment.eq(&entry.comment),
        profile_acts::at.eq(Instant::from(entry.at)),
    );
    on!(tx, |c| diesel::insert_into(profile_acts::table).values(row).execute(c).await)?;
    Ok(())
}

pub async fn has_profile_act(conn: &mut Conn, id: Id) -> Result<bool> {
    let one = profile_acts::table.find(id).count();
    let count: i64 = on!(conn, |c| one.get_result(c).await)?;
    Ok(count > 0)
}

/// All versions of a section, the first one first.
pub async fn profile_section(
    conn: &mut Conn,
    customer: CustomerId,
    section: ProfileSection,
) -> Result<Vec<ProfileVersionRow>> {
    let versions = profile_versions::table
        .filter(profile_versions::customer_id.eq(Id::from(customer)))
        .filter(profile_versions::section.eq(section.as_str()))
        .order((profile_versions::number, profile_versions::id));
    on!(conn, |c| versions.select(ProfileVersionRow::as_select()).load(c).await)
}

/// All versions of all sections.
pub async fn profile_versions_of(conn: &mut Conn, customer: CustomerId) -> Result<Vec<ProfileVersionRow>> {
    let versions = profile_versions::table
        .filter(profile_versions::customer_id.eq(Id::from(customer)))
        .order((profile_versions::number, profile_versions::id));
    on!(conn, |c| versions.select(ProfileVersionRow::as_select()).load(c).await)
}

/// The next approved versions by id, for going through all of them.
pub async fn approved_profiles_after(conn: &mut Conn, after: Option<Id>, most: i64) -> Result<Vec<ProfileVersionRow>> {
    on!(conn, |c| {
        let approved = profile_versions::state.eq(ProfileState::Approved.as_str());
        let mut query = profile_versions::table.filter(approved).into_boxed::<Backend>();
        if let Some(after) = after {
            query = query.filter(profile_versions::id.gt(after));
        }
        query.order(profile_versions::id).limit(most).select(ProfileVersionRow::as_select()).load(c).await
    })
}

/// Expands to a boxed query of the versions of a section; inside `on!`.
macro_rules! versions {
    ($customer:expr, $section:expr) => {
        profile_versions::table
            .filter(profile_versions::customer_id.eq(Id::from($customer)))
            .filter(profile_versions::section.eq($section.as_str()))
            .into_boxed::<Backend>()
    };
}

/// One row more than the page holds.
pub async fn list_profile_versions(
    conn: &mut Conn,
    customer: CustomerId,
    section: ProfileSection,
    page: &PageRequest,
) -> Result<Vec<ProfileVersionRow>> {
    on!(conn, |c| {
        let query = keyset!(versions!(customer, section), page, profile_versions, { "number" => number: i64 });
        query.select(ProfileVersionRow::as_select()).load(c).await
    })
}

pub async fn count_profile_versions(conn: &mut Conn, customer: CustomerId, section: ProfileSection) -> Result<i64> {
    on!(conn, |c| versions!(customer, section).count().get_result(c).await)
}

/// Expands to a boxed query of what waits for a review by `reviewer`; inside `on!`.
macro_rules! waiting {
    ($reviewer:expr) => {{
        let wrote = profile_authors::table
            .filter(profile_authors::version_id.eq(profile_versions::id))
            .filter(profile_authors::author.eq($reviewer));
        let reviewed = profile_acts::table
            .filter(profile_acts::version_id.eq(profile_versions::id))
            .filter(profile_acts::round.eq(profile_versions::round))
            .filter(profile_acts::act.eq(ProfileAct::Approved.as_str()))
            .filter(profile_acts::actor.eq($reviewer));
        profile_versions::table
            .filter(profile_versions::state.eq(ProfileState::InReview.as_str()))
            .filter(not(exists(wrote)))
            .filter(not(exists(reviewed)))
            .into_boxed::<Backend>()
    }};
}

/// One row more than the page holds.
pub async fn list_waiting_profiles(
    conn: &mut Conn,
    reviewer: &str,
    page: &PageRequest,
) -> Result<Vec<ProfileVersionRow>> {
    on!(conn, |c| {
        let query = keyset!(waiting!(reviewer), page, profile_versions, { "updated_at" => updated_at: Instant });
        query.select(ProfileVersionRow::as_select()).load(c).await
    })
}

pub async fn count_waiting_profiles(conn: &mut Conn, reviewer: &str) -> Result<i64> {
    on!(conn, |c| waiting!(reviewer).count().get_result(c).await)
}

/// Version, act, round, actor, when, and what was said.
type Act = (Id, Word<ProfileAct>, i64, String, Instant, Option<String>);

/// Authors and history of each of the versions, in the order in which things happened.
pub async fn profile_reviews(conn: &mut Conn, rows: &[ProfileVersionRow]) -> Result<HashMap<Id, ProfileReviewRows>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let authors = profile_authors::table
        .filter(profile_authors::version_id.eq_any(&ids))
        .order((profile_authors::at, profile_authors::author))
        .select((profile_authors::version_id, profile_authors::author));
    let authors: Vec<(Id, String)> = on!(conn, |c| authors.load(c).await)?;
    let acts = profile_acts::table
        .filter(profile_acts::version_id.eq_any(&ids))
        .order((profile_acts::round, profile_acts::at, profile_acts::id))
        .select((
            profile_acts::version_id,
            profile_acts::act,
            profile_acts::round,
            profile_acts::actor,
            profile_acts::at,
            profile_acts::comment,
        ));
    let acts: Vec<Act> = on!(conn, |c| acts.load(c).await)?;
    let mut of: HashMap<Id, ProfileReviewRows> = HashMap::new();
    for (version, author) in authors {
        of.entry(version).or_default().authors.push(author);
    }
    for (version, act, round, by, at, comment) in acts {
        let entry = ProfileEntry { act: act.0, round, by, at: at.into(), comment };
        of.entry(version).or_default().history.push(entry);
    }
    Ok(of)
}

/// The rows as whole versions, in their order.
pub async fn with_profile_reviews(conn: &mut Conn, rows: Vec<ProfileVersionRow>) -> Result<Vec<ProfileVersion>> {
    let mut reviews = profile_reviews(conn, &rows).await?;
    rows.into_iter()
        .map(|row| {
            let review = reviews.remove(&row.id).unwrap_or_default();
            row.with(review)
        })
        .collect()
}
