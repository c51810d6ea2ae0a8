//! The table of problems, and what goes with them.

use super::*;
use gatewright_application::account::confirm_password::ConfirmPasswordError;
use gatewright_application::account::delete_account::DeleteAccountError;
use gatewright_application::account::request_email_change::RequestEmailChangeError;
use gatewright_application::account::update_profile::UpdateProfileError;
use gatewright_application::account::verify_email_change::VerifyEmailChangeError;
use gatewright_application::challenge::redeem::ProofFault;
use gatewright_application::input::{FieldFault, InvalidInput};
use gatewright_application::password::change_password::ChangePasswordError;
use gatewright_application::password::new_password::PasswordRejection;
use gatewright_application::password::reset_password::ResetPasswordError;
use gatewright_application::ports::error::{Constraint, PortError};
use gatewright_application::registration::register_account::RegisterAccountError;
use gatewright_application::registration::verify_registration::VerifyRegistrationError;
use gatewright_application::session::authenticate_access_token::AuthenticateAccessTokenError;
use gatewright_application::session::end_session::EndSessionError;
use gatewright_application::session::rotate_refresh_token::RotateRefreshTokenError;
use gatewright_application::session::sign_in::SignInError;
use gatewright_application::session::sign_out::SignOutError;
use gatewright_domain::Duration;
use gatewright_domain::password::password::PasswordError;
use gatewright_domain::password::policy::PasswordFault;

fn invalid() -> InvalidInput {
    let detail = "the address is empty".to_owned();
    InvalidInput(vec![FieldFault {
        field: "email",
        code: "required",
        detail,
    }])
}

fn overloaded() -> PortError {
    let retry_after = Duration::milliseconds(300);
    PortError::Overloaded { retry_after }
}

fn line(name: &str, problem: impl Into<Problem>) -> String {
    let problem = problem.into();
    let faults = problem
        .errors()
        .iter()
        .map(|error| format!(" {}={}", error.pointer, error.code));
    let status = problem.code().status().as_u16();
    format!(
        "{name:<32} {status} {}{}",
        problem.code().as_str(),
        faults.collect::<String>()
    )
}

fn shared_failures() -> Vec<String> {
    let unavailable = PortError::Unavailable {
        dependency: "database",
        reason: String::new(),
    };
    let corrupt = PortError::Corrupt {
        what: "user",
        reason: String::new(),
    };
    vec![
        line("input", invalid()),
        line("proof: code", ProofFault::InvalidCode),
        line("proof: link", ProofFault::InvalidLink),
        line("proof: expired", ProofFault::Expired),
        line("port: conflict", PortError::Conflict(Constraint::UserExists)),
        line("port: unavailable", unavailable),
        line("port: overloaded", overloaded()),
        line("port: corrupt", corrupt),
    ]
}

fn session_failures() -> Vec<String> {
    vec![
        line("sign in: credentials", SignInError::InvalidCredentials),
        line("sign in: unverified", SignInError::EmailNotVerified),
        line("sign in: disabled", SignInError::AccountDisabled),
        line("refresh: invalid", RotateRefreshTokenError::Invalid),
        line("refresh: expired", RotateRefreshTokenError::Expired),
        line("refresh: revoked", RotateRefreshTokenError::Revoked),
        line("refresh: reused", RotateRefreshTokenError::Reused),
        line("bearer: invalid", AuthenticateAccessTokenError::Invalid),
        line("bearer: expired", AuthenticateAccessTokenError::Expired),
        line("bearer: revoked", AuthenticateAccessTokenError::Revoked),
        line("sign out: invalid", SignOutError::InvalidToken),
        line("sign out: expired", SignOutError::ExpiredToken),
        line("session: not found", EndSessionError::NotFound),
    ]
}

fn account_failures() -> Vec<String> {
    let policy = || PasswordRejection::Policy(vec![PasswordFault::TooShort, PasswordFault::Listed]);
    let unusable = PasswordRejection::Unusable(PasswordError::TooLong);
    let wrong = || ConfirmPasswordError::Wrong;
    vec![
        line("register: policy", RegisterAccountError::Password(policy())),
        line("register: unusable", RegisterAccountError::Password(unusable)),
        line("register: email", RegisterAccountError::EmailTaken),
        line("register: username", RegisterAccountError::UsernameTaken),
        line("verify: username", VerifyRegistrationError::UsernameTaken),
        line("reset: policy", ResetPasswordError::Password(policy())),
        line("change: policy", ChangePasswordError::New(policy())),
        line("change: wrong", ChangePasswordError::Current(wrong())),
        line("profile: username", UpdateProfileError::UsernameTaken),
        line("profile: gone", UpdateProfileError::Gone),
        line("email: wrong", RequestEmailChangeError::Password(wrong())),
        line("email: taken", VerifyEmailChangeError::EmailTaken),
        line("delete: wrong", DeleteAccountError::Password(wrong())),
    ]
}

#[test]
fn every_failure_has_its_code() {
    let table = [shared_failures(), session_failures(), account_failures()].concat();
    insta::assert_snapshot!(table.join("\n"), @r"
    input                            422 validation_failed /email=required
    proof: code                      401 invalid_code
    proof: link                      401 invalid_token
    proof: expired                   401 expired_token
    port: conflict                   409 conflict
    port: unavailable                503 unavailable
    port: overloaded                 503 overloaded
    port: corrupt                    500 internal
    sign in: credentials             401 invalid_credentials
    sign in: unverified              403 email_not_verified
    sign in: disabled                403 account_disabled
    refresh: invalid                 401 invalid_token
    refresh: expired                 401 expired_token
    refresh: revoked                 401 revoked_token
    refresh: reused                  401 token_reused
    bearer: invalid                  401 invalid_token
    bearer: expired                  401 expired_token
    bearer: revoked                  401 revoked_token
    sign out: invalid                401 invalid_token
    sign out: expired                401 expired_token
    session: not found               404 not_found
    register: policy                 422 password_rejected /password=too_short /password=listed
    register: unusable               422 validation_failed /password=too_long
    register: email                  409 email_taken
    register: username               409 username_taken
    verify: username                 409 username_taken
    reset: policy                    422 password_rejected /new_password=too_short /new_password=listed
    change: policy                   422 password_rejected /new_password=too_short /new_password=listed
    change: wrong                    401 invalid_credentials
    profile: username                409 username_taken
    profile: gone                    401 revoked_token
    email: wrong                     401 invalid_credentials
    email: taken                     409 email_taken
    delete: wrong                    401 invalid_credentials
    ");
}

#[test]
fn every_code_stands_in_the_contract_with_its_status() {
    let table = ProblemCode::ALL.map(|code| format!("{} {} · {}", code.status().as_u16(), code.as_str(), code.title()));
    insta::assert_snapshot!(table.join("\n"), @r"
    400 malformed_request · The request is malformed
    401 invalid_credentials · Unknown account or wrong password
    401 invalid_token · The token is not valid
    401 expired_token · The token has expired
    401 revoked_token · The token was revoked
    401 token_reused · The token was used before
    401 invalid_code · The code is not valid
    403 email_not_verified · The e-mail address is not verified
    403 account_disabled · The account is disabled
    403 csrf_rejected · The request comes from another site
    404 not_found · There is nothing here
    405 method_not_allowed · The method is not allowed here
    408 request_timeout · The request did not arrive in time
    409 email_taken · The e-mail address has an account
    409 username_taken · The username is taken
    409 conflict · The request met another change
    413 payload_too_large · The request is too large
    415 unsupported_media_type · The media type is not supported
    422 validation_failed · Some input is not acceptable
    422 password_rejected · The password is not acceptable
    429 rate_limited · There were too many requests
    500 internal · Something went wrong on our side
    503 unavailable · The service is not available at the moment
    503 overloaded · The service is busy at the moment
    ");
}

#[test]
fn what_is_wrong_behind_a_port_is_never_told() {
    let reason = "canary at 10.0.0.7".to_owned();
    let unavailable = PortError::Unavailable {
        dependency: "canary",
        reason: reason.clone(),
    };
    for error in [unavailable, PortError::Corrupt { what: "canary", reason }] {
        let problem = Problem::from(error);
        let json = String::from_utf8(ProblemAnswer::of(&problem, "id").to_json()).unwrap();
        assert!(!json.contains("canary"), "{json}");
    }
}

#[test]
fn whoever_is_to_try_again_is_told_when_in_whole_seconds() {
    let mut headers = HeaderMap::new();
    Problem::from(overloaded()).write_headers(&mut headers);
    assert_eq!(headers.get(header::RETRY_AFTER).unwrap(), "1");
}

#[test]
fn errors_of_the_framework_become_problems_by_their_status() {
    let cases = [
        (actix_web::error::ErrorBadRequest("canary"), "malformed_request"),
        (actix_web::error::ErrorImATeapot("canary"), "malformed_request"),
        (actix_web::error::ErrorNotFound("canary"), "not_found"),
        (actix_web::error::ErrorPayloadTooLarge("canary"), "payload_too_large"),
        (actix_web::error::ErrorBadGateway("canary"), "internal"),
    ];
    for (error, code) in cases {
        let problem = Problem::of(&error);
        assert_eq!(problem.code().as_str(), code);
        assert!(!problem.to_string().contains("canary"));
    }
}
