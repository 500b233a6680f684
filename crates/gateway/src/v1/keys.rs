use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::{Entity, entity};

use crate::domain::Role;

wire::id!(
    /// Identifies an API key; not the key itself.
    ApiKeyId
);

/// A key by which another program calls. The key itself is shown once, when it is issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    pub id: ApiKeyId,
    /// What it is for.
    #[schema(example = "SAP, production")]
    pub name: String,
    /// How the key begins; absent for the bootstrap key.
    #[schema(example = "gx_0a1b2c3d")]
    pub hint: Option<String>,
    pub roles: Vec<Role>,
    /// Who issued it.
    #[schema(example = "user:0192f0c4-7b1e-7c3a-9a51-2f1d7c0e9b11")]
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    /// Exact to about a minute.
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub version: i64,
}

entity!(ApiKey at "/api/v1/api-keys");

/// A key to issue.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is for.
    #[schema(min_length = 1, max_length = 100, example = "SAP, production")]
    pub name: String,
    #[schema(min_items = 1, max_items = 7)]
    pub roles: Vec<Role>,
    /// The key is refused from then on; never, when left out.
    #[schema(nullable = false)]
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key just issued, with the one chance to write it down.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct IssuedApiKey {
    #[serde(flatten)]
    pub api_key: ApiKey,
    /// Send it as `X-Api-Key` or `Authorization: Bearer`. Only its hash is kept: it can not be shown again.
    #[schema(example = "gx_0a1b2c3d_…")]
    pub key: String,
}

impl Entity for IssuedApiKey {
    const PATH: &'static str = ApiKey::PATH;

    fn id(&self) -> Uuid {
        self.api_key.id()
    }

    fn version(&self) -> i64 {
        self.api_key.version
    }
}

/// Which keys to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApiKeyFilter {
    /// Only those that are revoked, or only those that are not.
    #[param(nullable = false)]
    pub revoked: Option<bool>,
}
