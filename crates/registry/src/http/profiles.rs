use actix_web::{HttpResponse, get, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path, Query, Refusal};
use chassis::{Act, Context};
use problem::{FieldError, Problem};
use registry_contract::{
    Competition, CustomerId, FinancialAnalysis, IndustryDynamics, MacroEnvironment, NewProfileReview,
    OrganisationAndPurchasing, ProfileContent, ProfileDiff, ProfileDiffQuery, ProfileDraft, ProfileEdit,
    ProfileOverview, ProfileQuery, ProfileSection, ProfileVersion, SectionProfile, StrategyAndPainPoints, SwotSummary,
    WaitingReview,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use wire::{Page, Reference};

use super::page;
use crate::{commands, queries};

type Which = Path<(Reference<CustomerId>, ProfileSection)>;

/// Read a customer's profile at a glance: which sections are there, approved, complete, stale.
#[utoipa::path(
    operation_id = "get_profile",
    tag = "profiles",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)"), ProfileQuery),
    responses(
        (status = 200, description = "The profile", body = ProfileOverview),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/profile")]
pub async fn get_profile(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    query: Query<ProfileQuery>,
) -> problem::Result<web::Json<ProfileOverview>> {
    Ok(web::Json(queries::get_profile(&context.db, &path.0, (query.0.as_of, act.at)).await?))
}

/// Read a section: what is relied on, and what is being written.
#[utoipa::path(
    operation_id = "get_profile_section",
    tag = "profiles",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("section" = ProfileSection, Path, description = "The section"),
    ),
    responses(
        (status = 200, description = "The section", body = SectionProfile),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/profile/{section}")]
pub async fn get_profile_section(context: web::Data<Context>, path: Which) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_profile_section(&context.db, &path.0.0, path.0.1).await?))
}

/// Write a section's draft. Where none is open, this begins the section's next version.
#[utoipa::path(
    operation_id = "edit_profile",
    tag = "profiles",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("section" = ProfileSection, Path, description = "The section"),
        ("If-Match" = String, Header, description = "The section's ETag last read, or `*`"),
    ),
    request_body = ProfileDraft,
    responses(
        (status = 200, description = "The section as it is now", body = SectionProfile),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 409, description = "The version waits for its reviewers", body = Problem),
        (status = 412, description = "Someone else changed the section first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[put("/api/v1/customers/{id}/profile/{section}")]
pub async fn edit_profile(
    context: web::Data<Context>,
    act: Act,
    path: Which,
    expected: IfMatch,
    body: Body<Value>,
) -> problem::Result<HttpResponse> {
    let (customer, section) = path.0;
    let edit = edit_of(&context, section, body.0).map_err(Refusal::FieldsInvalid)?;
    Ok(http::found(commands::edit_profile(&context.db, &act, &customer, section, expected, edit).await?))
}

/// The body, held against the schema of its section.
fn edit_of(
    context: &Context,
    section: ProfileSection,
    body: Value,
) -> Result<ProfileEdit<ProfileContent>, Vec<FieldError>> {
    match section {
        ProfileSection::MacroEnvironment => typed::<MacroEnvironment>(context, body),
        ProfileSection::IndustryDynamics => typed::<IndustryDynamics>(context, body),
        ProfileSection::Competition => typed::<Competition>(context, body),
        ProfileSection::StrategyAndPainPoints => typed::<StrategyAndPainPoints>(context, body),
        ProfileSection::FinancialAnalysis => typed::<FinancialAnalysis>(context, body),
        ProfileSection::OrganisationAndPurchasing => typed::<OrganisationAndPurchasing>(context, body),
        ProfileSection::SwotSummary => typed::<SwotSummary>(context, body),
    }
}

fn typed<C>(context: &Context, body: Value) -> Result<ProfileEdit<ProfileContent>, Vec<FieldError>>
where
    C: DeserializeOwned + ToSchema + Into<ProfileContent> + 'static,
{
    let ProfileEdit { content, evidence, valid_until } = http::parse::<ProfileEdit<C>>(context, body)?;
    Ok(ProfileEdit { content: content.into(), evidence, valid_until })
}

/// Hand a section's draft to its reviewers.
#[utoipa::path(
    operation_id = "submit_profile",
    tag = "profiles",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("section" = ProfileSection, Path, description = "The section"),
        ("If-Match" = String, Header, description = "The section's ETag last read, or `*`"),
    ),
    responses(
        (status = 200, description = "Waits for its reviewers", body = SectionProfile),
        (status = 404, description = "There is no such customer, or no open version", body = Problem),
        (status = 409, description = "It is no draft, or lacks content, evidence or its last day", body = Problem),
        (status = 412, description = "Someone else changed the section first", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers/{id}/profile/{section}/submission")]
pub async fn submit_profile(
    context: web::Data<Context>,
    act: Act,
    path: Which,
    expected: IfMatch,
) -> problem::Result<HttpResponse> {
    let (customer, section) = path.0;
    Ok(http::found(commands::submit_profile(&context.db, &act, &customer, section, expected).await?))
}

/// Approve a version, or send it back. Strategy and finance need two people, the other sections one; nobody reviews what
/// he wrote.
#[utoipa::path(
    operation_id = "review_profile",
    tag = "profiles",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("section" = ProfileSection, Path, description = "The section"),
    ),
    request_body = NewProfileReview,
    responses(
        (status = 200, description = "The section as it is now", body = SectionProfile),
        (status = 403, description = "The caller wrote in it, or is no person", body = Problem),
        (status = 404, description = "There is no such customer or version", body = Problem),
        (status = 409, description = "It does not wait for a review in this round, or not for the caller's", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["profiles:review"])),
)]
#[post("/api/v1/customers/{id}/profile/{section}/reviews")]
pub async fn review_profile(
    context: web::Data<Context>,
    act: Act,
    path: Which,
    body: Body<NewProfileReview>,
) -> problem::Result<HttpResponse> {
    let (customer, section) = path.0;
    Ok(http::found(commands::review_profile(&context.db, &act, &customer, section, body.0).await?))
}

/// List a section's versions, the newest first unless sorted by `number`.
#[utoipa::path(
    operation_id = "list_profile_versions",
    tag = "profiles",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("section" = ProfileSection, Path, description = "The section"),
        ListQuery,
    ),
    responses(
        (status = 200, description = "A page", body = Page<ProfileVersion>),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/profile/{section}/versions")]
pub async fn list_profile_versions(
    context: web::Data<Context>,
    path: Which,
    list: ListQuery,
) -> problem::Result<web::Json<Page<ProfileVersion>>> {
    let paging = Paging::parse(&list, &["number"], "-number")?;
    let listed = queries::list_profile_versions(&context.db, &path.0.0, path.0.1, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a version of a section.
#[utoipa::path(
    operation_id = "get_profile_version",
    tag = "profiles",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("section" = ProfileSection, Path, description = "The section"),
        ("number" = i64, Path, description = "The version's number, from 1"),
    ),
    responses(
        (status = 200, description = "The version", body = ProfileVersion),
        (status = 404, description = "There is no such customer or version", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/profile/{section}/versions/{number}")]
pub async fn get_profile_version(
    context: web::Data<Context>,
    path: Path<(Reference<CustomerId>, ProfileSection, i64)>,
) -> problem::Result<web::Json<ProfileVersion>> {
    let (customer, section, number) = path.0;
    Ok(web::Json(queries::get_profile_version(&context.db, &customer, section, number).await?))
}

/// Compare two versions of a section, field by field.
#[utoipa::path(
    operation_id = "diff_profile",
    tag = "profiles",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("section" = ProfileSection, Path, description = "The section"),
        ProfileDiffQuery,
    ),
    responses(
        (status = 200, description = "What differs", body = ProfileDiff),
        (status = 404, description = "There is no such customer or version", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/profile/{section}/diff")]
pub async fn diff_profile(
    context: web::Data<Context>,
    path: Which,
    query: Query<ProfileDiffQuery>,
) -> problem::Result<web::Json<ProfileDiff>> {
    Ok(web::Json(queries::diff_profile(&context.db, &path.0.0, path.0.1, &query.0).await?))
}

/// List what waits for a review by the caller, what waits longest first unless sorted by `-updated_at`.
#[utoipa::path(
    operation_id = "list_profile_reviews",
    tag = "profiles",
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<WaitingReview>)),
    security(("caller" = ["profiles:review"])),
)]
#[get("/api/v1/profile-reviews")]
pub async fn list_profile_reviews(
    context: web::Data<Context>,
    act: Act,
    list: ListQuery,
) -> problem::Result<web::Json<Page<WaitingReview>>> {
    let paging = Paging::parse(&list, &["updated_at"], "updated_at")?;
    let listed = queries::list_profile_reviews(&context.db, &act.actor, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}
