use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post, web};
use chassis::http::{self, ListQuery, Paging, Path, Query};
use chassis::{Act, Context, csv};
use complaints_contract::{
    ComplaintImport, ComplaintImportId, ComplaintImportRowQuery, ImportRow, ImportState, StartComplaintImport,
};
use futures::StreamExt;
use problem::Problem;
use wire::Page;

use crate::{Error, commands, queries};

/// Take in complaints from a CSV file.
///
/// The file is read as it arrives; the answer comes when its last row is dealt with. Rows that are wrong are kept with
/// their faults and do not hold up the others. A file taken in again changes nothing.
#[utoipa::path(
    operation_id = "import_complaints",
    tag = "complaint imports",
    params(StartComplaintImport),
    request_body(content = String, content_type = "text/csv", description = "UTF-8, with a header"),
    responses(
        (status = 201, description = "What became of the file", body = ComplaintImport),
        (status = 415, description = "The body is not text/csv", body = Problem),
        (status = 422, description = "The header cannot be read as complaints", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[post("/api/v1/complaints/imports")]
pub async fn import_complaints(
    context: web::Data<Context>,
    act: Act,
    query: Query<StartComplaintImport>,
    request: HttpRequest,
    payload: web::Payload,
) -> problem::Result<HttpResponse> {
    if !request.content_type().eq_ignore_ascii_case("text/csv") {
        return Err(Error::FileTypeUnsupported.into());
    }
    let (file, sending) = csv::relay(payload);
    let (import, ()) = futures::join!(commands::import_complaints(&context.db, &act, query.0, file), sending);
    let import = import?;
    let broken = import.state != ImportState::Completed;
    let mut response = http::created(import);
    if broken {
        // Not the last word: the same request, sent again, goes on where this one broke off.
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// Read what became of an import.
#[utoipa::path(
    operation_id = "get_complaint_import",
    tag = "complaint imports",
    params(("id" = ComplaintImportId, Path, description = "Its id")),
    responses(
        (status = 200, description = "The import", body = ComplaintImport),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/imports/{id}")]
pub async fn get_complaint_import(
    context: web::Data<Context>,
    id: Path<ComplaintImportId>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::import(&context.db, id.0).await?))
}

/// List the rows of an import.
#[utoipa::path(
    operation_id = "list_complaint_import_rows",
    tag = "complaint imports",
    params(("id" = ComplaintImportId, Path, description = "Its id"), ComplaintImportRowQuery, ListQuery),
    responses(
        (status = 200, description = "A page of rows", body = Page<ImportRow>),
        (status = 404, description = "There is no such import", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/imports/{id}/rows")]
pub async fn list_complaint_import_rows(
    context: web::Data<Context>,
    id: Path<ComplaintImportId>,
    query: Query<ComplaintImportRowQuery>,
    list: ListQuery,
) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["row"], "row")?;
    let (rows, count) = queries::import_rows(&context.db, id.0, query.0.outcome, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Read what is wrong in an imported file, as a CSV file: one line a fault, its row's cells behind it.
///
/// Cells that a spreadsheet would run as formulas begin with an apostrophe.
#[utoipa::path(
    operation_id = "get_complaint_import_errors",
    tag = "complaint imports",
    params(("id" = ComplaintImportId, Path, description = "Its id")),
    responses(
        (status = 200, description = "One line a fault", content_type = "text/csv", body = String),
        (status = 404, description = "There is no such import", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/complaints/imports/{id}/errors.csv")]
pub async fn get_complaint_import_errors(
    context: web::Data<Context>,
    id: Path<ComplaintImportId>,
) -> problem::Result<HttpResponse> {
    let import = queries::import(&context.db, id.0).await?;
    let name = format!("attachment; filename=\"complaint-import-{}-errors.csv\"", import.id);
    let lines = queries::import_errors(context.db.clone(), import).map(|text| text.map(web::Bytes::from));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(lines))
}
