//! What the driver's errors mean to the application.

use deadpool_redis::redis::{RedisError, ServerErrorKind};
use gatewright_application::ports::error::PortError;

/// The dependency's name, as in `/health/ready`.
pub(crate) const REDIS: &str = "redis";

/// Redis is speed: whatever is wrong with it, who calls goes on without it. So all errors are one.
pub(crate) fn unavailable(reason: impl Into<String>) -> PortError {
    PortError::Unavailable {
        dependency: REDIS,
        reason: reason.into(),
    }
}

/// Nobody answered in time.
pub(crate) fn no_answer() -> PortError {
    unavailable("no answer in time")
}

pub(crate) fn from_driver(error: &RedisError) -> PortError {
    unavailable(error.to_string())
}

pub(crate) fn is_of(error: &RedisError, kind: ServerErrorKind) -> bool {
    error.kind() == kind.into()
}
