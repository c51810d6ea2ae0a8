//! The audit trail: who did what, to whom, from where, with what result and why.

use gatewright_domain::Timestamp;
use gatewright_domain::account::user::UserId;
use gatewright_domain::session::session::SessionId;
use std::net::IpAddr;
use uuid::Uuid;

/// What happened, in the words of the OWASP logging vocabulary where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditEventType {
    /// `user_created`
    UserCreated,
    /// `user_updated`
    UserUpdated,
    /// `user_deleted`
    UserDeleted,
    /// `authn_login_success`
    LoginSucceeded,
    /// `authn_login_fail`
    LoginFailed,
    /// `authn_token_reuse`
    TokenReused,
    /// `authn_token_revoked`
    SessionEnded,
    /// `authn_password_change`
    PasswordChanged,
    /// `authn_password_change_fail`
    PasswordChangeFailed,
    /// `password_reset_requested`
    PasswordResetRequested,
    /// `email_change_requested`
    EmailChangeRequested,
    /// `email_changed`
    EmailChanged,
}

impl AuditEventType {
    /// Every type.
    pub const ALL: [Self; 12] = [
        Self::UserCreated,
        Self::UserUpdated,
        Self::UserDeleted,
        Self::LoginSucceeded,
        Self::LoginFailed,
        Self::TokenReused,
        Self::SessionEnded,
        Self::PasswordChanged,
        Self::PasswordChangeFailed,
        Self::PasswordResetRequested,
        Self::EmailChangeRequested,
        Self::EmailChanged,
    ];

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserCreated => "user_created",
            Self::UserUpdated => "user_updated",
            Self::UserDeleted => "user_deleted",
            Self::LoginSucceeded => "authn_login_success",
            Self::LoginFailed => "authn_login_fail",
            Self::TokenReused => "authn_token_reuse",
            Self::SessionEnded => "authn_token_revoked",
            Self::PasswordChanged => "authn_password_change",
            Self::PasswordChangeFailed => "authn_password_change_fail",
            Self::PasswordResetRequested => "password_reset_requested",
            Self::EmailChangeRequested => "email_change_requested",
            Self::EmailChanged => "email_changed",
        }
    }
}

/// One entry of the trail. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its identity.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What.
    pub event_type: AuditEventType,
    /// Who did it, where that is known.
    pub actor: Option<UserId>,
    /// To whom.
    pub subject: Option<UserId>,
    /// In which session.
    pub session: Option<SessionId>,
    /// From which address.
    pub address: Option<IpAddr>,
    /// In which request.
    pub request_id: String,
    /// Why, in a stable word.
    pub reason: Option<&'static str>,
}
