//! Ports to listen on.

use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::net::TcpListener;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// The address of every server: of this machine alone.
pub(crate) const HOST: &str = "127.0.0.1";

/// How far above its port a node of a Redis cluster listens to the other nodes, unless told otherwise.
const REDIS_BUS: u16 = 10_000;

/// Below the ports that systems give to outgoing connections (from 32768 on Linux), also with [`REDIS_BUS`] added: a
/// server that is down for a while finds its port free again, and no client connects to itself meanwhile.
const FIRST: u16 = 10_000;
const COUNT: u16 = 12_000;

/// A port where nobody listens, nor [`REDIS_BUS`] above it. No two calls of this process answer the same.
pub(crate) fn free_port() -> io::Result<u16> {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    // Another place for each process, so that two that start at once do not choose the same.
    let next = NEXT.get_or_init(|| {
        let random = RandomState::new().hash_one(std::process::id());
        AtomicU16::new(u16::try_from(random % u64::from(COUNT)).unwrap_or_default())
    });
    (0..COUNT)
        .map(|_| FIRST + next.fetch_add(1, Ordering::Relaxed) % COUNT)
        .find(|port| is_free(*port) && is_free(port + REDIS_BUS))
        .ok_or_else(|| io::Error::other("no port is free"))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((HOST, port)).is_ok()
}
