//! What Linux tells about the process, under the names that Prometheus' own libraries use. Nothing elsewhere.

use std::fs;
use std::path::Path;

/// Clock ticks in a second as /proc counts them, on every architecture that Rust runs on.
const TICKS: f64 = 100.0;

/// Reads them all. Blocks for some microseconds.
pub(crate) fn read() -> Vec<(&'static str, f64)> {
    let process = Path::new("/proc/self");
    let status = fs::read_to_string(process.join("status")).unwrap_or_default();
    let memory = field(&status, "VmRSS:").map(|kibibytes| kibibytes * 1024.0);
    let gauges = [
        ("process_resident_memory_bytes", memory),
        ("process_threads", field(&status, "Threads:")),
        ("process_open_fds", open_files(process)),
        ("process_start_time_seconds", started_at(process)),
    ];
    gauges
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn field(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

fn open_files(process: &Path) -> Option<f64> {
    let open = fs::read_dir(process.join("fd")).ok()?.count();
    Some(u32::try_from(open).ok()?.into())
}

fn started_at(process: &Path) -> Option<f64> {
    let stat = fs::read_to_string(process.join("stat")).ok()?;
    // The second field is the program's name in parentheses, which may hold anything.
    let (_, after_name) = stat.rsplit_once(')')?;
    let ticks_after_boot: f64 = after_name.split_whitespace().nth(19)?.parse().ok()?;
    let booted_at = field(&fs::read_to_string("/proc/stat").ok()?, "btime")?;
    Some(booted_at + ticks_after_boot / TICKS)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_on_linux_knows_itself() {
        let read = read();
        let value = |name| read.iter().find(|(other, _)| *other == name).unwrap().1;
        assert!(value("process_resident_memory_bytes") > 1e5);
        assert!(value("process_open_fds") >= 3.0);
        assert!(value("process_threads") >= 1.0);
        let metadata = fs::metadata("/proc/self").unwrap();
        let started = metadata.modified().unwrap();
        let started = started.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
        assert!((value("process_start_time_seconds") - started).abs() < 5.0);
    }
}
