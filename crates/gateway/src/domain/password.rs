use std::fmt;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, SaltString},
};
use ring::rand::{SecureRandom, SystemRandom};

use super::Fault;

/// OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// A new password that is long enough (length is what counts: NIST SP 800-63B, 3.1.1.2).
pub struct Password(String);

impl Password {
    pub const SHORTEST: usize = 10;
    /// Bounds the work of hashing what a stranger sends.
    pub const LONGEST: usize = 256;

    pub fn parse(text: &str) -> Result<Self, Fault> {
        let length = text.chars().count();
        if length < Self::SHORTEST {
            return Err(Fault::new("too-short", format!("a password has at least {} characters", Self::SHORTEST)));
        }
        if length > Self::LONGEST {
            return Err(Fault::new("too-long", format!("a password has at most {} characters", Self::LONGEST)));
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes tens of milliseconds of one core: not for an async worker.
    pub fn hash(&self) -> Result<PasswordHash, password_hash::Error> {
        let mut salt = [0; 16];
        SystemRandom::new().fill(&mut salt).map_err(|_| password_hash::Error::Crypto)?;
        let salt = SaltString::encode_b64(&salt)?;
        Ok(PasswordHash(argon2()?.hash_password(self.0.as_bytes(), &salt)?.to_string()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password's hash as it is stored: PHC string, parameters and salt included.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `attempt` is the password. Takes as long as hashing it.
    #[must_use]
    pub fn verify(&self, attempt: &str) -> bool {
        let Ok(hash) = argon2::PasswordHash::new(&self.0) else { return false };
        argon2().is_ok_and(|argon2| argon2.verify_password(attempt.as_bytes(), &hash).is_ok())
    }
}

/// A hash that no password has: verified against when there is no such user, so that both answers take equally long.
#[must_use]
pub fn decoy() -> PasswordHash {
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    PasswordHash(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
}

fn argon2() -> Result<Argon2<'static>, password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_password_verifies_and_another_does_not() {
        let hash = Password::parse("correct horse").unwrap().hash().unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hash.verify("correct horse"));
        assert!(!hash.verify("correct house"));
    }

    #[test]
    fn lengths_count_characters() {
        assert_eq!(Password::parse("九个字的口令不够长").unwrap_err().code, "too-short");
        assert!(Password::parse("十个字的口令就已够长了").is_ok());
        assert_eq!(Password::parse(&"x".repeat(257)).unwrap_err().code, "too-long");
    }

    #[test]
    fn the_decoy_is_real_work_that_always_fails() {
        let begun = Instant::now();
        assert!(!decoy().verify(""));
        assert!(begun.elapsed() > Duration::from_millis(1), "the decoy's parameters did not parse");
    }
}
