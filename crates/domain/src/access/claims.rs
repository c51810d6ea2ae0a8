//! What an access token says about its bearer.

use crate::Timestamp;
use crate::access::role::{Permission, RoleName};
use crate::account::user::UserId;
use crate::session::session::{AuthenticationMethod, SessionId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// The claims of an access token; issuer and audience belong to the token service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// `sub`: whose token it is.
    pub user_id: UserId,
    /// `sid`: the session it was issued in; it ends with that session.
    pub session_id: SessionId,
    /// `jti`: this token.
    pub token_id: Uuid,
    /// `iat` and `nbf`.
    pub issued_at: Timestamp,
    /// `exp`.
    pub expires_at: Timestamp,
    /// `auth_time`: when the user last proved who they are.
    pub authenticated_at: Timestamp,
    /// `amr`: by what means (RFC 8176).
    pub methods: BTreeSet<AuthenticationMethod>,
    /// `roles`.
    pub roles: BTreeSet<RoleName>,
    /// `permissions`.
    pub permissions: BTreeSet<Permission>,
}
