//! What use cases fail with, as problems. Every match is exhaustive: a new failure does not compile until it has a code.

use crate::problem::from_shared_failure::password_rejected;
use crate::problem::{Problem, ProblemCode};
use gatewright_application::account::delete_account::DeleteAccountError;
use gatewright_application::account::request_email_change::RequestEmailChangeError;
use gatewright_application::account::update_profile::UpdateProfileError;
use gatewright_application::account::verify_email_change::VerifyEmailChangeError;
use gatewright_application::password::change_password::ChangePasswordError;
use gatewright_application::password::request_password_reset::RequestPasswordResetError;
use gatewright_application::password::reset_password::ResetPasswordError;
use gatewright_application::registration::register_account::RegisterAccountError;
use gatewright_application::registration::resend_registration::ResendRegistrationError;
use gatewright_application::registration::verify_registration::VerifyRegistrationError;
use gatewright_application::session::authenticate_access_token::AuthenticateAccessTokenError;
use gatewright_application::session::end_session::EndSessionError;
use gatewright_application::session::rotate_refresh_token::RotateRefreshTokenError;
use gatewright_application::session::sign_in::SignInError;
use gatewright_application::session::sign_out::SignOutError;

impl From<RegisterAccountError> for Problem {
    fn from(error: RegisterAccountError) -> Self {
        match error {
            RegisterAccountError::Invalid(input) => input.into(),
            RegisterAccountError::Password(rejection) => password_rejected("password", &rejection),
            RegisterAccountError::EmailTaken => {
                Self::new(ProblemCode::EmailTaken, "this e-mail address has an account already")
            }
            RegisterAccountError::UsernameTaken => username_taken(),
            RegisterAccountError::Unexpected(error) => error.into(),
        }
    }
}

impl From<VerifyRegistrationError> for Problem {
    fn from(error: VerifyRegistrationError) -> Self {
        match error {
            VerifyRegistrationError::Proof(fault) => fault.into(),
            VerifyRegistrationError::UsernameTaken => username_taken(),
            VerifyRegistrationError::Unexpected(error) => error.into(),
        }
    }
}

impl From<ResendRegistrationError> for Problem {
    fn from(error: ResendRegistrationError) -> Self {
        match error {
            ResendRegistrationError::Invalid(input) => input.into(),
            ResendRegistrationError::Unexpected(error) => error.into(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Invalid(input) => input.into(),
            SignInError::InvalidCredentials => Self::new(
                ProblemCode::InvalidCredentials,
                "there is no such account, or the password is another one",
            ),
            SignInError::EmailNotVerified => Self::new(
                ProblemCode::EmailNotVerified,
                "verify the account's e-mail address first",
            ),
            SignInError::AccountDisabled => {
                Self::new(ProblemCode::AccountDisabled, "an administrator closed this account")
            }
            SignInError::Unexpected(error) => error.into(),
        }
    }
}

impl From<RotateRefreshTokenError> for Problem {
    fn from(error: RotateRefreshTokenError) -> Self {
        match error {
            RotateRefreshTokenError::Invalid => Self::new(
                ProblemCode::InvalidToken,
                "the refresh token is not valid on this device",
            ),
            RotateRefreshTokenError::Expired => {
                Self::new(ProblemCode::ExpiredToken, "the session is over; sign in again")
            }
            RotateRefreshTokenError::Revoked => {
                Self::new(ProblemCode::RevokedToken, "the session was ended; sign in again")
            }
            RotateRefreshTokenError::Reused => Self::new(
                ProblemCode::TokenReused,
                "the refresh token was used before, so its session was ended; sign in again",
            ),
            RotateRefreshTokenError::Unexpected(error) => error.into(),
        }
    }
}

impl From<AuthenticateAccessTokenError> for Problem {
    fn from(error: AuthenticateAccessTokenError) -> Self {
        match error {
            AuthenticateAccessTokenError::Invalid => invalid_access_token(),
            AuthenticateAccessTokenError::Expired => expired_access_token(),
            AuthenticateAccessTokenError::Revoked => revoked_access_token(),
            AuthenticateAccessTokenError::Unexpected(error) => error.into(),
        }
    }
}

impl From<SignOutError> for Problem {
    fn from(error: SignOutError) -> Self {
        match error {
            SignOutError::InvalidToken => invalid_access_token(),
            SignOutError::ExpiredToken => expired_access_token(),
            SignOutError::Unexpected(error) => error.into(),
        }
    }
}

impl From<EndSessionError> for Problem {
    fn from(error: EndSessionError) -> Self {
        match error {
            EndSessionError::NotFound => Self::new(ProblemCode::NotFound, "you have no such session"),
            EndSessionError::Unexpected(error) => error.into(),
        }
    }
}

impl From<RequestPasswordResetError> for Problem {
    fn from(error: RequestPasswordResetError) -> Self {
        match error {
            RequestPasswordResetError::Invalid(input) => input.into(),
            RequestPasswordResetError::Unexpected(error) => error.into(),
        }
    }
}

impl From<ResetPasswordError> for Problem {
    fn from(error: ResetPasswordError) -> Self {
        match error {
            ResetPasswordError::Proof(fault) => fault.into(),
            ResetPasswordError::Password(rejection) => password_rejected("new_password", &rejection),
            ResetPasswordError::Unexpected(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Current(error) => error.into(),
            ChangePasswordError::New(rejection) => password_rejected("new_password", &rejection),
            ChangePasswordError::Unexpected(error) => error.into(),
        }
    }
}

impl From<UpdateProfileError> for Problem {
    fn from(error: UpdateProfileError) -> Self {
        match error {
            UpdateProfileError::Invalid(input) => input.into(),
            UpdateProfileError::UsernameTaken => username_taken(),
            UpdateProfileError::Gone => revoked_access_token(),
            UpdateProfileError::Unexpected(error) => error.into(),
        }
    }
}

impl From<RequestEmailChangeError> for Problem {
    fn from(error: RequestEmailChangeError) -> Self {
        match error {
            RequestEmailChangeError::Invalid(input) => input.into(),
            RequestEmailChangeError::Password(error) => error.into(),
            RequestEmailChangeError::Unexpected(error) => error.into(),
        }
    }
}

impl From<VerifyEmailChangeError> for Problem {
    fn from(error: VerifyEmailChangeError) -> Self {
        match error {
            VerifyEmailChangeError::Proof(fault) => fault.into(),
            VerifyEmailChangeError::EmailTaken => Self::new(
                ProblemCode::EmailTaken,
                "this e-mail address belongs to another account by now",
            ),
            VerifyEmailChangeError::Unexpected(error) => error.into(),
        }
    }
}

impl From<DeleteAccountError> for Problem {
    fn from(error: DeleteAccountError) -> Self {
        match error {
            DeleteAccountError::Password(error) => error.into(),
            DeleteAccountError::Unexpected(error) => error.into(),
        }
    }
}

fn username_taken() -> Problem {
    Problem::new(ProblemCode::UsernameTaken, "somebody else has this username")
}

fn invalid_access_token() -> Problem {
    Problem::bearer(ProblemCode::InvalidToken, "the access token is not valid")
}

fn expired_access_token() -> Problem {
    Problem::bearer(ProblemCode::ExpiredToken, "the access token has expired")
}

fn revoked_access_token() -> Problem {
    Problem::bearer(ProblemCode::RevokedToken, "the session was ended; sign in again")
}
