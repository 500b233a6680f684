//! The internal token: how the gateway tells a service who calls. A JWT signed with Ed25519, for one service, for at
//! most a minute.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::Caller;

/// The longest a token may live, in seconds.
pub const LIFETIME: i64 = 60;
const ISSUER: &str = "gateway";
/// The only header there is: no other algorithm is ever looked at.
const HEADER: &str = r#"{"alg":"EdDSA","typ":"JWT"}"#;
/// How far the gateway's clock may run ahead, in seconds.
const SKEW: i64 = 5;
/// How many verified tokens are remembered: one for each caller of the last minute.
const REMEMBERED: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("it is not a token of ours")]
    Malformed,
    #[error("its signature does not fit")]
    Signature,
    #[error("it is for another service")]
    Audience,
    #[error("it has expired")]
    Expired,
    #[error("it is not valid yet, or for too long")]
    Period,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    name: String,
    roles: Vec<String>,
    permissions: Vec<String>,
    iat: i64,
    exp: i64,
}

/// Makes tokens: the gateway's side.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed"))
    }

    /// What services verify with.
    #[must_use]
    pub fn public_key(&self) -> [u8; 32] {
        self.0.public_key().as_ref().try_into().expect("an Ed25519 public key has 32 bytes")
    }

    /// A token for `service`, valid for [`LIFETIME`] seconds from `now`.
    #[must_use]
    pub fn sign(&self, service: &str, caller: &Caller, now: DateTime<Utc>) -> String {
        let iat = now.timestamp();
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: service.to_owned(),
            sub: caller.id.clone(),
            name: caller.name.clone(),
            roles: caller.roles.clone(),
            permissions: caller.permissions.clone(),
            iat,
            exp: iat + LIFETIME,
        };
        let claims = serde_json::to_vec(&claims).expect("texts and numbers are JSON");
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.0.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

/// Checks tokens: a service's side. Remembers what it has verified, because a signature costs more than most of the
/// queries it guards.
pub struct Verifier {
    key: UnparsedPublicKey<[u8; 32]>,
    service: String,
    verified: Mutex<HashMap<String, Verified>>,
}

#[derive(Clone)]
struct Verified {
    caller: Arc<Caller>,
    exp: i64,
}

impl Verifier {
    #[must_use]
    pub fn new(public_key: [u8; 32], service: &str) -> Self {
        Self {
            key: UnparsedPublicKey::new(&ED25519, public_key),
            service: service.to_owned(),
            verified: Mutex::default(),
        }
    }

    /// # Errors
    /// When the token is not the gateway's, not for this service, or not valid at `now`.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Caller>, Error> {
        let now = now.timestamp();
        let remembered = self.verified().get(token).cloned();
        let verified = match remembered {
            Some(verified) => verified,
            None => self.remember(token, self.check(token, now)?, now),
        };
        if verified.exp <= now { Err(Error::Expired) } else { Ok(verified.caller) }
    }

    fn check(&self, token: &str, now: i64) -> Result<Claims, Error> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Error::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Error::Malformed)?;
        if decode(header)? != HEADER.as_bytes() {
            return Err(Error::Malformed);
        }
        self.key.verify(signed.as_bytes(), &decode(signature)?).map_err(|_| Error::Signature)?;
        let claims: Claims = serde_json::from_slice(&decode(claims)?).map_err(|_| Error::Malformed)?;
        if claims.iss != ISSUER || claims.aud != self.service {
            return Err(Error::Audience);
        }
        if claims.iat > now + SKEW || claims.exp - claims.iat > LIFETIME {
            return Err(Error::Period);
        }
        Ok(claims)
    }

    fn remember(&self, token: &str, claims: Claims, now: i64) -> Verified {
        let Claims { sub: id, name, roles, permissions, exp, .. } = claims;
        let verified = Verified { caller: Arc::new(Caller { id, name, roles, permissions }), exp };
        let mut all = self.verified();
        if all.len() >= REMEMBERED {
            all.retain(|_, known| known.exp > now);
        }
        if all.len() < REMEMBERED && exp > now {
            all.insert(token.to_owned(), verified.clone());
        }
        verified
    }

    fn verified(&self) -> std::sync::MutexGuard<'_, HashMap<String, Verified>> {
        self.verified.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: [u8; 32] = [7; 32];

    fn caller() -> Caller {
        Caller {
            id: "user:0190".into(),
            name: "li.wei".into(),
            roles: vec!["manager".into()],
            permissions: vec!["customers:read".into()],
        }
    }

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn a_token_says_who_calls_until_it_expires() {
        let signer = Signer::from_seed(&SEED);
        let verifier = Verifier::new(signer.public_key(), "registry");
        let token = signer.sign("registry", &caller(), at(0));
        // Twice: the second time from memory.
        for seconds in [0, 59, 0, -5] {
            assert_eq!(*verifier.verify(&token, at(seconds)).unwrap(), caller(), "{seconds}");
        }
        assert_eq!(verifier.verify(&token, at(60)), Err(Error::Expired));
        let fresh = Verifier::new(signer.public_key(), "registry");
        assert_eq!(fresh.verify(&token, at(60)), Err(Error::Expired));
        assert_eq!(fresh.verify(&token, at(-6)), Err(Error::Period));
    }

    #[test]
    fn nothing_else_is_taken_for_a_token() {
        let signer = Signer::from_seed(&SEED);
        let verifier = Verifier::new(signer.public_key(), "registry");
        let token = signer.sign("registry", &caller(), at(0));
        let parts: Vec<&str> = token.split('.').collect();
        let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
        let cases = [
            (String::new(), Error::Malformed),
            ("a.b".into(), Error::Malformed),
            ("…".into(), Error::Malformed),
            (format!("{unsigned}.{}.{}", parts[1], parts[2]), Error::Malformed),
            (format!("{}.{}.", parts[0], parts[1]), Error::Signature),
            (format!("{}.{}x.{}", parts[0], parts[1], parts[2]), Error::Signature),
            (Signer::from_seed(&[8; 32]).sign("registry", &caller(), at(0)), Error::Signature),
            (signer.sign("scoring", &caller(), at(0)), Error::Audience),
        ];
        for (token, expected) in cases {
            assert_eq!(verifier.verify(&token, at(1)), Err(expected), "{token}");
        }
    }

    #[test]
    fn memory_is_bounded_and_forgets_the_expired() {
        let signer = Signer::from_seed(&SEED);
        let verifier = Verifier::new(signer.public_key(), "registry");
        let sign =
            |n: usize, seconds| signer.sign("registry", &Caller { id: format!("user:{n}"), ..caller() }, at(seconds));
        for n in 0..REMEMBERED + 10 {
            verifier.verify(&sign(n, 0), at(0)).unwrap();
        }
        assert_eq!(verifier.verified().len(), REMEMBERED);
        verifier.verify(&sign(1, 100), at(100)).unwrap();
        assert_eq!(verifier.verified().len(), 1);
    }
}
