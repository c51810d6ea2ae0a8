//! No room is left where the database writes.

use super::asking::{BACK, expect_unavailable, until, until_ready};
use super::load::{self, register};
use super::own_postgres::{self, assert_nothing_is_half_done, connect};
use gatewright_tests::client::{Client, PASSWORD};
use gatewright_tests::server::Server;
use gatewright_tests::set::{Set, only_on};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// More registrations than fill what is left of the pages that there are.
const MANY: usize = 300;

/// A disk in memory, gone when dropped.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// One of some megabytes; none, which is said, where this process may not make one: only root may.
    fn new(megabytes: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m,mode=755"), "tmpfs"]);
        let mounted = mount.arg(folder.path()).stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder));
        }
        let _ = writeln!(io::stderr(), "no full disk was tried: only root may mount a small one");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn fill(&self) {
        let mut filler = File::create(self.path().join("filler")).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    fn make_room(&self) {
        fs::remove_file(self.path().join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // At once, whoever still has a file in it.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}

/// Registers people until there is no room for one, and tells who were acknowledged and who was not.
async fn register_until_it_is_full(client: &Client) -> (Vec<String>, String) {
    let mut registered = Vec::new();
    for number in 0..MANY {
        let email = format!("person-{number}@example.org");
        let answer = register(client, &email).await.unwrap();
        if answer.status != 201 {
            expect_unavailable(&answer);
            return (registered, email);
        }
        registered.push(email);
    }
    panic!("{MANY} were registered on a full disk");
}

/// Registers somebody as soon as there is room again.
async fn register_in_the_end(client: &Client, email: &str) {
    let given_up_at = Instant::now() + BACK;
    loop {
        let answer = register(client, email).await.unwrap();
        if answer.status == 201 {
            return;
        }
        expect_unavailable(&answer);
        assert!(Instant::now() < given_up_at, "{}", answer.text);
        sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f29_a_full_disk_under_sqlite_is_told_and_got_over() {
    if !only_on(&[Set::Sqlite], "it is about the disk of SQLite") {
        return;
    }
    let Some(disk) = SmallDisk::new(8) else { return };
    let data_dir = disk.path().join("data");
    let settings = [&load::SETTINGS[..], &[("DATA_DIR", data_dir.to_str().unwrap())]].concat();
    let server = Server::with(&settings);
    let client = server.client();
    register(&client, "ann@example.org").await.unwrap().expect(201);
    disk.fill();
    let (registered, refused) = register_until_it_is_full(&client).await;
    client.get("/health/live").await.expect(200);
    let ready = until(&client, "/health/ready", |answer| answer.status == 503).await;
    assert_eq!(
        ready.json()["dependencies"]["database"],
        "unavailable",
        "{}",
        ready.text
    );
    disk.make_room();
    // Nothing of it was there, or this would be a conflict.
    register_in_the_end(&client, &refused).await;
    until_ready(&client).await;
    let server = server.kill_and_restart();
    let everybody = registered
        .iter()
        .map(String::as_str)
        .chain(["ann@example.org", &refused]);
    for email in everybody {
        server.client().login(email, PASSWORD).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f29_a_full_disk_under_postgresql_is_told_and_got_over() {
    if !only_on(&[Set::Postgres], "it is about the disk of a PostgreSQL of its own") {
        return;
    }
    let Some(disk) = SmallDisk::new(16) else { return };
    let postgres = own_postgres::start(&[]);
    let tables = disk.path().join("tables");
    fs::create_dir(&tables).unwrap();
    let owner = fs::metadata(postgres.data()).unwrap();
    chown(&tables, Some(owner.uid()), Some(owner.gid())).unwrap();
    let own = connect(&postgres).await;
    let tablespace = format!("create tablespace small location '{}'", tables.display());
    own.batch_execute(&tablespace).await.unwrap();
    own.batch_execute("alter database postgres set default_tablespace = small")
        .await
        .unwrap();

    let server = Server::start_in(own_postgres::environment(&postgres));
    let client = server.client();
    register(&client, "ann@example.org").await.unwrap().expect(201);
    disk.fill();
    let (registered, refused) = register_until_it_is_full(&client).await;
    assert_nothing_is_half_done(&postgres).await;
    client.get("/health/live").await.expect(200);
    disk.make_room();
    register_in_the_end(&client, &refused).await;
    until_ready(&client).await;
    own_postgres::assert_registered(&postgres, &registered).await;
    client.login(&refused, PASSWORD).await.expect(200);
    assert_nothing_is_half_done(&postgres).await;
}
