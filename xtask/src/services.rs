//! `cargo xtask services`: the servers that the tests talk to.

/// Says what was started. SQLite is a part of the program and mail goes to files, so that is nothing;
/// a server that an adapter needs is started here, before the tests run.
pub(crate) fn start() {
    eprintln!("services: none to start; SQLite is built in, and mail goes to files");
}
