use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a caller is here for; decides what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, other callers included.
    Admin,
    /// All of the business: reads, writes, handles complaints, decides on scoring; sees the audit trail.
    Manager,
    /// Keeps customers, contacts and interactions; takes complaints in.
    AccountManager,
    /// Works on complaints; logs what was said.
    ComplaintHandler,
    /// Reads only.
    Viewer,
    /// Another system: reads, writes and imports; decides nothing.
    Integration,
    /// Brings messages to customers; reads nothing else.
    Delivery,
}

/// Every permission there is, in the order they are shown.
pub const ALL_PERMISSIONS: &[&str] = &[
    "customers:read",
    "customers:write",
    "profiles:review",
    "customer-policies:manage",
    "customers:merge",
    "contacts:read",
    "contacts:write",
    "privacy:manage",
    "decision-chains:read",
    "decision-chains:write",
    "interactions:read",
    "interactions:write",
    "complaints:read",
    "complaints:write",
    "complaints:handle",
    "complaints:manage",
    "complaints:lead",
    "complaints:deliver",
    "complaints:restricted",
    "service-levels:manage",
    "scores:read",
    "scores:manage",
    "imports:write",
    "tiers:propose",
    "tiers:decide",
    "tier-policies:manage",
    "employees:manage",
    "transfers:manage",
    "custom-fields:manage",
    "users:manage",
    "api-keys:manage",
    "audit:read",
];

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Admin,
        Self::Manager,
        Self::AccountManager,
        Self::ComplaintHandler,
        Self::Viewer,
        Self::Integration,
        Self::Delivery,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::AccountManager => "account_manager",
            Self::ComplaintHandler => "complaint_handler",
            Self::Viewer => "viewer",
            Self::Integration => "integration",
            Self::Delivery => "delivery",
        }
    }

    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::Admin => "Everything, other callers included.",
            Self::Manager => "All of the business, scoring policy and the audit trail included.",
            Self::AccountManager => "Keeps customers, contacts and interactions; takes complaints in.",
            Self::ComplaintHandler => {
                "Works on complaints from receipt to resolution, and closes what the customer accepted; logs what was said."
            }
            Self::Viewer => "Reads only.",
            Self::Integration => "Another system: reads, writes and imports; decides nothing.",
            Self::Delivery => {
                "A mail server or desk: brings messages to customers, with their addresses; reads nothing else."
            }
        }
    }

    #[must_use]
    pub fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Admin => ALL_PERMISSIONS,
            Self::Manager => &[
                "customers:read",
                "customers:write",
                "profiles:review",
                "customer-policies:manage",
                "customers:merge",
                "contacts:read",
                "contacts:write",
                "privacy:manage",
                "decision-chains:read",
                "decision-chains:write",
                "interactions:read",
                "interactions:write",
                "complaints:read",
                "complaints:write",
                "complaints:handle",
                "complaints:manage",
                "complaints:lead",
                "complaints:restricted",
                "service-levels:manage",
                "scores:read",
                "scores:manage",
                "imports:write",
                "tiers:propose",
                "tiers:decide",
                "tier-policies:manage",
                "employees:manage",
                "transfers:manage",
                "audit:read",
            ],
            Self::AccountManager => &[
                "customers:read",
                "customers:write",
                "profiles:review",
                "contacts:read",
                "contacts:write",
                "decision-chains:read",
                "decision-chains:write",
                "interactions:read",
                "interactions:write",
                "complaints:read",
                "complaints:write",
                "scores:read",
                "tiers:propose",
            ],
            Self::ComplaintHandler => &[
                "customers:read",
                "contacts:read",
                "interactions:read",
                "interactions:write",
                "complaints:read",
                "complaints:write",
                "complaints:handle",
                "scores:read",
            ],
            Self::Viewer => &["customers:read", "contacts:read", "interactions:read", "complaints:read", "scores:read"],
            Self::Integration => &[
                "customers:read",
                "customers:write",
                "contacts:read",
                "contacts:write",
                "interactions:read",
                "interactions:write",
                "complaints:read",
                "complaints:write",
                "scores:read",
                "imports:write",
                "employees:manage",
            ],
            Self::Delivery => &["complaints:deliver"],
        }
    }
}

/// What all these roles together allow, in the order of [`ALL_PERMISSIONS`].
#[must_use]
pub fn permissions_of(roles: &[Role]) -> Vec<&'static str> {
    let granted: BTreeSet<&str> = roles.iter().flat_map(|role| role.permissions()).copied().collect();
    ALL_PERMISSIONS.iter().copied().filter(|permission| granted.contains(permission)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_grant_only_permissions_that_exist() {
        for role in Role::ALL {
            for permission in role.permissions() {
                assert!(ALL_PERMISSIONS.contains(permission), "{role:?} grants {permission}");
            }
        }
    }

    #[test]
    fn a_role_is_written_as_it_is_named() {
        for role in Role::ALL {
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
    }

    #[test]
    fn roles_add_up() {
        let permissions = permissions_of(&[Role::Viewer, Role::ComplaintHandler]);
        assert!(permissions.contains(&"complaints:handle"));
        assert!(!permissions.contains(&"customers:write"));
        assert!(permissions_of(&[]).is_empty());
        assert_eq!(permissions_of(&[Role::Admin]), ALL_PERMISSIONS);
    }
}
