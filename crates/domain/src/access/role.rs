//! Roles are data, permissions are a closed list.

use std::collections::BTreeSet;
use thiserror::Error;

/// Longest role name, in characters.
pub const MAX_ROLE_NAME_CHARS: usize = 64;

/// The name of the role that holds every permission.
const ADMINISTRATOR: &str = "admin";

/// The name of a role: lower-case ASCII letters, digits and `_`, beginning with a letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleName(String);

/// The text is not a role name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a role name has 1 to 64 lower-case ASCII letters, digits and '_', and begins with a letter")]
pub struct RoleNameError;

impl RoleName {
    /// Reads a role name.
    ///
    /// # Errors
    /// [`RoleNameError`] where it has another form.
    pub fn parse(text: &str) -> Result<Self, RoleNameError> {
        let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if begins_well && text.len() <= MAX_ROLE_NAME_CHARS && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RoleNameError)
        }
    }

    /// The role of somebody who signs up.
    #[must_use]
    pub fn default_for_new_users() -> Self {
        Self("normal_user".to_owned())
    }

    /// The role that holds every permission.
    #[must_use]
    pub fn administrator() -> Self {
        Self(ADMINISTRATOR.to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something a caller may be allowed to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// Look at users.
    UsersRead,
    /// Create, edit, disable and delete users.
    UsersWrite,
    /// Give roles to users.
    RolesAssign,
    /// Look at roles and permissions.
    RolesRead,
    /// Create, edit and delete roles.
    RolesWrite,
    /// Look at other users' sessions.
    SessionsRead,
    /// End other users' sessions.
    SessionsRevoke,
    /// Look at address rules.
    IpRulesRead,
    /// Change address rules.
    IpRulesWrite,
    /// Read the audit trail.
    AuditRead,
    /// Read statistics.
    StatsRead,
    /// Ask whether a token is valid.
    TokensIntrospect,
}

impl Permission {
    /// Every permission there is.
    pub const ALL: [Self; 12] = [
        Self::UsersRead,
        Self::UsersWrite,
        Self::RolesAssign,
        Self::RolesRead,
        Self::RolesWrite,
        Self::SessionsRead,
        Self::SessionsRevoke,
        Self::IpRulesRead,
        Self::IpRulesWrite,
        Self::AuditRead,
        Self::StatsRead,
        Self::TokensIntrospect,
    ];

    /// The word used in tokens and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::RolesAssign => "roles:assign",
            Self::RolesRead => "roles:read",
            Self::RolesWrite => "roles:write",
            Self::SessionsRead => "sessions:read",
            Self::SessionsRevoke => "sessions:revoke",
            Self::IpRulesRead => "ip_rules:read",
            Self::IpRulesWrite => "ip_rules:write",
            Self::AuditRead => "audit:read",
            Self::StatsRead => "stats:read",
            Self::TokensIntrospect => "tokens:introspect",
        }
    }

    /// The permission of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|permission| permission.as_str() == word)
    }
}

/// What a set of roles allows: everything for `admin`, nothing beyond one's own account otherwise.
#[must_use]
pub fn permissions_of(roles: &BTreeSet<RoleName>) -> BTreeSet<Permission> {
    if roles.iter().any(|role| role.as_str() == ADMINISTRATOR) {
        Permission::ALL.into()
    } else {
        BTreeSet::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_is_found_by_its_own_word() {
        for permission in Permission::ALL {
            assert_eq!(Permission::from_word(permission.as_str()), Some(permission));
        }
        assert_eq!(Permission::from_word("users:*"), None);
    }

    #[test]
    fn role_names_have_one_spelling() {
        assert!(RoleName::parse("education_user").is_ok());
        for text in ["", "Admin", "1a", "a b", "_a", "ädmin", &"a".repeat(65)] {
            assert!(RoleName::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_administrators_hold_permissions() {
        assert!(permissions_of(&[RoleName::default_for_new_users()].into()).is_empty());
        let all = permissions_of(&[RoleName::administrator()].into());
        assert_eq!(all.len(), Permission::ALL.len());
    }
}
