//! Random passwords and keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::keys::{NoRandom, random};

/// No letter that looks like another, no vowel that makes a word.
const ALPHABET: &[u8; 32] = b"bcdfghjkmnpqrstvwxyz23456789BCDF";

/// How somebody logs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub login: String,
    pub password: String,
}

impl Login {
    /// 100 random bits in five groups.
    pub fn random(login: &str) -> Result<Self, NoRandom> {
        let letters: Vec<char> =
            random::<20>()?.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
        let groups: Vec<String> = letters.chunks(4).map(String::from_iter).collect();
        Ok(Self { login: login.to_owned(), password: groups.join("-") })
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Login({})", self.login)
    }
}

/// 256 random bits.
pub fn api_key() -> Result<String, NoRandom> {
    Ok(format!("gx_{}", URL_SAFE_NO_PAD.encode(random::<32>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_differ_and_can_be_typed() {
        let (one, other) = (Login::random("admin").expect("random"), Login::random("admin").expect("random"));
        assert_ne!(one, other);
        assert_eq!(one.password.len(), 24);
        assert!(one.password.bytes().all(|byte| byte == b'-' || ALPHABET.contains(&byte)));
        assert!(!format!("{one:?}").contains(&one.password));
    }
}
