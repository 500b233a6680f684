//! The internal tokens that services accept. Signing costs more than the queries it guards, so a token serves for half
//! a minute.

use std::sync::{Mutex, PoisonError};

use chassis::{Caller, token::Signer};
use chrono::{DateTime, Utc};
use reqwest::header::HeaderValue;

use crate::error::Error;

const HALF_MINUTE: i64 = 30;

/// One caller's tokens, one for each service it has called.
#[derive(Default)]
pub struct Tokens(Mutex<Vec<Token>>);

struct Token {
    audience: &'static str,
    half_minute: i64,
    header: HeaderValue,
}

impl Tokens {
    /// The `Authorization` value for a service.
    pub fn bearer(
        &self,
        signer: &Signer,
        caller: &Caller,
        audience: &'static str,
        now: DateTime<Utc>,
    ) -> Result<HeaderValue, Error> {
        let half_minute = now.timestamp() / HALF_MINUTE;
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = tokens.iter().find(|token| token.audience == audience && token.half_minute == half_minute)
        {
            return Ok(token.header.clone());
        }
        let mut header = HeaderValue::try_from(format!("Bearer {}", signer.sign(audience, caller, now)))
            .map_err(|_| Error::Crypto)?;
        header.set_sensitive(true);
        tokens.retain(|token| token.audience != audience);
        tokens.push(Token { audience, half_minute, header: header.clone() });
        Ok(header)
    }
}
