//! Running a caller's work on a thread that must outlive it.

use crate::error::{Failure, unavailable};
use diesel::SqliteConnection;
use gatewright_application::ports::error::PortError;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does `work`; a panic in it becomes an error, so that one fault does not take the connection from everybody else.
/// What the work left half done is for the caller to roll back.
pub(crate) fn attempt<T>(
    connection: &mut SqliteConnection,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, Failure>,
) -> Result<T, PortError> {
    let unwound = |_| {
        tracing::error!("a database job panicked and was undone");
        Err(unavailable("the job panicked"))
    };
    catch_unwind(AssertUnwindSafe(|| work(connection).map_err(PortError::from))).unwrap_or_else(unwound)
}
