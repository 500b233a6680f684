use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Role;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallerKind {
    User,
    ApiKey,
}

/// Who calls, and what it may do.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Me {
    /// `user:<id>` or `key:<id>`, as audit trails name the caller.
    #[schema(example = "user:0192f0c4-7b1e-7c3a-9a51-2f1d7c0e9b11")]
    pub id: String,
    pub kind: CallerKind,
    /// The user's login name, or what the key is for.
    pub name: String,
    pub roles: Vec<String>,
    pub permissions: Vec<String>,
}

/// A new password of one's own.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub current_password: String,
    #[schema(min_length = 10, max_length = 256, format = Password)]
    pub new_password: String,
}

/// What a role allows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RoleGrants {
    pub role: Role,
    pub about: &'static str,
    pub permissions: &'static [&'static str],
}

/// All roles.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Roles {
    pub items: Vec<RoleGrants>,
}
