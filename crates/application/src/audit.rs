//! The audit trail: who did what, to whom, from where, with what result and why.

use crate::ports::secrets::Secrets;
use crate::request::RequestContext;
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
    /// `authn_password_change_fail`: the current password, asked for again, was wrong
    PasswordConfirmationFailed,
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
        Self::PasswordConfirmationFailed,
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
            Self::PasswordConfirmationFailed => "authn_password_change_fail",
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

/// Writes audit events for one command: the time and the circumstances are the same for all of them.
pub struct AuditWriter<'a> {
    secrets: &'a dyn Secrets,
    context: &'a RequestContext,
    now: Timestamp,
}

impl<'a> AuditWriter<'a> {
    /// A writer for a command that runs at `now`.
    #[must_use]
    pub fn new(secrets: &'a dyn Secrets, context: &'a RequestContext, now: Timestamp) -> Self {
        Self { secrets, context, now }
    }

    /// Something a user did to their own account.
    #[must_use]
    pub fn by_user(&self, event_type: AuditEventType, user: UserId) -> AuditEvent {
        AuditEvent {
            actor: Some(user),
            subject: Some(user),
            ..self.anonymous(event_type)
        }
    }

    /// Something that happened to an account, done by nobody knows whom.
    #[must_use]
    pub fn about_user(&self, event_type: AuditEventType, user: Option<UserId>) -> AuditEvent {
        AuditEvent {
            subject: user,
            ..self.anonymous(event_type)
        }
    }

    fn anonymous(&self, event_type: AuditEventType) -> AuditEvent {
        AuditEvent {
            id: self.secrets.new_id(self.now),
            at: self.now,
            event_type,
            actor: None,
            subject: None,
            session: None,
            address: self.context.client.address,
            request_id: self.context.request_id.clone(),
            reason: None,
        }
    }
}

impl AuditEvent {
    /// With the session it happened in.
    #[must_use]
    pub fn in_session(self, session: SessionId) -> Self {
        Self {
            session: Some(session),
            ..self
        }
    }

    /// With a reason.
    #[must_use]
    pub fn because(self, reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }
}
