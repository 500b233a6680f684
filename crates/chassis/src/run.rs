use std::panic::{AssertUnwindSafe, resume_unwind};
use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web};
use database::{Db, Migrations, Options};
use futures::FutureExt as _;
use messaging::{Bus, BusError, Endpoint};
use problem::Failure;
use prometheus::Registry;
use ring::hmac;
use tokio::{runtime::Handle, task::JoinHandle, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Context, Operations, Routes, Service, Settings, authorisation, http::CursorKey, idempotency, metrics::Metrics,
    observation, openapi, ops, refusal::Refusal, secret, token::Verifier, validation::Schemas,
};

/// A stopping service answers what it has begun for this long …
const LAST_ANSWERS: Duration = Duration::from_secs(4);
/// … and then publishes and acknowledges for this long: 10 seconds in all, with room to spare.
const LAST_EVENTS: Duration = Duration::from_secs(5);
/// Between two requests of a connection; the gateway keeps its connections.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Why a service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the OpenAPI document has faults:\n  {}", .0.join("\n  "))]
    Document(Vec<String>),
    #[error("cannot start with this configuration:\n  {}", .0.join("\n  "))]
    Prepare(Vec<String>),
    #[error("cannot open the database")]
    Database(#[from] database::Error),
    #[error("cannot open the bus")]
    Bus(#[from] BusError),
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    #[error("cannot set up metrics")]
    Metrics(#[from] prometheus::Error),
}

/// A service at work.
pub struct Running {
    /// Where it listens, with the port it was given.
    pub addr: SocketAddr,
    pub context: Context,
    server: ServerHandle,
    serving: JoinHandle<std::io::Result<()>>,
    loops: TaskTracker,
}

impl Running {
    /// Stops accepting, finishes what is under way, publishes what is left: within 10 seconds.
    pub async fn stop(self) {
        let service = self.context.service.name;
        tracing::info!(service, "stopping");
        // The loops go on meanwhile: what the last requests enqueue is published with the rest.
        let stopped = timeout(LAST_ANSWERS, self.server.stop(true)).await;
        self.context.shutdown.cancel();
        self.loops.close();
        let ended = timeout(LAST_EVENTS, self.loops.wait()).await;
        self.serving.abort();
        tracing::info!(service, clean = stopped.is_ok() && ended.is_ok(), "stopped");
    }

    /// Ends when the service cannot go on: its server has failed, or one of its loops has given up.
    pub(crate) async fn failed(&mut self) -> String {
        tokio::select! {
            served = &mut self.serving => match served {
                Ok(Ok(())) => "the server has ended".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(error) => error.to_string(),
            },
            () = self.context.shutdown.cancelled() => "a background loop has given up".to_owned(),
        }
    }
}

/// Makes rustls use ring, once for the process.
pub fn install_crypto() {
    // Fails only when there is a provider already, which is as good.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// All migrations of a service's database, in their order.
pub(crate) fn migrations(service: &Service) -> Vec<Migrations> {
    let common = [database::migrations(), messaging::MIGRATIONS, crate::migrations()];
    common.into_iter().chain((service.migrations)()).collect()
}

pub(crate) fn open(settings: &Settings) -> database::Result<Db> {
    Db::open(settings.database_url.expose(), Options { connections: settings.pool_size })
}

/// Starts a service: migrates its database, declares its queue, serves, relays and consumes.
///
/// # Errors
/// When its document has faults, its database cannot be opened or its address is taken.
pub async fn start(service: &'static Service, settings: Settings, bus: Bus) -> Result<Running, StartError> {
    install_crypto();
    let mut context = context(service, settings, bus).await?;
    if let Some(prepare) = service.prepare {
        context.state = Some(prepare(&context).await.map_err(StartError::Prepare)?);
    }
    let (addr, server) = serve(&context)?;
    let handle = server.handle();
    let loops = TaskTracker::new();
    run_loops(&context, &loops);
    tracing::info!(service = service.name, %addr, "started");
    Ok(Running { addr, context, server: handle, serving: tokio::spawn(server), loops })
}

async fn context(service: &'static Service, settings: Settings, bus: Bus) -> Result<Context, StartError> {
    // On a thread that ends: what describing takes is free for other threads then.
    let described = tokio::task::spawn_blocking(|| described(service)).await;
    let Described { operations, schemas, text } =
        described.unwrap_or_else(|panic| resume_unwind(panic.into_panic()))?;

    let db = open(&settings)?;
    db.migrate(migrations(service)).await?;
    let cursor_key = CursorKey::new(&secret::shared(&db, "cursor").await?);
    let fingerprint_key = hmac::Key::new(hmac::HMAC_SHA256, &secret::shared(&db, "idempotency").await?);
    if let Err(error) = bus.declare(service.name, service.subscriptions).await {
        tracing::warn!(service = service.name, %error, "the bus cannot be reached yet; events wait in the outbox");
    }

    let registry = Registry::new();
    let endpoint = Endpoint {
        service: service.name,
        subscriptions: service.subscriptions,
        db: db.clone(),
        bus: bus.clone(),
        metrics: messaging::Metrics::new(service.name, &registry)?,
    };
    Ok(Context {
        service,
        db,
        bus,
        shutdown: CancellationToken::new(),
        metrics: Metrics::new(service.name, &registry)?,
        registry,
        endpoint,
        operations: Arc::new(operations),
        openapi: text,
        schemas: Arc::new(schemas),
        verifier: Arc::new(Verifier::new(settings.token_public_key, service.name)),
        cursor_key,
        fingerprint_key,
        settings: Arc::new(settings),
        runtime: Handle::current(),
        state: None,
    })
}

/// What a service keeps of its OpenAPI document.
struct Described {
    operations: Operations,
    schemas: Schemas,
    text: Arc<[u8]>,
}

fn described(service: &'static Service) -> Result<Described, StartError> {
    let document = openapi(service);
    let value = serde_json::to_value(&document).map_err(|error| StartError::Document(vec![error.to_string()]))?;
    Ok(Described {
        operations: Operations::of(&value).map_err(StartError::Document)?,
        schemas: Schemas::of(&value).map_err(|fault| StartError::Document(vec![fault]))?,
        text: value.to_string().into_bytes().into(),
    })
}

fn run_loops(context: &Context, loops: &TaskTracker) {
    let (endpoint, stop) = (&context.endpoint, &context.shutdown);
    let spawn = |name, work| loops.spawn(guarded(context.service.name, name, work, stop.clone()));
    spawn("relay", messaging::run_relay(endpoint.clone(), stop.clone()).boxed());
    if !context.service.subscriptions.is_empty() {
        spawn("consumer", messaging::run_consumer(endpoint.clone(), stop.clone()).boxed());
    }
    spawn("purge", idempotency::purge(context.db.clone(), stop.clone()).boxed());
    for background in context.service.background {
        spawn("background", background(context.clone()));
    }
}

/// A service without one of its loops is not the service: better it ends, and whoever runs it starts it anew.
async fn guarded(
    service: &'static str,
    name: &'static str,
    work: impl Future<Output = ()>,
    shutdown: CancellationToken,
) {
    if AssertUnwindSafe(work).catch_unwind().await.is_err() {
        tracing::error!(service, name, "a loop has panicked; the service cannot go on");
        shutdown.cancel();
    }
}

fn serve(context: &Context) -> Result<(SocketAddr, actix_web::dev::Server), StartError> {
    let listen = context.settings.listen;
    let workers = context.settings.workers;
    let data = web::Data::new(context.clone());
    let server = HttpServer::new(move || {
        let context = data.clone();
        let service = context.service;
        // The first route that fits answers.
        App::new()
            .app_data(data.clone())
            .configure(|config| {
                if let Some(configure) = service.configure {
                    configure(config, &context);
                }
            })
            .configure(ops::routes)
            .configure(|config| (service.routes)(&mut Routes::served(config)))
            .default_service(web::to(|| async { Err::<web::Bytes, Failure>(Refusal::PathUnknown.into()) }))
            .wrap(from_fn(idempotency::once))
            .wrap(from_fn(authorisation::authorise))
            .wrap(from_fn(observation::observe))
    })
    .workers(workers)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(LAST_ANSWERS.as_secs())
    .disable_signals()
    .bind(listen)
    .map_err(|error| StartError::Listen(listen, error))?;
    let addr = server.addrs().first().copied().unwrap_or(listen);
    Ok((addr, server.run()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_loop_that_panics_ends_the_service() {
        let shutdown = CancellationToken::new();
        guarded("notes", "relay", async {}, shutdown.clone()).await;
        assert!(!shutdown.is_cancelled());
        guarded("notes", "relay", async { panic!("on purpose") }, shutdown.clone()).await;
        assert!(shutdown.is_cancelled());
    }
}
