//! How a command that failed ends.

use gatewright::config::fault::Faults;
use gatewright::start_error::StartError;
use std::process::ExitCode;
use thiserror::Error;

/// Why a command failed; its kind decides the exit code.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// Wrong usage, told in one line.
    #[error("error: {0}")]
    Usage(String),
    /// Wrong settings, one line each.
    #[error(transparent)]
    Settings(#[from] Faults),
    /// Anything else, told in one line.
    #[error("error: {0}")]
    Other(String),
}

impl Failure {
    pub(crate) fn other(error: impl std::fmt::Display) -> Self {
        Self::Other(error.to_string())
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) | Self::Settings(_) => ExitCode::from(2),
            Self::Other(_) => ExitCode::FAILURE,
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Settings(faults) => Self::Settings(faults),
            StartError::Dependency { .. } => Self::other(error),
        }
    }
}
