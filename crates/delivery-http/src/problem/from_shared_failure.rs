//! What every use case can fail with, as problems: dependencies, input, proofs, passwords.

use crate::problem::{FieldError, Problem, ProblemCode};
use gatewright_application::account::confirm_password::ConfirmPasswordError;
use gatewright_application::challenge::redeem::ProofFault;
use gatewright_application::input::InvalidInput;
use gatewright_application::password::new_password::PasswordRejection;
use gatewright_application::ports::error::PortError;
use gatewright_domain::password::password::PasswordError;
use gatewright_domain::password::policy::PasswordFault;

/// When to try again where nobody knows better, in seconds.
const RETRY_AFTER_UNAVAILABLE: i64 = 2;

impl From<PortError> for Problem {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Conflict(constraint) => {
                tracing::warn!(?constraint, "a change met another one");
                Self::new(
                    ProblemCode::Conflict,
                    "something changed in the meantime; look again and retry",
                )
            }
            PortError::Unavailable { dependency, reason } => {
                tracing::error!(dependency, reason, "a dependency is unavailable");
                let detail = "a part of the service does not answer; try again in a moment";
                Self::new(ProblemCode::Unavailable, detail).retry_after(RETRY_AFTER_UNAVAILABLE)
            }
            PortError::Overloaded { retry_after } => {
                let detail = "too much work is waiting; try again in a moment";
                Self::new(ProblemCode::Overloaded, detail).retry_after(retry_after.whole_seconds())
            }
            PortError::Corrupt { what, reason } => {
                tracing::error!(what, reason, "a stored record cannot be read");
                Self::internal()
            }
        }
    }
}

impl From<InvalidInput> for Problem {
    fn from(InvalidInput(faults): InvalidInput) -> Self {
        let errors = faults
            .into_iter()
            .map(|fault| FieldError::named(fault.field, fault.code, fault.detail));
        Self::validation(errors.collect())
    }
}

impl From<ProofFault> for Problem {
    fn from(fault: ProofFault) -> Self {
        match fault {
            ProofFault::InvalidCode => Self::new(
                ProblemCode::InvalidCode,
                "the code is wrong, used or belongs to another request",
            ),
            ProofFault::InvalidLink => Self::new(ProblemCode::InvalidToken, "the link is unknown or was used before"),
            ProofFault::Expired => Self::new(
                ProblemCode::ExpiredToken,
                "the code or link is too old; ask for a new one",
            ),
            ProofFault::Unexpected(error) => error.into(),
        }
    }
}

impl From<ConfirmPasswordError> for Problem {
    fn from(error: ConfirmPasswordError) -> Self {
        match error {
            ConfirmPasswordError::Invalid(input) => input.into(),
            ConfirmPasswordError::Wrong => Self::new(
                ProblemCode::InvalidCredentials,
                "this is not the account's present password",
            ),
            ConfirmPasswordError::Unexpected(error) => error.into(),
        }
    }
}

/// A refused new password that came in `field`.
pub(super) fn password_rejected(field: &str, rejection: &PasswordRejection) -> Problem {
    let errors = password_faults(rejection)
        .into_iter()
        .map(|(code, detail)| FieldError::named(field, code, detail));
    let problem = Problem::validation(errors.collect());
    match rejection {
        PasswordRejection::Unusable(_) => problem,
        PasswordRejection::Policy(_) => Problem {
            code: ProblemCode::PasswordRejected,
            detail: "choose another password; errors says why".into(),
            ..problem
        },
    }
}

/// Stable words and sentences.
fn password_faults(rejection: &PasswordRejection) -> Vec<(&'static str, String)> {
    match rejection {
        PasswordRejection::Unusable(error) => vec![(unusable_word(*error), error.to_string())],
        PasswordRejection::Policy(faults) => {
            let pairs = faults.iter().map(|fault| (fault_word(*fault), fault.to_string()));
            pairs.collect()
        }
    }
}

fn unusable_word(error: PasswordError) -> &'static str {
    match error {
        PasswordError::Empty => "required",
        PasswordError::TooLong => "too_long",
    }
}

fn fault_word(fault: PasswordFault) -> &'static str {
    match fault {
        PasswordFault::TooShort => "too_short",
        PasswordFault::Listed => "listed",
        PasswordFault::ContextWord => "context_word",
        PasswordFault::NoUpperCase => "no_upper_case",
        PasswordFault::NoLowerCase => "no_lower_case",
        PasswordFault::NoDigit => "no_digit",
        PasswordFault::NoSpecial => "no_special",
    }
}
