use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};

/// The secrets of one system: the gateway signs with `seed`, the services verify with `public_key`.
pub(crate) struct Keys {
    pub seed: String,
    pub public_key: String,
    pub api_key: String,
}

impl Keys {
    pub fn fresh() -> Self {
        let seed = random();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes are a seed");
        Self {
            seed: BASE64_STANDARD.encode(seed),
            public_key: BASE64_STANDARD.encode(pair.public_key().as_ref()),
            api_key: format!("gx_systests_{}", BASE64_URL_SAFE_NO_PAD.encode(random())),
        }
    }
}

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("the system has random bytes");
    bytes
}
