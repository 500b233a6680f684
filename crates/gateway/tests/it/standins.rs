//! Services as small as they can be: the gateway knows no real one.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use bytes::Bytes;
use chassis::{Authenticate, Caller, Service};
use futures::{StreamExt, stream};
use problem::Problem;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{ToSchema, openapi::OpenApi};

pub const CUSTOMER: &str = "0198a000-0000-7000-8000-00000000c001";

#[derive(Debug, thiserror::Error)]
#[error("there is no such thing")]
struct Missing;

impl problem::Describe for Missing {
    fn code(&self) -> &'static problem::Code {
        &problem::Code { code: "thing-not-found", status: 404, title: "Thing not found", title_zh: "未找到" }
    }
}

const fn service(name: &'static str, routes: fn(&mut chassis::Routes)) -> Service {
    Service {
        name,
        about: "for the tests here",
        migrations: Vec::new,
        openapi: OpenApi::default,
        routes,
        subscriptions: &[],
        republish: None,
        prepare: None,
        background: &[],
        authenticate: Authenticate::InternalToken,
        keys: &[],
        configure: None,
    }
}

pub static REGISTRY: Service = service("registry", |c| {
    c.service(get_customer)
        .service(create_customer)
        .service(list_contacts)
        .service(list_positions)
        .service(import)
        .service(export)
        .service(wait)
        .service(set_external);
});
pub static INTERACTIONS: Service = service("interactions", |c| {
    c.service(list_interactions);
});
pub static COMPLAINTS: Service = service("complaints", |c| {
    c.service(list_complaints).service(open_portal_complaint).service(attach_portal_file);
});
pub static SCORING: Service = service("scoring", |c| {
    c.service(get_score);
});

/// Of the registry, and unlike that of scoring.
#[derive(Serialize, Deserialize, ToSchema)]
struct Thing {
    name: String,
}

mod other {
    #[derive(serde::Serialize, utoipa::ToSchema)]
    pub struct Thing {
        pub score: i32,
    }
}

#[utoipa::path(operation_id = "get_customer", tag = "customers", params(("id" = String, Path)),
    responses((status = 200, body = Thing), (status = 404, body = Problem)), security(("caller" = ["customers:read"])))]
#[get("/api/v1/customers/{id}")]
async fn get_customer(id: web::Path<String>) -> problem::Result<HttpResponse> {
    if id.as_str() != CUSTOMER && id.as_str() != "C-000001" {
        return Err(Missing.into());
    }
    Ok(HttpResponse::Ok().insert_header(("etag", "\"7\"")).json(json!({ "id": CUSTOMER, "code": "C-000001" })))
}

/// Tells what it was sent.
#[utoipa::path(operation_id = "create_customer", tag = "customers", request_body = Thing,
    responses((status = 201, body = Thing)), security(("caller" = ["customers:write"])))]
#[post("/api/v1/customers")]
async fn create_customer(request: HttpRequest, caller: Caller, body: web::Json<Thing>) -> HttpResponse {
    let mut headers: Vec<_> = request.headers().keys().map(|name| name.as_str().to_owned()).collect();
    headers.sort();
    let value = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    HttpResponse::Created().insert_header(("etag", "\"1\"")).insert_header(("location", "/api/v1/customers/7")).json(
        json!({
            "name": body.name,
            "query": request.query_string(),
            "headers": headers,
            "authorization": value("authorization").unwrap().split('.').count(),
            "traceparent": value("traceparent"),
            "request_id": value("x-request-id"),
            "caller": caller.id,
            "roles": caller.roles,
        }),
    )
}

#[utoipa::path(operation_id = "set_external", tag = "customers", params(("id" = String, Path)),
    responses((status = 200)), security(("caller" = ["customers:read"])))]
#[get("/api/v1/customers/external/erp/{id}")]
async fn set_external(request: HttpRequest) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "path": request.uri().path() }))
}

#[utoipa::path(operation_id = "list_contacts", tag = "contacts", params(("customer_id" = String, Query), ("limit" = i32, Query)),
    responses((status = 200)), security(("caller" = ["contacts:read"])))]
#[get("/api/v1/contacts")]
async fn list_contacts() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "items": [{ "name": "Li" }], "next_cursor": null }))
}

#[utoipa::path(operation_id = "list_positions", tag = "contacts", params(("id" = String, Path), ("limit" = Option<i32>, Query)),
    responses((status = 200)), security(("caller" = ["contacts:read"])))]
#[get("/api/v1/customers/{id}/positions")]
async fn list_positions() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "items": [{ "title": "CEO" }], "next_cursor": null }))
}

/// Counts what comes, as it comes.
#[utoipa::path(operation_id = "import", tag = "imports", request_body(content = String, content_type = "text/csv"),
    responses((status = 200)), security(("caller" = ["imports:write"])))]
#[post("/api/v1/imports")]
async fn import(mut payload: web::Payload) -> HttpResponse {
    let (mut bytes, mut chunks) = (0, 0);
    while let Some(chunk) = payload.next().await {
        bytes += chunk.unwrap().len();
        chunks += 1;
    }
    HttpResponse::Ok().json(json!({ "bytes": bytes, "streamed": chunks > 1 }))
}

#[utoipa::path(operation_id = "export", tag = "imports", responses((status = 200)), security(("caller" = ["customers:read"])))]
#[get("/api/v1/exports/all")]
async fn export() -> HttpResponse {
    let lines = stream::iter(0..1000).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1024])));
    HttpResponse::Ok().content_type("text/csv").streaming(lines)
}

/// Never answers.
#[utoipa::path(operation_id = "wait", tag = "imports", responses((status = 200)), security(("caller" = ["customers:read"])))]
#[get("/api/v1/waiting")]
async fn wait() -> HttpResponse {
    std::future::pending().await
}

#[utoipa::path(operation_id = "list_interactions", tag = "interactions",
    params(("customer_id" = String, Query), ("sort" = String, Query), ("limit" = i32, Query)),
    responses((status = 200)), security(("caller" = ["interactions:read"])))]
#[get("/api/v1/interactions")]
async fn list_interactions() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "items": [{ "code": "I-000001" }], "next_cursor": null }))
}

#[derive(Deserialize)]
struct Open {
    open: bool,
}

#[utoipa::path(operation_id = "list_complaints", tag = "complaints",
    params(("customer_id" = String, Query), ("sort" = String, Query), ("limit" = i32, Query), ("open" = bool, Query)),
    responses((status = 200)), security(("caller" = ["complaints:read"])))]
#[get("/api/v1/complaints")]
async fn list_complaints(query: web::Query<Open>) -> HttpResponse {
    let state = if query.open { "received" } else { "closed" };
    HttpResponse::Ok().json(json!({ "items": [{ "state": state }], "next_cursor": null }))
}

/// For anybody.
#[utoipa::path(operation_id = "open_portal_complaint", tag = "complaints", responses((status = 201)), security(()))]
#[post("/api/v1/portal/complaints")]
async fn open_portal_complaint(request: HttpRequest) -> HttpResponse {
    let secret = request.headers().get("x-complaint-secret").and_then(|secret| secret.to_str().ok());
    let known = request.headers().contains_key("authorization");
    HttpResponse::Created().json(json!({ "caller": known, "secret": secret }))
}

/// For anybody, too, and of any length.
#[utoipa::path(operation_id = "attach_portal_file", tag = "complaints", params(("number" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201)), security(()))]
#[post("/api/v1/portal/complaints/{number}/attachments")]
async fn attach_portal_file(mut payload: web::Payload) -> HttpResponse {
    let mut bytes = 0;
    while let Some(chunk) = payload.next().await {
        bytes += chunk.unwrap().len();
    }
    HttpResponse::Created().json(json!({ "bytes": bytes }))
}

#[utoipa::path(operation_id = "get_score", tag = "scores", params(("customer_id" = String, Path)),
    responses((status = 200, body = other::Thing)), security(("caller" = ["scores:read"])))]
#[get("/api/v1/customers/{customer_id}/score")]
async fn get_score() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "engagement": 61 }))
}
