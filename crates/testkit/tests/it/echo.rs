//! The least a service can be: tells its caller's permissions, and echoes what it hears.

use actix_web::{HttpResponse, get};
use chassis::{Authenticate, Caller, Service};
use chrono::Utc;
use database::Tx;
use futures::future::BoxFuture;
use messaging::{Act, Envelope, Rejected, Subscription, outbox};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub static SERVICE: Service = Service {
    name: "echo",
    about: "A service of the testkit's tests",
    migrations: Vec::new,
    openapi: <Document as utoipa::OpenApi>::openapi,
    routes,
    subscriptions: &[Subscription::alone(<Said as wire::Event>::TYPE, echo)],
    republish: None,
    prepare: None,
    background: &[],
    authenticate: Authenticate::InternalToken,
    keys: &[],
    configure: None,
};

#[derive(utoipa::OpenApi)]
#[openapi()]
struct Document;

fn routes(config: &mut chassis::Routes) {
    config.service(get_caller);
}

#[utoipa::path(operation_id = "get_caller", responses((status = 200)), security(("caller" = ["echo:read"])))]
#[get("/api/v1/caller")]
async fn get_caller(caller: Caller) -> problem::Result<HttpResponse> {
    Ok(HttpResponse::Ok().json(json!({"permissions": caller.permissions})))
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Said {
    pub id: Uuid,
}

impl wire::Event for Said {
    const TYPE: &'static str = "echo.sound.said.v1";

    fn subject(&self) -> Uuid {
        self.id
    }

    fn sequence(&self) -> i64 {
        1
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Echoed {
    pub id: Uuid,
}

impl wire::Event for Echoed {
    const TYPE: &'static str = "echo.sound.echoed.v1";

    fn subject(&self) -> Uuid {
        self.id
    }

    fn sequence(&self) -> i64 {
        2
    }
}

fn echo<'a>(tx: &'a mut Tx, envelope: &'a Envelope) -> BoxFuture<'a, Result<(), Rejected>> {
    Box::pin(async move {
        let said: Said = envelope.decode()?;
        let act = Act::following(envelope, Utc::now());
        outbox::enqueue(tx, &act, &Echoed { id: said.id }).await?;
        Ok(())
    })
}
