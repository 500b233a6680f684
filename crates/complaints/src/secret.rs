use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};

use crate::error::Error;

/// Proves who made a complaint. With 256 random bits behind it, a plain SHA-256 keeps it as safe as a slow hash would.
pub struct Secret([u8; 32]);

impl Secret {
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|_| Error::NoRandom)?;
        Ok(Self(bytes))
    }

    /// As whoever complains gets it, once.
    pub fn reveal(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// As it is stored.
    pub fn digest(&self) -> String {
        digest_of(&self.reveal())
    }

    /// A number below 900,000.
    pub fn small(&self) -> u32 {
        let [first, second, third, fourth, ..] = self.0;
        u32::from_be_bytes([first, second, third, fourth]) % 900_000
    }

    /// Whether the text is the secret of this digest. Time tells nothing: what is compared are hashes, of which nobody
    /// can choose the beginning.
    pub fn opens(text: &str, digest: &str) -> bool {
        digest_of(text) == digest
    }
}

/// What is stored of the secret that this text may be.
pub fn digest_of(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_opens() {
        let (one, other) = (Secret::random().expect("random"), Secret::random().expect("random"));
        assert!(Secret::opens(&one.reveal(), &one.digest()));
        for (text, digest) in [
            (other.reveal(), one.digest()),
            (String::new(), one.digest()),
            (one.digest(), one.digest()),
            (String::new(), String::new()),
        ] {
            assert!(!Secret::opens(&text, &digest));
        }
        assert_eq!(one.reveal().len(), 43);
    }
}
