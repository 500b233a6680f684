use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::User;

/// A login.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    #[schema(min_length = 1, max_length = 64, example = "li.wei")]
    pub login: String,
    #[schema(min_length = 1, max_length = 256, format = Password)]
    pub password: String,
}

/// A session just opened.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IssuedSession {
    /// Send it as `Authorization: Bearer`.
    #[schema(example = "gs_…")]
    pub token: String,
    pub expires_at: DateTime<Utc>,
    pub user: User,
}
