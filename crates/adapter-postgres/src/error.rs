//! From the driver's errors to the ports'.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error as DriverError};
use gatewright_application::ports::error::{Constraint, PortError};
use std::error::Error as StdError;

/// The name of this dependency in errors and in `/health/ready`.
pub(crate) const DATABASE: &str = "database";

/// What ends a piece of work early: a driver's error, told apart only once it leaves the adapter, or
/// an error that is a port's already.
#[derive(Debug)]
pub(crate) enum Failure {
    Driver(DriverError),
    Port(PortError),
}

impl Failure {
    /// Whether the very same work may well succeed when it is done again: the server chose it to end a deadlock. The
    /// driver passes on no SQLSTATE, so 40P01 is known by its message; a server that speaks another language has its
    /// deadlocks answered as unavailable.
    pub(crate) fn may_pass_at_once(&self) -> bool {
        match self {
            Self::Driver(DriverError::DatabaseError(DatabaseErrorKind::SerializationFailure, _)) => true,
            Self::Driver(DriverError::DatabaseError(_, information)) => information.message() == "deadlock detected",
            _ => false,
        }
    }

    /// Whether the connection it came over leads to a server that no longer takes writes.
    pub(crate) fn is_from_a_read_only_server(&self) -> bool {
        matches!(
            self,
            Self::Driver(DriverError::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _))
        )
    }
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        Self::Driver(error)
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

impl From<Constraint> for Failure {
    fn from(constraint: Constraint) -> Self {
        Self::Port(PortError::Conflict(constraint))
    }
}

impl From<Failure> for PortError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Port(error) => error,
            Failure::Driver(error) => from_driver(&error),
        }
    }
}

/// The database does not work now.
pub(crate) fn unavailable(reason: impl Into<String>) -> PortError {
    PortError::Unavailable {
        dependency: DATABASE,
        reason: reason.into(),
    }
}

/// A stored value that no rule of ours would have written.
pub(crate) fn corrupt(what: &'static str, reason: impl Into<String>) -> PortError {
    PortError::Corrupt {
        what,
        reason: reason.into(),
    }
}

/// An error with all that caused it, in one line: the driver's own texts say little more than that it failed.
pub(crate) fn with_causes(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text.replace('\n', "; ")
}

fn from_driver(error: &DriverError) -> PortError {
    match error {
        DriverError::DatabaseError(kind, information) => violated(*kind, information.as_ref())
            .map_or_else(|| unavailable(information.message()), PortError::Conflict),
        DriverError::DeserializationError(reason) => corrupt("row", reason.to_string()),
        other => unavailable(other.to_string()),
    }
}

/// The constraint a statement ran into, by the name it has in the migrations. Each foreign key of this schema points at a
/// user.
fn violated(kind: DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> Option<Constraint> {
    match (kind, information.constraint_name()) {
        (DatabaseErrorKind::UniqueViolation, Some("users_email_canonical")) => Some(Constraint::EmailFree),
        (DatabaseErrorKind::UniqueViolation, Some("users_username_canonical")) => Some(Constraint::UsernameFree),
        (DatabaseErrorKind::ForeignKeyViolation, _) => Some(Constraint::UserExists),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: DatabaseErrorKind, message: &str) -> Failure {
        DriverError::DatabaseError(kind, Box::new(message.to_owned())).into()
    }

    #[test]
    fn a_unique_index_that_is_no_rule_of_the_ports_is_no_conflict() {
        let error = PortError::from(failure(
            DatabaseErrorKind::UniqueViolation,
            "duplicate key value violates unique constraint \"sessions_pkey\"",
        ));
        assert!(matches!(
            error,
            PortError::Unavailable {
                dependency: "database",
                ..
            }
        ));
    }

    #[test]
    fn what_ends_a_deadlock_may_be_done_again_and_what_ran_out_of_time_may_not() {
        assert!(failure(DatabaseErrorKind::Unknown, "deadlock detected").may_pass_at_once());
        assert!(failure(DatabaseErrorKind::SerializationFailure, "could not serialize access").may_pass_at_once());
        let late = failure(
            DatabaseErrorKind::Unknown,
            "canceling statement due to statement timeout",
        );
        assert!(!late.may_pass_at_once());
        assert!(!Failure::from(Constraint::EmailFree).may_pass_at_once());
    }
}
