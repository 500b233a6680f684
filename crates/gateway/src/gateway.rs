use std::{
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use chassis::{Context, Settings, token::Signer};
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

/// The gateways of this process, each found by its settings: chassis hands out the same settings to every worker and
/// loop of one gateway. Usually one; tests run several.
static RUNNING: Mutex<Vec<(Weak<Settings>, Weak<Gateway>)>> = Mutex::new(Vec::new());

impl Gateway {
    /// The gateway that runs in this context; built by whoever asks first.
    pub fn of(context: &Context) -> Result<Arc<Self>, Vec<String>> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        running.retain(|(settings, gateway)| settings.strong_count() > 0 && gateway.strong_count() > 0);
        let settings = Arc::downgrade(&context.settings);
        let known = running.iter().find(|(of, _)| of.ptr_eq(&settings)).and_then(|(_, gateway)| gateway.upgrade());
        if let Some(gateway) = known {
            return Ok(gateway);
        }
        let gateway = Arc::new(Self::new(context)?);
        running.push((settings, Arc::downgrade(&gateway)));
        Ok(gateway)
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
        let gateway = match Self::of(&context) {
            Ok(gateway) => gateway,
            Err(mistakes) => {
                for mistake in mistakes {
                    tracing::error!(mistake, "the gateway's configuration");
                }
                return context.shutdown.cancel();
            }
        };
        gateway.take_over_bootstrap_key().await;
        let follow = gateway.services.follow(&gateway.client, gateway.refresh_every);
        let tidy = gateway.tidy();
        context.shutdown.run_until_cancelled(futures::future::join(follow, tidy)).await;
    }

    async fn take_over_bootstrap_key(&self) {
        let Some(key) = &self.bootstrap_api_key else { return };
        match bootstrap::ensure_first_key(&self.db, key).await {
            Ok(true) => tracing::info!("stored the bootstrap key as the first administrator's"),
            Ok(false) => tracing::debug!("there are keys already: the bootstrap key is not needed"),
            Err(error) => tracing::error!(%error, "the bootstrap key was not stored"),
        }
    }

    async fn tidy(&self) {
        let mut ticks = tokio::time::interval(TIDY_EVERY);
        loop {
            ticks.tick().await;
            self.limits.forget_rested();
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
