//! The problem codes of the API: one stable word each, with its status and title.

use actix_web::http::StatusCode;

/// A problem's stable word. Codes are never renamed; clients decide by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProblemCode {
    MalformedRequest,
    InvalidCredentials,
    InvalidToken,
    ExpiredToken,
    RevokedToken,
    TokenReused,
    InvalidCode,
    EmailNotVerified,
    AccountDisabled,
    CsrfRejected,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    EmailTaken,
    UsernameTaken,
    Conflict,
    PayloadTooLarge,
    UnsupportedMediaType,
    ValidationFailed,
    PasswordRejected,
    RateLimited,
    Internal,
    Unavailable,
    Overloaded,
}

impl ProblemCode {
    /// Every code.
    pub(crate) const ALL: [Self; 24] = [
        Self::MalformedRequest,
        Self::InvalidCredentials,
        Self::InvalidToken,
        Self::ExpiredToken,
        Self::RevokedToken,
        Self::TokenReused,
        Self::InvalidCode,
        Self::EmailNotVerified,
        Self::AccountDisabled,
        Self::CsrfRejected,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::EmailTaken,
        Self::UsernameTaken,
        Self::Conflict,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::ValidationFailed,
        Self::PasswordRejected,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
        Self::Overloaded,
    ];

    /// The word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformed_request",
            Self::InvalidCredentials => "invalid_credentials",
            Self::InvalidToken => "invalid_token",
            Self::ExpiredToken => "expired_token",
            Self::RevokedToken => "revoked_token",
            Self::TokenReused => "token_reused",
            Self::InvalidCode => "invalid_code",
            Self::EmailNotVerified => "email_not_verified",
            Self::AccountDisabled => "account_disabled",
            Self::CsrfRejected => "csrf_rejected",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::RequestTimeout => "request_timeout",
            Self::EmailTaken => "email_taken",
            Self::UsernameTaken => "username_taken",
            Self::Conflict => "conflict",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::ValidationFailed => "validation_failed",
            Self::PasswordRejected => "password_rejected",
            Self::RateLimited => "rate_limited",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::Overloaded => "overloaded",
        }
    }

    /// The same for every occurrence of the problem (RFC 9457 §3.1.3).
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::MalformedRequest => "The request is malformed",
            Self::InvalidCredentials => "Unknown account or wrong password",
            Self::InvalidToken => "The token is not valid",
            Self::ExpiredToken => "The token has expired",
            Self::RevokedToken => "The token was revoked",
            Self::TokenReused => "The token was used before",
            Self::InvalidCode => "The code is not valid",
            Self::EmailNotVerified => "The e-mail address is not verified",
            Self::AccountDisabled => "The account is disabled",
            Self::CsrfRejected => "The request comes from another site",
            Self::NotFound => "There is nothing here",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::RequestTimeout => "The request did not arrive in time",
            Self::EmailTaken => "The e-mail address has an account",
            Self::UsernameTaken => "The username is taken",
            Self::Conflict => "The request met another change",
            Self::PayloadTooLarge => "The request is too large",
            Self::UnsupportedMediaType => "The media type is not supported",
            Self::ValidationFailed => "Some input is not acceptable",
            Self::PasswordRejected => "The password is not acceptable",
            Self::RateLimited => "There were too many requests",
            Self::Internal => "Something went wrong on our side",
            Self::Unavailable => "The service is not available at the moment",
            Self::Overloaded => "The service is busy at the moment",
        }
    }

    /// The status it comes with.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::MalformedRequest => StatusCode::BAD_REQUEST,
            Self::InvalidCredentials
            | Self::InvalidToken
            | Self::ExpiredToken
            | Self::RevokedToken
            | Self::TokenReused
            | Self::InvalidCode => StatusCode::UNAUTHORIZED,
            Self::EmailNotVerified | Self::AccountDisabled | Self::CsrfRejected => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::EmailTaken | Self::UsernameTaken | Self::Conflict => StatusCode::CONFLICT,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ValidationFailed | Self::PasswordRejected => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable | Self::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The code for an error of the framework, which knows a status only.
    pub(crate) fn from_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Self::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Self::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Self::PayloadTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::UnsupportedMediaType,
            status if status.is_client_error() => Self::MalformedRequest,
            _ => Self::Internal,
        }
    }
}
