use std::sync::Arc;

use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    domain::{Password, PasswordHash},
    error::Error,
};

/// Hashes at once, at most: each takes a core and 19 MiB.
const AT_ONCE: usize = 2;

/// Hashes and checks passwords beside the workers, a few at a time.
#[derive(Clone)]
pub struct Passwords(Arc<Semaphore>);

impl Default for Passwords {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Passwords {
    pub async fn hash(&self, password: Password) -> Result<PasswordHash, Error> {
        self.run(move || password.hash()).await?.map_err(Error::Hashing)
    }

    pub async fn verify(&self, hash: PasswordHash, attempt: String) -> Result<bool, Error> {
        self.run(move || hash.verify(&attempt)).await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let permit = self.0.clone().acquire_owned().await.map_err(|_| Error::Crypto)?;
        let work = move || {
            let done = work();
            // Held by the work, not by who waits for it: a caller that goes away does not let in one more.
            drop(permit);
            done
        };
        spawn_blocking(work).await.map_err(|_| Error::Crypto)
    }
}
