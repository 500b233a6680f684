//! Who may call, and how they prove it. No database, no HTTP.

mod credential;
mod login;
mod password;
mod role;

pub use credential::{Clear, Fingerprint};
pub use login::Login;
pub use password::{Password, PasswordHash, decoy};
pub use role::{ALL_PERMISSIONS, Role, permissions_of};

/// What is wrong with one value, in words for the person who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
