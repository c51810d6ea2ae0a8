//! Why an instance does not start.

use crate::config::fault::{Fault, Faults};
use thiserror::Error;

/// Why an instance does not start, or a command on its data fails.
#[derive(Debug, Error)]
pub enum StartError {
    /// Settings are wrong; the message has a line for each.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// Something the instance needs does not work.
    #[error("{what}: {reason}")]
    Dependency {
        /// What.
        what: &'static str,
        /// Why, without secrets.
        reason: String,
    },
}

impl StartError {
    pub(crate) fn dependency(what: &'static str, reason: &impl ToString) -> Self {
        Self::Dependency {
            what,
            reason: reason.to_string(),
        }
    }
}

impl From<Fault> for StartError {
    fn from(fault: Fault) -> Self {
        Self::Settings(fault.into())
    }
}
