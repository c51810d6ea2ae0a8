//! The settings and commands that are named.

use crate::deploy::{files_under, read};
use gatewright_tests::binary::gatewright;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

/// Names in capitals that are not ours, and whose they are.
const OF_OTHERS: [(&str, &str); 9] = [
    ("AF_INET", "systemd"),
    ("AF_INET6", "systemd"),
    ("AF_UNIX", "systemd"),
    ("GATEWRIGHT_VERSION", "compose.yaml"),
    ("NET_BIND_SERVICE", "the kernel's capabilities"),
    ("POSTGRES_DB", "the image of PostgreSQL"),
    ("POSTGRES_PASSWORD_FILE", "the image of PostgreSQL"),
    ("POSTGRES_USER", "the image of PostgreSQL"),
    ("PUBLIC_HOST", "compose.yaml and Caddyfile"),
];

/// Every setting, as `config explain` lists them.
fn known() -> &'static BTreeSet<String> {
    static KNOWN: OnceLock<BTreeSet<String>> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let explained = gatewright(folder.path())
            .args(["config", "explain", "--format", "env"])
            .output()
            .unwrap();
        let explained = String::from_utf8(explained.stdout).unwrap();
        let names = explained
            .lines()
            .filter_map(|line| line.strip_prefix('#')?.split_once('='));
        let names: BTreeSet<String> = names.map(|(name, _)| name.to_owned()).collect();
        assert!(names.contains("BIND"), "{explained}");
        names
    })
}

fn is_known(name: &str) -> bool {
    known().contains(name) || name.strip_suffix("_FILE").is_some_and(|name| known().contains(name))
}

/// That every name of an environment is a setting.
pub(crate) fn assert_known<'a>(names: impl IntoIterator<Item = &'a str>, place: &str) {
    for name in names {
        assert!(is_known(name), "{place} sets {name}, which is no setting");
    }
}

/// That the program accepts these settings, with secrets of the right kind in place of the files they name.
pub(crate) fn assert_accepted(environment: &BTreeMap<String, String>) {
    assert_known(environment.keys().map(String::as_str), "an environment");
    let folder = tempfile::tempdir().unwrap();
    let mut environment = environment.clone();
    for (name, value) in &mut environment {
        if let Some(setting) = name.strip_suffix("_FILE") {
            *value = secret_file(folder.path(), setting);
        }
    }
    environment.insert("DATA_DIR".to_owned(), folder.path().display().to_string());
    let run = |arguments: [&str; 2]| {
        let mut command = gatewright(folder.path());
        let output = command.args(arguments).envs(&environment).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} with {environment:#?}: {said}");
    };
    run(["keys", "rotate"]);
    run(["config", "check"]);
}

/// A file with a value for the setting, or the name of one that is still to be made.
fn secret_file(folder: &Path, setting: &str) -> String {
    let path = folder.join(setting);
    let value = match setting {
        "TOKEN_KEYS" => return path.display().to_string(),
        "SECRET_KEY" => "6e3ad2c8f1b04597a8c2d1e0f3b49586",
        "DATABASE_URL" => "postgres://gatewright:x@db.example.com/gatewright",
        "REDIS_URL" => "rediss://gatewright:x@redis.example.com:6379",
        "SMTP_URL" => "smtp://gatewright:x@mail.example.com:587?tls=starttls",
        other => panic!("what is a good {other}?"),
    };
    fs::write(&path, value).unwrap();
    path.display().to_string()
}

/// That the program has this command.
pub(crate) fn assert_command(words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let output = gatewright(folder.path()).args(words).arg("--help").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "gatewright {}: {said}", words.join(" "));
}

/// The operators' files, with their paths.
fn texts() -> Vec<(String, String)> {
    let files = [files_under("deploy"), files_under("docs/operations")].concat();
    assert!(files.len() > 20);
    files
        .into_iter()
        .map(|path| (path.display().to_string(), read(&path)))
        .collect()
}

/// Words in capitals with an underscore in them.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_name = |word: &&str| {
        let capitals = word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        capitals && word.trim_matches('_').contains('_') && !word.ends_with('_')
    };
    words.filter(is_name)
}

#[test]
fn every_name_in_capitals_is_a_setting_or_known_to_be_anothers() {
    let mut seen = BTreeSet::new();
    for (path, text) in texts() {
        for name in names_in(&text).filter(|name| !is_known(name)) {
            let other = OF_OTHERS.iter().find(|(other, _)| *other == name);
            let (other, _) = other.unwrap_or_else(|| panic!("{path} names {name}, which is no setting"));
            seen.insert(*other);
        }
    }
    let listed: BTreeSet<&str> = OF_OTHERS.iter().map(|(name, _)| *name).collect();
    assert_eq!(seen, listed, "some are named nowhere any more");
}

#[test]
fn every_command_exists() {
    let mut commands = BTreeSet::new();
    for (_, text) in texts() {
        for introduction in [
            "`gatewright ",
            "/gatewright ",
            "as_gatewright ",
            "\ngatewright ",
            "token-keys gatewright ",
        ] {
            commands.extend(
                text.split(introduction)
                    .skip(1)
                    .map(words_of_command)
                    .map(|words| words.join(" ")),
            );
        }
    }
    commands.remove("");
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands {
        assert_command(&command.split(' ').collect::<Vec<&str>>());
    }
}

/// The words before the first option or value.
fn words_of_command(text: &str) -> Vec<String> {
    let line = text.split(['\n', '`', '#', '\'']).next().unwrap_or_default();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    line.split(' ').take_while(is_word).map(str::to_owned).collect()
}
