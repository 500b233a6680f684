use actix_web::{HttpRequest, HttpResponse, get, http::header, web};
use chassis::http::Path;
use problem::Problem;

use crate::{admission, customer_360, error::Error, gateway::Gateway, services::etag_of, v1::Customer360};

/// Shows everything about a customer: who it is and its people, its score, the latest interactions and complaints.
///
/// What a service that does not answer should have given is missing, and the service is named in `unavailable`; what
/// the caller may not read is left out, and named in `withheld`.
#[utoipa::path(
    operation_id = "get_customer_360",
    tag = "customers",
    params(("id" = String, Path, description = "Id or code of the customer.", example = "C-000123")),
    responses(
        (status = 200, body = Customer360, headers(("ETag" = String))),
        (status = 304, description = "Nothing of it has changed (`If-None-Match`)."),
        (status = 404, body = Problem, description = "There is no such customer."),
        (status = 503, body = Problem, description = "The registry does not answer."),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/360")]
pub async fn get_customer_360(
    request: HttpRequest,
    gateway: web::Data<Gateway>,
    id: Path<String>,
) -> problem::Result<HttpResponse> {
    let identity = admission::identity(&request).ok_or(Error::Unauthenticated)?;
    let view = customer_360::compose(&gateway, &identity, &request, &id.0).await?;
    let body = serde_json::to_vec(&view).map_err(|_| Error::Crypto)?;
    let etag = etag_of(&body);
    Ok(HttpResponse::Ok().insert_header(header::ETag(etag)).content_type("application/json").body(body))
}
