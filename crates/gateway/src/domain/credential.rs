use std::{fmt, hint::black_box};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    digest,
    error::Unspecified,
    rand::{SecureRandom, SystemRandom},
};

/// SHA-256 of a key or token. Fast is right here: what is hashed has 256 random bits, so there is nothing to guess.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    #[must_use]
    pub fn of(clear: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, clear.as_bytes()).as_ref());
        Self(bytes)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Compares in a time that does not tell how much was right.
    #[must_use]
    pub fn matches(&self, stored: &[u8]) -> bool {
        let difference = self.0.iter().zip(stored).fold(0, |seen, (a, b)| seen | (a ^ b));
        stored.len() == self.0.len() && black_box(difference) == 0
    }
}

/// A key or token in the clear: shown once to who asked for it, never kept, never logged.
pub struct Clear {
    text: String,
    shown: usize,
}

impl Clear {
    /// `gx_<prefix>_<secret>`: the prefix tells keys apart in lists, the secret is 256 random bits.
    pub fn api_key() -> Result<Self, Unspecified> {
        let prefix: String = random::<4>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = "gx_".len() + prefix.len();
        Ok(Self { text: format!("gx_{prefix}_{}", secret()?), shown })
    }

    /// `gs_<secret>`.
    pub fn session() -> Result<Self, Unspecified> {
        Ok(Self { text: format!("gs_{}", secret()?), shown: "gs_".len() })
    }

    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.text)
    }

    /// The part that may be shown again, to tell keys apart.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.text[..self.shown]
    }

    #[must_use]
    pub fn reveal(self) -> String {
        self.text
    }
}

impl fmt::Debug for Clear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clear({}…)", self.hint())
    }
}

fn secret() -> Result<String, Unspecified> {
    Ok(BASE64_URL_SAFE_NO_PAD.encode(random::<32>()?))
}

fn random<const N: usize>() -> Result<[u8; N], Unspecified> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_shows_its_prefix_and_matches_its_own_hash_only() {
        let key = Clear::api_key().unwrap();
        let hint = key.hint().to_owned();
        let fingerprint = key.fingerprint();
        let debug = format!("{key:?}");
        let text = key.reveal();
        assert_eq!(debug, format!("Clear({hint}…)"));
        assert_eq!((text.len(), hint.len()), (3 + 8 + 1 + 43, 3 + 8));
        assert!(text.starts_with(&format!("{hint}_")));
        assert!(fingerprint.matches(Fingerprint::of(&text).as_bytes()));
        assert!(!fingerprint.matches(Fingerprint::of(&hint).as_bytes()));
        assert!(!fingerprint.matches(&[]));
    }
}
