//! From the driver's errors to the ports'.

use diesel::result::{DatabaseErrorKind, Error as DriverError};
use gatewright_application::ports::error::{Constraint, PortError};

/// The name of this dependency in errors and in `/health/ready`.
pub(crate) const DATABASE: &str = "database";

/// What ends a piece of work early: a driver's error, told apart only once it leaves the adapter, or
/// an error that is a port's already.
#[derive(Debug)]
pub(crate) enum Failure {
    Driver(DriverError),
    Port(PortError),
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

fn from_driver(error: &DriverError) -> PortError {
    match error {
        DriverError::DatabaseError(kind, information) => violated(*kind, information.message())
            .map_or_else(|| from_message(information.message()), PortError::Conflict),
        DriverError::DeserializationError(reason) => corrupt("row", reason.to_string()),
        other => unavailable(other.to_string()),
    }
}

/// The constraint a statement ran into. `SQLite` names a unique index by its columns and a foreign key not at all;
/// each foreign key of this schema points at a user.
fn violated(kind: DatabaseErrorKind, message: &str) -> Option<Constraint> {
    match (kind, message) {
        (DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed: users.email_canonical") => {
            Some(Constraint::EmailFree)
        }
        (DatabaseErrorKind::UniqueViolation, "UNIQUE constraint failed: users.username_canonical") => {
            Some(Constraint::UsernameFree)
        }
        (DatabaseErrorKind::ForeignKeyViolation, _) => Some(Constraint::UserExists),
        _ => None,
    }
}

/// Full disk, failed read or write, a lock held too long: all may pass. A file that is no database will not.
fn from_message(message: &str) -> PortError {
    match message {
        "database disk image is malformed" | "file is not a database" => corrupt(DATABASE, message),
        _ => unavailable(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port_error(kind: DatabaseErrorKind, message: &str) -> PortError {
        Failure::from(DriverError::DatabaseError(kind, Box::new(message.to_owned()))).into()
    }

    #[test]
    fn a_unique_index_that_is_no_rule_of_the_ports_is_no_conflict() {
        let error = port_error(
            DatabaseErrorKind::UniqueViolation,
            "UNIQUE constraint failed: sessions.id",
        );
        assert!(matches!(
            error,
            PortError::Unavailable {
                dependency: "database",
                ..
            }
        ));
    }

    #[test]
    fn a_full_disk_may_pass_and_a_broken_file_may_not() {
        let full = port_error(DatabaseErrorKind::Unknown, "database or disk is full");
        assert!(matches!(full, PortError::Unavailable { .. }));
        let broken = port_error(DatabaseErrorKind::Unknown, "database disk image is malformed");
        assert!(matches!(broken, PortError::Corrupt { what: "database", .. }));
    }
}
