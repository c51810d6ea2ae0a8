//! What a password hash costs, and how many are made at once.

use crate::config::parse::{duration, thread_count, whole_number};
use crate::config::reader::{Faulty, Reader};
use crate::config::server::processor_cores;
use crate::config::setting::Setting;
use gatewright_domain::Duration;
use std::num::NonZeroUsize;

pub(crate) const HASH_MEMORY_KIB: Setting = Setting::new(
    "HASH_MEMORY_KIB",
    "19456",
    "memory of one argon2id hash, in KiB; the start is refused below what OWASP asks for",
);
pub(crate) const HASH_ITERATIONS: Setting = Setting::new("HASH_ITERATIONS", "2", "passes over that memory");
pub(crate) const HASH_PARALLELISM: Setting = Setting::new("HASH_PARALLELISM", "1", "lanes of one hash");
pub(crate) const HASH_THREADS: Setting = Setting::derived(
    "HASH_THREADS",
    "one a processor core",
    "2",
    "threads that hash passwords; each takes the memory of one hash",
);
pub(crate) const HASH_QUEUE: Setting = Setting::new(
    "HASH_QUEUE",
    "64",
    "hashes that may wait for a thread; the next one is answered 503",
);
pub(crate) const HASH_MAX_WAIT: Setting = Setting::new(
    "HASH_MAX_WAIT",
    "2s",
    "how long a hash may wait for a thread before it is answered 503",
);

/// What a password hash costs, and how many are made at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashConfig {
    /// Memory of one hash.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// Threads that hash.
    pub threads: NonZeroUsize,
    /// Hashes that may wait.
    pub queue: usize,
    /// How long one may wait.
    pub max_wait: Duration,
}

impl HashConfig {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Faulty> {
        let memory_kib = reader.read(&HASH_MEMORY_KIB, whole_number(1..=262_144));
        let iterations = reader.read(&HASH_ITERATIONS, whole_number(1..=10));
        let parallelism = reader.read(&HASH_PARALLELISM, whole_number(1..=16));
        let threads = reader.read_optional(&HASH_THREADS, thread_count());
        let queue = reader.read(&HASH_QUEUE, whole_number(1..=10_000));
        let max_wait = reader.read(&HASH_MAX_WAIT, duration(Duration::milliseconds(10)..=Duration::MINUTE));
        Ok(Self {
            memory_kib: memory_kib?,
            iterations: iterations?,
            parallelism: parallelism?,
            threads: threads?.unwrap_or_else(processor_cores),
            queue: queue?,
            max_wait: max_wait?,
        })
    }
}
