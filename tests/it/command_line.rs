//! The binary as an operator meets it.

use gatewright_tests::binary::gatewright;
use gatewright_tests::client::PASSWORD;
use gatewright_tests::environment::Environment;
use gatewright_tests::server::Server;
use gatewright_tests::set::{Set, only_on};
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn output(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn with_input(command: &mut Command, input: &str) -> (i32, String, String) {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn help_is_there_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        vec!["--help"],
        vec!["serve", "--help"],
        vec!["migrate", "--help"],
        vec!["admin", "create", "--help"],
        vec!["config", "--help"],
        vec!["keys", "--help"],
    ] {
        let (code, stdout, _) = output(gatewright(folder.path()).args(&arguments));
        assert_eq!(code, 0, "{arguments:?}");
        assert!(stdout.contains("Usage"), "{stdout}");
    }
    let (code, _, stderr) = output(gatewright(folder.path()).arg("fly"));
    assert_eq!(code, 2);
    assert!(stderr.contains("fly"));
}

#[test]
fn a_bad_setting_stops_the_start_with_one_line_that_helps() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("BIND", "8000"),
        ("PUBLIC_BASE_URL", "example"),
        ("DATABASE_URL", "mysql://x"),
        ("REFRESH_IDLE_TTL", "a week"),
        ("PASSWORD_MIN_LENGTH", "7"),
        ("HASH_MEMORY_KIB", "1024"),
        ("EMAIL_VERIFICATION", "maybe"),
        ("MAIL_FROM", "nobody"),
        ("CORS_ALLOWED_ORIGINS", "*"),
        ("SECRET_KEY", "short-and-weak"),
    ] {
        let (code, _, stderr) = output(gatewright(folder.path()).env(name, value));
        assert_eq!(code, 2, "{name}: {stderr}");
        let lines: Vec<&str> = stderr.lines().filter(|line| line.contains(name)).collect();
        assert_eq!(lines.len(), 1, "{name}: {stderr}");
        assert!(lines[0].to_lowercase().contains("example"), "{}", lines[0]);
    }
    let (_, _, stderr) = output(gatewright(folder.path()).env("SECRET_KEY", "short-and-weak"));
    assert!(!stderr.contains("short-and-weak"), "a secret was printed");
}

#[test]
fn production_asks_for_secrets_and_https() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, stderr) = output(gatewright(folder.path()).env("APP_ENV", "production"));
    assert_eq!(code, 2);
    for name in ["SECRET_KEY", "TOKEN_KEYS", "PUBLIC_BASE_URL"] {
        assert!(stderr.contains(name), "{name}: {stderr}");
    }
}

#[test]
fn settings_are_checked_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let (code, ..) = output(gatewright(folder.path()).args(["config", "check"]));
    assert_eq!(code, 0);
    let secret = "a-secret-of-more-than-thirty-two-characters!";
    let mut explain = gatewright(folder.path());
    let (code, stdout, _) = output(explain.args(["config", "explain"]).env("SECRET_KEY", secret));
    assert_eq!(code, 0);
    for name in ["BIND", "DATABASE_URL", "SECRET_KEY", "PASSWORD_POLICY"] {
        assert!(stdout.contains(name), "{name}");
    }
    assert!(!stdout.contains(secret));
    let (code, ..) = output(
        gatewright(folder.path())
            .args(["config", "check"])
            .env("BIND", "nowhere"),
    );
    assert_eq!(code, 2);
}

#[tokio::test]
async fn the_first_administrator_is_made_by_command() {
    let server = Server::start();
    let client = server.client();
    let create = [
        "admin",
        "create",
        "--email",
        "root@example.org",
        "--username",
        "root",
        "--password-stdin",
    ];
    let (code, _, stderr) = with_input(&mut server.command(&create), "short\n");
    assert_ne!(code, 0);
    assert!(stderr.contains("short"), "{stderr}");
    let (code, _, stderr) = with_input(&mut server.command(&create), &format!("{PASSWORD}\n"));
    assert_eq!(code, 0, "{stderr}");
    let answer = client.login("root", PASSWORD).await.expect(200);
    assert_eq!(answer.json()["user"]["roles"], serde_json::json!(["admin"]));
    assert_eq!(answer.json()["user"]["permissions"].as_array().unwrap().len(), 12);
    let (code, _, stderr) = with_input(&mut server.command(&create), &format!("{PASSWORD}\n"));
    assert_eq!(code, 1, "{stderr}");
}

#[test]
fn migrations_go_up_and_down_and_tell_where_they_are() {
    let environment = Environment::new(&[]);
    let migrate = |word: &str| output(&mut environment.command(&["migrate", word]));
    for word in ["status", "up", "status", "up", "down", "status", "up"] {
        let (code, stdout, stderr) = migrate(word);
        assert_eq!(code, 0, "{word}: {stdout}{stderr}");
    }
}

#[tokio::test]
async fn a_data_folder_serves_one_server() {
    if !only_on(&[Set::Sqlite], "several servers share what they store in PostgreSQL") {
        return;
    }
    let server = Server::start();
    let (code, _, stderr) = output(&mut server.command(&["serve"]));
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("another server runs on"), "{stderr}");
    let (code, _, stderr) = output(&mut server.command(&["migrate", "down"]));
    assert_eq!(code, 1, "{stderr}");
    let (code, stdout, _) = output(&mut server.command(&["migrate", "status"]));
    assert_eq!((code, stdout.contains("pending")), (0, false), "{stdout}");
    server.client().get("/health/ready").await.expect(200);
    let server = server.kill_and_restart();
    server.client().get("/health/ready").await.expect(200);
}

#[test]
fn production_starts_from_a_key_file_that_a_command_makes() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = gatewright(folder.path());
        let settings = [
            ("APP_ENV", "production"),
            ("PUBLIC_BASE_URL", "https://id.example.com"),
            ("SECRET_KEY", "6e3ad2c8f1b04597a8c2d1e0f3b49586"),
            ("TOKEN_KEYS_FILE", "token-keys"),
        ];
        output(command.args(arguments).envs(settings))
    };
    let (code, _, stderr) = run(&["config", "check"]);
    assert_eq!((code, stderr.lines().count()), (2, 1), "{stderr}");
    assert!(stderr.contains("`gatewright keys rotate` makes the file"), "{stderr}");
    let (code, stdout, stderr) = run(&["keys", "rotate"]);
    assert_eq!((code, stdout.lines().count()), (0, 1), "{stdout}{stderr}");
    let (code, _, stderr) = run(&["config", "check"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, _, stderr) = run(&["keys", "rotate", "--activate-in", "365d"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("at most 30 days"), "{stderr}");
    let (code, stdout, _) = run(&["keys", "rotate", "--activate-in", "1h"]);
    assert_eq!((code, stdout.lines().count()), (0, 2), "{stdout}");
}
