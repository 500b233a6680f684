use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post, web};
use chassis::http::{self, ListQuery, Paging, Path, Query};
use chassis::{Act, Context, csv};
use futures::StreamExt;
use problem::Problem;
use registry_contract::{Import, ImportId, ImportRow, ImportRowQuery, ImportState, StartImport};
use wire::Page;

use super::page;
use crate::error::Error;
use crate::{commands, queries};

/// Import a CSV file of customers, of any length, sent as it is read.
///
/// Columns are read by their headers, English or Chinese, or as `map` says; `columns` of the answer tells how. Rows are
/// taken as they arrive; a row that cannot be taken is kept with its errors and spoils no other. The `revenue` of a file
/// headed `account,sector,…,subsidiary_of` is in millions of US dollars, and is taken as such.
#[utoipa::path(
    operation_id = "start_import",
    tag = "imports",
    params(StartImport),
    request_body(content = String, content_type = "text/csv", description = "UTF-8, the first row being headers"),
    responses(
        (status = 201, description = "What became of the file", body = Import),
        (status = 415, description = "It is not sent as text/csv", body = Problem),
        (status = 422, description = "The headers, or what `map` says of them, do not fit", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[post("/api/v1/imports")]
pub async fn start_import(
    context: web::Data<Context>,
    act: Act,
    query: Query<StartImport>,
    request: HttpRequest,
    payload: web::Payload,
) -> problem::Result<HttpResponse> {
    if !request.content_type().eq_ignore_ascii_case("text/csv") {
        return Err(Error::CsvExpected.into());
    }
    let (file, sending) = csv::relay(payload);
    let (import, ()) = futures::join!(commands::import_customers(&context.db, &act, query.0, file), sending);
    let import = import?;
    let broken = import.state != ImportState::Completed;
    let mut response = http::created(import);
    if broken {
        // Not the last word: the same request, sent again, goes on where this one broke off.
        response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

/// List imports, the latest first unless sorted by `created_at`.
#[utoipa::path(
    operation_id = "list_imports",
    tag = "imports",
    params(ListQuery),
    responses((status = 200, description = "A page", body = Page<Import>)),
    security(("caller" = ["imports:write"])),
)]
#[get("/api/v1/imports")]
pub async fn list_imports(context: web::Data<Context>, list: ListQuery) -> problem::Result<web::Json<Page<Import>>> {
    let paging = Paging::parse(&list, &["created_at"], "-created_at")?;
    let listed = queries::list_imports(&context.db, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read an import; its counts grow while it runs.
#[utoipa::path(
    operation_id = "get_import",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, description = "The import", body = Import),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[get("/api/v1/imports/{id}")]
pub async fn get_import(context: web::Data<Context>, path: Path<ImportId>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_import(&context.db, path.0).await?))
}

/// List the rows of an import, in the file's order unless sorted by `-row`.
#[utoipa::path(
    operation_id = "list_import_rows",
    tag = "imports",
    params(("id" = ImportId, Path), ImportRowQuery, ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<ImportRow>),
        (status = 404, description = "There is no such import", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[get("/api/v1/imports/{id}/rows")]
pub async fn list_import_rows(
    context: web::Data<Context>,
    path: Path<ImportId>,
    query: Query<ImportRowQuery>,
    list: ListQuery,
) -> problem::Result<web::Json<Page<ImportRow>>> {
    let paging = Paging::parse(&list, &["row"], "row")?;
    let listed = queries::list_import_rows(&context.db, path.0, &query.0, &paging.request).await?;
    Ok(web::Json(page(&paging, listed)))
}

/// Read what is wrong in an imported file, as a CSV file: one line a fault, its row's cells behind it.
///
/// Cells that a spreadsheet would run as formulas begin with an apostrophe.
#[utoipa::path(
    operation_id = "get_import_errors",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, description = "The report", body = String, content_type = "text/csv"),
        (status = 404, description = "There is no such import", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[get("/api/v1/imports/{id}/errors.csv")]
pub async fn get_import_errors(context: web::Data<Context>, path: Path<ImportId>) -> problem::Result<HttpResponse> {
    let import = queries::get_import(&context.db, path.0).await?;
    let name = format!("attachment; filename=\"import-{}-errors.csv\"", import.id);
    let lines = queries::import_errors(context.db.clone(), import).map(|text| text.map(web::Bytes::from));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .streaming(lines))
}
