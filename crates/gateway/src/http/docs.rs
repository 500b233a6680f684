use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpResponse,
    http::header::{self, ContentEncoding},
    web,
};
use serde::Serialize;
use utoipa::openapi::{
    InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
    tag::{Tag, TagBuilder},
};

use crate::{error::Error, gateway::Gateway};

const MERGED: &str = "/openapi.json";

/// Info and tags of the gateway's own document, and info of the merged one.
pub fn info() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Guanxi")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("../../docs/interface.md")))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build()));
    OpenApiBuilder::new().info(info.build()).tags(Some(tags())).build()
}

fn tags() -> Vec<Tag> {
    [
        ("sessions", "Logging in and out."),
        ("me", "Who calls, and what it may do."),
        ("users", "People who may log in, and the roles they have."),
        ("api-keys", "Keys by which other programs call."),
        ("customers", "Customers, and everything about one at a glance."),
    ]
    .map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build())
    .to_vec()
}

/// Pages for people.
pub fn pages(config: &mut web::ServiceConfig) -> &mut web::ServiceConfig {
    config
        .route("/", web::get().to(async || redirect()))
        .route("/docs", web::get().to(async || redirect()))
        .route("/docs/{file:.*}", web::get().to(docs))
}

/// What chassis would answer for the gateway alone, for all that it stands for.
pub fn of_all(config: &mut web::ServiceConfig) {
    config.route(MERGED, web::get().to(document)).route("/readyz", web::get().to(readiness));
}

fn redirect() -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/docs/")).finish()
}

/// 304 to whoever has it already is chassis's work.
async fn document(gateway: web::Data<Gateway>) -> HttpResponse {
    let catalogue = gateway.services.catalogue();
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(header::ETag(catalogue.etag.clone()))
        .body(catalogue.document.clone())
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: bool,
    services: BTreeMap<&'static str, bool>,
}

/// Ready when everything is: whoever waits for the gateway waits for what it stands for.
async fn readiness(gateway: web::Data<Gateway>) -> HttpResponse {
    let (database, services) = futures::join!(gateway.db.ping(), gateway.services.readiness(&gateway.client));
    let database = database.is_ok();
    let readiness = Readiness { ready: database && services.values().all(|ready| *ready), database, services };
    let mut answer = if readiness.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.json(readiness)
}

/// Swagger UI, all of it from this binary.
async fn docs(file: web::Path<String>) -> problem::Result<HttpResponse> {
    // Unless told, Swagger UI sends the document to a validator on the internet.
    let config = utoipa_swagger_ui::Config::from(MERGED).validator_url("none");
    let config = Arc::new(config.persist_authorization(true).try_it_out_enabled(true));
    let file = utoipa_swagger_ui::serve(&file, config).ok().flatten().ok_or(Error::PathUnknown)?;
    let mut response = HttpResponse::Ok();
    if file.gzpipped {
        response.insert_header(ContentEncoding::Gzip);
    }
    Ok(response.content_type(file.content_type).body(file.bytes.into_owned()))
}
