//! How customers rate what was done for them.

use actix_web::http::header;
use actix_web::{HttpResponse, get, post, web};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chassis::http::Body;
use chassis::{Act, Context};
use complaints_contract::{ComplaintRatings, NewRating, RatingReceipt};
use problem::Problem;
use ring::digest::{SHA256, digest};

use super::portal::by_complainant;
use super::transitions::Which;
use super::who::Who;
use crate::{commands, queries};

const PAGE: &str = include_str!("rating.html");
const SCRIPT: &str = include_str!("rating.js");

/// Rate how a complaint was handled, by the link of the message that it was closed with.
#[utoipa::path(
    operation_id = "rate_complaint",
    tag = "portal",
    request_body = NewRating,
    responses(
        (status = 201, description = "Taken in, with thanks", body = RatingReceipt),
        (status = 404, description = "The link leads to nothing", body = Problem),
        (status = 409, description = "Rated already", body = Problem),
        (status = 410, description = "It is too late", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 429, description = "Too many from your address; see Retry-After", body = Problem),
    ),
    security(()),
)]
#[post("/api/v1/portal/ratings")]
pub async fn rate_complaint(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewRating>,
) -> problem::Result<HttpResponse> {
    let receipt = commands::rate_complaint(&context.db, &by_complainant(&act), &body.0).await?;
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(receipt))
}

/// The page that links for rating lead to. What they have after `#` stays in the browser until it is sent with the rating.
#[utoipa::path(
    operation_id = "get_rating_page",
    tag = "portal",
    responses((status = 200, description = "A page in Chinese and English", body = String, content_type = "text/html")),
    security(()),
)]
#[get("/api/v1/portal/rating")]
pub async fn get_rating_page() -> HttpResponse {
    let hash = BASE64_STANDARD.encode(digest(&SHA256, SCRIPT.as_bytes()));
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{hash}'; style-src 'unsafe-inline'; connect-src 'self'; \
         frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(PAGE.replace("{script}", SCRIPT))
}

/// List how a customer rated the handling of a complaint.
#[utoipa::path(
    operation_id = "list_complaint_ratings",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    responses(
        (status = 200, description = "The ratings, oldest first", body = ComplaintRatings),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/ratings")]
pub async fn list_complaint_ratings(context: web::Data<Context>, who: Who, id: Which) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(queries::ratings(&context.db, &who.0, &id.0).await?))
}
