//! Users, passwords and databases.

use crate::servers::{BOUND, OverRedis, Process, admit, fresh_prefix, link, options_under, private_server, within};
use gatewright_adapter_redis::{RedisAttemptCounters, RedisHealth, RedisRateLimiter};
use gatewright_application::ports::announcements::Announcement;
use gatewright_application::ports::attempt_counters::AttemptCounters as _;
use gatewright_application::ports::health_probe::HealthProbe as _;
use gatewright_contract::samples::NOON;
use gatewright_domain::abuse::quota::{CounterKey, Quota};
use gatewright_private_servers::RedisServer;

/// With no more than the documentation asks for.
fn server_with_user(prefix: &str) -> RedisServer {
    let server = private_server(&[]);
    let (keys, tagged, channels) = (format!("~{prefix}*"), format!("~{{{prefix}*"), format!("&{prefix}*"));
    let rules = ["+@read", "+@write", "+@scripting", "+@pubsub", "+@connection", "+time"];
    let mut words = vec![
        "ACL",
        "SETUSER",
        "ann",
        "on",
        ">s3cret/#?",
        "-@all",
        &keys,
        &tagged,
        &channels,
    ];
    words.extend(rules);
    server.command(&words).unwrap();
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_the_documented_rights_can_do_everything() {
    let prefix = fresh_prefix();
    let server = server_with_user(&prefix);
    let url = format!("redis://ann:s3cret%2F%23%3F@{}/0", server.address());
    let options = options_under(&url, &prefix);
    let redis = link(&options);
    assert!(admit(&RedisRateLimiter::new(redis.clone())).await.is_ok());
    assert_eq!(RedisHealth::new(redis.clone()).check().await, Ok(()));
    let quota = Quota {
        key: CounterKey([7; 32]),
        limit: 1,
        window: time::Duration::HOUR,
    };
    assert_eq!(RedisAttemptCounters::new(redis).take(&[quota], NOON).await, Ok(true));
    let processes = OverRedis(options);
    let (first, second) = (Process::started(&processes).await, Process::started(&processes).await);
    first.announce(Announcement::AddressRulesChanged).await.unwrap();
    assert_eq!(second.told.heard(), [Announcement::AddressRulesChanged]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_an_outage_whose_reason_does_not_tell_it() {
    let prefix = fresh_prefix();
    let server = server_with_user(&prefix);
    let url = format!("redis://ann:hunter2@{}", server.address());
    let redis = link(&options_under(&url, &prefix));
    let outcome = within(BOUND, RedisHealth::new(redis).check()).await;
    let said = outcome.unwrap_err().to_string();
    assert!(said.contains("WRONGPASS") || said.contains("authentication"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_the_url_is_used() {
    let server = private_server(&[]);
    let redis = link(&options_under(&format!("{}/3", server.url()), "gatewright"));
    assert!(admit(&RedisRateLimiter::new(redis)).await.is_ok());
    let said = server.command(&["INFO", "keyspace"]).unwrap();
    assert!(said.contains("db3:") && !said.contains("db0:"), "{said}");
}
