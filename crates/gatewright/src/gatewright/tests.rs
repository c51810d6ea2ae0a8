//! Instances inside the process of the test.

use super::*;
use crate::config::given::Given;
use crate::config::settings::all_settings;
use crate::wiring::signing_keys::{LONGEST_ACTIVATION, SigningKeyInfo, list_signing_keys, rotate_signing_keys};
use crate::wiring::storage::{migrate_down, migrate_up, migration_status};
use gatewright_application::registration::register_account::RegisterAccountCommand;
use gatewright_application::request::RequestContext;
use gatewright_domain::Duration;
use std::fs;
use std::path::Path;
use tempfile::tempdir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

fn config_over(folder: &Path, pairs: &[(&str, &str)]) -> Config {
    let own = [("DATA_DIR", folder.to_str().unwrap()), ("BIND", "127.0.0.1:0")];
    Config::read(&Given::from_pairs([&own, pairs].concat())).unwrap()
}

fn faulty(pairs: &[(&str, &str)]) -> Vec<String> {
    let config = Config::read(&Given::from_pairs(pairs.iter().copied())).unwrap();
    check(&config).unwrap_err().0.iter().map(ToString::to_string).collect()
}

async fn get(port: u16, path: &str) -> String {
    let mut connection = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Asks a fresh instance for its health, then stops it.
async fn served_health(folder: &Path) -> String {
    let config = config_over(folder, &[]);
    let listener = bind(config.server.bind).unwrap();
    let port = listener.local_addr().unwrap().port();
    let gatewright = Gatewright::build(config, port).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let background = gatewright.start_background_work().unwrap();
    let served = gatewright.serve(listener, background, async { stopped.await.unwrap() });
    let asked = async {
        let answer = get(port, "/health/ready").await;
        stop.send(()).unwrap();
        answer
    };
    let (outcome, answer) = tokio::join!(served, asked);
    outcome.unwrap();
    answer
}

fn sign_up(email: &str) -> RegisterAccountCommand {
    RegisterAccountCommand {
        email: email.to_owned(),
        password: "a passphrase nobody has listed".into(),
        username: None,
        display_name: None,
        context: RequestContext::default(),
    }
}

#[tokio::test]
async fn an_instance_serves_stops_and_can_be_built_again_over_its_data() {
    let folder = tempdir().unwrap();
    for _ in 0..2 {
        let answer = served_health(folder.path()).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn f23_a_server_that_is_to_stop_says_so_before_it_takes_no_more() {
    let folder = tempdir().unwrap();
    let config = config_over(folder.path(), &[("SHUTDOWN_DELAY", "60s")]);
    let listener = bind(config.server.bind).unwrap();
    let port = listener.local_addr().unwrap().port();
    let gatewright = Gatewright::build(config, port).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let served = gatewright.serve_requests(listener, async { stopped.await.unwrap() });
    let asked = async {
        assert!(get(port, "/health/ready").await.starts_with("HTTP/1.1 200"));
        stop.send(()).unwrap();
        // The server, on the same task, hears of it before this goes on.
        tokio::task::yield_now().await;
        get(port, "/health/ready").await
    };
    tokio::select! {
        outcome = served => panic!("{outcome:?}"),
        answer = asked => assert!(answer.starts_with("HTTP/1.1 503"), "{answer}"),
    }
}

#[tokio::test]
async fn instances_in_one_process_do_not_share_anything() {
    let (one, other) = (tempdir().unwrap(), tempdir().unwrap());
    let answers = tokio::join!(served_health(one.path()), served_health(other.path()));
    assert!(answers.0.starts_with("HTTP/1.1 200") && answers.1.starts_with("HTTP/1.1 200"));
    let key = |folder: &Path| fs::read_to_string(folder.join("keys/secret-key")).unwrap();
    assert_ne!(key(one.path()), key(other.path()));
}

#[tokio::test]
async fn the_last_mails_leave_before_the_background_work_ends() {
    let folder = tempdir().unwrap();
    let gatewright = Gatewright::build(config_over(folder.path(), &[]), 8000).unwrap();
    let background = gatewright.start_background_work().unwrap();
    let register = &gatewright.application().register_account;
    register.execute(sign_up("ann@example.org")).await.unwrap();
    background.stop().await;
    assert_eq!(fs::read_dir(folder.path().join("mail")).unwrap().count(), 1);
    gatewright.close().await;
}

#[tokio::test]
async fn f32_a_rotation_by_command_reaches_a_running_instance() {
    let folder = tempdir().unwrap();
    let config = config_over(folder.path(), &[]);
    let gatewright = Gatewright::build(config.clone(), 8000).unwrap();
    let published = || gatewright.application().access_tokens.published_keys().len();
    assert_eq!(published(), 1);
    let after = rotate_signing_keys(&config, Duration::minutes(5)).unwrap();
    assert_eq!(after, list_signing_keys(&config).unwrap());
    let states: Vec<&str> = after.iter().map(|key| key.state).collect();
    assert_eq!(states, ["signing", "waiting"]);
    gatewright.wired.key_ring_reload.as_ref().unwrap().reload_if_changed();
    assert_eq!(published(), 2);
}

#[test]
fn keys_that_stand_in_the_setting_are_listed_and_not_rotated() {
    let folder = tempdir().unwrap();
    list_signing_keys(&config_over(folder.path(), &[])).unwrap();
    let file = folder.path().join("keys/token-keys");
    let text = fs::read_to_string(&file).unwrap();
    let inline = config_over(folder.path(), &[("TOKEN_KEYS", &text)]);
    assert_eq!(list_signing_keys(&inline).unwrap().len(), 1);
    let error = rotate_signing_keys(&inline, Duration::ZERO).unwrap_err().to_string();
    assert!(
        error.starts_with("TOKEN_KEYS: the keys stand in the setting itself"),
        "{error}"
    );
    let by_file = config_over(folder.path(), &[("TOKEN_KEYS_FILE", file.to_str().unwrap())]);
    assert_eq!(rotate_signing_keys(&by_file, Duration::ZERO).unwrap().len(), 2);
}

#[test]
fn the_first_key_of_an_instance_is_made_by_a_rotation() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("etc/token-keys");
    let production = [
        ("APP_ENV", "production"),
        ("PUBLIC_BASE_URL", "https://id.example.com"),
        ("SECRET_KEY", "6e3ad2c8f1b04597a8c2d1e0f3b49586"),
        ("TOKEN_KEYS_FILE", file.to_str().unwrap()),
    ];
    let told = faulty(&production);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("token-keys: ") && told[0].contains("`gatewright keys rotate` makes the file"));
    let config = config_over(folder.path(), &production);
    let states = |keys: Vec<SigningKeyInfo>| keys.iter().map(|key| key.state).collect::<Vec<_>>();
    assert_eq!(
        states(rotate_signing_keys(&config, LONGEST_ACTIVATION).unwrap()),
        ["signing"]
    );
    check(&config).unwrap();
    assert_eq!(
        states(rotate_signing_keys(&config, LONGEST_ACTIVATION).unwrap()),
        ["signing", "waiting"]
    );
}

#[test]
fn a_key_that_would_wait_too_long_is_not_made() {
    let folder = tempdir().unwrap();
    let config = config_over(folder.path(), &[]);
    for span in [LONGEST_ACTIVATION + Duration::SECOND, Duration::MAX, Duration::MIN] {
        assert!(rotate_signing_keys(&config, span).is_err());
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_start_beside_another_server_leaves_the_tables_as_they_are() {
    let folder = tempdir().unwrap();
    let config = config_over(folder.path(), &[]);
    migrate_up(&config.storage).unwrap();
    migrate_down(&config.storage, 1).unwrap();
    let before = migration_status(&config.storage).unwrap();
    let held = lock_data_folder(&config.storage).unwrap();
    let refused = [
        Gatewright::build(config.clone(), 8000).map(|_| ()),
        migrate_up(&config.storage).map(|_| ()),
        migrate_down(&config.storage, 1).map(|_| ()),
    ];
    for outcome in refused {
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains("another server runs on"), "{error}");
    }
    assert_eq!(migration_status(&config.storage).unwrap(), before);
    drop(held);
    Gatewright::build(config, 8000).unwrap();
}

#[test]
fn r13_sample_and_weak_secrets_are_refused_without_being_shown() {
    let secrets = ["SECRET_KEY", "SECRET_KEY_PREVIOUS", "TOKEN_KEYS", "PASSWORD_PEPPER"];
    for weak in ["sample", "hunter2-hunter2"] {
        let value_of = |name: &str| match weak {
            "sample" => all_settings().find(|setting| setting.name == name).unwrap().example,
            other => other,
        };
        let pairs = secrets.map(|name| (name, value_of(name)));
        let faults = faulty(&pairs);
        let names: Vec<&str> = faults.iter().filter_map(|fault| fault.split(':').next()).collect();
        assert_eq!(names, secrets);
        assert!(!faults.concat().contains("hunter2"), "{faults:?}");
    }
}

#[test]
fn what_an_adapter_does_not_accept_is_a_fault_of_its_setting() {
    let table = [
        (
            "HASH_MEMORY_KIB",
            "8192",
            "the profile is too weak: 2 iterations need at least 19456 KiB of memory",
        ),
        ("MAIL_FROM", "nobody", "expected `Name <name@domain>` or `name@domain`"),
        (
            "DATABASE_URL",
            "postgres:///gatewright",
            "not a PostgreSQL URL: the host is missing",
        ),
        (
            "REDIS_URL",
            "http://cache",
            "the URL does not begin with redis://, rediss://, redis+cluster:// or rediss+cluster://",
        ),
    ];
    for (name, value, wrong) in table {
        let faults = faulty(&[(name, value)]);
        assert_eq!(faults.len(), 1);
        assert!(
            faults[0].starts_with(&format!("{name}: {wrong}; example: {name}=")),
            "{faults:?}"
        );
    }
}

#[test]
fn a_broken_template_is_found_before_anything_is_opened() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("password_changed.html"), "{{ unclosed").unwrap();
    let faults = faulty(&[("MAIL_TEMPLATES_DIR", folder.path().to_str().unwrap())]);
    assert!(faults[0].starts_with("MAIL_TEMPLATES_DIR: "), "{faults:?}");
}

#[tokio::test]
async fn an_address_that_cannot_be_listened_on_is_a_fault_of_bind() {
    let taken = bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let error = bind(taken.local_addr().unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("BIND: cannot listen on 127.0.0.1:"), "{error}");
}

#[test]
fn a_data_folder_that_cannot_be_made_is_a_fault_of_its_setting() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let config = config_over(&file.join("data"), &[]);
    let Err(StartError::Settings(faults)) = Gatewright::build(config, 8000) else {
        panic!("built over a file");
    };
    assert!(faults.to_string().starts_with("DATA_DIR: the folder "), "{faults}");
}
