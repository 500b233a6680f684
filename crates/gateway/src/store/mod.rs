//! The gateway's tables: users, API keys, sessions.

pub mod keys;
pub mod sessions;
pub mod users;

use serde_json::Value;

use crate::domain::Role;

fn to_json(roles: &[Role]) -> Value {
    Value::from(roles.iter().map(|role| role.as_str()).collect::<Vec<_>>())
}

/// A role that this version does not know grants nothing.
fn from_json(roles: &Value) -> Vec<Role> {
    let names = roles.as_array().map(Vec::as_slice).unwrap_or_default();
    names.iter().filter_map(|name| serde_json::from_value(name.clone()).ok()).collect()
}
