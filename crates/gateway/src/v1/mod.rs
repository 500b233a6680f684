//! What the gateway's own resources look like to callers.

mod customer_360;
mod keys;
mod me;
mod sessions;
mod users;

pub use customer_360::Customer360;
pub use keys::{ApiKey, ApiKeyFilter, ApiKeyId, IssuedApiKey, NewApiKey};
pub use me::{CallerKind, Me, PasswordChange, RoleGrants, Roles};
pub use sessions::{IssuedSession, NewSession};
pub use users::{NewUser, User, UserFilter, UserId, UserPatch};
