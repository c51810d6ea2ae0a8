//! What the operating system says about the server's process.

use gatewright_tests::server::Server;

/// Resident memory now, in MiB.
pub(crate) fn resident_mib(server: &Server) -> f64 {
    status(server, "VmRSS:")
}

/// The most resident memory so far, in MiB.
pub(crate) fn peak_resident_mib(server: &Server) -> f64 {
    status(server, "VmHWM:")
}

fn status(server: &Server, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib / 1024.0
}
