//! What a test relies on when it breaks a server, and that nothing is left behind.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot set itself up has to stop"
)]

use gatewright_private_servers::{
    PostgresServer, ProcessFolder, RedisCluster, RedisServer, installed_postgres, installed_redis, wait_until,
};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);

/// What an answer of a halted server is not waited for.
const IMPATIENCE: Duration = Duration::from_millis(200);

fn postgres() -> PostgresServer {
    let binaries = installed_postgres().expect("no PostgreSQL: run `cargo xtask test`");
    PostgresServer::start(&binaries, &["max_connections=10"]).unwrap()
}

fn redis_program() -> PathBuf {
    installed_redis().expect("no Redis: run `cargo xtask test`")
}

/// Asks PostgreSQL for TLS, which it answers by one letter (`SSLRequest`).
fn ask(connection: &mut TcpStream) -> io::Result<u8> {
    connection.set_read_timeout(Some(IMPATIENCE))?;
    connection.write_all(&[0, 0, 0, 8, 4, 210, 22, 47])?;
    let mut answer = [0];
    connection.read_exact(&mut answer)?;
    Ok(answer[0])
}

fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect(("127.0.0.1", port))
}

#[test]
fn postgres_is_stopped_killed_and_started_again_on_the_same_port() {
    let mut server = postgres();
    let answers = |server: &PostgresServer| ask(&mut connect(server.port()).unwrap()).unwrap();
    assert_eq!(answers(&server), b'N');
    server.stop().unwrap();
    assert!(connect(server.port()).is_err());
    server.start_again().unwrap();
    assert_eq!(answers(&server), b'N');
    server.kill().unwrap();
    assert!(connect(server.port()).is_err());
    server.start_again().unwrap();
    assert_eq!(answers(&server), b'N');
}

#[test]
fn a_paused_postgres_takes_connections_and_answers_none_until_it_goes_on() {
    let mut server = postgres();
    server.pause().unwrap();
    let mut connection = connect(server.port()).unwrap();
    assert!(ask(&mut connection).is_err());
    server.resume().unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut answer = [0];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(answer[0], b'N');
    server.pause().unwrap();
}

#[test]
fn redis_is_paused_killed_and_started_again_empty() {
    let mut server = RedisServer::start(&redis_program(), &[]).unwrap();
    server.command(&["SET", "key", "value"]).unwrap();
    assert_eq!(server.command(&["GET", "key"]).unwrap(), "value");
    server.pause().unwrap();
    let mut connection = TcpStream::connect(server.address()).unwrap();
    connection.set_read_timeout(Some(IMPATIENCE)).unwrap();
    connection.write_all(b"PING\r\n").unwrap();
    assert!(connection.read(&mut [0]).is_err());
    server.resume().unwrap();
    assert_eq!(server.command(&["GET", "key"]).unwrap(), "value");
    server.kill().unwrap();
    assert!(server.command(&["PING"]).is_err());
    server.start_again().unwrap();
    assert_eq!(server.command(&["DBSIZE"]).unwrap(), "0");
    server.stop().unwrap();
    assert!(server.command(&["PING"]).is_err());
}

#[test]
fn the_nodes_of_a_cluster_share_the_keys() {
    let mut cluster = RedisCluster::start(&redis_program()).unwrap();
    let took = |node: &mut gatewright_private_servers::RedisServer| node.command(&["SET", "key", "value"]).is_ok();
    assert_eq!(cluster.nodes().iter_mut().map(took).filter(|took| *took).count(), 1);
    assert_eq!(cluster.url().matches("127.0.0.1:").count(), 3);
}

#[test]
fn a_folder_and_its_processes_are_gone_when_they_are_dropped() {
    let folder = ProcessFolder::new().unwrap();
    let path = folder.path().to_owned();
    let mut sleeper = Command::new("sleep");
    let process = folder.spawn_logged(sleeper.arg("600"), "TERM", "log").unwrap();
    let id = process.id();
    assert!(is_running(id));
    drop(process);
    drop(folder);
    assert!(!path.exists() && !is_running(id));
}

/// Not a test of its own: the process that the next test kills.
#[test]
#[ignore = "runs until it is killed"]
fn starter() {
    let folder = ProcessFolder::new().unwrap();
    // A shell and its child: both are ended.
    let mut family = Command::new("sh");
    family
        .args(["-c", "sleep 600 & echo $! >child; wait"])
        .current_dir(folder.path());
    let mut process = folder.spawn_logged(&mut family, "TERM", "log").unwrap();
    println!("{} {}", process.id(), folder.path().display());
    process.wait().unwrap();
}

#[test]
fn a_folder_and_its_processes_are_gone_when_their_starter_is_killed() {
    let mut starter = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "starter", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(starter.stdout.take().unwrap()).lines();
    let (shell, folder) = lines
        .map(Result::unwrap)
        .find_map(|line| {
            // The test harness begins the line.
            let (_, line) = line.rsplit_once("... ").unwrap_or(("", &line));
            let (id, path) = line.split_once(' ')?;
            Some((id.parse().ok()?, PathBuf::from(path)))
        })
        .unwrap();
    let child = child_noted_in(&folder);
    assert!(is_running(shell) && is_running(child));
    starter.kill().unwrap();
    starter.wait().unwrap();
    assert!(wait_until(PATIENCE, || !folder.exists()));
    assert!(wait_until(PATIENCE, || !is_running(shell) && !is_running(child)));
}

fn child_noted_in(folder: &Path) -> u32 {
    let mut child = None;
    wait_until(PATIENCE, || {
        let note = std::fs::read_to_string(folder.join("child")).unwrap_or_default();
        child = note.trim().parse().ok();
        child.is_some()
    });
    child.unwrap()
}

/// Whether a process exists that has not ended: one that nobody reaps has, too.
fn is_running(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, after_name)| !after_name.starts_with('Z'))
}
