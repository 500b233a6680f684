use std::{sync::Arc, time::Duration};

use chassis::{Context, State, token::Signer};
use chrono::{TimeDelta, Utc};
use database::Db;
use reqwest::Client;

use crate::{
    bootstrap, callers::Callers, config::Config, limits::Limits, passwords::Passwords, services::Services,
    store::sessions, throttle::Throttle, upstream,
};

const TIDY_EVERY: Duration = Duration::from_secs(60);

/// What all workers of a gateway share.
pub struct Gateway {
    pub db: Db,
    pub callers: Callers,
    pub limits: Limits,
    /// For the services' public operations, by address: what anybody may ask for costs the same work, and proves nothing.
    pub visitors: Limits,
    pub logins: Throttle,
    pub passwords: Passwords,
    pub services: Services,
    pub client: Client,
    pub signer: Signer,
    pub session_lifetime: TimeDelta,
    /// Within which a service must begin to answer.
    pub answer_within: Duration,
    refresh_every: Duration,
    bootstrap_api_key: Option<String>,
}

impl Gateway {
    /// The gateway that chassis had prepared for this context.
    ///
    /// # Panics
    /// In the context of another service.
    pub fn of(context: &Context) -> Arc<Self> {
        context.state().expect("the gateway's own context")
    }

    /// Builds the gateway before it serves, and lets the first administrator in.
    pub async fn prepare(context: &Context) -> Result<State, Vec<String>> {
        let gateway = Self::new(context)?;
        gateway.take_over_bootstrap_key().await.map_err(|error| vec![format!("the bootstrap key: {error}")])?;
        Ok(Arc::new(gateway))
    }

    fn new(context: &Context) -> Result<Self, Vec<String>> {
        let config = Config::parse(&context.settings.extra)?;
        let failed = |error: &dyn std::error::Error| vec![error.to_string()];
        let own = serde_json::to_value(chassis::openapi(context.service)).map_err(|error| failed(&error))?;
        let client = upstream::client(&config.services).map_err(|error| failed(&error))?;
        let services = Services::new(config.services, own).map_err(|error| failed(&error))?;
        Ok(Self {
            db: context.db.clone(),
            callers: Callers::new(context.db.clone()),
            limits: Limits::new(config.rate),
            visitors: Limits::new(config.visitor_rate),
            logins: Throttle::default(),
            passwords: Passwords::default(),
            services,
            client,
            signer: Signer::from_seed(&config.token_seed),
            session_lifetime: config.session_lifetime,
            answer_within: config.answer_within,
            refresh_every: config.refresh_every,
            bootstrap_api_key: config.bootstrap_api_key,
        })
    }

    /// What goes on beside the requests, until shutdown.
    pub async fn work(context: Context) {
        let gateway = Self::of(&context);
        let follow = gateway.services.follow(&gateway.client, gateway.refresh_every);
        let tidy = gateway.tidy();
        context.shutdown.run_until_cancelled(futures::future::join(follow, tidy)).await;
    }

    async fn take_over_bootstrap_key(&self) -> Result<(), crate::Error> {
        let Some(key) = &self.bootstrap_api_key else { return Ok(()) };
        if bootstrap::ensure_first_key(&self.db, key).await? {
            tracing::info!("stored the bootstrap key as the first administrator's");
        }
        Ok(())
    }

    async fn tidy(&self) {
        let mut ticks = tokio::time::interval(TIDY_EVERY);
        loop {
            ticks.tick().await;
            self.limits.forget_rested();
            self.visitors.forget_rested();
            if let Err(error) = self.end_expired_sessions().await {
                tracing::warn!(%error, "expired sessions were not deleted; they are refused all the same");
            }
        }
    }

    async fn end_expired_sessions(&self) -> database::Result<()> {
        let mut tx = self.db.begin().await?;
        sessions::delete_expired(&mut tx, Utc::now()).await?;
        tx.commit().await
    }
}
