//! For those who run the service: alive, ready, figures, contract. No token needed, nothing told that needs one.

use std::time::Duration;

use actix_web::{HttpResponse, http::header, web};
use prometheus::{Encoder as _, TextEncoder};
use serde::Serialize;
use tokio::time::timeout;

use crate::{Context, run};

/// Whoever probes does not wait for a broker that takes its time.
const BROKER_PATIENCE: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    database: bool,
    migrations: bool,
    broker: bool,
}

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/livez").route(web::get().to(livez)))
        .service(web::resource("/readyz").route(web::get().to(readyz)))
        .service(web::resource("/metrics").route(web::get().to(metrics)))
        .service(web::resource("/openapi.json").route(web::get().to(openapi)));
}

async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({"alive": true}))
}

/// Whether requests should come here. The broker is shown but not needed: events wait in the outbox.
async fn readyz(context: web::Data<Context>) -> HttpResponse {
    let database = context.db.ping().await.is_ok();
    let migrations = database && context.db.is_migrated(&run::migrations(context.service)).await.unwrap_or(false);
    let broker = matches!(timeout(BROKER_PATIENCE, context.bus.ping()).await, Ok(Ok(())));
    let readiness = Readiness { ready: database && migrations, database, migrations, broker };
    // Not an error to be explained: a plain document in both cases.
    let mut answer = if readiness.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.json(readiness)
}

async fn metrics(context: web::Data<Context>) -> HttpResponse {
    let mut text = vec![];
    match TextEncoder::new().encode(&context.registry.gather(), &mut text) {
        Ok(()) => HttpResponse::Ok().insert_header((header::CONTENT_TYPE, prometheus::TEXT_FORMAT)).body(text),
        Err(error) => {
            tracing::error!(%error, "cannot show the figures");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn openapi(context: web::Data<Context>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(context.openapi.to_vec())
}
