use actix_web::body::SizedStream;
use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post, web};
use chassis::http::Path;
use chassis::{Act, Context};
use complaints_contract::{ComplaintAttachment, ComplaintAttachmentId, ComplaintAttachments, ComplaintId};
use filestore::ObjectStoreExt as _;
use futures::TryStreamExt as _;
use problem::Problem;
use wire::Reference;

use super::transitions::Which;
use super::who::Who;
use crate::attachments::Attachments;
use crate::commands::Upload;
use crate::error::Error;
use crate::{commands, queries};

/// Add a file to a complaint.
///
/// The body is the file as it is. Its name is taken from `Content-Disposition: attachment; filename*=UTF-8''…`, its
/// type from its content.
#[utoipa::path(
    operation_id = "attach_file",
    tag = "complaints",
    params(
        ("id" = String, Path, description = "Its id or its number"),
        ("Content-Disposition" = Option<String>, Header, description = "The name of the file"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Kept", body = ComplaintAttachment),
        (status = 404, description = "There is no such complaint", body = Problem),
        (status = 409, description = "It has as many files as it may have", body = Problem),
        (status = 413, description = "The file is too large", body = Problem),
        (status = 415, description = "Files of this type are not taken; the detail names those that are", body = Problem),
        (status = 422, description = "The file is empty", body = Problem),
        (status = 503, description = "Files are not taken here, or the store is away", body = Problem),
    ),
    security(("caller" = ["complaints:write"])),
)]
#[post("/api/v1/complaints/{id}/attachments")]
pub async fn attach_file(
    context: web::Data<Context>,
    act: Act,
    who: Who,
    id: Which,
    request: HttpRequest,
    payload: web::Payload,
) -> problem::Result<HttpResponse> {
    let upload = upload(&request, payload)?;
    let files = Attachments::in_context(&context);
    let attachment = commands::attach_file(&context.db, &files, &act, &who.0, &id.0, upload).await?;
    Ok(HttpResponse::Created().json(attachment))
}

/// The body as a file, whose type is what its content shows.
pub(super) fn upload(request: &HttpRequest, payload: web::Payload) -> Result<Upload<web::Payload>, Error> {
    if request.content_type().eq_ignore_ascii_case("application/octet-stream") {
        Ok(Upload { name: name(request), pieces: payload })
    } else {
        Err(Error::AttachmentUntyped)
    }
}

fn name(request: &HttpRequest) -> String {
    let given = request.headers().get(header::CONTENT_DISPOSITION);
    let given = given.and_then(|value| ContentDisposition::from_raw(value).ok());
    let extended = given.as_ref().and_then(|given| given.get_filename_ext());
    let extended = extended.and_then(|name| String::from_utf8(name.value.clone()).ok());
    extended.or_else(|| given.as_ref()?.get_filename().map(str::to_owned)).unwrap_or_default()
}

/// List the files of a complaint.
#[utoipa::path(
    operation_id = "list_attachments",
    tag = "complaints",
    params(("id" = String, Path, description = "Its id or its number")),
    responses(
        (status = 200, description = "The files, oldest first", body = ComplaintAttachments),
        (status = 404, description = "There is no such complaint", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/attachments")]
pub async fn list_attachments(context: web::Data<Context>, who: Who, id: Which) -> problem::Result<HttpResponse> {
    let (_, items) = queries::attachments_of(&context.db, &who.0, &id.0).await?;
    Ok(HttpResponse::Ok().json(ComplaintAttachments { items }))
}

/// Download a file of a complaint.
///
/// To be saved, never shown in place: whoever sent it may mean harm.
#[utoipa::path(
    operation_id = "download_attachment",
    tag = "complaints",
    params(
        ("id" = String, Path, description = "The complaint's id or its number"),
        ("attachment_id" = ComplaintAttachmentId, Path, description = "The file's id"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "There is no such file", body = Problem),
        (status = 503, description = "The store is away", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/{id}/attachments/{attachment_id}/content")]
pub async fn download_attachment(
    context: web::Data<Context>,
    who: Who,
    path: Path<(Reference<ComplaintId>, ComplaintAttachmentId)>,
) -> problem::Result<HttpResponse> {
    let Path((which, id)) = path;
    let (complaint, known) = queries::attachments_of(&context.db, &who.0, &which).await?;
    let file = known.into_iter().find(|file| file.id == id).ok_or(Error::AttachmentNotFound(id))?;
    Ok(content(&Attachments::in_context(&context), complaint, file).await?)
}

/// The file as it is kept, to be saved: no browser shows it, or keeps it.
pub(super) async fn content(
    files: &Attachments,
    complaint: ComplaintId,
    file: ComplaintAttachment,
) -> Result<HttpResponse, Error> {
    let found = files.store()?.get(&files.path(complaint, file.id)?).await?;
    let content = found.into_stream().map_err(std::io::Error::other);
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, file.media_type))
        .insert_header(saved_as(file.name))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(SizedStream::new(u64::try_from(file.size).unwrap_or_default(), content)))
}

fn saved_as(name: String) -> ContentDisposition {
    let name = header::ExtendedValue {
        charset: header::Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: name.into_bytes(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::FilenameExt(name)],
    }
}
