use actix_web::{HttpMessage, HttpRequest, HttpResponse, post, web};
use bytes::BytesMut;
use chassis::{Act, Context};
use complaints_contract::{MailOutcome, MailReceipt};
use futures::StreamExt as _;
use problem::Problem;

use super::who::Who;
use crate::attachments::Attachments;
use crate::commands;
use crate::error::Error;

/// Attachments included; whatever is larger the mail system turns away.
const LARGEST: usize = 10 * 1024 * 1024;

/// Take a mail in, as it came.
///
/// It joins the complaint whose tracking number its subject names or whose mail it answers, or makes a new one. What a
/// program sent (out of office, bounces, lists, our own mails) is noted and not answered; a mail taken in before is not
/// taken in again. Files that it brings are kept as an attachment would be; what is no such file is counted and left out.
#[utoipa::path(
    operation_id = "take_in_complaint_mail",
    tag = "complaints",
    request_body(content = String, content_type = "message/rfc822"),
    responses(
        (status = 200, description = "Joined a complaint, or was ignored", body = MailReceipt),
        (status = 201, description = "A complaint was registered", body = MailReceipt),
        (status = 413, description = "It is too large", body = Problem),
        (status = 415, description = "The body is no `message/rfc822`", body = Problem),
        (status = 422, description = "It has no header that can be read", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[post("/api/v1/complaints/mail")]
pub async fn take_in_complaint_mail(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    request: HttpRequest,
    payload: web::Payload,
) -> problem::Result<HttpResponse> {
    if !request.content_type().eq_ignore_ascii_case("message/rfc822") {
        return Err(Error::MailTypeUnsupported.into());
    }
    let raw = whole(payload).await?;
    let files = Attachments::in_context(&context);
    let receipt = commands::take_in_mail(&context.db, &files, &act, &who.0, &raw).await?;
    let opened = receipt.outcome == MailOutcome::Opened;
    Ok(if opened { HttpResponse::Created() } else { HttpResponse::Ok() }.json(receipt))
}

async fn whole(mut payload: web::Payload) -> Result<BytesMut, Error> {
    let mut raw = BytesMut::new();
    while let Some(piece) = payload.next().await {
        let piece = piece.map_err(|_| Error::MailBroken)?;
        if raw.len() + piece.len() > LARGEST {
            return Err(Error::MailTooLarge { limit: LARGEST });
        }
        raw.extend_from_slice(&piece);
    }
    Ok(raw)
}
