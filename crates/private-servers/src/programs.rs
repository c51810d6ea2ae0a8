//! Where the servers' programs lie.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Debian keeps the server programs of each version of PostgreSQL, in `<version>/bin`.
const DEBIAN_POSTGRES: &str = "/usr/lib/postgresql";

/// Folders that are not in everybody's `PATH`.
const OTHER_FOLDERS: [&str; 4] = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];

/// The first program of that name in `PATH` or the system's folders.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(OTHER_FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The folder of PostgreSQL's server programs, as [`PostgresServer::start`](crate::PostgresServer::start) wants it:
/// the one in `PATH`, or Debian's of the highest version.
pub fn installed_postgres() -> Option<PathBuf> {
    // PostgreSQL finds its other files from where the program lies, and not from where a link to it does.
    let linked = program("initdb").and_then(|file| file.canonicalize().ok());
    let in_path = linked.as_deref().and_then(Path::parent).map(Path::to_owned);
    in_path
        .into_iter()
        .chain(debian_postgres())
        .find(|folder| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file()))
}

/// `redis-server`, or `valkey-server`, which is the same for our purposes.
#[must_use]
pub fn installed_redis() -> Option<PathBuf> {
    program("redis-server").or_else(|| program("valkey-server"))
}

fn debian_postgres() -> Vec<PathBuf> {
    let versions = fs::read_dir(DEBIAN_POSTGRES).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, folder)| folder).collect()
}
