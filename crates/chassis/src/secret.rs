use std::fmt;

use database::{Db, on};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use ring::rand::{SecureRandom, SystemRandom};

use crate::tables::service_secrets;

/// A text that is never printed: a password, or an address that may hold one.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system has random numbers");
    bytes
}

/// The service's secret of this name, made by whichever replica asks first.
pub(crate) async fn shared(db: &Db, name: &str) -> database::Result<Vec<u8>> {
    let mut tx = db.begin().await?;
    let fresh = random::<32>();
    let row = (service_secrets::name.eq(name), service_secrets::secret.eq(fresh.as_slice()));
    on!(tx, |c| diesel::insert_into(service_secrets::table).values(row).on_conflict_do_nothing().execute(c).await)?;
    let kept =
        on!(tx, |c| service_secrets::table.find(name).select(service_secrets::secret).first::<Vec<u8>>(c).await)?;
    tx.commit().await?;
    Ok(kept)
}
