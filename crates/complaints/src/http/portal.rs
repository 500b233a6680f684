//! What whoever complains does without a login. Nothing of it is to be kept by anything between us.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chassis::http::{Body, Path};
use chassis::{Act, Context};
use complaints_contract::{
    ComplaintAttachmentId, NewPortalAcceptance, NewPortalComplaint, NewPortalDispute, NewPortalMessage,
    NewPortalWithdrawal, PortalAttachment, PortalComplaint, PortalReceipt,
};
use problem::Problem;
use serde::Serialize;

use super::attachments;
use crate::attachments::Attachments;
use crate::commands::{self, Proof};

/// Never a part of the address, which others write down.
const SECRET: &str = "x-complaint-secret";

/// Complain, without a login.
///
/// The answer has the tracking number and a secret, shown this once: with both the complaint can be followed.
#[utoipa::path(
    operation_id = "open_portal_complaint",
    tag = "portal",
    request_body = NewPortalComplaint,
    responses(
        (status = 201, description = "Registered", body = PortalReceipt),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 429, description = "Too many from your address; see Retry-After", body = Problem),
    ),
    security(()),
)]
#[post("/api/v1/portal/complaints")]
pub async fn open_portal_complaint(
    context: web::Data<Context>,
    act: Act,
    body: Body<NewPortalComplaint>,
) -> problem::Result<HttpResponse> {
    let receipt = commands::open_portal_complaint(&context.db, &by_complainant(&act), body.0).await?;
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(receipt))
}

/// Follow your complaint: where it stands, and what was said.
#[utoipa::path(
    operation_id = "follow_portal_complaint",
    tag = "portal",
    params(
        ("number" = String, Path, description = "The tracking number"),
        ("X-Complaint-Secret" = String, Header, description = "The secret of the receipt"),
    ),
    responses(
        (status = 200, description = "The complaint", body = PortalComplaint),
        (status = 404, description = "No complaint has this number and secret", body = Problem),
    ),
    security(()),
)]
#[get("/api/v1/portal/complaints/{number}")]
pub async fn follow_portal_complaint(
    context: web::Data<Context>,
    number: Path<String>,
    request: HttpRequest,
) -> problem::Result<HttpResponse> {
    let proof = proof(&number.0, &request);
    Ok(shown(commands::follow_portal_complaint(&context.db, &proof).await?))
}

/// Say more about your complaint.
#[utoipa::path(
    operation_id = "hear_portal_complainant",
    tag = "portal",
    params(
        ("number" = String, Path, description = "The tracking number"),
        ("X-Complaint-Secret" = String, Header, description = "The secret of the receipt"),
    ),
    request_body = NewPortalMessage,
    responses(
        (status = 200, description = "Heard", body = PortalComplaint),
        (status = 404, description = "No complaint has this number and secret", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(()),
)]
#[post("/api/v1/portal/complaints/{number}/messages")]
pub async fn hear_portal_complainant(
    context: web::Data<Context>,
    act: Act,
    number: Path<String>,
    request: HttpRequest,
    body: Body<NewPortalMessage>,
) -> problem::Result<HttpResponse> {
    let proof = proof(&number.0, &request);
    Ok(shown(commands::hear_portal_complainant(&context.db, &by_complainant(&act), &proof, body.0).await?))
}

/// Add a file to your complaint.
///
/// The body is the file as it is. Its name is taken from `Content-Disposition: attachment; filename*=UTF-8''…`, its
/// type from its content. Where we wait for you, say something besides: a file alone ends no wait.
#[utoipa::path(
    operation_id = "attach_portal_file",
    tag = "portal",
    params(
        ("number" = String, Path, description = "The tracking number"),
        ("X-Complaint-Secret" = String, Header, description = "The secret of the receipt"),
        ("Content-Disposition" = Option<String>, Header, description = "The name of the file"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Kept", body = PortalAttachment),
        (status = 404, description = "No complaint has this number and secret", body = Problem),
        (status = 409, description = "It has as many files as it may have", body = Problem),
        (status = 413, description = "The file is too large", body = Problem),
        (status = 415, description = "Files of this type are not taken; the detail names those that are", body = Problem),
        (status = 422, description = "The file is empty", body = Problem),
        (status = 503, description = "Files are not taken here, or the store is away", body = Problem),
    ),
    security(()),
)]
#[post("/api/v1/portal/complaints/{number}/attachments")]
pub async fn attach_portal_file(
    context: web::Data<Context>,
    act: Act,
    number: Path<String>,
    request: HttpRequest,
    payload: web::Payload,
) -> problem::Result<HttpResponse> {
    let upload = attachments::upload(&request, payload)?;
    let proof = proof(&number.0, &request);
    let files = Attachments::in_context(&context);
    let act = by_complainant(&act).reserving(act.new_id());
    let kept = commands::attach_portal_file(&context.db, &files, &act, &proof, upload).await?;
    Ok(HttpResponse::Created().insert_header((header::CACHE_CONTROL, "no-store")).json(kept))
}

/// Download a file that you sent.
#[utoipa::path(
    operation_id = "download_portal_attachment",
    tag = "portal",
    params(
        ("number" = String, Path, description = "The tracking number"),
        ("id" = ComplaintAttachmentId, Path, description = "The file's id"),
        ("X-Complaint-Secret" = String, Header, description = "The secret of the receipt"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "No complaint has this number and secret, or you sent no such file", body = Problem),
        (status = 503, description = "The store is away", body = Problem),
    ),
    security(()),
)]
#[get("/api/v1/portal/complaints/{number}/attachments/{id}")]
pub async fn download_portal_attachment(
    context: web::Data<Context>,
    path: Path<(String, ComplaintAttachmentId)>,
    request: HttpRequest,
) -> problem::Result<HttpResponse> {
    let Path((number, id)) = path;
    let proof = proof(&number, &request);
    let (complaint, file) = commands::portal_attachment(&context.db, &proof, id).await?;
    Ok(attachments::content(&Attachments::in_context(&context), complaint, file).await?)
}

/// Take our answer.
#[utoipa::path(
    operation_id = "accept_portal_answer",
    tag = "portal",
    params(
        ("number" = String, Path, description = "The tracking number"),
        ("X-Complaint-Secret" = String, Header, description = "The secret of the receipt"),
    ),
    request_body = NewPortalAcceptance,
    responses(
        (status = 200, description = "Accepted", body = PortalComplaint),
        (status = 404, description = "No complaint has this number and secret", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(()),
)]
#[post("/api/v1/portal/complaints/{number}/acceptance")]
pub async fn accept_portal_answer(
    context: web::Data<Context>,
    act: Act,
    number: Path<String>,
    request: HttpRequest,
    body: Body<NewPortalAcceptance>,
) -> problem::Result<HttpResponse> {
    let proof = proof(&number.0, &request);
    Ok(shown(commands::accept_portal_answer(&context.db, &by_complainant(&act), &proof, body.0).await?))
}

/// Refuse our answer, or our settlement.
#[utoipa::path(
    operation_id = "dispute_portal_answer",
    tag = "portal",
    params(
        ("number" = String, Path, description = "The tracking number"),
        ("X-Complaint-Secret" = String, Header, description = "The secret of the receipt"),
    ),
    request_body = NewPortalDispute,
    responses(
        (status = 200, description = "Taken higher, or up again", body = PortalComplaint),
        (status = 404, description = "No complaint has this number and secret", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(()),
)]
#[post("/api/v1/portal/complaints/{number}/dispute")]
pub async fn dispute_portal_answer(
    context: web::Data<Context>,
    act: Act,
    number: Path<String>,
    request: HttpRequest,
    body: Body<NewPortalDispute>,
) -> problem::Result<HttpResponse> {
    let proof = proof(&number.0, &request);
    Ok(shown(commands::dispute_portal_answer(&context.db, &by_complainant(&act), &proof, body.0).await?))
}

/// Take your complaint back.
#[utoipa::path(
    operation_id = "withdraw_portal_complaint",
    tag = "portal",
    params(
        ("number" = String, Path, description = "The tracking number"),
        ("X-Complaint-Secret" = String, Header, description = "The secret of the receipt"),
    ),
    request_body = NewPortalWithdrawal,
    responses(
        (status = 200, description = "Taken back", body = PortalComplaint),
        (status = 404, description = "No complaint has this number and secret", body = Problem),
        (status = 409, description = "Its state does not allow this; the detail names what is allowed", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(()),
)]
#[post("/api/v1/portal/complaints/{number}/withdrawal")]
pub async fn withdraw_portal_complaint(
    context: web::Data<Context>,
    act: Act,
    number: Path<String>,
    request: HttpRequest,
    body: Body<NewPortalWithdrawal>,
) -> problem::Result<HttpResponse> {
    let proof = proof(&number.0, &request);
    Ok(shown(commands::withdraw_portal_complaint(&context.db, &by_complainant(&act), &proof, body.0).await?))
}

fn shown(answer: impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(answer)
}

fn proof<'a>(number: &'a str, request: &'a HttpRequest) -> Proof<'a> {
    let secret = request.headers().get(SECRET).and_then(|secret| secret.to_str().ok()).unwrap_or_default();
    Proof { number, secret }
}

/// Whoever shows the secret is whoever complained.
pub(super) fn by_complainant(act: &Act) -> messaging::Act {
    messaging::Act::new("complainant", act.traceparent.clone(), act.at)
}
