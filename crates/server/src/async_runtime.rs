//! The runtime of what goes on beside the requests; those have threads of their own.

use crate::exit::Failure;
use tokio::runtime::{Builder, Runtime};

/// A runtime that drives connections also while a command waits.
pub(crate) fn start() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Failure::other)
}
