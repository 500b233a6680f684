//! Keys for internal tokens in the distributed mode.

use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chassis::token::Signer;
use ring::rand::{SecureRandom, SystemRandom};

#[derive(Debug, thiserror::Error)]
#[error("this machine gives no random bytes")]
pub struct NoRandom;

pub fn random<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandom)?;
    Ok(bytes)
}

/// Prints a new pair in the form the configuration of gateway and services takes.
pub fn print() -> Result<ExitCode, NoRandom> {
    let seed = random::<32>()?;
    println!("# The gateway's, secret:");
    println!("GUANXI_GATEWAY__TOKEN_SEED={}", STANDARD.encode(seed));
    println!("# Every service's (GUANXI_REGISTRY__TOKEN_PUBLIC_KEY and so on):");
    println!("TOKEN_PUBLIC_KEY={}", STANDARD.encode(Signer::from_seed(&seed).public_key()));
    Ok(ExitCode::SUCCESS)
}
