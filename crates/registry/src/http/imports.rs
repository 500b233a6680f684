use std::pin::pin;

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, post, web};
use chassis::http::{self, ListQuery, Paging, Path, Query};
use chassis::{Act, Context, csv};
use futures::{StreamExt, TryStreamExt};
use problem::Problem;
use registry_contract::{Import, ImportId, ImportRow, ImportRowQuery, StartImport};
use wire::{Entity, Page};

use super::page;
use crate::error::Error;
use crate::memory::Memory;
use crate::{commands, queries};

/// Import a file of customers: CSV in UTF-8, GBK, GB18030 or UTF-16, or the first sheet of an Excel workbook (.xlsx).
///
/// Columns are read by their headers, English or Chinese, or as `map` says; `columns` of the answer tells how. The file is
/// read to its end before its first row is taken: nothing of a file that is bad as a whole is taken. A row that cannot be
/// taken is kept with its errors and spoils no other. The work goes on when the caller hangs up. The `revenue` of a file
/// headed `account,sector,…,subsidiary_of` is in millions of US dollars, and is taken as such. A column `external_ids` holds
/// keys in several systems: `sap:4711;crm:7`, with a backslash before a `;` that is part of a key.
///
/// Kinds, roles, tiers and stages are read in other words too, whatever their case and width; words that could mean several
/// of ours, such as 重点客户, fail their row.
///
/// - `consumer`: 消费者, 个人, 个人客户, person, individual
/// - `buyer`: 顾客
/// - `enterprise`: 企业, 企业客户, 公司, 公司客户, company, corporate, organisation, organization
/// - `intermediary`: 中间客户, 中间商
/// - `channel_partner`: 渠道, 渠道商, 渠道客户, 渠道伙伴, 代理商, 经销商, 分销商, 终端, channel, agent, dealer, distributor, reseller
/// - `S`: 战略, 战略客户, strategic; `A`: 伙伴, 伙伴客户; `B`: 价值, 价值客户, 优先, 优先客户; `C`: 一般, 一般客户, general; any of
///   the letters with 级, 级客户, 类 or 类客户 behind it, or with tier, class, grade or level before it
/// - `suspect`: 猜疑; `prospect`: 期望
/// - `first_purchase`: 首购, 首次购买; `repeat`: 复购, 重复购买, repeat_purchase
/// - `advocate`: 品牌宣传, promoter
/// - `lapsed`: 流失, 已流失, churned, lost; `regained`: 再生, 赢回, won_back
#[utoipa::path(
    operation_id = "start_import",
    tag = "imports",
    params(StartImport),
    request_body(
        content(
            (String = "text/csv"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "application/octet-stream"),
        ),
        description = "At most 256 MiB, the first row being headers. `charset` of the media type counts.",
    ),
    responses(
        (status = 201, description = "What became of the file", body = Import),
        (status = 202, description = "The file has arrived; `wait` is false, or the service is about to stop", body = Import),
        (status = 400, description = "The file did not arrive whole", body = Problem),
        (status = 413, description = "The file is too large", body = Problem),
        (status = 415, description = "It is sent as something else", body = Problem),
        (status = 422, description = "The headers, or what `map` says of them, do not fit, or it is no such file", body = Problem),
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
    let how = declared(&request, query.0)?;
    let (id, wait) = (act.new_id().into(), how.wait);
    let import = match queries::get_import(&context.db, id).await {
        // The request was repeated, and the first one had the file already.
        Ok(import) => import,
        Err(Error::ImportNotFound(_)) => {
            commands::receive_file(&context.db, id, payload).await?;
            commands::submit_import(&context.db, &act, id, how).await?
        }
        Err(error) => return Err(error.into()),
    };
    wake(&context);
    Ok(answered(if wait { ended(&context, import).await? } else { import }))
}

/// How to read the file, the media type's charset included.
fn declared(request: &HttpRequest, mut how: StartImport) -> problem::Result<StartImport> {
    const TYPES: [&str; 3] = [csv::CSV, csv::XLSX, "application/octet-stream"];
    if !TYPES.iter().any(|known| request.content_type().eq_ignore_ascii_case(known)) {
        return Err(Error::FileTypeUnsupported.into());
    }
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let charset = media.split(';').skip(1).filter_map(|part| part.split_once('='));
    let mut charset = charset.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    how.charset = how.charset.or_else(|| charset.next().map(|(_, label)| label.trim().trim_matches('"').to_owned()));
    Ok(how)
}

fn wake(context: &Context) {
    if let Some(memory) = context.state::<Memory>() {
        memory.submitted.tell();
    }
}

/// The import at its end, or as it is when the service stops.
async fn ended(context: &Context, mut import: Import) -> Result<Import, Error> {
    let mut changes = pin!(queries::follow_import(context.db.clone(), import.id));
    loop {
        tokio::select! {
            change = changes.next() => match change {
                Some(changed) => import = changed?,
                None => return Ok(import),
            },
            () = context.shutdown.cancelled() => return Ok(import),
        }
    }
}

fn answered(import: Import) -> HttpResponse {
    if import.state.is_final() {
        return http::created(import);
    }
    let location = format!("{}/{}", Import::PATH, import.id);
    HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(import)
}

/// Stop an import after the rows it is at. What was taken stays.
#[utoipa::path(
    operation_id = "cancel_import",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 202, description = "It will stop; `state` tells when it has", body = Import),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It has ended already", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[post("/api/v1/imports/{id}/cancel")]
pub async fn cancel_import(
    context: web::Data<Context>,
    act: Act,
    path: Path<ImportId>,
) -> problem::Result<HttpResponse> {
    let import = commands::cancel_import(&context.db, &act, path.0).await?;
    wake(&context);
    Ok(HttpResponse::Accepted().json(import))
}

/// Take an import back, as far as nobody else has changed its customers since.
///
/// Customers that it created and nobody uses are withdrawn; those that it changed get their former values, the stage included;
/// tiers that it proposed and nobody has settled are no longer proposed. Customers that others have changed, created ones that
/// are in use, and those whose former values are refused now are kept, and their rows say why.
#[utoipa::path(
    operation_id = "revert_import",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 202, description = "It is being taken back; `state` tells when it has been", body = Import),
        (status = 404, description = "There is none", body = Problem),
        (status = 409, description = "It is still running, broke, or is taken back already", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[post("/api/v1/imports/{id}/revert")]
pub async fn revert_import(
    context: web::Data<Context>,
    act: Act,
    path: Path<ImportId>,
) -> problem::Result<HttpResponse> {
    let import = commands::revert_import(&context.db, &act, path.0).await?;
    wake(&context);
    Ok(HttpResponse::Accepted().json(import))
}

/// Follow an import live: server-sent events named `progress`, each with the import as it is then, until it ends.
#[utoipa::path(
    operation_id = "follow_import",
    tag = "imports",
    params(("id" = ImportId, Path)),
    responses(
        (status = 200, description = "The events", body = String, content_type = "text/event-stream"),
        (status = 404, description = "There is no such import", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[get("/api/v1/imports/{id}/progress")]
pub async fn follow_import(context: web::Data<Context>, path: Path<ImportId>) -> problem::Result<HttpResponse> {
    queries::get_import(&context.db, path.0).await?;
    let events = queries::follow_import(context.db.clone(), path.0).map(|import| {
        let import = serde_json::to_string(&import?).map_err(database::Error::other)?;
        Ok::<_, Error>(web::Bytes::from(format!("event: progress\ndata: {import}\n\n")))
    });
    let stop = context.shutdown.clone().cancelled_owned();
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .streaming(events.map_err(std::io::Error::other).take_until(stop)))
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
