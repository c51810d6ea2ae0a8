//! Where the database is and how it is used.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// Two readers keep two cores busy; each more costs about 2 MiB once its cache is warm.
const DEFAULT_READERS: NonZeroUsize = NonZeroUsize::new(2).expect("two is not zero");
/// About a tenth of a second of work for the writer.
const DEFAULT_QUEUE_PLACES: usize = 1024;
const DEFAULT_PATIENCE: Duration = Duration::from_secs(2);

/// Settings of a [`SqliteStore`](crate::SqliteStore).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// The database's file. It is made, readable by its owner only, where it is missing; its folder has to be there.
    pub path: PathBuf,
    /// How many threads read.
    pub readers: NonZeroUsize,
    /// How many jobs may wait for the writer, and as many for the readers; one more is answered
    /// [`Overloaded`](gatewright_application::ports::error::PortError::Overloaded).
    pub queue_places: usize,
    /// How long a caller waits for an answer before it is
    /// [`Unavailable`](gatewright_application::ports::error::PortError::Unavailable). A change that has begun by then is
    /// waited for: whoever is sent away knows that it did not happen and never will.
    pub patience: Duration,
}

impl SqliteOptions {
    /// The defaults for the database in `path`.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            readers: DEFAULT_READERS,
            queue_places: DEFAULT_QUEUE_PLACES,
            patience: DEFAULT_PATIENCE,
        }
    }

    /// How long a statement waits for another process's lock: half of a caller's patience, so that one who
    /// comes while the writer waits for the lock can still see the next try through.
    pub(crate) fn lock_timeout(&self) -> Duration {
        self.patience / 2
    }
}
