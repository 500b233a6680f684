use actix_web::{HttpResponse, get, post, put, web};
use chassis::http::{self, Body, IfMatch, Path};
use chassis::{Act, Context};
use problem::Problem;
use registry_contract::{
    CustomerId, LifecycleHistory, LifecyclePolicy, NewLifecycleMove, NewLifecyclePolicy, OrderFact,
};
use wire::Reference;

use crate::{commands, queries};

/// Read in which stage a customer is, how it came there, and where it may go.
#[utoipa::path(
    operation_id = "get_lifecycle",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    responses(
        (status = 200, description = "The stage and its history", body = LifecycleHistory),
        (status = 404, description = "There is no such customer", body = Problem),
    ),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/customers/{id}/lifecycle")]
pub async fn get_lifecycle(
    context: web::Data<Context>,
    path: Path<Reference<CustomerId>>,
) -> problem::Result<web::Json<LifecycleHistory>> {
    Ok(web::Json(queries::get_lifecycle(&context.db, &path.0).await?))
}

/// Move a customer to another stage, for a reason. To where it is already moves nothing.
#[utoipa::path(
    operation_id = "move_lifecycle",
    tag = "lifecycle",
    params(("id" = String, Path, description = "The customer's id or code (`C-000123`)")),
    request_body = NewLifecycleMove,
    responses(
        (status = 200, description = "The stage and its history as they are now", body = LifecycleHistory),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 422, description = "Some fields are wrong, or no move leads there; the message names those that do", body = Problem),
    ),
    security(("caller" = ["customers:write"])),
)]
#[post("/api/v1/customers/{id}/lifecycle")]
pub async fn move_lifecycle(
    context: web::Data<Context>,
    act: Act,
    path: Path<Reference<CustomerId>>,
    body: Body<NewLifecycleMove>,
) -> problem::Result<web::Json<LifecycleHistory>> {
    Ok(web::Json(commands::move_lifecycle(&context.db, &act, &path.0, body.0).await?))
}

/// Take what another system knows of a customer's order, by its key there. The first order, a further one soon after, and
/// one after a lapse move the customer.
#[utoipa::path(
    operation_id = "record_order",
    tag = "lifecycle",
    params(
        ("id" = String, Path, description = "The customer's id or code (`C-000123`)"),
        ("system" = String, Path, description = "The other system, such as `sap`"),
        ("order" = String, Path, description = "The order's key there"),
    ),
    request_body = OrderFact,
    responses(
        (status = 200, description = "The customer's stage and its history as they are now", body = LifecycleHistory),
        (status = 404, description = "There is no such customer", body = Problem),
        (status = 409, description = "It is an order of another customer", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
    ),
    security(("caller" = ["imports:write"])),
)]
#[put("/api/v1/customers/{id}/order-facts/{system}/{order}")]
pub async fn record_order(
    context: web::Data<Context>,
    act: Act,
    path: Path<(Reference<CustomerId>, String, String)>,
    body: Body<OrderFact>,
) -> problem::Result<web::Json<LifecycleHistory>> {
    let (customer, system, order) = path.0;
    Ok(web::Json(commands::record_order(&context.db, &act, &customer, (&system, &order), body.0).await?))
}

/// Read by how many days the rules of the stages go.
#[utoipa::path(
    operation_id = "get_lifecycle_policy",
    tag = "lifecycle",
    responses((status = 200, description = "The policy", body = LifecyclePolicy)),
    security(("caller" = ["customers:read"])),
)]
#[get("/api/v1/lifecycle-policy")]
pub async fn get_lifecycle_policy(context: web::Data<Context>) -> problem::Result<HttpResponse> {
    Ok(http::found(queries::get_lifecycle_policy(&context.db).await?))
}

/// Set by how many days the rules of the stages go from now on.
#[utoipa::path(
    operation_id = "set_lifecycle_policy",
    tag = "lifecycle",
    params(("If-Match" = String, Header, description = "The ETag last read, or `*`")),
    request_body = NewLifecyclePolicy,
    responses(
        (status = 200, description = "The policy as it is now", body = LifecyclePolicy),
        (status = 412, description = "Someone else set it first", body = Problem),
        (status = 422, description = "Some fields are wrong", body = Problem),
        (status = 428, description = "If-Match is missing", body = Problem),
    ),
    security(("caller" = ["customer-policies:manage"])),
)]
#[put("/api/v1/lifecycle-policy")]
pub async fn set_lifecycle_policy(
    context: web::Data<Context>,
    act: Act,
    expected: IfMatch,
    body: Body<NewLifecyclePolicy>,
) -> problem::Result<HttpResponse> {
    Ok(http::found(commands::set_lifecycle_policy(&context.db, &act, expected, body.0).await?))
}
