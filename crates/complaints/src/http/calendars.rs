use actix_web::{HttpResponse, get, post, put, web};
use chassis::http::{self, Body, IfMatch, ListQuery, Paging, Path};
use chassis::{Act, Context};
use complaints_contract::{Calendar, CalendarId, NewCalendar, OpenCalendar};
use problem::Problem;
use wire::{Page, Reference};

use crate::{commands, queries};

/// Make a calendar.
#[utoipa::path(
    operation_id = "open_calendar",
    tag = "service levels",
    request_body = OpenCalendar,
    responses(
        (status = 201, description = "Made", body = Calendar),
        (status = 409, description = "Another calendar has this code", body = Problem),
        (status = 422, description = "It is wrong; every fault is named", body = Problem),
    ),
    security(("caller" = ["service-levels:manage"])),
)]
#[post("/api/v1/calendars")]
pub async fn open_calendar(
    context: web::Data<Context>,
    act: Act,
    body: Body<OpenCalendar>,
) -> problem::Result<HttpResponse> {
    Ok(http::created(commands::open_calendar(&context.db, &act, body.0).await?))
}

/// List calendars by their code.
#[utoipa::path(
    operation_id = "list_calendars",
    tag = "service levels",
    params(ListQuery),
    responses((status = 200, description = "A page of calendars", body = Page<Calendar>)),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/calendars")]
pub async fn list_calendars(context: web::Data<Context>, list: ListQuery) -> problem::Result<HttpResponse> {
    let paging = Paging::parse(&list, &["code"], "code")?;
    let (rows, count) = queries::calendars(&context.db, &paging.request).await?;
    Ok(HttpResponse::Ok().json(paging.counted(rows, count)))
}

/// Read a calendar.
#[utoipa::path(
    operation_id = "get_calendar",
    tag = "service levels",
    params(("id" = String, Path, description = "Its id or its code, such as `china`")),
    responses(
        (status = 200, description = "Its latest version, which is the ETag", body = Calendar),
        (status = 404, description = "There is none", body = Problem),
    ),
    security(("caller" = ["complaints:read"])),
)]
#[get("/api/v1/calendars/{id}")]
pub async fn get_calendar(
    context: web::Data<Context>,
    id: Path<Reference<CalendarId>>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::calendar(&context.db, &id.0).await?))
}

/// Make a new version of a calendar.
///
/// The clocks of open complaints are reckoned anew, from their beginning; what has stopped stays judged as it was.
#[utoipa::path(
    operation_id = "replace_calendar",
    tag = "service levels",
    params(
        ("id" = String, Path, description = "Its id or its code"),
        ("If-Match" = String, Header, description = "The ETag last read, or `*`"),
    ),
    request_body = NewCalendar,
    responses(
        (status = 200, description = "The new version", body = Calendar),
        (status = 404, description = "There is none", body = Problem),
        (status = 412, description = "It was changed since", body = Problem),
        (status = 422, description = "It is wrong; every fault is named", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["service-levels:manage"])),
)]
#[put("/api/v1/calendars/{id}")]
pub async fn replace_calendar(
    context: web::Data<Context>,
    act: Act,
    id: Path<Reference<CalendarId>>,
    expected: IfMatch,
    body: Body<NewCalendar>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::replace_calendar(&context.db, &act, &id.0, expected, body.0).await?))
}
