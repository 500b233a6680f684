use actix_web::{HttpResponse, get, post, web};
use chassis::http::{self, Body, ListQuery, Paging, Path, Query};
use chassis::{Act, Caller, Context};
use problem::Problem;
use registry_contract::{
    CustomerId, NewTierDecision, NewTierPolicy, NewTierProposal, TierHistory, TierPolicy, TierPolicyId, TierProposal,
    TierProposalId, TierProposalQuery, TierReview, TierReviewQuery,
};
use wire::{Page, Reference};

use super::page;
use crate::{commands, queries};

/// List the tier policies and their revisions, the oldest first unless sorted by any of code, created_at.
#[utoipa::path(
    operation_id = "list_tier_policies",
    tag = "tiers",
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<TierPolicy>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/tier-policies")]
pub async fn list_tier_policies(
    context: web::Data<Context>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<TierPolicy>>> {
    let paging = Paging::parse(&list, &["code", "created_at"], "created_at")?;
    let listed = queries::list_tier_policies(&context.db, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Create a tier policy, or the next revision of the one with this code. It is not active yet.
#[utoipa::path(
    operation_id = "create_tier_policy",
    tag = "tiers",
    request_body = NewTierPolicy,
    responses(
        (status = 201, description = "Created", body = TierPolicy),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["tier-policies:manage"])),
)]
#[post("/api/v1/tier-policies")]
pub async fn create_tier_policy(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewTierPolicy>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_tier_policy(&context.db, &act, body.0).await?))
}

/// Read a revision of a tier policy.
#[utoipa::path(
    operation_id = "get_tier_policy",
    tag = "tiers",
    params(("id" = TierPolicyId, Path)),
    responses(
        (status = 200, description = "The policy", body = TierPolicy),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/tier-policies/{id}")]
pub async fn get_tier_policy(context: web::Data<Context>, path: Path<TierPolicyId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_tier_policy(&context.db, path.0).await?))
}

/// Make a tier policy the one that tiers are proposed by. Customers keep their tiers until new ones are decided.
#[utoipa::path(
    operation_id = "activate_tier_policy",
    tag = "tiers",
    params(("id" = TierPolicyId, Path)),
    responses(
        (status = 200, description = "The policy, active", body = TierPolicy),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "Someone else activates another one", body = Problem),
    ),
    security(("caller" = ["tier-policies:manage"])),
)]
#[post("/api/v1/tier-policies/{id}/activation")]
pub async fn activate_tier_policy(
    context: web::Data<Context>,
    act: Act,
    path: Path<TierPolicyId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::activate_tier_policy(&context.db, &act, path.0).await?))
}

/// Propose a tier for a customer.
#[utoipa::path(
    operation_id = "create_tier_proposal",
    tag = "tiers",
    request_body = NewTierProposal,
    responses(
        (status = 201, description = "Created; in effect already where the policy asks for no approval", body = TierProposal),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 409, description = "The customer has a proposal that is not done yet", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["tiers:propose"])),
)]
#[post("/api/v1/tier-proposals")]
pub async fn create_tier_proposal(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewTierProposal>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::create_tier_proposal(&context.db, &act, body.0).await?))
}

/// List tier proposals, the latest first unless sorted by any of created_at, updated_at.
///
/// Those that are not done are left out while their customer is merged into another: they wait until the merge is undone.
#[utoipa::path(
    operation_id = "list_tier_proposals",
    tag = "tiers",
    params(TierProposalQuery, ListQuery),
    responses((status = 200, description = "A page", body = Page<TierProposal>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/tier-proposals")]
pub async fn list_tier_proposals(
    context: web::Data<Context>,
    caller: Caller,
    query: Query<TierProposalQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<TierProposal>>> {
    let paging = Paging::parse(&list, &["created_at", "updated_at"], "-created_at")?;
    let listed = queries::list_tier_proposals(&context.db, &query.0, &caller.id, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read a tier proposal.
#[utoipa::path(
    operation_id = "get_tier_proposal",
    tag = "tiers",
    params(("id" = TierProposalId, Path)),
    responses(
        (status = 200, description = "The proposal", body = TierProposal),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/tier-proposals/{id}")]
pub async fn get_tier_proposal(
    context: web::Data<Context>,
    path: Path<TierProposalId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_tier_proposal(&context.db, path.0).await?))
}

/// Approve or reject a tier proposal of someone else. The last approval that the policy asks for gives the tier, at once
/// or on its effective date.
#[utoipa::path(
    operation_id = "decide_tier_proposal",
    tag = "tiers",
    params(("id" = TierProposalId, Path)),
    request_body = NewTierDecision,
    responses(
        (status = 200, description = "The proposal with the decision", body = TierProposal),
        (status = 403, description = "The caller has proposed it himself, or is no person", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is done, the caller has decided otherwise before, or the customer was merged, with which it waits until the merge is undone", body = Problem),
        (status = 422, description = "A reason is missing", body = Problem),
    ),
    security(("caller" = ["tiers:decide"])),
)]
#[post("/api/v1/tier-proposals/{id}/decisions")]
pub async fn decide_tier_proposal(
    context: web::Data<Context>,
    act: Act,
    path: Path<TierProposalId>,
    body: Body<NewTierDecision>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::decide_tier_proposal(&context.db, &act, path.0, body.0).await?))
}

/// Take a tier proposal back that is not in effect: one's own, or any by whoever may decide on it.
#[utoipa::path(
    operation_id = "withdraw_tier_proposal",
    tag = "tiers",
    params(("id" = TierProposalId, Path)),
    responses(
        (status = 200, description = "The proposal, withdrawn", body = TierProposal),
        (status = 403, description = "Someone else has proposed it", body = Problem),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is done, or the customer was merged, with which it waits until the merge is undone", body = Problem),
    ),
    security(("caller" = ["tiers:propose"])),
)]
#[post("/api/v1/tier-proposals/{id}/withdrawal")]
pub async fn withdraw_tier_proposal(
    context: web::Data<Context>,
    act: Act,
    caller: Caller,
    path: Path<TierProposalId>,
) -> problem::Result<HttpResponse> {
    let may_decide = caller.can("tiers:decide");
    Ok(http::found(commands::withdraw_tier_proposal(&context.db, &act, path.0, may_decide).await?))
}

/// Read a customer's tier and all it had, by the policy's own names and as what they count, with who decided and why.
#[utoipa::path(
    operation_id = "get_customer_tier",
    tag = "tiers",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    responses(
        (status = 200, description = "The tier and its history", body = TierHistory),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/tier")]
pub async fn get_customer_tier(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
) -> problem::Result<web::Json<TierHistory>> {
    Ok(web::Json(queries::get_customer_tier(&context.db, &path.0).await?))
}

/// List the customers whose tier is due for review, by code.
#[utoipa::path(
    operation_id = "list_tier_reviews",
    tag = "tiers",
    params(TierReviewQuery, ListQuery),
    responses((status = 200, description = "A page", body = Page<TierReview>)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/tier-reviews")]
pub async fn list_tier_reviews(
    context: web::Data<Context>,
    act: Act,
    query: Query<TierReviewQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<TierReview>>> {
    let paging = Paging::parse(&list, &["code"], "code")?;
    let listed = queries::list_tier_reviews(&context.db, &query.0, act.at, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}
