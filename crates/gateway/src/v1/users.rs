use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::entity;

use crate::domain::Role;

wire::id!(
    /// Identifies a user.
    UserId
);

/// A person who may log in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    pub id: UserId,
    /// The name to log in with, in lower case.
    #[schema(example = "li.wei")]
    pub login: String,
    /// The name to show.
    #[schema(example = "李伟")]
    pub display_name: String,
    pub roles: Vec<Role>,
    /// A disabled user can not log in, and its sessions are over.
    pub disabled: bool,
    /// Grows by one with every change; the `ETag`.
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

entity!(User at "/api/v1/users");

/// A user to create.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Capitals are folded: `Li.Wei` and `li.wei` are one user.
    #[schema(min_length = 2, max_length = 64, pattern = "^[A-Za-z0-9][A-Za-z0-9._@+-]*$", example = "li.wei")]
    pub login: String,
    #[schema(min_length = 1, max_length = 100, example = "李伟")]
    pub display_name: String,
    #[schema(min_length = 10, max_length = 256, format = Password)]
    pub password: String,
    #[schema(min_items = 1, max_items = 7)]
    pub roles: Vec<Role>,
}

/// A change of a user (JSON Merge Patch): absent leaves as it is.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    #[schema(nullable = false, min_length = 1, max_length = 100)]
    pub display_name: Option<String>,
    #[schema(nullable = false, min_items = 1, max_items = 7)]
    pub roles: Option<Vec<Role>>,
    /// `true` also ends the user's sessions.
    #[schema(nullable = false)]
    pub disabled: Option<bool>,
    /// A new password; ends the user's sessions.
    #[schema(nullable = false, min_length = 10, max_length = 256, format = Password)]
    pub password: Option<String>,
}

/// Which users to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// Only those who are disabled, or only those who are not.
    #[param(nullable = false)]
    pub disabled: Option<bool>,
}
