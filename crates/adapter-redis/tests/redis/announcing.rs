//! What becomes of announcements, and of relying on what is remembered, while something is wrong.

use crate::servers::{BOUND, OverRedis, Process, RECOVERY, eventually, options, private_server, within};
use gatewright_adapter_redis::announcements::LEASE;
use gatewright_application::ports::announcements::{Announcement, Announcements as _};
use gatewright_contract::announcements::keep_the_promise_during;
use gatewright_domain::account::user::UserId;
use gatewright_private_servers::{RedisCluster, RedisServer, installed_redis};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

const SOMETHING: Announcement = Announcement::UserChanged(UserId(Uuid::max()));

/// At most so long after a fault is a process still listening.
const NOTICED: Duration = Duration::from_secs(1);

struct Scene {
    server: RedisServer,
    processes: OverRedis,
    first: Process,
    second: Process,
}

impl Scene {
    async fn set() -> Self {
        let server = private_server(&[]);
        let processes = OverRedis(options(&server.url()));
        let (first, second) = (Process::started(&processes).await, Process::started(&processes).await);
        Self {
            server,
            processes,
            first,
            second,
        }
    }

    /// Nobody listens any more, within a second, and announcing fails in bounded time.
    async fn goes_deaf(&self) {
        let deaf = || !self.first.listens() && !self.second.listens();
        let took = eventually("nobody listens", deaf).await;
        assert!(took < NOTICED, "{took:?}");
        for _ in 0..3 {
            assert!(within(BOUND * 2, self.first.announce(SOMETHING)).await.is_err());
        }
        assert!(self.first.announcements.status().undelivered > 0);
    }

    /// Everybody listens again, was told that something was missed, and has what was announced meanwhile.
    async fn comes_back(&self, missed: usize) {
        let took = eventually("everybody listens", || self.first.listens() && self.second.listens()).await;
        assert!(took < RECOVERY * 2, "{took:?}");
        for process in [&self.first, &self.second] {
            assert!(process.told.missed() > missed);
        }
        eventually("it is delivered", || self.first.announcements.status().undelivered == 0).await;
        let before = self.second.told.heard().len();
        self.first.announce(SOMETHING).await.unwrap();
        assert!(self.second.told.heard().len() > before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_redis_may_be_killed() {
    let mut scene = Scene::set().await;
    scene.server.kill().unwrap();
    scene.goes_deaf().await;
    scene.server.start_again().unwrap();
    scene.comes_back(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f03_redis_may_hang() {
    let mut scene = Scene::set().await;
    scene.server.pause().unwrap();
    assert!(within(BOUND * 2, scene.first.announce(SOMETHING)).await.is_err());
    scene.goes_deaf().await;
    scene.server.resume().unwrap();
    scene.comes_back(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f04_redis_may_lose_everything() {
    let scene = Scene::set().await;
    scene.server.command(&["FLUSHALL"]).unwrap();
    let missed = || scene.first.told.missed() > 1 && scene.second.told.missed() > 1;
    eventually("everybody has joined again", missed).await;
    scene.comes_back(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_redis_may_be_read_only() {
    let scene = Scene::set().await;
    scene.server.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
    scene.goes_deaf().await;
    scene.server.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
    scene.comes_back(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f05_redis_may_be_full() {
    let scene = Scene::set().await;
    scene
        .server
        .command(&["CONFIG", "SET", "maxmemory-policy", "noeviction"])
        .unwrap();
    scene.server.command(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    scene.goes_deaf().await;
    scene.server.command(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    scene.comes_back(1).await;
}

/// Whoever notices first that Redis is gone lets nobody believe that all have heard, while others have not noticed yet.
#[tokio::test(flavor = "multi_thread")]
async fn f05_announcing_fails_only_when_nobody_relies_on_anything() {
    let scene = Scene::set().await;
    for _ in 0..5 {
        scene.server.command(&["REPLICAOF", "127.0.0.1", "1"]).unwrap();
        // As long as both can still be told, they are.
        while within(BOUND * 2, scene.first.announce(SOMETHING)).await.is_ok() {}
        assert!(!scene.second.listens());
        scene.server.command(&["REPLICAOF", "NO", "ONE"]).unwrap();
        eventually("everybody listens", || scene.first.listens() && scene.second.listens()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_may_be_absent_at_the_start() {
    let mut server = private_server(&[]);
    server.kill().unwrap();
    let processes = OverRedis(options(&server.url()));
    let process = processes.start_one();
    assert!(within(BOUND * 2, process.announce(&[SOMETHING])).await.is_err());
    server.start_again().unwrap();
    eventually("it is delivered", || process.status().undelivered == 0).await;
    assert_eq!(within(BOUND * 2, process.announce(&[SOMETHING])).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_process_is_waited_for_once() {
    let Scene {
        server: _server,
        processes,
        first,
        second,
    } = Scene::set().await;
    drop(second);
    let third = Process::started(&processes).await;
    first.announce(SOMETHING).await.unwrap();
    // Struck off by now, or soon: then nobody is waited for.
    let mut fastest = LEASE;
    while fastest >= LEASE / 2 {
        let begun = Instant::now();
        within(BOUND * 2, first.announce(SOMETHING)).await.unwrap();
        fastest = fastest.min(begun.elapsed());
    }
    assert!(!third.told.heard().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_closes_listens_no_more_and_is_not_waited_for() {
    let scene = Scene::set().await;
    scene.first.announce(SOMETHING).await.unwrap();
    within(BOUND, scene.second.announcements.close()).await;
    assert!(!scene.second.listens());
    let members = scene
        .server
        .command(&["EVAL", "return #redis.call('KEYS', '*:members')", "0"]);
    assert_eq!(members.unwrap(), "1");
    let registry = "return redis.call('HLEN', redis.call('KEYS', '*:members')[1])";
    assert_eq!(scene.server.command(&["EVAL", registry, "0"]).unwrap(), "1");
    assert!(scene.second.announce(SOMETHING).await.is_err());
    // Also while it is away.
    scene.server.command(&["CLIENT", "PAUSE", "1000", "ALL"]).unwrap();
    within(BOUND, scene.first.announcements.close()).await;
    assert!(!scene.first.listens());
}

/// Halts, cuts, empties and restarts the server, one after another.
async fn torment(server: &mut RedisServer, witness: &Process) {
    let back = || eventually("it is over", || witness.listens());
    let deaf = || eventually("it hurts", || !witness.listens());
    for round in 0..3 {
        for kind in ["normal", "pubsub"] {
            server
                .command(&["CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes"])
                .unwrap();
            back().await;
        }
        for command in ["FLUSHALL", "FLUSHALL"] {
            let missed = witness.told.missed();
            server.command(&[command]).unwrap();
            eventually("it was noticed", || witness.told.missed() > missed).await;
            back().await;
        }
        server.command(&["SCRIPT", "FLUSH"]).unwrap();
        server.pause().unwrap();
        deaf().await;
        server.resume().unwrap();
        back().await;
        server.command(&["CLIENT", "PAUSE", "900", "ALL"]).unwrap();
        deaf().await;
        back().await;
        if round == 1 {
            server.kill().unwrap();
            deaf().await;
            server.start_again().unwrap();
            back().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a72_nothing_that_was_announced_is_relied_on_whatever_happens_to_redis() {
    let mut server = private_server(&[]);
    let processes = OverRedis(options(&server.url()));
    let witness = Process::started(&processes).await;
    keep_the_promise_during(Arc::new(processes), torment(&mut server, &witness)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_may_lose_a_node_for_a_while() {
    let mut cluster = RedisCluster::start(&installed_redis().unwrap()).unwrap();
    let processes = OverRedis(options(&cluster.url()));
    let (first, second) = (Process::started(&processes).await, Process::started(&processes).await);
    for node in cluster.nodes() {
        node.pause().unwrap();
    }
    let took = eventually("nobody listens", || !first.listens() && !second.listens()).await;
    assert!(took < NOTICED, "{took:?}");
    for node in cluster.nodes() {
        node.resume().unwrap();
    }
    eventually("everybody listens", || first.listens() && second.listens()).await;
    first.announce(SOMETHING).await.unwrap();
    assert!(second.told.heard().contains(&SOMETHING));
}
